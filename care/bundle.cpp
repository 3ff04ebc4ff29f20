#include "care/bundle.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/system/files.h"
#include "base/system/machine.h"
#include "care/held_folder.h"
#include "care/redact.h"
#include "engine/data_dir.h"
#include "engine/run_record.h"
#include "journal/rewrite.h"
#include "projection/folds.h"
#include "replicator/rows.h"
#include "schemas/blob_refs.h"

namespace outpost {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::uint32_t kBundleFormat = 1;
constexpr std::size_t kKeyBytes = 32;

const ArchiveKind kBundle{"bundle", [](const std::string& name) {
                            return name.starts_with(kJournalPrefix) || name == kBundleFacts || name == kBundleLog ||
                                   name == "last-run.json" || name.starts_with(std::string(kBundleTrace) + "/");
                          }};

// One way through PackBundle.
class Bundling {
 public:
  Bundling(const JournalView& view, const BundleOptions& options, const Clock& clock, const CareProgress& progress,
           BundleReport& report)
      : view_(view), options_(options), clock_(clock), progress_(progress), report_(report) {}

  Result<void> Run(const fs::path& part) {
    const fs::path base = options_.file.has_parent_path() ? options_.file.parent_path() : fs::path(".");
    OUTPOST_TRY(folder_, HeldFolder::Make(base, ".bundle-"));
    if (!options_.content) {
      OUTPOST_TRY(Secret key, RandomSecret(kKeyBytes));
      redactor_.emplace(std::move(key));
    }
    report_.manifest.account = options_.content ? options_.name : redactor_->Name(options_.name);
    report_.manifest.time = clock_.WallNow();
    OUTPOST_TRYV(WriteJournal());
    OUTPOST_TRYV(WriteRunRecord());
    OUTPOST_TRYV(WriteLog());
    OUTPOST_TRYV(CopyTrace());
    OUTPOST_TRYV(WriteFacts());
    return Pack(part);
  }

 private:
  fs::path journal() const { return JournalFolder(folder_->path()); }
  void Tell(const char* what) const {
    if (progress_) progress_(what, 0, 0);
  }

  Result<void> WriteJournal() {
    Tell("reading");
    // The name goes into the chain: that of an account says whose it is.
    OUTPOST_TRY(const auto written,
                RewriteJournal(view_, journal(), report_.manifest.account, [&](Event& event) -> Result<void> {
                  if (progress_) progress_("reading", event.seq, view_.last());
                  return redactor_ ? redactor_->Redact(event) : Ok();
                }));
    report_.events = written.events;
    Tell("folding");
    ReplicationRows replication;
    AccountFolds folds({&replication});
    JournalOptions options;
    options.folder = journal();
    options.create = false;
    OUTPOST_TRY(const auto made, Journal::Open(options, folds.all(), folds.items, clock_, NullLog()));
    if (made->stats().read_only)
      return Error{Code::kCorrupt, Retry::kNever,
                   "the bundle's journal is not sound: " + made->stats().read_only_reason};
    OUTPOST_TRYV(redactor_ ? PutTokens(*made) : PutBlobs(*made));
    OUTPOST_TRYV(made->Flush());
    return made->Compact();
  }

  Result<void> PutTokens(Journal& into) const {
    for (const std::string& held : redactor_->blobs()) OUTPOST_TRYV(into.blobs().Put(AsBytes(held)));
    return Ok();
  }

  // Those that are there: what has not been fetched yet, or is damaged, is missing here too.
  Result<void> PutBlobs(Journal& into) const {
    const auto from = BlobsOf(view_);
    Result<void> put = Ok();
    OUTPOST_TRYV(view_.Scan(1, view_.last(), [&](const Event& event) {
      const auto refs = BlobRefsOf(event);
      for (const BlobRef& ref : refs ? refs.assume_value() : std::vector<BlobRef>{})
        if (put) put = CopyBlob(*from, ref, into.blobs());
      return put.has_value();
    }));
    return put;
  }

  static Result<void> CopyBlob(const BlobSource& from, const BlobRef& ref, BlobStore& to) {
    const auto reader = from.Open(ref);
    if (!reader) return Ok();
    OUTPOST_TRY(const auto writer, to.Create());
    std::vector<std::uint8_t> piece(std::size_t{64} << 10);
    for (;;) {
      const auto read = reader.assume_value()->Read(piece);
      if (!read) return Ok();
      if (read.assume_value() == 0) break;
      OUTPOST_TRYV(writer->Write(Bytes(piece.data(), read.assume_value())));
    }
    OUTPOST_TRYV(writer->Finish());
    return Ok();
  }

  Result<void> WriteRunRecord() const {
    auto record = LoadRunRecord(options_.account);
    if (!record) return Ok();
    if (redactor_) record->last_error = redactor_->Line(record->last_error);
    return SaveRunRecord(folder_->path(), *record);
  }

