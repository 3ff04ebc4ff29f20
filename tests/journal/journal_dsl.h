#pragma once
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "base/system/files.h"
#include "journal/journal.h"
#include "tests/journal/events.h"
#include "tests/journal/test_fold.h"

namespace outpost::test {

// A folder that goes with the test.
class Folder {
 public:
  Folder() : path_(MakeTemporaryFolder("outpost-journal-").value()) {}
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path path() const { return path_ / "journal"; }
  std::filesystem::path beside(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// Holds the journal's writer in the answer to an append of its own, so that what is appended meanwhile becomes one
// group.
class HeldWriter {
 public:
  explicit HeldWriter(Journal& journal) {
    journal.Append({Change(Item(99), "hold")}, {}, Durability::kSynced, [this](const Result<Appended>&) {
      held_.set_value();
      release_.get_future().wait();
    });
    held_.get_future().wait();
  }
  void Release() { release_.set_value(); }

 private:
  std::promise<void> held_;
  std::promise<void> release_;
};

// A journal with the counting fold, opened again at will.
struct Bench {
  Folder folder;
  ManualClock clock{Millis(1'700'000'000'000)};
  std::unique_ptr<CountingFold> fold = std::make_unique<CountingFold>();
  JournalOptions options;
  std::unique_ptr<Journal> journal;

  explicit Bench(JournalOptions given = {}) : options(std::move(given)) {
    options.folder = folder.path();
    options.reserve_bytes = given.reserve_bytes;
    Open();
  }
  void Close() { journal.reset(); }
  Result<void> TryOpen() {
    journal.reset();
    OUTPOST_TRY(journal, Journal::Open(options, {fold.get()}, *fold, clock, NullLog()));
    return Ok();
  }
  void Open() { REQUIRE(Outcome(TryOpen()) == "ok"); }
  void Reopen() { Open(); }

  // "ok", or the error's code and context: what a failing check prints.
  template <class T>
  static std::string Outcome(const Result<T>& result) {
    return result ? "ok" : std::string(CodeName(result.error().code)) + ": " + result.error().context;
  }

  Result<Appended> Append(Batch batch, Preconditions seen = {}, Durability durability = Durability::kSynced) {
    return journal->AppendAndWait(std::move(batch), std::move(seen), durability);
  }
  Sequence MustAppend(Batch batch) {
    const auto appended = Append(std::move(batch));
    REQUIRE(Outcome(appended) == "ok");
    return appended.value().last;
  }
  Sequence Head(const ItemId& item) const { return fold->HeadOf(item, *journal->View()).value(); }
  std::uint64_t Total(Kind kind) const {
    std::string key;
    AppendBe64(key, static_cast<std::uint64_t>(kind));
    return CountingFold::Number(*journal->View(), CountingFold::kTotals, key, 0).value();
  }
  VerifyReport Verify() const { return VerifyEvents(*journal->View()).value(); }
  RebuildReport Rebuild() const { return VerifyRebuild(*journal->View(), {fold.get()}).value(); }
};

}  // namespace outpost::test
