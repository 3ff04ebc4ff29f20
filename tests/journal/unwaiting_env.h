#pragma once
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/system_clock.h>

#include <memory>

namespace outpost::test {

// The environment of a file system in which nothing sleeps: after each failed flush or compaction RocksDB waits a
// second before it tries again or closes, and tests that let thousands fail have nothing to wait for.
class UnwaitingEnv final : public rocksdb::EnvWrapper {
 public:
  explicit UnwaitingEnv(const std::shared_ptr<rocksdb::FileSystem>& fs = rocksdb::FileSystem::Default())
      : EnvWrapper(rocksdb::NewCompositeEnv(fs)) {
    system_clock_ = std::make_shared<Clock>(system_clock_);
  }

 private:
  class Clock final : public rocksdb::SystemClockWrapper {
   public:
    using SystemClockWrapper::SystemClockWrapper;
    const char* Name() const override { return "UnwaitingClock"; }
    void SleepForMicroseconds(int) override {}
  };
};

}  // namespace outpost::test
