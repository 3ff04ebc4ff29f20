#include "tools/outpost/output.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/system/pager.h"
#include "base/system/terminal.h"

namespace outpost::cli {
namespace {

constexpr std::size_t kCellColumnsMax = 60;  // on a terminal; a pipe gets all
constexpr std::size_t kRowsForWidths = 500;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

void Write(std::FILE* stream, std::string_view text) { std::fwrite(text.data(), 1, text.size(), stream); }

// The pager that is wanted, and the one that runs.
bool pager_wanted = false;
std::unique_ptr<Pager> pager;

std::string PagerCommand() {
  for (const char* variable : {"OUTPOST_PAGER", "PAGER"})
    if (const char* command = std::getenv(variable); command != nullptr) return command;
  return IsProgramThere("less") ? "less" : "";
}

void StartPager() {
  if (!pager_wanted) return;
  pager_wanted = false;
  const std::string command = PagerCommand();
  if (command.empty() || command == "cat" || !IsTerminal(Stream::kOutput)) return;
  // As git does: a text that fits on the screen ends less at once, colours come through, the screen stays.
  ::setenv("LESS", "FRX", 0);
  ::setenv("LV", "-c", 0);
  if (auto started = Pager::Start(command)) pager = std::move(started).value();
}

void WriteLine(std::string_view text) {
  StartPager();
  Write(stdout, text);
  Write(stdout, "\n");
}

// Calls `visit` with each code point of `text` and its bytes; -1 for a byte that is no UTF-8.
template <class Visit>
void ForEachCodePoint(std::string_view text, Visit visit) {
  const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t point = -1;
    const auto size = utf8proc_iterate(data + at, static_cast<utf8proc_ssize_t>(text.size() - at), &point);
    const std::size_t step = size > 0 ? static_cast<std::size_t>(size) : 1;
    visit(size > 0 ? point : -1, text.substr(at, step));
    at += step;
  }
}

std::string Cut(const std::string& text, std::size_t columns) {
  if (WidthOf(text) <= columns) return text;
  std::string out;
  std::size_t width = 0;
  bool full = false;
  ForEachCodePoint(text, [&](utf8proc_int32_t point, std::string_view bytes) {
    const auto wide = static_cast<std::size_t>(std::max(point < 0 ? 1 : utf8proc_charwidth(point), 0));
    full = full || width + wide + 1 > columns;
    if (full) return;
    width += wide;
    out += bytes;
  });
  return out + "…";
}

std::string Padded(const std::string& text, std::size_t columns) {
  const std::size_t width = WidthOf(text);
  return width < columns ? text + std::string(columns - width, ' ') : text;
}

std::string TextOf(const Json& json, LineEnds line_ends) {
  if (json.null()) return "-";
  if (const auto* text = json.text()) return Printable(*text, line_ends);
  if (const auto* array = json.array()) {
    std::string out;
    for (const auto& element : *array) out += (out.empty() ? "" : ", ") + TextOf(element, line_ends);
    return out.empty() ? "-" : out;
  }
  if (const auto* object = json.object()) {
    std::string out;
    for (const auto& [name, member] : *object)
      out += (out.empty() ? "" : ", ") + name + "=" + TextOf(member, line_ends);
    return out.empty() ? "-" : out;
  }
  return ToLine(json);
}

bool Colours() {
  static const bool on = [] {
    const char* refused = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    const bool plain =
        (refused != nullptr && *refused != 0) || terminal == nullptr || terminal == std::string_view("dumb");
    return IsTerminal(Stream::kOutput) && !plain;
  }();
  return on;
}

std::string Bold(const std::string& text) { return Colours() ? "\x1b[1m" + text + "\x1b[0m" : text; }

// The words of a report that ask for attention.
std::string Tinted(const std::string& cell) {
  if (!Colours()) return cell;
  const std::string_view word = std::string_view(cell).substr(0, cell.find(' '));
  if (word == "conflict" || word == "parked") return "\x1b[31m" + cell + "\x1b[0m";
  if (word == "pending" || word == "local") return "\x1b[33m" + cell + "\x1b[0m";
  return cell;
}

bool HasObjects(const Json::Array& array) { return !array.empty() && array.front().object() != nullptr; }

void ShowLines(const Json::Object& object, std::size_t indent) {
  std::size_t widest = 0;
  for (const auto& [name, member] : object) widest = std::max(widest, name.size());
  const std::string margin(indent, ' ');
  for (const auto& [name, member] : object) {
    const auto* array = member.array();
    if (const auto* inner = member.object(); inner != nullptr && !inner->empty()) {
      WriteLine(margin + name);
      ShowLines(*inner, indent + 2);
    } else if (array != nullptr && HasObjects(*array)) {
      WriteLine(margin + name);
      for (const auto& element : *array) WriteLine(margin + "  " + TextOf(element, LineEnds::kReplace));
    } else {
      WriteLine(margin + Padded(name, widest + 2) + Tinted(TextOf(member, LineEnds::kKeep)));
    }
  }
}

}  // namespace

