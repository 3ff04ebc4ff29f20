#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sstream>

#include "base/system/files.h"
#include "base/system/process.h"
#include "bench/journal_world.h"
#include "bench/report.h"
#include "engine/account.h"
#include "engine/data_dir.h"
#include "engine/settings.h"
#include "inspect/narrator.h"
#include "schemas/folders.h"

extern char** environ;

namespace outpost::bench {
namespace {

constexpr std::uint64_t kBytes = 1'250'000'000, kBytesSmoky = 20'000'000;
constexpr std::size_t kItems = 100'000, kItemsSmoky = 2'000;
constexpr std::size_t kFolders = 40;
constexpr std::size_t kBatch = 500;
constexpr std::size_t kNoteBytes = 1'000;
constexpr std::size_t kPendingEvery = 50'000;  // of the local edits one stays without an answer
constexpr int kRuns = 15;
constexpr double kFirstMillis = 50, kPeakMiB = 64;
constexpr const char* kName = "Lovelace 1234";  // of one item
constexpr const char* kUid = "uid-1321";        // of another
constexpr const char* kRareWord = "Zuckerwatte";

FieldId ContactField(const char* name) { return FindField(ItemType::kContact, name)->id; }

std::uint64_t BytesBelow(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator file(folder, error), end; !error && file != end;
       file.increment(error)) {
    std::error_code gone;
    const auto size = file->is_regular_file(gone) ? file->file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

// An account of about `bytes` on disk: contacts in folders, which the server and a person change in turns for as long
// as it takes. What they write hardly compresses.
class LongLife {
 public:
  Result<void> Fill(const std::filesystem::path& data, std::uint64_t bytes, std::size_t items, std::uint64_t seed) {
    random_ = SeededRandom(seed);
    OUTPOST_TRY(const auto place, PlaceFor(data, "http://127.0.0.1:9", "anna"));
    {
      AccountOptions options;
      options.folder = place.folder;
      options.create = true;
      OUTPOST_TRY(const auto account, Account::Open(options, {world_.clock, random_, NullLog(), nullptr}));
      OUTPOST_TRYV(account->PutSettings(
          {{{std::string(setting::kServer), "http://127.0.0.1:9/ajax"}, {std::string(setting::kUser), "anna"}}}));
    }
    JournalOptions options;
    options.folder = JournalFolder(place.folder);
    OUTPOST_TRY(journal_, world_.Open(options));
    items_ = MakeItems(world_.clock, items);
    OUTPOST_TRYV(AddFolders());
    while (BytesBelow(options.folder) < bytes) {
      for (std::size_t i = 0; i < items; i += kBatch) OUTPOST_TRYV(AppendSome(i, std::min(items, i + kBatch)));
      ++round_;
    }
    return Ok();
  }
  Sequence last() const { return journal_->stats().last; }
  const ItemId& item(std::size_t number) const { return items_[number]; }

 private:
  std::string Noise() {
    static constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .";
    std::string text(kNoteBytes, ' ');
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < text.size(); ++i, bits >>= 6U) {
      if (i % 10 == 0) bits = random_.Next();
      text[i] = kLetters[bits & 63U];
    }
    return text;
  }

  Result<void> AddFolders() {
    Batch batch;
    for (std::size_t i = 0; i < kFolders; ++i) {
      folders_.push_back(MakeId<ItemId>(world_.clock.WallNow(), random_));
      ChangeBody body;
      body.patch[field::kFolderTitle] = "Folder " + std::to_string(i);
      body.patch[field::kFolderModule] = std::string("contact");
      body.patch[field::kFolderParent] = root::kPrivate;
      body.remote_id = std::to_string(1'000 + i);
      body.version = 1;
      batch.push_back({Kind::kRemoteCreated, Origin::kServer, ItemType::kFolder, folders_.back(), {}, Encode(body)});
    }
    OUTPOST_TRYV(journal_->AppendAndWait(std::move(batch), {}, Durability::kUnsynced));
    return Ok();
  }

  Result<void> AppendSome(std::size_t from, std::size_t to) {
    Batch batch;
    for (std::size_t i = from; i < to; ++i) {
      if (round_ == 0)
        Create(batch, i);
      else if (i % 3 == round_ % 3)
        EditHere(batch, i);
      else
        Change(batch, i);
    }
    OUTPOST_TRYV(journal_->AppendAndWait(std::move(batch), {}, Durability::kUnsynced));
    return Ok();
  }

  void Create(Batch& batch, std::size_t number) {
    ChangeBody body;
    const std::string called = "Lovelace " + std::to_string(number);
    // Half of them in one folder.
    body.patch[field::kContactFolder] = folders_[number % 2 == 0 ? 0 : number % kFolders];
    body.patch[field::kContactUid] = "uid-" + std::to_string(number);
    body.patch[field::kContactDisplayName] = called;
    body.patch[ContactField("last_name")] = called;
    body.patch[ContactField("email1")] = "person" + std::to_string(number) + "@example.org";
    body.patch[ContactField("note")] = number + 1 == items_.size() ? Noise() + kRareWord : Noise();
    body.remote_id = std::to_string(10'000 + number);
    body.version = 1;
    batch.push_back({Kind::kRemoteCreated, Origin::kServer, ItemType::kContact, items_[number], {}, Encode(body)});
  }

  void Change(Batch& batch, std::size_t number) {
    ChangeBody body;
    body.patch[ContactField("note")] = Noise();
    body.version = static_cast<std::int64_t>(round_ + 1);
    batch.push_back({Kind::kRemoteChanged, Origin::kServer, ItemType::kContact, items_[number], {}, Encode(body)});
  }

  void EditHere(Batch& batch, std::size_t number) {
    const auto op = MakeId<OpId>(world_.clock.WallNow(), random_);
    ChangeBody body;
    body.patch[ContactField("note")] = Noise();
    batch.push_back({Kind::kLocalChanged, Origin::kUser, ItemType::kContact, items_[number], op, Encode(body)});
    if (++edits_ % kPendingEvery == 0) return;
    OutcomesBody taken;
    taken.groups = {{FindField(ItemType::kContact, "note")->group, OutcomeKind::kAcknowledged}};
    taken.version = static_cast<std::int64_t>(round_ + 1);
    batch.push_back({Kind::kOutcome, Origin::kServer, ItemType::kContact, items_[number], op, Encode(taken)});
  }

  World world_;
  SeededRandom random_{0};
  std::unique_ptr<Journal> journal_;
  std::vector<ItemId> items_;
  std::vector<ItemId> folders_;
  std::size_t round_ = 0;
  std::uint64_t edits_ = 0;
};

// What one call of `outpost` took.
struct Called {
  double first_millis = 0;  // from its start to its first byte on standard output; 0: there was none
  double seconds = 0;
  double peak_mib = 0;
  std::uint64_t bytes = 0;
  int code = 0;
};

Result<Called> Call(const std::filesystem::path& folder, const std::vector<std::string>& words, bool whole) {
  OUTPOST_TRY(const std::string own, OwnProgram());
  const auto answer = folder / "called";
  std::vector<std::string> arguments{std::string(kFirstByteOf), answer.string(), whole ? "whole" : "first",
                                     (std::filesystem::path(own).parent_path() / "outpost").string(), "journal"};
  arguments.insert(arguments.end(), words.begin(), words.end());
  arguments.insert(arguments.end(), {"--data", (folder / "data").string()});
  // A small process starts it: what is started from here would count the memory of the writer as its own.
  OUTPOST_TRY(ChildProcess child, ChildProcess::Start(own, arguments, {"OUTPOST_PASSPHRASE"}));
  if (child.Wait() != 0) return Error{Code::kUnavailable, Retry::kNever, "cannot start " + arguments[3]};
  OUTPOST_TRY(const std::string text, ReadFile(answer));
  std::istringstream numbers(text);
  Called called;
  numbers >> called.first_millis >> called.seconds >> called.peak_mib >> called.bytes >> called.code;
  return called;
}

double MillisSince(const Clock& clock, std::chrono::microseconds start) {
  return static_cast<double>((clock.MonotonicNow() - start).count()) / 1e3;
}

}  // namespace

int WriteFirstByteOf(const std::string& answer, bool whole, const std::string& program,
                     const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return 1;
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  const SystemClock clock;
  const auto start = clock.MonotonicNow();
  pid_t id = 0;
  const int failed = ::posix_spawn(&id, program.c_str(), &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (failed != 0) return 1;
  std::array<char, 65'536> buffer{};
  double first = 0;
  std::uint64_t bytes = 0;
  for (;;) {
    const auto size = ::read(ends[0], buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    if (bytes == 0) first = MillisSince(clock, start);
    bytes += static_cast<std::uint64_t>(size);
    if (!whole) break;
  }
  ::close(ends[0]);
  int status = 0;
  struct rusage usage {};
  while (::wait4(id, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  std::ostringstream told;
  told << first << ' ' << MillisSince(clock, start) / 1e3 << ' ' << static_cast<double>(usage.ru_maxrss) / 1024.0 << ' '
       << bytes << ' ' << (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  return WriteFileDurably(answer, told.str()) ? 0 : 1;
}

Result<void> InspectScenario(const Options& options, std::vector<Row>& rows) {
  OUTPOST_TRY(const auto folder, BenchFolder::Make());
  LongLife life;
  OUTPOST_TRYV(life.Fill(folder.path() / "data", options.smoke ? kBytesSmoky : kBytes,
                         options.smoke ? kItemsSmoky : kItems, options.seed));
  rows.push_back({"inspect", "the journal's folder", static_cast<double>(BytesBelow(folder.path())) / 1e6, "MB",
                  std::nullopt, std::nullopt});
  rows.push_back({"inspect", "its events", static_cast<double>(life.last()), "events", std::nullopt, std::nullopt});
  const SystemClock clock;
  const std::string today = MomentText(clock.WallNow()).substr(0, 10);
  const std::string middle = std::to_string(life.last() / 2), item = life.item(1'000).Hex();
  // The writer stays open: it is read as beside a running Outlook. `first`: whether its first line is to come at once.
  const struct {
    std::vector<std::string> words;
    bool first;
  } calls[] = {
      {{"log"}, true},
      {{"log", "--json"}, true},
      {{"log", "--limit", "20"}, true},
      {{"log", "--last", "20"}, true},
      {{"log", "--from", middle, "--limit", "20"}, true},
      {{"log", "--kind", "local_changed"}, false},
      {{"log", "--folder", "Folder 7"}, true},
      {{"log", "--item", item}, true},
      {{"log", "--item", kUid}, false},
      {{"log", "--item", kName}, false},
      {{"log", "--content", "--text", kRareWord}, false},
      {{"show", middle}, false},
      {{"item", item}, false},
      {{"tree"}, false},
      {{"queue"}, false},
      {{"parked"}, false},
      {{"conflicts"}, false},
      {{"view", "--folder", "Folder 0"}, false},
      {{"view", "--folder", "Folder 0", "--at", middle}, false},
      {{"view", "--folder", "Folder 7", "--at", middle}, false},
      {{"diff", middle + ".."}, false},
      {{"explain", item}, false},
      {{"explain", "--day", today}, false},
      {{"why", item}, false},
      {{"export", "--ndjson"}, false},
      {{"export", "--vcf", "--content"}, false},
      {{"stats"}, false},
      {{"audit"}, false},
      {{"verify"}, false},
  };
  for (const auto& call : calls) {
    std::string figure;
    for (const std::string& word : call.words)
      figure += (figure.empty() ? "" : " ") + (word == middle          ? "MIDDLE"
                                               : word == middle + ".." ? "MIDDLE.."
                                               : word == item          ? "ID"
                                               : word == today         ? "TODAY"
                                                                       : word);
    const std::string peak = figure + ": peak memory", beginning = figure + ": first line",
                      end = figure + ": to its end";
    const bool timed = call.first && options.wants(beginning);
    if (!timed && !options.wants(peak) && !options.wants(end)) continue;
    OUTPOST_TRY(const Called called, Call(folder.path(), call.words, true));
    if (called.code != 0 || called.bytes == 0)
      return Error{Code::kUnavailable, Retry::kNever, figure + " ended with " + std::to_string(called.code)};
    double first = called.first_millis;  // the least of several: all else is other people's work
    for (int run = 1; timed && run < (options.smoke ? 1 : kRuns); ++run) {
      OUTPOST_TRY(const Called again, Call(folder.path(), call.words, false));
      first = std::min(first, again.first_millis);
    }
    rows.push_back({"inspect", peak, called.peak_mib, "MiB", std::nullopt, kPeakMiB, true});
    if (timed) rows.push_back({"inspect", beginning, first, "ms", std::nullopt, kFirstMillis, true});
    rows.push_back({"inspect", end, called.seconds, "s", std::nullopt, std::nullopt});
  }
  return Ok();
}

}  // namespace outpost::bench
