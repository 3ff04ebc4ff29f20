#pragma once
#include <atomic>
#include <filesystem>
#include <functional>
#include <thread>

#include "base/log.h"
#include "base/strand.h"
#include "journal/journal.h"

namespace outpost {

// Makes the rows of an account's journal again from its events: Journal::Refold with the folds of an account.
Result<RefoldReport> RebuildRows(Journal& journal, const std::function<bool()>& cancelled);

// Keeps a journal's history within its limits, and the search index and the audit level with it, while an account is
// open: a run a minute after the start (at once where the rows are of an older version, which are made again first),
// then one each hour, on a thread that lives for the run only. Threads: all but Stop on the strand or before it is
// used.
class Maintenance {
 public:
  // `policy` is asked on the strand before each run. All outlive it.
  // `account`: its folder.
  Maintenance(Journal& journal, Strand& strand, std::function<RetentionPolicy()> policy, std::filesystem::path account,
              Log& log);
  ~Maintenance();
  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;

  void Start();
  // Breaks off a run under way (the next one goes on) and returns after it; to be called once the strand has stopped.
  void Stop();

 private:
  void RunAfter(Millis pause);
  void Run();
  void CatchUp();
  void DropHistory(const RetentionPolicy& policy);

  Journal& journal_;
  Strand& strand_;
  const std::function<RetentionPolicy()> policy_;
  const std::filesystem::path account_;
  Log& log_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> running_{false};
  std::thread run_;
};

}  // namespace outpost
