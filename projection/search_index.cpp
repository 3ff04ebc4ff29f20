#include "projection/search_index.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "journal/item_fold.h"
#include "projection/mark.h"
#include "projection/sort_key.h"

namespace outpost {
namespace {

constexpr std::string_view kVersion = "2";
constexpr int kBusyMs = 2'000;
// Postings of what an item was before stay until they are this many times those of what items are.
constexpr std::int64_t kWasteFactor = 2;
constexpr std::int64_t kWasteMin = 10'000;
// Behind by more events than this, a search reads all items sooner than these.
constexpr Sequence kEventsBehindMax = 50'000;

constexpr const char* kSchema = R"(
CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE docs(doc INTEGER PRIMARY KEY AUTOINCREMENT, item BLOB NOT NULL UNIQUE, hash INTEGER NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(text, content='', columnsize=0, detail=none, tokenize='ascii');
)";

std::int64_t HashOf(std::string_view text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return static_cast<std::int64_t>(hash);
}

// Characters of three bytes and more stand alone: scripts without spaces have words anywhere.
std::string Spaced(std::string_view folded) {
  std::string spaced;
  spaced.reserve(folded.size());
  bool wide = false;
  for (const char c : folded) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) {  // a character begins
      if (wide || byte >= 0xe0) spaced.push_back(' ');
      wide = byte >= 0xe0;
    }
    spaced.push_back(c);
  }
  return spaced;
}

