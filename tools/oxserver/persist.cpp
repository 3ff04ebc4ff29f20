#include "tools/oxserver/persist.h"

#include <sqlite3.h>

#include <map>
#include <variant>

#include "base/bytes.h"
#include "tools/oxserver/text.h"

namespace outpost::oxserver {
namespace {

constexpr int kFormat = 5;  // 1 had no counters, 2 only contacts, 3 no mail, 4 no attachments

constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS account(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, timezone TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS folder(id INTEGER PRIMARY KEY, parent INTEGER, title TEXT, module INTEGER, type INTEGER,
  owner INTEGER, created_by INTEGER, modified_by INTEGER, created INTEGER, modified INTEGER, is_default INTEGER, subscribed INTEGER,
  summary TEXT, permissions TEXT);
CREATE TABLE IF NOT EXISTS folder_tombstone(id INTEGER, time INTEGER, seen_by TEXT);
CREATE TABLE IF NOT EXISTS object(module INTEGER, id INTEGER, folder INTEGER, created_by INTEGER, modified_by INTEGER,
  created INTEGER, modified INTEGER, uid TEXT, is_private INTEGER, user INTEGER, fields BLOB, PRIMARY KEY(module, id));
CREATE TABLE IF NOT EXISTS tombstone(folder INTEGER, id INTEGER, time INTEGER,
  PRIMARY KEY(folder, time, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter(name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mailbox(folder INTEGER PRIMARY KEY, validity INTEGER, next INTEGER);
CREATE TABLE IF NOT EXISTS mail(folder INTEGER, id INTEGER, flags INTEGER, color INTEGER, received INTEGER, source BLOB,
  PRIMARY KEY(folder, id));
CREATE TABLE IF NOT EXISTS attachment(module INTEGER, object INTEGER, id INTEGER, created_by INTEGER, created INTEGER,
  filename TEXT, mimetype TEXT, rich_text INTEGER, bytes BLOB, PRIMARY KEY(module, object, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS removed_attachment(module INTEGER, object INTEGER, id INTEGER, time INTEGER,
  PRIMARY KEY(module, object, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS setting(user INTEGER, path TEXT, value TEXT, PRIMARY KEY(user, path)) WITHOUT ROWID;
)";

constexpr const char* kFromContacts =
    "INSERT INTO object SELECT 3,id,folder,created_by,modified_by,created,modified,uid,is_private,user,fields"
    " FROM contact; DROP TABLE contact";

// Contacts and folders share the counter that was the only one before format 3.
std::string CounterName(FolderModule module) {
  return module == FolderModule::kSystem ? "last_id" : "last_id " + std::to_string(static_cast<int>(module));
}

using Value = std::variant<std::int64_t, std::string_view>;

// "entity,group,bits;…", of a guest with a fourth part in hexadecimal, and "user,user": small lists in one column.
std::string PackPermissions(const std::vector<Permission>& permissions) {
  std::string out;
  for (const auto& p : permissions) {
    if (!out.empty()) out += ';';
    out += std::to_string(p.entity) + ',' + (p.group ? '1' : '0') + ',' + std::to_string(p.bits);
    if (!p.guest.empty()) out += ',' + ToHex(AsBytes(p.guest));
  }
  return out;
}

std::vector<std::int64_t> Numbers(std::string_view text) {
  std::vector<std::int64_t> out;
  if (text.empty()) return out;
  for (const auto piece : Split(text, ',')) out.push_back(ParseNumber(piece).value_or(0));
  return out;
}

std::vector<Permission> UnpackPermissions(std::string_view text) {
  std::vector<Permission> out;
  if (text.empty()) return out;
  for (const auto piece : Split(text, ';')) {
    const auto parts = Split(piece, ',');
    if (parts.size() != 3 && parts.size() != 4) continue;
    const auto number = [&](std::size_t at) { return ParseNumber(parts[at]).value_or(0); };
    out.push_back({static_cast<int>(number(0)), number(1) != 0, static_cast<std::uint32_t>(number(2))});
    if (parts.size() == 4) out.back().guest = ParseHex(parts[3]).value_or(std::string());
  }
  return out;
}

}  // namespace

struct Persist::Impl {
  sqlite3* db = nullptr;
  std::map<std::string_view, sqlite3_stmt*> statements;  // by their text, which is a literal
  std::string failure;
  bool loaded = false;  // from here on changes run in transactions
  bool open = false;

  ~Impl() {
    for (auto& [sql, statement] : statements) sqlite3_finalize(statement);
    sqlite3_close(db);
  }

  void Check(int code) {
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW && failure.empty()) failure = sqlite3_errmsg(db);
  }

  sqlite3_stmt* Prepare(std::string_view sql) {
    auto& statement = statements[sql];
    if (statement == nullptr)
      Check(sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &statement, nullptr));
    return statement;
  }

  void Bind(sqlite3_stmt* statement, int at, const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      Check(sqlite3_bind_int64(statement, at, *number));
    } else {
      const auto text = std::get<std::string_view>(value);
      Check(sqlite3_bind_blob64(statement, at, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC));
    }
  }

  // The transaction opens with the first change, so that reading costs nothing.
  void Run(std::string_view sql, std::initializer_list<Value> values) {
    if (loaded && !std::exchange(open, true)) Run("BEGIN", {});
    sqlite3_stmt* statement = Prepare(sql);
    if (statement == nullptr) return;
    int at = 0;
    for (const auto& value : values) Bind(statement, ++at, value);
    Check(sqlite3_step(statement));
    sqlite3_reset(statement);
  }

  template <class Visit>
  void Each(std::string_view sql, Visit visit) {
    sqlite3_stmt* statement = Prepare(sql);
    if (statement == nullptr) return;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) visit(statement);
    Check(code);
    sqlite3_reset(statement);
  }
};

namespace {
std::int64_t Int(sqlite3_stmt* s, int column) { return sqlite3_column_int64(s, column); }
std::string Text(sqlite3_stmt* s, int column) {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(s, column));
  return data == nullptr ? std::string() : std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(s, column)));
}
}  // namespace

Persist::Persist() : impl_(std::make_unique<Impl>()) {}
Persist::~Persist() = default;

Result<std::unique_ptr<Persist>> Persist::Open(const std::string& file) {
  std::unique_ptr<Persist> persist(new Persist());
  Impl& impl = *persist->impl_;
  impl.Check(sqlite3_open(file.c_str(), &impl.db));
  if (impl.failure.empty()) {
    std::int64_t format = 0;
    impl.Each("PRAGMA user_version", [&](sqlite3_stmt* s) { format = Int(s, 0); });
    if (format > kFormat)
      return Error{Code::kNewerFormat, Retry::kNever, "state file " + file + " was written by a later version"};
    // The state is a test server's: it outlives the process, and a crash of the machine may cost the last writes.
    const bool contacts_only = format == 1 || format == 2;
    for (const char* sql : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "BEGIN", kSchema,
                            contacts_only ? kFromContacts : "", "PRAGMA user_version=5", "COMMIT"}) {
      impl.Check(sqlite3_exec(impl.db, sql, nullptr, nullptr, nullptr));
    }
  }
  if (!impl.failure.empty())
    return Error{Code::kUnavailable, Retry::kNever, "state file " + file + ": " + impl.failure};
  return persist;
}