std::string Printable(std::string_view text, LineEnds line_ends) {
  std::string out;
  ForEachCodePoint(text, [&](utf8proc_int32_t point, std::string_view bytes) {
    const bool kept = point == '\n' ? line_ends == LineEnds::kKeep : point >= 0x20 && (point < 0x7f || point > 0x9f);
    if (point == '\t')
      out += ' ';
    else
      out += kept ? bytes : kReplacement;
  });
  return out;
}

std::size_t WidthOf(std::string_view text) {
  std::size_t width = 0;
  ForEachCodePoint(text, [&](utf8proc_int32_t point, std::string_view) {
    width += static_cast<std::size_t>(std::max(point < 0 ? 1 : utf8proc_charwidth(point), 0));
  });
  return width;
}

ListOutput::ListOutput(Form form, std::vector<std::string> columns, std::vector<std::size_t> widths)
    : form_(form), columns_(std::move(columns)), widths_(std::move(widths)) {
  if (!widths_.empty()) widths_.resize(columns_.size());
}

void ListOutput::Row(Json::Object row) {
  if (form_ == Form::kJson) {
    Write(stdout, any_ ? "," : "[");
    Write(stdout, ToLine(row));
  } else {
    std::vector<std::string> cells;
    for (const auto& column : columns_) {
      const Json* member = Find(row, column);
      const std::string cell = member != nullptr ? TextOf(*member, LineEnds::kReplace) : "-";
      cells.push_back(IsTerminal(Stream::kOutput) ? Cut(cell, kCellColumnsMax) : cell);
    }
    if (!widths_.empty()) {
      if (!any_) ShowTitles();
      ShowCells(cells);
      if (!any_) std::fflush(stdout);
    } else {
      rows_.push_back(std::move(cells));
      if (rows_.size() == kRowsForWidths) ShowHeader();
    }
  }
  any_ = true;
}

void ListOutput::End(std::string_view what) {
  if (form_ == Form::kJson) return WriteLine(any_ ? "]" : "[]");
  if (!any_) return WriteLine("no " + std::string(what));
  if (widths_.empty()) ShowHeader();
}

// The header and the rows that were kept.
void ListOutput::ShowHeader() {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    widths_.push_back(columns_[i].size());
    for (const auto& row : rows_) widths_[i] = std::max(widths_[i], WidthOf(row[i]));
  }
  ShowTitles();
  for (const auto& row : rows_) ShowCells(row);
  rows_.clear();
  std::fflush(stdout);
}

void ListOutput::ShowTitles() const {
  std::string titles;
  for (std::size_t i = 0; i < columns_.size(); ++i)
    titles += i + 1 < columns_.size() ? Padded(columns_[i], widths_[i] + 2) : columns_[i];
  WriteLine(Bold(titles));
}

void ListOutput::ShowCells(const std::vector<std::string>& row) const {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i)
    line += Tinted(i + 1 < row.size() ? Padded(row[i], widths_[i] + 2) : row[i]);
  WriteLine(line);
}

void ShowReport(Form form, const Json::Object& report) {
  if (form == Form::kJson)
    WriteLine(ToLine(report));
  else
    ShowLines(report, 0);
  std::fflush(stdout);
}

void ShowEvent(Form form, const Json::Object& event) {
  UseNoPager();
  WriteLine(form == Form::kJson ? ToLine(event) : TextOf(event, LineEnds::kReplace));
  std::fflush(stdout);
}

void ShowNote(Form form, std::string_view text) {
  if (form == Form::kText) WriteLine(Printable(text, LineEnds::kKeep));
}

bool OutputBroken() { return std::ferror(stdout) != 0; }

void UsePager() { pager_wanted = true; }

void UseNoPager() { pager_wanted = false; }

bool EndOutput() {
  const bool arrived = OutputArrived() || ReaderIsGone();
  pager.reset();
  return arrived;
}

bool OutputArrived() { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0; }

void ShowError(std::string_view text) { Write(stderr, "outpost: " + Printable(text, LineEnds::kKeep) + "\n"); }

void ShowProgressLine(std::string_view text) { Write(stderr, Printable(text, LineEnds::kReplace) + "\n"); }

ProgressBar::ProgressBar() : on_(IsTerminal(Stream::kError)) {}

ProgressBar::~ProgressBar() {
  if (on_ && !last_.empty()) Write(stderr, "\r\x1b[K");
}

void ProgressBar::Show(std::string_view what, std::uint64_t done, std::uint64_t total) {
  if (!on_) return;
  constexpr std::uint64_t kCells = 30;
  std::string line = Padded(std::string(what), 14);
  if (total > 0) {
    const std::uint64_t filled = std::min(done, total) * kCells / total;
    for (std::uint64_t i = 0; i < kCells; ++i) line += i < filled ? "█" : "░";
    line += " " + std::to_string(done) + "/" + std::to_string(total);
  } else if (done > 0) {
    line += std::to_string(done);
  }
  line = Cut(line, TerminalColumns(Stream::kError) - 1);
  if (line == last_) return;
  Write(stderr, "\r\x1b[K" + line);
  last_ = std::move(line);
}

}  // namespace outpost::cli
