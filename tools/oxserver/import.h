#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "tools/oxserver/api_client.h"

namespace outpost::oxserver {

struct ImportProblem {
  std::string file;      // relative to the folder imported
  std::size_t line = 0;  // 0: the whole file
  std::string reason;
};

struct ImportReport {
  std::size_t imported = 0;      // contacts
  std::size_t appointments = 0;  // series count once, changed occurrences are not counted
  std::size_t tasks = 0;
  std::size_t mails = 0;
  std::vector<ImportProblem> failed;    // cards, events and tasks that did not go in
  std::vector<ImportProblem> skipped;   // files, and components of calendars, of other kinds
  std::vector<ImportProblem> left_out;  // parts of what was imported that have no place, such as photos
};

// Puts the vCards (*.vcf, *.vcard) below `folder` into the user's own contacts, the events and tasks of its calendars
// (*.ics, *.ical) into his own calendar and tasks and its mails (*.eml) into his INBOX, recursively and in the order of
// their paths, through the server's API. `folder` may be one such file. One bad card, event or file stops nothing.
// Errors: kNotFound (no such folder or file), and of ApiClient where the targets cannot be used at all.
Result<ImportReport> Import(const std::filesystem::path& folder, ApiClient& client);

}  // namespace outpost::oxserver