bool IsTokenByte(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

// "ada"* "love"*: each word's pieces, of which the last may go on. Empty where there is no piece.
std::string MatchText(std::string_view text) {
  std::string match;
  const std::string folded = Spaced(FoldText(text));
  for (std::size_t at = 0; at < folded.size();) {
    if (!IsTokenByte(folded[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < folded.size() && IsTokenByte(folded[end])) ++end;
    match += (match.empty() ? "\"" : " \"") + folded.substr(at, end - at) + "\"*";
    at = end;
  }
  return match;
}

// Words of the text that an item has just where the index says so: such as are one piece, and no part of one.
std::vector<std::string> SureWords(std::string_view text) {
  std::vector<std::string> words;
  for (const Restriction& part : SearchFor(text).parts) {
    const std::string& word = std::get<std::string>(part.value);
    const auto sure = [](char c) { return IsTokenByte(c) && static_cast<unsigned char>(c) < 0xe0; };
    if (std::all_of(word.begin(), word.end(), sure)) words.push_back(word);
  }
  return words;
}

void SortUnique(std::vector<ItemId>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

std::string TextOf(const JournalView& view, const ItemState& item, const MailBodies* bodies) {
  std::string text;
  for (const auto& [id, value] : item.Head()) {
    const Field* field = FindField(id);
    if (field == nullptr || !IsSearched(*field)) continue;
    if (const auto* one = std::get_if<std::string>(&value)) (text += FoldText(*one)) += '\n';
    if (const auto* several = std::get_if<std::vector<std::string>>(&value))
      for (const std::string& each : *several) (text += FoldText(each)) += '\n';
  }
  if (bodies != nullptr && item.type == ItemType::kMail)
    text += bodies->FoldedText(view, item.HeadValue(field::SourceOf(item.type)->source));
  return Spaced(text);
}

}  // namespace

bool IsSearched(const Field& field) {
  if (field.kind != FieldKind::kText && field.kind != FieldKind::kTexts) return false;
  static constexpr std::array kForPrograms{"id",         "uid",           "created_by",        "modified_by",
                                           "message_id", "message_class", "references",        "in_reply_to",
                                           "timezone",   "recurrence_id", "change_exceptions", "delete_exceptions",
                                           "users",      "confirmations", "permissions",       "module"};
  return std::find(kForPrograms.begin(), kForPrograms.end(), field.name) == kForPrograms.end();
}

// The file. What fails is kept, and told by the next Done().
class SearchIndex::Database {
 public:
  Database(std::filesystem::path file, std::string account) : file_(std::move(file)), account_(std::move(account)) {}
  ~Database() {
    for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
    sqlite3_close(database_);
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // False where it is not one of ours of today.
  bool Open(bool write) {
    const int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    const auto name = file_.u8string();
    if (sqlite3_open_v2(reinterpret_cast<const char*>(name.c_str()), &database_, flags | SQLITE_OPEN_NOMUTEX,
                        nullptr) != SQLITE_OK)
      return false;
    sqlite3_busy_timeout(database_, kBusyMs);
    if (write) Exec("PRAGMA synchronous=OFF");  // lost with the power at worst, and then made anew
    return Meta("version") == kVersion && Meta("account") == account_;
  }
  bool Create() {
    return Exec("BEGIN") && Exec(kSchema) && SetMeta("version", kVersion) && SetMeta("account", account_) &&
           SetMeta("applied", "0") && SetMeta("at", "0") && SetMeta("next", "") && Exec("COMMIT");
  }
  bool Exec(const char* sql) { return Check(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr)); }

  std::string Meta(std::string_view name) {
    sqlite3_stmt* statement = Prepare("SELECT value FROM meta WHERE name=?1");
    if (statement == nullptr) return {};
    Bind(statement, 1, name);
    std::string value;
    if (sqlite3_step(statement) == SQLITE_ROW) value = Column(statement, 0);
    sqlite3_reset(statement);
    return value;
  }
  bool SetMeta(std::string_view name, std::string_view value) {
    sqlite3_stmt* statement = Prepare("REPLACE INTO meta VALUES(?1,?2)");
    if (statement == nullptr) return false;
    Bind(statement, 1, name);
    Bind(statement, 2, value);
    return Step(statement);
  }
  Sequence SequenceOf(std::string_view name) {
    const std::string text = Meta(name);
    Sequence seq = 0;
    std::from_chars(text.data(), text.data() + text.size(), seq);  // of anything else 0: made anew
    return seq;
  }

  // `text` null: the item is not seen any more.
  bool Put(const ItemId& item, const std::string* text) {
    sqlite3_stmt* known = Prepare("SELECT hash FROM docs WHERE item=?1");
    if (known == nullptr) return false;
    BindItem(known, item);
    const bool there = sqlite3_step(known) == SQLITE_ROW;
    const bool same = there && text != nullptr && sqlite3_column_int64(known, 0) == HashOf(*text);
    sqlite3_reset(known);
    if (same || (!there && text == nullptr)) return true;
    if (there) {
      sqlite3_stmt* forget = Prepare("DELETE FROM docs WHERE item=?1");
      if (forget == nullptr) return false;
      BindItem(forget, item);
      if (!Step(forget)) return false;
    }
    if (text == nullptr) return true;
    sqlite3_stmt* doc = Prepare("INSERT INTO docs(item,hash) VALUES(?1,?2)");
    sqlite3_stmt* words = Prepare("INSERT INTO words(rowid,text) VALUES(last_insert_rowid(),?1)");
    if (doc == nullptr || words == nullptr) return false;
    BindItem(doc, item);
    sqlite3_bind_int64(doc, 2, HashOf(*text));
    if (!Step(doc)) return false;
    Bind(words, 1, *text);
    return Step(words);
  }

  std::int64_t Number(const char* sql) {
    sqlite3_stmt* statement = Prepare(sql);
    const std::int64_t number =
        statement != nullptr && sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    if (statement != nullptr) sqlite3_reset(statement);
    return number;
  }

  bool Find(const std::string& match, std::vector<ItemId>& found) {
    sqlite3_stmt* statement =
        Prepare("SELECT docs.item FROM words JOIN docs ON docs.doc=words.rowid WHERE words MATCH ?1");
    if (statement == nullptr) return false;
    Bind(statement, 1, match);
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
      if (const auto id = ItemId::FromView(Column(statement, 0))) found.push_back(*id);
    sqlite3_reset(statement);
    return Check(code);
  }

  Error Failed() const {
    return {damaged_ ? Code::kCorrupt : Code::kUnavailable, Retry::kBackoff,
            "the search index " + file_.string() + " cannot be used: " + problem_};
  }
  const std::filesystem::path& file() const { return file_; }

 private:
  bool Check(int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return true;
    damaged_ = (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
    problem_ = sqlite3_errstr(code);  // never the message: it may quote what was looked for
    return false;
  }
  bool Step(sqlite3_stmt* statement) {
    const int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return Check(code);
  }
  sqlite3_stmt* Prepare(const char* sql) {
    for (sqlite3_stmt* statement : statements_)
      if (std::string_view(sqlite3_sql(statement)) == sql) return statement;
    sqlite3_stmt* statement = nullptr;
    if (!Check(sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr))) return nullptr;
    statements_.push_back(statement);
    return statement;
  }
  // What is bound outlives the step.
  static void Bind(sqlite3_stmt* statement, int at, std::string_view text) {
    sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }
  static void BindItem(sqlite3_stmt* statement, const ItemId& item) {
    sqlite3_bind_blob(statement, 1, item.bytes.data(), static_cast<int>(item.bytes.size()), SQLITE_STATIC);
  }
  static std::string Column(sqlite3_stmt* statement, int at) {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, at));
    return data != nullptr ? std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(statement, at)))
                           : std::string();
  }

  const std::filesystem::path file_;
  const std::string account_;
  sqlite3* database_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
  bool damaged_ = false;
  std::string problem_ = "it cannot be opened";
};

