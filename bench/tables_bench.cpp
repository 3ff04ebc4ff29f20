#include <algorithm>
#include <array>

#include "bench/journal_world.h"
#include "bench/report.h"
#include "engine/mail_body.h"
#include "journal/blobs.h"
#include "journal/stats.h"
#include "projection/address_book.h"
#include "projection/calendar.h"
#include "projection/contents_table.h"
#include "projection/past.h"
#include "projection/search_index.h"

namespace outpost::bench {
namespace {

constexpr int kRuns = 9;
constexpr const char* kPast = "a folder of 10,000 as it stood 1,000 changes ago, first to last item";
constexpr const char* kStored = "first 50 rows of 100,000 in the stored order";
constexpr const char* kSorted = "100,000 rows by company and birthday, descending: opened, first 50";
constexpr const char* kWhere = "100,000 rows restricted by a part of a text, by label: opened, first 50";
constexpr const char* kMonth = "a month of a calendar of 10,000, 500 of them series";
constexpr const char* kIndexed = "full text, lagging";
constexpr const char* kFound = "two words looked for in 100,000 contacts: opened, first 50";
constexpr const char* kBodies =
    "two words looked for that 1,000 of 100,000 mails have in their bodies: opened, first 50";
constexpr const char* kBodiesRead = "the same, with the bodies of these 1,000 looked into";
constexpr const char* kTold = "100 of 100,000 rows changed, half of them to another place: told to an open table";
constexpr const char* kAddress = "the first 20 of 100,000 contacts by the beginning of a name or an address";
constexpr const char* kUnit = "opening a sorted table: a row of 100,000 beside one of 10,000";
constexpr const char* kUnitSmall = "opening a sorted table: a row of 1,000 beside one of 10,000";
constexpr const char* kUnitLarge = "opening a sorted table: a row of 1,000,000 beside one of 10,000";
constexpr const char* kStorage = "state and search index beside the events of 100,000 live contacts, on disk";

FieldId ContactColumn(const char* name) { return FindField(ItemType::kContact, name)->id; }

Result<void> PastRow(const Options& options, std::vector<Row>& rows) {
  World world;
  OUTPOST_TRY(const auto folder, BenchFolder::Make());
  JournalOptions journal_options;
  journal_options.folder = folder.path() / "journal";
  OUTPOST_TRY(const auto journal, world.Open(journal_options));
  const auto items = MakeItems(world.clock, options.smoke ? 1'000 : 10'000);
  OUTPOST_TRYV(AppendAll(*journal, world.clock, items, Kind::kRemoteCreated, "Old", 1000, Durability::kUnsynced));
  const Sequence then = journal->stats().last;
  std::vector<ItemId> changed;
  for (std::size_t i = 0; i < items.size(); i += 10) changed.push_back(items[i]);
  OUTPOST_TRYV(AppendAll(*journal, world.clock, changed, Kind::kRemoteChanged, "New", 50, Durability::kSynced));
  std::vector<double> times;
  for (int run = 0; run < kRuns; ++run) {
    const auto view = journal->View();
    std::size_t seen = 0;
    const auto start = world.clock.MonotonicNow();
    OUTPOST_TRY(const Past past, Past::Open(*view, then));
    OUTPOST_TRYV(past.ForEachItem({}, [&](const ItemState& item) {
      seen += item.Head().empty() ? 0 : 1;
      return true;
    }));
    times.push_back(SecondsSince(world.clock, start) * 1'000);
    if (seen != items.size())
      return Error{Code::kCorrupt, Retry::kNever, "the folder shows " + std::to_string(seen) + " items"};
  }
  rows.push_back({"tables", kPast, Median(times), "ms", std::nullopt, 100, true});
  return Ok();
}

// A journal with one folder of `count` contacts of the corpus' shape, no two alike.
class Contacts {
 public:
  Result<void> Fill(const BenchFolder& folder, std::size_t count, std::uint64_t seed) {
    JournalOptions options;
    options.folder = folder.path() / std::to_string(count);
    folder_ = options.folder;
    OUTPOST_TRY(journal_, world_.Open(options));
    SeededRandom random(seed);
    Batch batch;
    for (std::size_t i = 0; i < count; ++i) {
      batch.push_back({Kind::kRemoteCreated,
                       Origin::kServer,
                       ItemType::kContact,
                       MakeId<ItemId>(world_.clock.WallNow(), random),
                       {},
                       Encode(Body(random, i))});
      if (batch.size() < 1'000 && i + 1 < count) continue;
      OUTPOST_TRYV(journal_->AppendAndWait(std::move(batch), {}, Durability::kUnsynced));
      batch.clear();
    }
    return Ok();
  }

  // Items a second from no index to one that is level.
  Result<double> Index(const BenchFolder& folder) {
    const auto view = journal_->View();
    const auto start = world_.clock.MonotonicNow();
    OUTPOST_TRY(SearchIndex made,
                SearchIndex::Open(folder.path() / "search.sqlite", "bench", SearchIndex::Mode::kWrite));
    for (bool level = false; !level;) {
      OUTPOST_TRY(level, made.Follow(*view, 1'000));
    }
    const double seconds = SecondsSince(world_.clock, start);
    index_.emplace(std::move(made));
    OUTPOST_TRY(const auto of_all, CountVisible(*view));
    return static_cast<double>(of_all.at(ItemType::kContact)) / seconds;
  }

  // Milliseconds from 100 committed changes to what became of the rows of an open table: the middle of kRuns.
  Result<double> Told(const TableSpec& spec) {
    SeededRandom random(1);
    std::vector<double> times;
    OUTPOST_TRY(ContentsTable table, ContentsTable::Open(journal_->View(), spec));
    for (int run = 0; run < kRuns; ++run) {
      Batch batch;
      for (int i = 0; i < 100; ++i) {
        OUTPOST_TRY(const ItemId item, table.ItemAt(random.Below(table.size())));
        ChangeBody body{{}, {}, 2};
        body.patch[ContactColumn(i % 2 == 0 ? "company" : "note")] = Name(random);
        batch.push_back({Kind::kRemoteChanged, Origin::kServer, ItemType::kContact, item, {}, Encode(body)});
      }
      OUTPOST_TRYV(journal_->AppendAndWait(std::move(batch), {}, Durability::kUnsynced));
      const auto start = world_.clock.MonotonicNow();
      OUTPOST_TRY(const auto changes, table.Advance(journal_->View()));
      times.push_back(SecondsSince(world_.clock, start) * 1'000);
      if (changes.size() < 50 || changes.size() > 100)
        return Error{Code::kCorrupt, Retry::kNever, std::to_string(changes.size()) + " changes are told"};
    }
    return Median(times);
  }

  // Bytes of what is folded from the events, beside theirs: tables as they lie there, compacted.
  Result<double> Storage(const BenchFolder& folder) {
    OUTPOST_TRYV(journal_->Compact());
    OUTPOST_TRY(const StorageStats disk, MeasureStorage(*journal_->View(), folder_));
    std::error_code unknown;
    const auto index = std::filesystem::file_size(folder.path() / "search.sqlite", unknown);
    if (unknown || disk.events == 0) return Error{Code::kUnavailable, Retry::kNever, "nothing to measure"};
    return static_cast<double>(disk.state + index) / static_cast<double>(disk.events);
  }

  // Milliseconds of one lookup in an open address book: the middle of kRuns.
  Result<double> Address() {
    SeededRandom random(2);
    OUTPOST_TRY(const AddressBook book, AddressBook::Open(journal_->View()));
    std::vector<double> times;
    for (int run = 0; run < kRuns; ++run) {
      const std::string typed = Name(random).substr(0, 3);
      const auto start = world_.clock.MonotonicNow();
      OUTPOST_TRY(const auto found, book.Find(typed, 20));
      times.push_back(SecondsSince(world_.clock, start) * 1'000);
      if (found.empty()) return Error{Code::kCorrupt, Retry::kNever, "nobody is called so"};
    }
    return Median(times);
  }

  // Milliseconds from nothing to the first 50 rows with 6 columns, or all where there are fewer: the middle of kRuns.
  // With `search` by the index.
  Result<double> Open(TableSpec spec, const std::string& search = {}) {
    std::vector<double> times;
    if (!search.empty()) spec.where = SearchFor(search);
    for (int run = 0; run < kRuns; ++run) {
      const std::array columns{column::kId,
                               ContactColumn("display_name"),
                               ContactColumn("company"),
                               ContactColumn("email1"),
                               ContactColumn("birthday"),
                               column::kState};
      const auto start = world_.clock.MonotonicNow();
      const std::shared_ptr<const JournalView> view = journal_->View();
      std::optional<SearchHits> only;
      if (!search.empty()) {
        OUTPOST_TRY(only, ItemsToSearch(*view, &*index_, search));
      }
      OUTPOST_TRY(ContentsTable table, ContentsTable::Open(view, spec, only));
      OUTPOST_TRY(const auto shown, table.Rows(0, 50, columns));
      times.push_back(SecondsSince(world_.clock, start) * 1'000);
      if (shown.size() != 50 && search.empty())
        return Error{Code::kCorrupt, Retry::kNever, "the table shows " + std::to_string(shown.size()) + " rows"};
    }
    return Median(times);
  }

 private:
  static std::string Name(SeededRandom& random) {
    static constexpr const char* kSyllables[] = {"an", "ber", "el", "gu", "ja",  "kov",
                                                 "li", "mö",  "na", "ro", "sen", "to"};
    std::string name;
    for (int i = 0; i < 3; ++i) name += kSyllables[random.Below(std::size(kSyllables))];
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    return name;
  }
  static ChangeBody Body(SeededRandom& random, std::size_t number) {
    const std::string first = Name(random), last = Name(random);
    ChangeBody body{{}, std::to_string(number), 1};
    body.patch[ContactColumn("display_name")] = last + ", " + first;
    body.patch[ContactColumn("first_name")] = first;
    body.patch[ContactColumn("last_name")] = last;
    body.patch[ContactColumn("company")] = Name(random) + " GmbH";
    body.patch[ContactColumn("email1")] = first + "@" + last + ".example";
    body.patch[ContactColumn("birthday")] = static_cast<std::int64_t>(random.Below(20'000)) * 86'400'000;
    body.patch[ContactColumn("telephone_business1")] = "+49 30 " + std::to_string(random.Below(10'000'000));
    body.patch[ContactColumn("note")] = std::string(random.Below(300), 'n');
    return body;
  }

  World world_;
  std::filesystem::path folder_;
  std::unique_ptr<Journal> journal_;
  std::optional<SearchIndex> index_;
};

// A mail of 150 words, of which only one in a hundred has "quarterly" and "figures".
std::string MailSource(SeededRandom& random, std::size_t number) {
  std::string source = "From: anna@example.org\r\nSubject: News\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
  for (int i = 0; i < 150; ++i) {
    for (std::uint64_t letters = 3 + random.Below(6); letters > 0; --letters)
      source.push_back(static_cast<char>('a' + random.Below(26)));
    source += i % 10 == 9 ? "\r\n" : " ";
  }
  if (number % 100 == 0) source += "the quarterly and other figures\r\n";
  return source;
}

// The index is made with the bodies, as an account makes it.
Result<void> BodiesRow(const Options& options, std::vector<Row>& rows) {
  World world;
  OUTPOST_TRY(const auto folder, BenchFolder::Make());
  JournalOptions journal_options;
  journal_options.folder = folder.path() / "journal";
  OUTPOST_TRY(const auto journal, world.Open(journal_options));
  SeededRandom random(options.seed);
  const std::size_t count = options.smoke ? 1'000 : 100'000;
  Batch batch;
  std::vector<PinnedBlob> pins;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string source = MailSource(random, i);
    OUTPOST_TRY(PinnedBlob pin, journal->blobs().Put(AsBytes(source)));
    ChangeBody body{{}, std::to_string(i), 1};
    body.patch[field::kMailReceived] = static_cast<std::int64_t>(1'700'000'000'000 + i * 60'000);
    body.patch[field::SourceOf(ItemType::kMail)->source] = pin.ref();
    pins.push_back(std::move(pin));
    batch.push_back({Kind::kRemoteCreated,
                     Origin::kServer,
                     ItemType::kMail,
                     MakeId<ItemId>(world.clock.WallNow(), random),
                     {},
                     Encode(body)});
    if (batch.size() < 1'000 && i + 1 < count) continue;
    OUTPOST_TRYV(journal->AppendAndWait(std::move(batch), {}, Durability::kUnsynced));
    batch.clear();
    pins.clear();
  }
  OUTPOST_TRY(SearchIndex index,
              SearchIndex::Open(folder.path() / "search.sqlite", "bench", SearchIndex::Mode::kWrite));
  for (bool level = false; !level;) {
    OUTPOST_TRY(level, index.Follow(*journal->View(), 1'000, BodiesOfMails().get()));
  }
  TableSpec spec{{}, ItemType::kMail, {}, 0, SearchFor("quarterly figures")};
  spec.bodies = BodiesOfMails();
  std::vector<double> times, looking;  // `looking`: with every body looked into that the index names
  for (int run = 0; run < 2 * kRuns; ++run) {
    const auto start = world.clock.MonotonicNow();
    const std::shared_ptr<const JournalView> view = journal->View();
    OUTPOST_TRY(auto only, ItemsToSearch(*view, &index, "quarterly figures"));
    if (run % 2 == 1) only->words.clear();
    OUTPOST_TRY(ContentsTable table, ContentsTable::Open(view, spec, only));
    OUTPOST_TRY(const auto shown, table.Rows(0, 50, std::array{column::kId, field::kMailReceived}));
    (run % 2 == 1 ? looking : times).push_back(SecondsSince(world.clock, start) * 1'000);
    if (table.size() != count / 100 || shown.empty())
      return Error{Code::kCorrupt, Retry::kNever, std::to_string(table.size()) + " mails are found"};
  }
  rows.push_back({"tables", kBodies, Median(times), "ms", std::nullopt, 20, true});
  rows.push_back({"tables", kBodiesRead, Median(looking), "ms", std::nullopt, std::nullopt, true});
  return Ok();
}

FieldMap AppointmentFields(SeededRandom& random, bool series) {
  constexpr std::int64_t kHour = 3'600'000, kDay = 24 * kHour;
  const std::int64_t start = (19'000 + static_cast<std::int64_t>(random.Below(1'000))) * kDay +
                             static_cast<std::int64_t>(6 + random.Below(10)) * kHour;
  FieldMap fields{{field::kAppointmentTitle, "Appointment " + std::to_string(random.Below(100'000))},
                  {field::kAppointmentStart, start},
                  {field::kAppointmentEnd, start + kHour},
                  {field::kAppointmentZone, std::string("Europe/Berlin")},
                  {field::kAppointmentUid, std::to_string(random.Next())}};
  if (!series) return fields;
  fields[field::kAppointmentRecurrenceType] = static_cast<std::int64_t>(1 + random.Below(4));
  fields[field::kAppointmentInterval] = static_cast<std::int64_t>(1 + random.Below(3));
  if (random.Chance(1, 2)) fields[field::kAppointmentDays] = static_cast<std::int64_t>(1 + random.Below(127));
  if (random.Chance(1, 2)) fields[field::kAppointmentOccurrences] = static_cast<std::int64_t>(1 + random.Below(200));
  return fields;
}

Result<void> CalendarRow(const Options& options, std::vector<Row>& rows) {
  World world;
  OUTPOST_TRY(const auto folder, BenchFolder::Make());
  JournalOptions journal_options;
  journal_options.folder = folder.path() / "journal";
  OUTPOST_TRY(const auto journal, world.Open(journal_options));
  SeededRandom random(options.seed);
  const std::size_t count = options.smoke ? 1'000 : 10'000;
  Batch batch;
  for (std::size_t i = 0; i < count; ++i) {
    ChangeBody body{AppointmentFields(random, i % 20 == 0), std::to_string(i), 1};
    batch.push_back({Kind::kRemoteCreated,
                     Origin::kServer,
                     ItemType::kAppointment,
                     MakeId<ItemId>(world.clock.WallNow(), random),
                     {},
                     Encode(body)});
    if (batch.size() < 1'000 && i + 1 < count) continue;
    OUTPOST_TRYV(journal->AppendAndWait(std::move(batch), {}, Durability::kUnsynced));
    batch.clear();
  }
  const auto viewer = Zone::Find("Europe/Berlin");
  if (!viewer) return Error{Code::kUnavailable, Retry::kNever, "the zone Europe/Berlin is not installed"};
  const std::int64_t from = std::int64_t{19'600} * 86'400'000, to = from + std::int64_t{31} * 86'400'000;
  std::vector<double> times;
  for (int run = 0; run < kRuns; ++run) {
    const auto view = journal->View();
    const auto start = world.clock.MonotonicNow();
    OUTPOST_TRY(const auto shown, CalendarRange(*view, {}, from, to, *viewer));
    times.push_back(SecondsSince(world.clock, start) * 1'000);
    if (shown.empty()) return Error{Code::kCorrupt, Retry::kNever, "nothing takes place"};
  }
  rows.push_back({"tables", kMonth, Median(times), "ms", std::nullopt, 5, true});
  return Ok();
}

// What a row costs in a folder of another size than the 10,000 of which `beside` is the time.
Result<void> UnitRow(const Options& options, const BenchFolder& folder, const char* figure, std::size_t count,
                     const TableSpec& spec, double beside, std::vector<Row>& rows) {
  if (!options.wants(figure)) return Ok();
  Contacts contacts;
  const std::size_t items = options.smoke ? 500 : count;
  OUTPOST_TRYV(contacts.Fill(folder, items, options.seed));
  OUTPOST_TRY(const double ms, contacts.Open(spec));
  const double small = options.smoke ? 1'000 : 10'000;
  rows.push_back(
      {"tables", figure, ms / static_cast<double>(items) / (beside / small), "times", std::nullopt, 2, true});
  return Ok();
}

Result<void> OpenRows(const Options& options, std::vector<Row>& rows) {
  OUTPOST_TRY(const auto folder, BenchFolder::Make());
  Contacts large, small;
  OUTPOST_TRYV(large.Fill(folder, options.smoke ? 2'000 : 100'000, options.seed));
  OUTPOST_TRYV(small.Fill(folder, options.smoke ? 1'000 : 10'000, options.seed));
  const TableSpec stored{{}, ItemType::kContact, {}, 0, {}};
  TableSpec sorted = stored, restricted = stored;
  sorted.sort = {{ContactColumn("company"), true}, {ContactColumn("birthday"), true}};
  restricted.where = Restriction::Leaf(Restriction::Kind::kPart, ContactColumn("company"), std::string("kov"));
  OUTPOST_TRY(const double stored_ms, large.Open(stored));
  OUTPOST_TRY(const double sorted_ms, large.Open(sorted));
  OUTPOST_TRY(const double restricted_ms, large.Open(restricted));
  OUTPOST_TRY(const double small_ms, small.Open(sorted));
  OUTPOST_TRY(const double indexed, large.Index(folder));
  OUTPOST_TRY(const double found_ms, large.Open(stored, "kovber sento"));
  rows.push_back({"tables", kStored, stored_ms, "ms", std::nullopt, 2, true});
  rows.push_back({"tables", kSorted, sorted_ms, "ms", std::nullopt, 150, true});
  rows.push_back({"tables", kWhere, restricted_ms, "ms", std::nullopt, 150, true});
  OUTPOST_TRY(const double storage, large.Storage(folder));
  rows.push_back({"tables", kStorage, storage, "times", std::nullopt, 0.6, true});
  OUTPOST_TRY(const double address_ms, large.Address());
  rows.push_back({"tables", kAddress, address_ms, "ms", std::nullopt, 2, true});
  OUTPOST_TRY(const double told_ms, large.Told(sorted));
  rows.push_back({"tables", kTold, told_ms, "ms", std::nullopt, std::nullopt, true});
  rows.push_back({"tables", kIndexed, indexed, "items/s", std::nullopt, 5'000, false});
  rows.push_back({"tables", kFound, found_ms, "ms", std::nullopt, 20, true});
  rows.push_back({"tables", kUnit, sorted_ms / small_ms / (options.smoke ? 2 : 10), "times", std::nullopt, 2, true});
  OUTPOST_TRYV(UnitRow(options, folder, kUnitSmall, 1'000, sorted, small_ms, rows));
  OUTPOST_TRYV(UnitRow(options, folder, kUnitLarge, 1'000'000, sorted, small_ms, rows));
  return Ok();
}

}  // namespace

Result<void> TablesScenario(const Options& options, std::vector<Row>& rows) {
  if (options.wants(kPast)) OUTPOST_TRYV(PastRow(options, rows));
  if (options.wants(kMonth)) OUTPOST_TRYV(CalendarRow(options, rows));
  if (options.wants(kBodies)) OUTPOST_TRYV(BodiesRow(options, rows));
  const auto figures = {kStored, kSorted, kWhere,     kIndexed,   kFound,  kAddress,
                        kTold,   kUnit,   kUnitSmall, kUnitLarge, kStorage};
  if (std::any_of(figures.begin(), figures.end(), options.wants)) OUTPOST_TRYV(OpenRows(options, rows));
  return Ok();
}

}  // namespace outpost::bench