Result<void> Persist::Commit() {
  if (impl_->open) impl_->Run("COMMIT", {});
  impl_->open = false;
  if (impl_->failure.empty()) return Ok();
  return Error{Code::kUnavailable, Retry::kBackoff, "state file: " + std::exchange(impl_->failure, {})};
}

void Persist::PutAccount(const Account& a) {
  impl_->Run("REPLACE INTO account VALUES(?,CAST(? AS TEXT),CAST(? AS TEXT))",
             {std::int64_t{a.id}, a.name, a.timezone});
}

void Persist::PutFolder(const Folder& f) {
  const std::string permissions = PackPermissions(f.permissions);
  impl_->Run("REPLACE INTO folder VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
             {f.id, f.parent, f.title, static_cast<std::int64_t>(f.module), std::int64_t{f.type}, std::int64_t{f.owner},
              std::int64_t{f.created_by}, std::int64_t{f.modified_by}, f.created, f.modified,
              std::int64_t{f.is_default}, std::int64_t{f.subscribed}, f.summary, permissions});
}

void Persist::RemoveFolder(std::int64_t id) {
  impl_->Run("DELETE FROM folder WHERE id=?", {id});
  impl_->Run("DELETE FROM tombstone WHERE folder=?", {id});
  impl_->Run("DELETE FROM mailbox WHERE folder=?", {id});
  RemoveMails(id);
}

