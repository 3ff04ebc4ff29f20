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

// The real journal; before the first append that holds an event of `kind` something happens, and where that is an error
// the append fails.
class RacingJournal final : public Journal {
 public:
  RacingJournal(Journal& inner, Kind kind, std::function<std::optional<Error>(Journal&)> race)
      : inner_(inner), kind_(kind), race_(std::move(race)) {}
  void Append(Batch batch, Preconditions seen, Durability durability, AppendDone done) override {
    const bool meets =
        std::any_of(batch.begin(), batch.end(), [&](const NewEvent& event) { return event.kind == kind_; });
    if (meets && !std::exchange(raced_, true))
      if (auto failure = race_(inner_)) return done(std::move(*failure));
    inner_.Append(std::move(batch), std::move(seen), durability, std::move(done));
  }
  Result<Appended> AppendAndWait(Batch batch, Preconditions seen, Durability durability) override {
    return inner_.AppendAndWait(std::move(batch), std::move(seen), durability);  // the replicator never waits
  }
  std::unique_ptr<JournalView> View() const override { return inner_.View(); }
  std::unique_ptr<Subscription> Subscribe(std::function<void(Sequence)> changed) override {
    return inner_.Subscribe(std::move(changed));
  }
  Result<void> Flush() override { return inner_.Flush(); }
  JournalStats stats() const override { return inner_.stats(); }
  BlobStore& blobs() override { return inner_.blobs(); }
  Result<RetentionReport> Retain(const RetentionPolicy& policy, const std::function<bool()>& cancelled) override {
    return inner_.Retain(policy, cancelled);
  }
  Result<void> MakeCheckpoint(const std::filesystem::path& folder) override { return inner_.MakeCheckpoint(folder); }
  Result<RefoldReport> Refold(std::vector<InlineFold*> folds, const std::function<bool()>& cancelled) override {
    return inner_.Refold(std::move(folds), cancelled);
  }
  Result<void> Compact() override { return inner_.Compact(); }
  bool raced() const { return raced_; }

 private:
  Journal& inner_;
  Kind kind_;
  std::function<std::optional<Error>(Journal&)> race_;
  bool raced_ = false;
};

// Syncs `pair`'s account through `journal`, with the real dialect and the real server; answers the report of each run.
std::vector<SyncReport> SyncThrough(Pair& pair, Journal& journal, int runs = 1) {
  SystemClock clock;
  SeededRandom random(99);
  Network network;
  ThreadStrand strand([](const char* what) { FAIL(what); });
  const auto transport = MakeTransport(network, strand, {});
  OxOptions ox;
  ox.base_url = pair.server().url();
  ox.user = "anna";
  ox.password = "secret";
  const auto dialect = MakeOxDialect(ox, *transport, strand, clock, NullLog());
  Replicator replicator([] { return ReplicatorSettings{}; }, journal, *dialect, strand, clock, random, NullLog());
  std::vector<SyncReport> reports;
  for (int run = 0; run < runs; ++run) {
    const auto done = std::make_shared<std::promise<SyncReport>>();  // outlives the call that fulfils it
    strand.Post([&, done] { replicator.Run({}, false, nullptr, [done](SyncReport told) { done->set_value(told); }); });
    reports.push_back(done->get_future().get());
  }
  strand.Stop();
  return reports;
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
  RacingJournal racing(pair.account().journal(), moment, [&](Journal& journal) -> std::optional<Error> {
    const ItemState state = Must(LoadItem(*journal.View(), item)).value();
    const FieldMap typed{{Pair::Field("nickname"), std::string("typed")},
                         {Pair::Field("company"), std::string("Ours")}};
    Must(journal.AppendAndWait(Must(SetEvents(item, &state, typed, [op] { return op; })), {{item, state.head_seq}},
                               Durability::kSynced));
    return std::nullopt;
  });
  const auto report = SyncThrough(pair, racing).front();
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

TEST_CASE("a journal that fails while batches are under way ends the run, and the next one ships everything once",
          "[engine][race]") {
  Pair pair;
  pair.Settle();
  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i) names.push_back("n" + std::to_string(1000 + i));
  for (const auto& name : names) pair.CreateLocally(name);
  RacingJournal racing(pair.account().journal(), Kind::kOutcome, [](Journal&) -> std::optional<Error> {
    return Error{Code::kUnavailable, Retry::kNever, "injected: disk full", true};
  });
  const auto reports = SyncThrough(pair, racing, 2);
  CHECK(racing.raced());
  CHECK(reports[0].local_failure);
  CHECK(!reports[1].local_failure);
  CHECK(reports[1].pending == 0);
  CHECK(pair.ServerNames() == names);
  pair.CheckWhole();
}
