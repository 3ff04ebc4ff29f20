#include "tests/sim/plants.h"

#include <array>

#include "base/bytes.h"

namespace outpost::sim {
namespace {

constexpr std::pair<Plant, const char*> kNames[] = {
    {Plant::kNone, "none"},
    {Plant::kLostEdit, "lost_edit"},
    {Plant::kResentCreate, "resent_create"},
    {Plant::kCursorTooFar, "cursor_too_far"},
    {Plant::kDroppedLoser, "dropped_loser"},
    {Plant::kUnsortedFold, "unsorted_fold"},
    {Plant::kStaleDecision, "stale_decision"},
};

constexpr std::uint64_t kSeldom = 5;  // every so many times

class PlantedDialect final : public Dialect {
 public:
  PlantedDialect(Plant plant, std::unique_ptr<Dialect> real) : plant_(plant), real_(std::move(real)) {}
  void SignIn(std::function<void(std::optional<Failure>, SessionInfo)> done) override {
    real_->SignIn(std::move(done));
  }
  void FetchSource(SourceAsk ask, std::function<void(SourceReply)> done) override {
    real_->FetchSource(std::move(ask), std::move(done));
  }
  bool IsExamined(ItemType type) const override { return real_->IsExamined(type); }
  void UsePassword(std::string password) override { real_->UsePassword(std::move(password)); }
  void ChangePassword(std::string password, std::function<void(Reply)> done) override {
    real_->ChangePassword(std::move(password), std::move(done));
  }
  std::uint64_t requests() const override { return real_->requests(); }
  const SessionInfo& session() const override { return real_->session(); }

  void Send(std::vector<Ask> asks, std::function<void(Reply)> done) override {
    if (plant_ == Plant::kLostEdit && asks.size() == 1 && std::holds_alternative<ask::Update>(asks[0]) &&
        ++count_ % kSeldom == 0) {
      Answer answer;
      answer.version = std::get<ask::Update>(asks[0]).version;
      Reply reply;
      reply.answers.push_back(answer);
      return done(reply);
    }
    const bool creates = !asks.empty() && std::holds_alternative<ask::Create>(asks[0]);
    auto copy = asks;
    real_->Send(std::move(asks), [this, creates, copy = std::move(copy), done = std::move(done)](Reply reply) {
      if (plant_ == Plant::kResentCreate && creates && reply.failure && reply.failure->maybe_applied)
        return real_->Send(copy, done);
      if (plant_ == Plant::kCursorTooFar)
        for (std::size_t i = 0; i < reply.answers.size(); ++i)
          if (std::holds_alternative<ask::Changes>(copy[i]) && !reply.answers[i].rows.empty() &&
              ++count_ % kSeldom == 0) {
            const std::string dropped = reply.answers[i].rows.back().remote_id;
            reply.answers[i].rows.pop_back();
            reply.answers[i].cursor += 10'000;
            if (i + 1 < reply.answers.size() && std::holds_alternative<ask::ChangedHeads>(copy[i + 1]))
              std::erase_if(reply.answers[i + 1].heads,
                            [&](const RemoteHead& head) { return head.remote_id == dropped; });
          }
      done(std::move(reply));
    });
  }

 private:
  const Plant plant_;
  std::unique_ptr<Dialect> real_;
  std::uint64_t count_ = 0;
};

class CountingRows final : public ItemRows {
 public:
  std::span<const Table> tables() const override { return kTables; }
  Result<void> Rows(const ItemState*, const ItemState& after, const Event&, StateWriter& state) override {
    std::string value;
    AppendBe64(value, ++count_);
    state.Put(kTables[0], after.id.View(), value);
    return Ok();
  }
  Result<void> AccountRows(const Event&, StateWriter&) override { return Ok(); }

 private:
  static constexpr std::array<Table, 1> kTables{Table{0x7F}};
  std::uint64_t count_ = 0;
};

}  // namespace

std::optional<Plant> PlantFromName(std::string_view name) {
  for (const auto& [plant, text] : kNames)
    if (name == text) return plant;
  return std::nullopt;
}

const char* PlantName(Plant plant) { return kNames[static_cast<std::size_t>(plant)].second; }

std::unique_ptr<Dialect> WithPlant(Plant plant, std::unique_ptr<Dialect> dialect) {
  if (plant != Plant::kLostEdit && plant != Plant::kResentCreate && plant != Plant::kCursorTooFar) return dialect;
  return std::make_unique<PlantedDialect>(plant, std::move(dialect));
}

void Tamper(Plant plant, Batch& batch, Preconditions& seen) {
  if (plant == Plant::kStaleDecision) seen.clear();
  if (plant != Plant::kDroppedLoser) return;
  for (NewEvent& event : batch) {
    if (event.kind != Kind::kOutcome) continue;
    auto body = DecodeOutcomes(event.body);
    if (!body) continue;
    for (GroupOutcome& outcome : body.value().groups)
      if (outcome.kind == OutcomeKind::kLoser) outcome.kind = OutcomeKind::kSuperseded;
    event.body = Encode(body.value());
  }
}

std::unique_ptr<ItemRows> UnsortedRows() { return std::make_unique<CountingRows>(); }

}  // namespace outpost::sim