void Persist::PutMailbox(std::int64_t folder, std::int64_t validity, std::int64_t next) {
  impl_->Run("REPLACE INTO mailbox VALUES(?,?,?)", {folder, validity, next});
}

void Persist::RemoveMails(std::int64_t folder) { impl_->Run("DELETE FROM mail WHERE folder=?", {folder}); }

void Persist::PutMail(std::int64_t folder, const Mail& m, bool whole) {
  if (whole)
    impl_->Run("REPLACE INTO mail VALUES(?,?,?,?,?,?)",
               {folder, m.id, std::int64_t{m.flags}, std::int64_t{m.color}, m.received, m.source->bytes});
  else
    impl_->Run("UPDATE mail SET flags=?,color=?,received=? WHERE folder=? AND id=?",
               {std::int64_t{m.flags}, std::int64_t{m.color}, m.received, folder, m.id});
}

void Persist::RemoveMail(std::int64_t folder, std::int64_t id) {
  impl_->Run("DELETE FROM mail WHERE folder=? AND id=?", {folder, id});
}

void Persist::PutAttachment(const Attachment& a) {
  impl_->Run("REPLACE INTO attachment VALUES(?,?,?,?,?,?,?,?,?)",
             {static_cast<std::int64_t>(a.module), a.object, a.id, std::int64_t{a.created_by}, a.created, a.filename,
              a.mimetype, std::int64_t{a.rich_text}, *a.bytes});
}

void Persist::PutRemovedAttachment(FolderModule module, std::int64_t object, std::int64_t id, std::int64_t time) {
  impl_->Run("DELETE FROM attachment WHERE module=? AND object=? AND id=?",
             {static_cast<std::int64_t>(module), object, id});
  impl_->Run("REPLACE INTO removed_attachment VALUES(?,?,?,?)", {static_cast<std::int64_t>(module), object, id, time});
}

void Persist::RemoveAttachments(FolderModule module, std::int64_t object) {
  impl_->Run("DELETE FROM attachment WHERE module=? AND object=?", {static_cast<std::int64_t>(module), object});
  impl_->Run("DELETE FROM removed_attachment WHERE module=? AND object=?", {static_cast<std::int64_t>(module), object});
}

void Persist::PutFolderTombstone(const FolderTombstone& t) {
  std::string seen_by;
  for (const int user : t.seen_by) seen_by += (seen_by.empty() ? "" : ",") + std::to_string(user);
  impl_->Run("INSERT INTO folder_tombstone VALUES(?,?,?)", {t.id, t.time, seen_by});
}

void Persist::PutObject(const Object& o) {
  impl_->Run(
      "REPLACE INTO object VALUES(?,?,?,?,?,?,?,?,?,?,?)",
      {static_cast<std::int64_t>(o.module), o.id, o.folder, std::int64_t{o.created_by}, std::int64_t{o.modified_by},
       o.created, o.modified, o.uid, std::int64_t{o.is_private}, std::int64_t{o.user}, o.fields.packed()});
}

void Persist::RemoveObject(FolderModule module, std::int64_t id) {
  impl_->Run("DELETE FROM object WHERE module=? AND id=?", {static_cast<std::int64_t>(module), id});
}

void Persist::PutTombstone(std::int64_t folder, std::int64_t id, std::int64_t time) {
  impl_->Run("REPLACE INTO tombstone VALUES(?,?,?)", {folder, id, time});
}

void Persist::DropTombstonesBefore(std::int64_t time) {
  impl_->Run("DELETE FROM tombstone WHERE time<?", {time});
  impl_->Run("DELETE FROM folder_tombstone WHERE time<?", {time});
}

void Persist::PutSetting(int user, std::string_view path, std::string_view value) {
  impl_->Run("REPLACE INTO setting VALUES(?,?,?)", {std::int64_t{user}, path, value});
}

void Persist::PutCounters(const std::map<FolderModule, std::int64_t>& last_ids, std::int64_t newest_stamp) {
  for (const auto& [module, last_id] : last_ids)
    impl_->Run("REPLACE INTO counter VALUES(CAST(? AS TEXT),?)", {CounterName(module), last_id});
  impl_->Run("REPLACE INTO counter VALUES('newest_stamp',?)", {newest_stamp});
}

