#pragma once
#include <functional>
#include <memory>

#include "journal/journal.h"

namespace outpost::sim {

// What stands between the replicator and its journal: each append is done before the call returns, so that one seed
// gives one order, and something may happen between a plan and its commit. Threads: one.
class SimJournal : public Journal {
 public:
  explicit SimJournal(std::unique_ptr<Journal> real) : real_(std::move(real)) {}

  // Called before each append of the replicator.
  std::function<void()> before_append;
  // May change an append of the replicator: planted bugs only.
  std::function<void(Batch&, Preconditions&)> tamper;

  // Straight to the journal: a person's edits.
  Journal& real() { return *real_; }

  void Append(Batch batch, Preconditions seen, Durability durability, AppendDone done) override {
    if (before_append) before_append();
    if (tamper) tamper(batch, seen);
    if (batch.empty()) return done(Appended{});
    done(real_->AppendAndWait(std::move(batch), std::move(seen), durability));
  }
  Result<Appended> AppendAndWait(Batch batch, Preconditions seen, Durability durability) override {
    Result<Appended> answer = Appended{};
    Append(std::move(batch), std::move(seen), durability, [&](Result<Appended> given) { answer = std::move(given); });
    return answer;
  }
  std::unique_ptr<JournalView> View() const override { return real_->View(); }
  std::unique_ptr<Subscription> Subscribe(std::function<void(Sequence)> changed) override {
    return real_->Subscribe(std::move(changed));
  }
  Result<void> Flush() override { return real_->Flush(); }
  Result<RefoldReport> Refold(std::vector<InlineFold*> folds, const std::function<bool()>& cancelled) override {
    return real_->Refold(std::move(folds), cancelled);
  }
  Result<void> MakeCheckpoint(const std::filesystem::path& folder) override { return real_->MakeCheckpoint(folder); }
  JournalStats stats() const override { return real_->stats(); }
  BlobStore& blobs() override { return real_->blobs(); }
  Result<RetentionReport> Retain(const RetentionPolicy& policy, const std::function<bool()>& cancelled) override {
    return real_->Retain(policy, cancelled);
  }
  Result<void> Compact() override { return real_->Compact(); }

 private:
  std::unique_ptr<Journal> real_;
};

}  // namespace outpost::sim
