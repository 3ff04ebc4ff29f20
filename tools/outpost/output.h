#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/json/json.h"

namespace outpost::cli {

// How results go to standard output: JSON as docs/cli.md gives it, or text for people. Nothing else is ever written
// there.
enum class Form { kText, kJson };

// A list: one JSON array, or a table of `columns` (names of members) whose widths are those of the first rows: a long
// list begins at once and takes no memory. With `widths`, of all columns but the last, each row is shown as it comes.
class ListOutput {
 public:
  ListOutput(Form form, std::vector<std::string> columns, std::vector<std::size_t> widths = {});
  void Row(Json::Object row);
  // Ends the list; `what` names the rows in "no conflicts" when there are none.
  void End(std::string_view what);

 private:
  Form form_;
  std::vector<std::string> columns_;
  void ShowHeader();
  void ShowTitles() const;
  void ShowCells(const std::vector<std::string>& row) const;
  std::vector<std::vector<std::string>> rows_;  // text: kept, for the widths
  std::vector<std::size_t> widths_;             // empty: not known yet
  bool any_ = false;
};

// A report: one object on one line, or lines of name and value.
void ShowReport(Form form, const Json::Object& report);
// One object of a stream: one line at once, in both forms.
void ShowEvent(Form form, const Json::Object& event);
// A line of text for people; nothing in JSON.
void ShowNote(Form form, std::string_view text);

// On a terminal all that the functions above show from now on goes through a pager, which starts with the first line:
// OUTPOST_PAGER, else PAGER, else less; none where that is empty or "cat", or where less is not there.
void UsePager();
// For a verb whose output comes bit by bit. Before the first line.
void UseNoPager();
// Writes out what was shown, and waits until the person has left the pager. Whether all of it could be written; a
// reader that left early is no failure.
bool EndOutput();

// Whether nobody takes what is shown any more (a pipe whose reader went); tells late, since output is collected.
bool OutputBroken();
// Whether all that was shown so far could be written.
bool OutputArrived();

// "outpost: text" on standard error.
void ShowError(std::string_view text);

// A line of its own on standard error while something runs, also into a pipe.
void ShowProgressLine(std::string_view text);

// A bar on standard error while something runs: on a terminal only, redrawn in place; it leaves no trace.
class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  // `total` 0: not known.
  void Show(std::string_view what, std::uint64_t done, std::uint64_t total);

 private:
  bool on_;
  std::string last_;
};

// `text` as it may go to a terminal: control characters, which could steer it, become U+FFFD; line ends too unless
// `lines`.
enum class LineEnds { kReplace, kKeep };
std::string Printable(std::string_view text, LineEnds line_ends);

// Columns that `text` takes on a terminal.
std::size_t WidthOf(std::string_view text);

}  // namespace outpost::cli