Result<void> Persist::Load(State& state) {
  bool damaged = false;
  impl_->Each("SELECT id,name,timezone FROM account ORDER BY id", [&](sqlite3_stmt* s) {
    state.PutAccount({static_cast<int>(Int(s, 0)), Text(s, 1), Text(s, 2)});
  });
  impl_->Each("SELECT * FROM folder", [&](sqlite3_stmt* s) {
    state.PutFolder({Int(s, 0),
                     Int(s, 1),
                     Text(s, 2),
                     static_cast<FolderModule>(Int(s, 3)),
                     static_cast<int>(Int(s, 4)),
                     static_cast<int>(Int(s, 5)),
                     static_cast<int>(Int(s, 6)),
                     static_cast<int>(Int(s, 7)),
                     Int(s, 8),
                     Int(s, 9),
                     Int(s, 10) != 0,
                     Int(s, 11) != 0,
                     Text(s, 12),
                     UnpackPermissions(Text(s, 13)),
                     {}});
  });
  impl_->Each("SELECT id,time,seen_by FROM folder_tombstone", [&](sqlite3_stmt* s) {
    FolderTombstone tombstone{Int(s, 0), Int(s, 1), {}};
    for (const auto user : Numbers(Text(s, 2))) tombstone.seen_by.push_back(static_cast<int>(user));
    state.AddFolderTombstone(tombstone);
  });
  impl_->Each("SELECT * FROM object", [&](sqlite3_stmt* s) {
    std::string fields = Text(s, 10);
    if (!FieldSet::IsWellFormed(fields))
      damaged = true;
    else
      state.PutObject({static_cast<FolderModule>(Int(s, 0)), Int(s, 1), Int(s, 2), static_cast<int>(Int(s, 3)),
                       static_cast<int>(Int(s, 4)), Int(s, 5), Int(s, 6), Text(s, 7), Int(s, 8) != 0,
                       static_cast<int>(Int(s, 9)), FieldSet(std::move(fields))});
  });
  impl_->Each("SELECT folder,id,time FROM tombstone",
              [&](sqlite3_stmt* s) { state.AddTombstone(Int(s, 0), Int(s, 1), Int(s, 2)); });
  impl_->Each("SELECT folder,validity,next FROM mailbox",
              [&](sqlite3_stmt* s) { state.SawMailbox(Int(s, 0), Int(s, 1), Int(s, 2)); });
  impl_->Each("SELECT folder,id,flags,color,received,source FROM mail ORDER BY folder,id", [&](sqlite3_stmt* s) {
    auto source = std::make_shared<MailSource>();
    source->bytes = Text(s, 5);
    source->facts = ReadMailFacts(source->bytes);
    state.PutMail(Int(s, 0),
                  {Int(s, 1), static_cast<int>(Int(s, 2)), static_cast<int>(Int(s, 3)), Int(s, 4), std::move(source)});
  });
  impl_->Each("SELECT module,object,id,time FROM removed_attachment", [&](sqlite3_stmt* s) {
    state.SawRemoved(static_cast<FolderModule>(Int(s, 0)), Int(s, 1), Int(s, 2), Int(s, 3));
  });
  impl_->Each("SELECT * FROM attachment", [&](sqlite3_stmt* s) {
    state.PutAttachment({Int(s, 2), static_cast<FolderModule>(Int(s, 0)), Int(s, 1), static_cast<int>(Int(s, 3)),
                         Int(s, 4), Text(s, 5), Text(s, 6), Int(s, 7) != 0,
                         std::make_shared<const std::string>(Text(s, 8))});
  });
  impl_->Each("SELECT user,path,value FROM setting",
              [&](sqlite3_stmt* s) { state.PutSetting(static_cast<int>(Int(s, 0)), Text(s, 1), Text(s, 2)); });
  impl_->Each("SELECT name,value FROM counter", [&](sqlite3_stmt* s) {
    const std::string name = Text(s, 0);
    if (name == "newest_stamp") state.Saw(FolderModule::kSystem, 0, Int(s, 1));
    for (const FolderModule module :
         {FolderModule::kSystem, FolderModule::kTasks, FolderModule::kCalendar, FolderModule::kMail})
      if (name == CounterName(module)) state.Saw(module, Int(s, 1), 0);
  });
  impl_->loaded = true;
  if (damaged || !impl_->failure.empty())
    return Error{Code::kCorrupt, Retry::kNever, "state file cannot be read: " + impl_->failure};
  return Ok();
}

}  // namespace outpost::oxserver