  // The end of the log, from the first whole line on.
  Result<void> WriteLog() const {
    const auto log = ReadFile(options_.account / "outpost.log");
    if (!log) return Ok();
    std::string_view rest = log.assume_value();
    if (rest.size() > kBundleLogBytes) {
      rest.remove_prefix(rest.size() - kBundleLogBytes);
      rest.remove_prefix(std::min(rest.size(), rest.find('\n') + 1));
    }
    std::string kept;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      kept += (redactor_ ? redactor_->Line(line) : std::string(line)) + "\n";
    }
    return WriteFileDurably(folder_->path() / kBundleLog, kept);
  }

  // It never had contents.
  Result<void> CopyTrace() {
    std::error_code error;
    OUTPOST_TRYV(MakeFolder(folder_->path() / kBundleTrace));
    for (fs::directory_iterator at(options_.account / kBundleTrace, error), end; !error && at != end;
         at.increment(error)) {
      const auto bytes = ReadFile(at->path());
      if (!bytes) continue;  // dropped meanwhile
      report_.trace_bytes += bytes.assume_value().size();
      OUTPOST_TRYV(WriteFileDurably(folder_->path() / kBundleTrace / at->path().filename(), bytes.assume_value()));
    }
    return Ok();
  }

  Result<void> WriteFacts() const {
    const MachineFacts machine = ThisMachine();
    std::error_code ignored;
    OUTPOST_TRY(const auto free_bytes, FreeBytes(options_.account));
    OUTPOST_TRY(const auto folds, view_.FoldVersion("items"));
    const Json facts{
        {"format", kBundleFormat},
        {"account", report_.manifest.account},
        {"time", report_.manifest.time.count()},
        {"content", options_.content},
        {"events", report_.events},
        {"versions",
         {{"outpost", options_.program}, {"folds", kAccountFoldsVersion}, {"stored_folds", folds.value_or(0)}}},
        {"encrypted", fs::exists(JournalFolder(options_.account) / "KEY", ignored)},
        {"machine",
         {{"system", machine.system},
          {"release", machine.release},
          {"architecture", machine.architecture},
          {"processors", machine.processors},
          {"memory_bytes", machine.memory_bytes},
          {"free_bytes", free_bytes}}}};
    return WriteFileDurably(folder_->path() / kBundleFacts, facts.dump(2) + "\n");
  }

  Result<void> Pack(const fs::path& part) {
    Tell("proving");
    OUTPOST_TRY(const VerifyReport proof, ProveEvents(journal(), {}));
    if (!proof.chain_ok)
      return Error{Code::kCorrupt, Retry::kNever, "the bundle's journal cannot be proven: " + proof.problem};
    report_.manifest.first = proof.first;
    report_.manifest.last = proof.last;
    report_.manifest.root = proof.root;
    std::vector<FileToPack> files;
    for (const char* name : {kBundleFacts, "last-run.json", kBundleLog}) Add(name, folder_->path() / name, files);
    std::error_code error;
    for (fs::directory_iterator at(folder_->path() / kBundleTrace, error), end; !error && at != end;
         at.increment(error))
      Add(std::string(kBundleTrace) + "/" + at->path().filename().string(), at->path(), files);
    OUTPOST_TRY(const auto journal_files, JournalFiles(journal()));
    for (const FileToPack& file : journal_files)
      // What RocksDB was opened with, and where: nobody reads it again.
      if (!file.path.filename().string().starts_with("OPTIONS")) files.push_back(file);
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    for (const FileToPack& file : files) report_.bytes += file.bytes;
    OUTPOST_TRYV(PackFiles(files, part, kBundle, report_.manifest, progress_));
    report_.bundle_bytes = SizeOfFile(part);
    return Ok();
  }

  static void Add(const std::string& name, const fs::path& path, std::vector<FileToPack>& files) {
    std::error_code ignored;
    if (fs::is_regular_file(path, ignored)) files.push_back({name, path, SizeOfFile(path)});
  }

  const JournalView& view_;
  const BundleOptions& options_;
  const Clock& clock_;
  const CareProgress& progress_;
  BundleReport& report_;
  std::unique_ptr<HeldFolder> folder_;
  std::optional<Redactor> redactor_;
};

}  // namespace

Result<BundleReport> PackBundle(const JournalView& view, const BundleOptions& options, const Clock& clock,
                                const CareProgress& progress) {
  BundleReport report;
  OUTPOST_TRYV(PackAs(options.file, options.existing, [&](const fs::path& part) {
    return Bundling(view, options, clock, progress, report).Run(part);
  }));
  return report;
}

Result<BackupManifest> UnpackBundle(const fs::path& file, const fs::path& into, const CareProgress& progress) {
  return UnpackPacked(file, into, kBundle, progress);
}

}  // namespace outpost