SearchIndex::SearchIndex(std::unique_ptr<Database> database)
    : database_(std::move(database)), applied_(database_->SequenceOf("applied")), mark_(database_->Meta("mark")) {}
SearchIndex::SearchIndex(SearchIndex&&) noexcept = default;
SearchIndex& SearchIndex::operator=(SearchIndex&&) noexcept = default;
SearchIndex::~SearchIndex() = default;

Result<SearchIndex> SearchIndex::Open(const std::filesystem::path& file, std::string_view account, Mode mode) {
  auto database = std::make_unique<Database>(file, std::string(account));
  const bool ours = database->Open(mode == Mode::kWrite);
  if (ours) return SearchIndex(std::move(database));
  if (mode == Mode::kRead)
    return Error{Code::kNotFound, Retry::kNever, "there is no search index " + file.string() + " of this version"};
  database.reset();
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  std::filesystem::remove(std::filesystem::path(file) += "-journal", ignored);
  database = std::make_unique<Database>(file, std::string(account));
  database->Open(true);
  if (!database->Create()) return database->Failed();
  return SearchIndex(std::move(database));
}

Result<bool> SearchIndex::Follow(const JournalView& view, std::size_t items_max, const MailBodies* bodies) {
  const std::int64_t docs = database_->Number("SELECT count(*) FROM docs");
  const std::int64_t made = database_->Number("SELECT coalesce(max(doc),0) FROM docs");
  const bool wasteful = made - docs > kWasteFactor * docs + kWasteMin;
  if (wasteful || (applied_ != 0 && !Knows(view)) || (applied_ == 0 && !MakesOf(view))) {
    const std::filesystem::path file = database_->file();
    const std::string account = database_->Meta("account");
    database_.reset();
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    OUTPOST_TRY(*this, Open(file, account, Mode::kWrite));
  }
  return applied_ == 0 ? Make(view, items_max, bodies) : FollowEvents(view, items_max, bodies);
}

bool SearchIndex::Knows(const JournalView& view) const {
  // Behind what was dropped it would miss what happened.
  return applied_ != 0 && applied_ <= view.last() && applied_ + 1 >= view.first() && MarkOf(view, applied_) == mark_;
}

bool SearchIndex::MakesOf(const JournalView& view) const {
  const Sequence at = database_->SequenceOf("at");
  return at == 0 || (at <= view.last() && at + 1 >= view.first() && MarkOf(view, at) == mark_);
}

