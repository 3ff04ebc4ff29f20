#include "tools/oxserver/import.h"

#include <algorithm>
#include <map>

#include "base/system/files.h"
#include "tools/oxserver/icalendar.h"
#include "tools/oxserver/mime.h"
#include "tools/oxserver/text.h"
#include "tools/oxserver/vcard_contact.h"

namespace outpost::oxserver {
namespace {

namespace fs = std::filesystem;

constexpr const char* kZoneinfo = "/usr/share/zoneinfo";

bool IsVcard(const fs::path& path) {
  const std::string extension = Lower(path.extension().string());
  return extension == ".vcf" || extension == ".vcard";
}

bool IsCalendar(const fs::path& path) {
  const std::string extension = Lower(path.extension().string());
  return extension == ".ics" || extension == ".ical";
}

bool IsMail(const fs::path& path) { return Lower(path.extension().string()) == ".eml"; }

void ImportMailFile(const fs::path& path, const std::string& name, ApiClient& client, ImportReport& report) {
  const auto bytes = ReadFile(path);
  if (!bytes) return report.failed.push_back({name, 0, bytes.error().context});
  if (ReadMailFacts(bytes.value()).headers.empty())
    return report.failed.push_back({name, 1, "there is no header of a mail"});
  const auto id = client.ImportMail("default0/INBOX", bytes.value());
  if (!id) return report.failed.push_back({name, 0, id.error().context});
  ++report.mails;
}

// The events of calendars, into one folder, and their tasks, into another.
class EventImport {
 public:
  EventImport(ApiClient& client, std::string target, std::string tasks, std::string zone, ImportReport& report)
      : client_(client),
        target_(std::move(target)),
        tasks_(std::move(tasks)),
        zone_(std::move(zone)),
        zones_(kZoneinfo),
        report_(report) {}

  void File(const fs::path& path, const std::string& name) {
    const auto text = ReadFile(path);
    if (!text) return report_.failed.push_back({name, 0, text.error().context});
    name_ = name;
    const CalendarFile file = ReadCalendar(text.value(), zones_, zone_);
    for (const auto& failure : file.failures) Fail(failure.line, failure.reason);
    for (const auto& other : file.others) report_.skipped.push_back({name, other.line, other.reason});
    if (file.events.empty() && file.tasks.empty() && file.failures.empty() && file.others.empty())
      Fail(1, "there is nothing in it");
    std::map<std::string, std::string> series;  // ids by uid
    for (const EventDraft& draft : file.events)
      if (!draft.replaces) Add(draft, series);
    for (const EventDraft& draft : file.events)
      if (draft.replaces) Replace(draft, series);
    for (const EventDraft& draft : file.tasks) AddTask(draft);
  }

 private:
  void AddTask(const EventDraft& draft) {
    const auto id = client_.Create("tasks", tasks_, draft.fields);
    if (!id) return Fail(draft.line, id.error().context);
    ++report_.tasks;
    TellLeftOut(draft);
  }
  void Fail(std::size_t line, const std::string& reason) { report_.failed.push_back({name_, line, reason}); }
  void TellLeftOut(const EventDraft& draft) {
    for (const auto& reason : draft.left_out) report_.left_out.push_back({name_, draft.line, reason});
  }

  void Add(const EventDraft& draft, std::map<std::string, std::string>& series) {
    const auto id = client_.Create("calendar", target_, draft.fields);
    if (!id) return Fail(draft.line, id.error().context);
    ++report_.appointments;
    TellLeftOut(draft);
    if (!draft.fields.contains("recurrence_type")) return;
    series.emplace(draft.uid, id.value());
    for (const std::int64_t day : draft.deleted)
      if (!client_.DeleteOccurrence(target_, id.value(), day))
        report_.left_out.push_back({name_, draft.line, "EXDATE: not a day of the series"});
  }

  // One without its series, or for a day that the series does not have, is an appointment of its own.
  void Replace(const EventDraft& draft, const std::map<std::string, std::string>& series) {
    const auto of = series.find(draft.uid);
    if (of != series.end() && client_.ChangeOccurrence(target_, of->second, *draft.replaces, draft.fields))
      return TellLeftOut(draft);
    const auto id = client_.Create("calendar", target_, draft.fields);
    if (!id) return Fail(draft.line, id.error().context);
    ++report_.appointments;
    TellLeftOut(draft);
    report_.left_out.push_back({name_, draft.line, "RECURRENCE-ID: the series it belongs to has no such day here"});
  }

  ApiClient& client_;
  std::string target_;
  std::string tasks_;
  std::string zone_;
  Zones zones_;
  ImportReport& report_;
  std::string name_;
};

void ImportFile(const fs::path& path, const std::string& name, ApiClient& client, const std::string& target,
                ImportReport& report) {
  const auto text = ReadFile(path);
  if (!text) {
    report.failed.push_back({name, 0, text.error().context});
    return;
  }
  const CardFile file = ReadCards(text.value());
  if (file.cards.empty() && file.failures.empty()) report.failed.push_back({name, 1, "there is no card in it"});
  for (const auto& failure : file.failures) report.failed.push_back({name, failure.line, failure.reason});
  for (const auto& card : file.cards) {
    const auto draft = ToContact(card);
    const auto id = draft.fields.empty()
                        ? Result<std::string>(Error{Code::kInvalid, Retry::kNever, "nothing in it is a contact"})
                        : client.CreateContact(target, draft.fields);
    if (!id) {
      report.failed.push_back({name, card.line, id.error().context});
      continue;
    }
    ++report.imported;
    for (const auto& reason : draft.left_out) report.left_out.push_back({name, card.line, reason});
  }
}

}  // namespace

Result<ImportReport> Import(const fs::path& folder, ApiClient& client) {
  std::error_code error;
  std::vector<fs::path> files;
  const bool single = fs::is_regular_file(folder, error);
  if (single)
    files.push_back(folder);
  else if (!fs::is_directory(folder, error))
    return Error{Code::kNotFound, Retry::kNever, "no such folder or file: " + folder.string()};
  for (auto it = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, error);
       !single && !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (it->is_regular_file(error)) files.push_back(it->path());
  }
  if (error && !single) return Error{Code::kUnavailable, Retry::kNever, folder.string() + ": " + error.message()};
  std::sort(files.begin(), files.end());
  OUTPOST_TRY(const auto contacts, client.ContactsFolder());
  OUTPOST_TRY(auto calendar, client.OwnFolder("calendar"));
  OUTPOST_TRY(auto tasks, client.OwnFolder("tasks"));
  OUTPOST_TRY(auto zone, client.TimeZone());
  ImportReport report;
  EventImport events(client, std::move(calendar), std::move(tasks), std::move(zone), report);
  for (const auto& path : files) {
    const std::string name =
        single ? path.filename().generic_string() : path.lexically_relative(folder).generic_string();
    if (IsVcard(path))
      ImportFile(path, name, client, contacts, report);
    else if (IsCalendar(path))
      events.File(path, name);
    else if (IsMail(path))
      ImportMailFile(path, name, client, report);
    else
      report.skipped.push_back({name, 0, "neither vCard, iCalendar nor mail"});
  }
  return report;
}

}  // namespace outpost::oxserver
