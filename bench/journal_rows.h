#pragma once
#include <vector>

#include "bench/report.h"
#include "journal/journal.h"

// The rows of the scenario "journal", by what they measure. Those that take the journal's options (but for the folder)
// can be measured again with other ones. Each adds its rows; errors end the run.
namespace outpost::bench {

Result<void> AppendRows(const Options& options, const JournalOptions& journal, std::vector<Row>& rows);
Result<void> ThreadRows(const Options& options, const JournalOptions& journal, std::vector<Row>& rows);
// Scan, verify, and bytes on disk.
Result<void> ReadRows(const Options& options, const JournalOptions& journal, std::vector<Row>& rows);
Result<void> OpenRows(const Options& options, std::vector<Row>& rows);

// `outpost-bench kFillAndDie FOLDER EVENTS`: appends so many events, goes on until the log is as long as it ever gets,
// and is gone as by SIGKILL.
inline constexpr std::string_view kFillAndDie = "fill-and-die";
int FillAndDie(const std::string& folder, const std::string& events);
// `outpost-bench kOpenOnce FOLDER ANSWER`: opens the journal and writes the microseconds it took to the file ANSWER.
inline constexpr std::string_view kOpenOnce = "open-once";
int OpenOnce(const std::string& folder, const std::string& answer);

}  // namespace outpost::bench
