// A person edits at the worst moment: between a decision and its commit (DESIGN.md, Journal: preconditions; promise 3).
#include <atomic>
#include <future>

#include "base/strand.h"
#include "engine/edits.h"
#include "replicator/net/curl_transport.h"
#include "replicator/ox/ox_dialect.h"
#include "replicator/replicator.h"
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

// The real journal; before the first append that holds an event of `kind`, somebody else is faster.
class RacingJournal final : public Journal {
 public:
  RacingJournal(Journal& inner, Kind kind, std::function<void(Journal&)> race)
      : inner_(inner), kind_(kind), race_(std::move(race)) {}
  void Append(Batch batch, Preconditions seen, Durability durability, AppendDone done) override {
    const bool meets =
        std::any_of(batch.begin(), batch.end(), [&](const NewEvent& event) { return event.kind == kind_; });
    if (meets && !std::exchange(raced_, true)) race_(inner_);
    inner_.Append(std::move(batch), std::move(seen), durability, std::move(done));
  }
  std::unique_ptr<JournalView> View() const override { return inner_.View(); }
  std::unique_ptr<Subscription> Subscribe(std::function<void(Sequence)> changed) override {
    return inner_.Subscribe(std::move(changed));
  }
  Result<void> Flush() override { return inner_.Flush(); }
  JournalStats stats() const override { return inner_.stats(); }
  bool raced() const { return raced_; }

 private:
  Journal& inner_;
  Kind kind_;
  std::function<void(Journal&)> race_;
  bool raced_ = false;
};

// Syncs `pair`'s account through `journal`, with the real dialect and the real server.
SyncReport SyncThrough(Pair& pair, Journal& journal) {
  SystemClock clock;
  SeededRandom random(99);
  Network network;
  std::promise<SyncReport> done;
  auto report = done.get_future();
  ThreadStrand strand([](const char* what) { FAIL(what); });
  const auto transport = MakeTransport(network, strand, {});
  OxOptions ox;
  ox.base_url = pair.server().url();
  ox.user = "anna";
  ox.password = "secret";
  const auto dialect = MakeOxDialect(ox, *transport, strand, clock, NullLog());
  ReplicatorOptions options;
  options.policy = [] { return Policy::kServerWins; };
  Replicator replicator(options, journal, *dialect, strand, clock, random, NullLog());
  strand.Post([&] { replicator.Run({}, false, nullptr, [&](SyncReport told) { done.set_value(told); }); });
  const SyncReport told = report.get();
  strand.Stop();
  return told;
}

}  // namespace

TEST_CASE("a local edit between plan and commit is never overwritten", "[engine][race]") {
  const Kind moment = GENERATE(Kind::kRemoteChanged, Kind::kBatchOpened, Kind::kOutcome);
  INFO("before the append of " << KindName(moment));
  Pair pair;
  const auto remote =
      Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "Adler"}, {"company", "Old"}}));
  pair.Settle();
  const ItemId item = *pair.ByRemoteId(remote);
  pair.Set(item, "nickname", std::string("first"));
  if (moment == Kind::kRemoteChanged)
    MustDo(pair.elsewhere().UpdateContact(pair.remote_folder, remote, {{"company", "Theirs"}}));

  OpId op;
  op.bytes[3] = 7;
  RacingJournal racing(pair.account().journal(), moment, [&](Journal& journal) {
    const ItemState state = Must(LoadItem(*journal.View(), item)).value();
    const FieldMap typed{{Pair::Field("nickname"), std::string("typed")},
                         {Pair::Field("company"), std::string("Ours")}};
    Must(
        journal.AppendAndWait(Must(SetEvents(item, &state, typed, op)), {{item, state.head_seq}}, Durability::kSynced));
  });
  const auto report = SyncThrough(pair, racing);
  CHECK(racing.raced());
  CHECK(report.link == LinkState::kOnline);
  pair.Settle();

  const auto there = Must(pair.elsewhere().GetContact(pair.remote_folder, remote));
  CHECK(pair.HeadText(item, "nickname") == "typed");
  CHECK(there.at("nickname") == "typed");
  if (moment == Kind::kRemoteChanged) {
    CHECK(there.at("company") == "Theirs");
    CHECK(pair.Item(item).losers.size() == 1);
  } else {
    CHECK(there.at("company") == "Ours");
    CHECK(pair.Item(item).losers.empty());
  }
  pair.CheckWhole();
}