// Items in the order of their ids; what happens to those that are in already is told by the events behind `at`.
Result<bool> SearchIndex::Make(const JournalView& view, std::size_t items_max, const MailBodies* bodies) {
  Sequence at = database_->SequenceOf("at");
  if (at == 0) at = view.last();
  std::string mark = MarkOf(view, at);
  std::string next = database_->Meta("next");
  if (!database_->Exec("BEGIN IMMEDIATE")) return database_->Failed();
  std::size_t taken = 0;
  bool good = true;
  Result<void> read = Ok();
  OUTPOST_TRYV(view.Scan(kItemsTable, {}, next.empty() ? std::string() : *ParseHex(next),
                         [&](std::string_view key, std::string_view row) {
                           const auto id = ItemId::FromView(key);
                           if (!id) return true;
                           const auto item = DecodeItem(*id, row);
                           if (!item) read = item.error();
                           if (!item) return false;
                           next = id->Hex() + "00";
                           if (item.value().Visible() && item.value().type != ItemType::kFolder) {
                             const std::string text = TextOf(view, item.value(), bodies);
                             good = database_->Put(*id, &text);
                           }
                           return good && ++taken < items_max;
                         }));
  const bool done = taken < items_max;
  good = good && read && database_->SetMeta("at", std::to_string(at)) && database_->SetMeta("next", next) &&
         database_->SetMeta("mark", mark) && (!done || database_->SetMeta("applied", std::to_string(at))) &&
         database_->Exec("COMMIT");
  if (!good) database_->Exec("ROLLBACK");
  OUTPOST_TRYV(std::move(read));
  if (!good) return database_->Failed();
  if (done) applied_ = at;
  mark_ = std::move(mark);
  return done && applied_ == view.last();
}

Result<bool> SearchIndex::FollowEvents(const JournalView& view, std::size_t items_max, const MailBodies* bodies) {
  if (applied_ == view.last()) return true;
  std::set<ItemId> items;
  Sequence to = applied_;
  OUTPOST_TRYV(view.Scan(applied_ + 1, view.last(), [&](const Event& event) {
    to = event.seq;
    if (event.header.item && event.header.item_type != ItemType::kFolder) items.insert(event.header.item);
    return items.size() < items_max;
  }));
  if (!database_->Exec("BEGIN IMMEDIATE")) return database_->Failed();
  bool good = true;
  Result<void> read = Ok();
  for (auto item = items.begin(); good && read && item != items.end(); ++item) {
    const auto state = LoadItem(view, *item);
    if (!state) read = state.error();
    if (!state) break;
    const bool seen = state.value() && state.value()->Visible() && state.value()->type != ItemType::kFolder;
    const std::string text = seen ? TextOf(view, *state.value(), bodies) : std::string();
    good = database_->Put(*item, seen ? &text : nullptr);
  }
  std::string mark = MarkOf(view, to);
  good = good && read && database_->SetMeta("applied", std::to_string(to)) && database_->SetMeta("mark", mark) &&
         database_->Exec("COMMIT");
  if (!good) database_->Exec("ROLLBACK");
  OUTPOST_TRYV(std::move(read));
  if (!good) return database_->Failed();
  applied_ = to;
  mark_ = std::move(mark);
  return applied_ == view.last();
}

Result<std::optional<std::vector<ItemId>>> SearchIndex::Candidates(std::string_view text) {
  const std::string match = MatchText(text);
  if (applied_ == 0 || match.empty()) return std::optional<std::vector<ItemId>>{};
  std::vector<ItemId> found;
  if (!database_->Find(match, found)) return database_->Failed();
  return std::optional(std::move(found));
}

Result<std::optional<SearchHits>> ItemsToSearch(const JournalView& view, SearchIndex* index, std::string_view text) {
  if (index == nullptr || !index->Knows(view) || view.last() - index->applied() > kEventsBehindMax)
    return std::optional<SearchHits>{};
  OUTPOST_TRY(auto items, index->Candidates(text));
  if (!items) return std::optional<SearchHits>{};
  SearchHits hits{*std::move(items), {}, SureWords(text)};
  OUTPOST_TRYV(view.Scan(index->applied() + 1, view.last(), [&](const Event& event) {
    if (event.header.item && event.header.item_type != ItemType::kFolder) hits.touched.push_back(event.header.item);
    return true;
  }));
  SortUnique(hits.touched);
  hits.items.insert(hits.items.end(), hits.touched.begin(), hits.touched.end());
  SortUnique(hits.items);
  return std::optional(std::move(hits));
}

}  // namespace outpost
