#include "tools/oxserver/import.h"

#include <algorithm>

#include "base/system/files.h"
#include "tools/oxserver/text.h"
#include "tools/oxserver/vcard_contact.h"

namespace outpost::oxserver {
namespace {

namespace fs = std::filesystem;

bool IsVcard(const fs::path& path) {
  const std::string extension = Lower(path.extension().string());
  return extension == ".vcf" || extension == ".vcard";
}

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

Result<ImportReport> Import(const fs::path& folder, ApiClient& client, std::string target) {
  std::error_code error;
  std::vector<fs::path> files;
  if (!fs::is_directory(folder, error))
    return Error{Code::kNotFound, Retry::kNever, "no such folder: " + folder.string()};
  for (auto it = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, error);
       !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (it->is_regular_file(error)) files.push_back(it->path());
  }
  if (error) return Error{Code::kUnavailable, Retry::kNever, folder.string() + ": " + error.message()};
  std::sort(files.begin(), files.end());
  if (target.empty()) {
    OUTPOST_TRY(target, client.ContactsFolder());
  }
  ImportReport report;
  for (const auto& path : files) {
    const std::string name = path.lexically_relative(folder).generic_string();
    if (IsVcard(path))
      ImportFile(path, name, client, target, report);
    else
      report.skipped.push_back({name, 0, "no vCard"});
  }
  return report;
}

}  // namespace outpost::oxserver
