#pragma once
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace outpost::sim {

// A computer's disk, in memory, that can lose its power, be full, or fail to sync. Outlives the journals on it.
// Threads: any.
class Disk {
 public:
  Disk();
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  // For JournalOptions::rocksdb_env.
  rocksdb::Env* env() { return env_.get(); }

  // From now on nothing can be written. Close all that is open, then call RestorePower().
  void CutPower();
  // What no sync had confirmed is gone.
  void RestorePower();
  // While full, appends fail; what is there can be read, overwritten in place and deleted.
  void SetFull(bool full);
  // The next sync fails.
  void FailNextSync();
  // It is neither full nor about to fail.
  void Heal();
  // Whether it refused anything since the last call.
  bool refused();

 private:
  class Files;
  std::shared_ptr<Files> files_;
  std::unique_ptr<rocksdb::Env> memory_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace outpost::sim
