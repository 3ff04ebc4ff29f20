#pragma once
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/system/files.h"
#include "journal/journal.h"
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

inline ItemId Item(std::uint64_t number) {
  std::string raw(8, '\1');
  AppendBe64(raw, number);
  return *ItemId::FromView(raw);
}

// A local change of `item` that sets its note to `text`.
inline NewEvent Change(const ItemId& item, const std::string& text, Kind kind = Kind::kLocalChanged) {
  ChangeBody body;
  body.patch[FieldId{1}] = Value(text);
  NewEvent event;
  event.kind = kind;
  event.origin = Origin::kUser;
  event.item_type = ItemType::kContact;
  event.item = item;
  event.body = Encode(body);
  return event;
}

// `count` changes of as many items.
inline Batch Changes(std::uint64_t first_item, std::size_t count, std::size_t text_size = 16) {
  Batch batch;
  for (std::size_t i = 0; i < count; ++i) batch.push_back(Change(Item(first_item + i), std::string(text_size, 'x')));
  return batch;
}

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
