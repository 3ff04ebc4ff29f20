#include "engine/maintenance.h"

#include "engine/audit_file.h"
#include "engine/search_file.h"
#include "projection/folds.h"
#include "replicator/rows.h"

namespace outpost {
namespace {

// Not at once: an account that is opened has better things to do, and most commands are over sooner.
constexpr Millis kFirstPause{std::chrono::minutes(1)};
constexpr Millis kPause{std::chrono::hours(1)};

}  // namespace

Result<RefoldReport> RebuildRows(Journal& journal, const std::function<bool()>& cancelled) {
  ReplicationRows replication;
  AccountFolds folds({&replication});
  return journal.Refold(folds.all(), cancelled);
}

Maintenance::Maintenance(Journal& journal, Strand& strand, std::function<RetentionPolicy()> policy,
                         std::filesystem::path account, Log& log)
    : journal_(journal), strand_(strand), policy_(std::move(policy)), account_(std::move(account)), log_(log) {}

Maintenance::~Maintenance() { Stop(); }

void Maintenance::Start() { RunAfter(journal_.stats().rows_behind ? Millis(0) : kFirstPause); }

void Maintenance::RunAfter(Millis pause) {
  strand_.PostAfter(pause, [this] {
    Run();
    RunAfter(kPause);
  });
}

void Maintenance::Run() {
  if (running_.exchange(true)) return;
  if (run_.joinable()) run_.join();  // over, but for its last instructions
  run_ = std::thread([this, policy = policy_()] {
    try {
      CatchUp();
      DropHistory(policy);
      const auto stop = [this] { return stopping_.load(); };
      FollowSearch(journal_, account_, stop, log_);
      FollowAudit(journal_, account_, stop, log_);
    } catch (const std::exception& broken) {  // a bug of ours must not take the process down with it
      log_.Write(LogLevel::kError, "engine", std::string("maintenance broke off: ") + broken.what());
    }
    running_ = false;
  });
}

void Maintenance::CatchUp() {
  if (!journal_.stats().rows_behind) return;
  const auto report = RebuildRows(journal_, [this] { return stopping_.load(); });
  if (!report)
    log_.Write(LogLevel::kWarning, "engine", "the stored rows cannot be made again: " + report.error().context);
  else if (report.value().finished)
    log_.Write(LogLevel::kInfo, "engine",
               "made the stored rows again from " + std::to_string(report.value().events) + " events");
}

void Maintenance::DropHistory(const RetentionPolicy& policy) {
  const auto report = journal_.Retain(policy, [this] { return stopping_.load(); });
  if (!report) {
    log_.Write(LogLevel::kWarning, "engine", "history cannot be dropped: " + report.error().context);
  } else if (report.value().dropped > 0) {
    log_.Write(LogLevel::kInfo, "engine",
               "dropped " + std::to_string(report.value().dropped) + " events; the history begins at event " +
                   std::to_string(report.value().first));
  }
}

void Maintenance::Stop() {
  stopping_ = true;
  if (run_.joinable()) run_.join();
}

}  // namespace outpost
