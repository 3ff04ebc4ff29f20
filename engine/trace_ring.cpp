#include "engine/trace_ring.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "base/system/files.h"

namespace outpost {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTraceMagic = "OPTR";
constexpr std::uint32_t kTraceVersion = 1;
constexpr std::size_t kTraceHeadBytes = 8;
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kBufferBytes = 32u << 10;
constexpr std::size_t kNameDigits = 16;
constexpr const char* kTraceEnding = ".trace";

struct TraceFile {
  fs::path path;
  std::int64_t begun = 0;  // as its name says
  std::uint64_t bytes = 0;
};

// Oldest first.
Result<std::vector<TraceFile>> TraceFiles(const fs::path& folder) {
  std::vector<TraceFile> files;
  std::error_code error;
  if (!fs::is_directory(folder, error)) return files;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != kTraceEnding) continue;
    std::error_code ignored;  // gone meanwhile: it has no bytes
    const auto bytes = at->file_size(ignored);
    files.push_back({at->path(), std::atoll(at->path().stem().c_str()), ignored ? 0 : bytes});
  }
  if (error) return Error{Code::kUnavailable, Retry::kNever, "cannot list " + folder.string() + ": " + error.message()};
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

std::string TraceHead() {
  std::string head(kTraceMagic);
  AppendBe32(head, kTraceVersion);
  return head;
}

}  // namespace

fs::path TraceFolder(const fs::path& account) { return account / "trace"; }

TraceRing::TraceRing(fs::path folder, const Clock& clock, Log& log, TraceLimits limits)
    : folder_(std::move(folder)), clock_(clock), log_(log), limits_(limits) {}

TraceRing::~TraceRing() { Flush(); }

// What is too much, counting the file that is about to begin, goes.
Result<void> TraceRing::Drop() {
  OUTPOST_TRY(const auto files, TraceFiles(folder_));
  std::uint64_t bytes = limits_.file_bytes;
  for (const TraceFile& file : files) bytes += file.bytes;
  const std::int64_t keep_from = (clock_.WallNow() - limits_.keep).count();
  for (std::size_t i = 0; i < files.size(); ++i) {
    // A file ends where the next one begins.
    const bool old = i + 1 < files.size() && files[i + 1].begun < keep_from;
    if (!old && bytes <= limits_.bytes && files.size() - i < limits_.files) break;
    std::error_code ignored;
    fs::remove(files[i].path, ignored);
    bytes -= files[i].bytes;
  }
  return Ok();
}

Result<void> TraceRing::Begin() {
  OUTPOST_TRYV(MakeFolder(folder_));
  OUTPOST_TRYV(Drop());
  OUTPOST_TRY(const auto files, TraceFiles(folder_));
  // Names ascend, whatever the clock does.
  std::int64_t begun = clock_.WallNow().count();
  if (!files.empty()) begun = std::max(begun, files.back().begun + 1);
  std::string name = std::to_string(begun);
  name.insert(0, kNameDigits - std::min(name.size(), kNameDigits), '0');
  OUTPOST_TRY(file_, NewFile::Create(folder_ / (name + kTraceEnding)));
  written_ = 0;
  return file_->Write(TraceHead());
}

void TraceRing::GiveUp(const Error& error) {
  failed_ = true;
  file_.reset();
  buffer_ = {};
  log_.Write(LogLevel::kWarning, "engine", "no trace of the planner is kept: " + error.context);
}

void TraceRing::Write(std::string_view record) {
  if (failed_) return;
  AppendBe32(buffer_, static_cast<std::uint32_t>(record.size()));
  buffer_.append(record);
  if (buffer_.size() >= kBufferBytes) Flush();
}

void TraceRing::Flush() {
  if (failed_ || buffer_.empty()) return;
  if (file_ == nullptr || written_ >= limits_.file_bytes)
    if (const auto begun = Begin(); !begun) return GiveUp(begun.error());
  if (const auto done = file_->Write(buffer_); !done) return GiveUp(done.error());
  written_ += buffer_.size();
  buffer_.clear();
}

Result<void> ReadTrace(const fs::path& folder, const std::function<bool(std::string_view)>& record) {
  OUTPOST_TRY(const auto files, TraceFiles(folder));
  for (const TraceFile& file : files) {
    const auto read = ReadFile(file.path);
    if (!read && read.assume_error().code == Code::kNotFound) continue;  // dropped meanwhile
    if (!read) return read.assume_error();
    std::string_view rest = read.assume_value();
    if (rest.size() < kTraceHeadBytes) continue;  // its process ended at once
    if (!rest.starts_with(kTraceMagic))
      return Error{Code::kCorrupt, Retry::kNever, file.path.string() + " is no file of a trace"};
    if (ReadBe32(rest, kTraceMagic.size()) > kTraceVersion)
      return Error{Code::kNewerFormat, Retry::kNever,
                   file.path.string() + " is of version " + std::to_string(ReadBe32(rest, kTraceMagic.size())) +
                       ", this program reads " + std::to_string(kTraceVersion)};
    rest.remove_prefix(kTraceHeadBytes);
    while (rest.size() >= kLengthBytes) {
      const std::uint32_t size = ReadBe32(rest);
      rest.remove_prefix(kLengthBytes);
      if (size > rest.size()) break;
      if (!record(rest.substr(0, size))) return Ok();
      rest.remove_prefix(size);
    }
  }
  return Ok();
}

}  // namespace outpost
