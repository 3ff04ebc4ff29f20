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
  std::size_t imported = 0;
  std::vector<ImportProblem> failed;    // cards that did not go in
  std::vector<ImportProblem> skipped;   // files of other kinds
  std::vector<ImportProblem> left_out;  // parts of imported cards that have no place, such as photos
};

// Puts the vCards (*.vcf, *.vcard) below `folder`, recursively and in the order of their paths, into `target` (empty:
// the user's own contacts), through the server's API. One bad card or file stops nothing. Errors: kNotFound (no such
// folder), and of ApiClient where the target cannot be used at all.
Result<ImportReport> Import(const std::filesystem::path& folder, ApiClient& client, std::string target = {});

}  // namespace outpost::oxserver
