// Everything that may happen at once, at once: for the thread sanitizer above all.
#include <algorithm>
#include <map>
#include <thread>

#include "journal/item_fold.h"
#include "tests/journal/blob_dsl.h"

using namespace outpost;
using namespace outpost::test;

namespace {

// Something that one thread does again and again; answers what went wrong, or nothing.
struct Hand {
  std::string name;
  std::function<std::string(std::uint64_t round)> work;
};

// Lets all hands work until each has done `rounds` rounds, or one has found something wrong.
std::map<std::string, std::string> WorkTogether(const std::vector<Hand>& hands, std::uint64_t rounds) {
  std::atomic<std::size_t> ready{0};
  std::atomic<bool> stop{false};
  std::vector<std::string> wrong(hands.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < hands.size(); ++i) {
    threads.emplace_back([&, i] {
      for (std::uint64_t round = 1; !stop && wrong[i].empty(); ++round) {
        wrong[i] = hands[i].work(round);
        if (round == rounds && ++ready == hands.size()) stop = true;
        if (!wrong[i].empty()) stop = true;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::map<std::string, std::string> found;
  for (std::size_t i = 0; i < hands.size(); ++i)
    if (!wrong[i].empty()) found[hands[i].name] = wrong[i];
  return found;
}

std::string Said(const Error& error) { return std::string(CodeName(error.code)) + ": " + error.context; }

// Appends to an item of its own on the state that its last append left. That the item is said again, or
// forgotten, is no news to it.
Hand Appender(Journal& journal, const ItemHeads& heads, std::uint64_t item, Durability durability, Kind kind) {
  const auto seen = std::make_shared<Sequence>(0);
  return {"appender " + std::to_string(item),
          [&journal, &heads, item, durability, kind, seen](std::uint64_t round) -> std::string {
            const Batch batch{Change(Item(item), std::to_string(round), kind)};
            auto done = journal.AppendAndWait(batch, {{Item(item), *seen}}, durability);
            while (!done && done.error().code == Code::kPreconditionFailed) {
              const auto view = journal.View();
              const auto head = heads.HeadOf(Item(item), *view);
              if (!head) return Said(head.error());
              const auto newest = view->Read(head.value());
              const bool forgotten = head.value() == 0;
              if (!forgotten && (!newest || newest.value().header.kind != Kind::kItemRestated))
                return Said(done.error());
              done = journal.AppendAndWait(batch, {{Item(item), head.value()}}, durability);
            }
            if (!done) return Said(done.error());
            *seen = done.value().last;
            return {};
          }};
}

// Appends that are refused, for a precondition and for their shape.
Hand Refused(Journal& journal) {
  return {"refused", [&journal](std::uint64_t round) -> std::string {
            const bool empty = round % 2 == 0;
            const auto done =
                journal.AppendAndWait(empty ? Batch() : Changes(1, 1), {{Item(1), ~Sequence{0}}}, Durability::kSynced);
            const Code expected = empty ? Code::kRejected : Code::kPreconditionFailed;
            return !done && done.error().code == expected ? "" : "an append was not refused as it should be";
          }};
}

// Reads the end of the journal and one item's history in a view of its own.
Hand Reader(Journal& journal, const ItemHeads& heads, std::uint64_t item) {
  return {"reader " + std::to_string(item), [&journal, &heads, item](std::uint64_t) -> std::string {
            const auto view = journal.View();
            const Sequence last = view->last();
            Sequence next = std::max(view->first(), last > 40 ? last - 40 : 1);
            const auto scanned = view->Scan(next, last, [&](const Event& event) { return event.seq == next++; });
            if (!scanned) return Said(scanned.error());
            if (next != last + 1) return "a scan ends early";
            const auto head = heads.HeadOf(Item(item), *view);
            if (!head) return Said(head.error());
            std::uint64_t seen = 0;
            const auto followed = view->History(
                head.value(), [&](const Event& event) { return event.header.item == Item(item) && ++seen < 20; });
            if (!followed) return Said(followed.error());
            return head.value() <= last ? "" : "state is ahead of the events";
          }};
}

Hand Listener(Journal& journal) {
  return {"listener", [&journal](std::uint64_t) -> std::string {
            Sequence told = 0;  // touched by the writer's thread only, until the subscription has gone
            bool backwards = false;
            {
              const auto subscription = journal.Subscribe([&](Sequence last) {
                backwards = backwards || last < told;
                told = last;
              });
              if (const auto flushed = journal.Flush(); !flushed) return Said(flushed.error());
            }
            return backwards ? "told of an earlier end than before" : "";
          }};
}

// What another process sees beside the writer.
Hand Follower(const std::filesystem::path& folder, const std::filesystem::path& scratch) {
  const std::shared_ptr<JournalFollower> follower = JournalFollower::Open(folder, scratch).value();
  const auto before = std::make_shared<Sequence>(0);
  return {"follower", [follower, before](std::uint64_t) -> std::string {
            const auto view = follower->View();
            if (!view) return view.error().code == Code::kUnavailable ? "" : Said(view.error());
            const auto report = VerifyEvents(*view.value());
            if (!report) return Said(report.error());
            if (!report.value().problem.empty()) return report.value().problem;
            if (view.value()->last() < *before) return "an earlier end than before";
            *before = view.value()->last();
            return {};
          }};
}

Hand Statistics(Journal& journal) {
  return {"statistics", [&journal](std::uint64_t) -> std::string {
            const auto stats = journal.stats();
            return stats.read_only ? "read-only: " + stats.read_only_reason : "";
          }};
}

// Makes checkpoints and drops all behind them, each other time broken off between two parts. While another hand sweeps
// what rebuilds left it is refused, to be asked again.
Hand Dropper(Journal& journal) {
  return {"dropper", [&journal](std::uint64_t round) -> std::string {
            while (true) {
              std::uint64_t parts = round % 2 == 0 ? 1 : ~std::uint64_t{0};
              const auto report = journal.Retain({Millis(0), 0}, [&] { return parts-- == 0; });
              if (report) return {};
              if (report.error().code != Code::kConflict || report.error().retry != Retry::kBackoff)
                return Said(report.error());
            }
          }};
}

Hand Compacter(Journal& journal) {
  return {"compacter", [&journal](std::uint64_t) -> std::string {
            const auto done = journal.Compact();
            return done ? "" : Said(done.error());
          }};
}

// What a backup takes.
Hand Copier(Journal& journal, const std::filesystem::path& folder) {
  return {"copier", [&journal, folder](std::uint64_t) -> std::string {
            std::filesystem::remove_all(folder);
            const auto done = journal.MakeCheckpoint(folder);
            return done ? "" : Said(done.error());
          }};
}

// Gives an item one photo after another; the one that it shows is there, whoever sweeps.
Hand Photographer(Journal& journal, std::uint64_t item) {
  const auto shown = std::make_shared<std::pair<BlobRef, std::string>>();
  return {"photographer " + std::to_string(item), [&journal, item, shown](std::uint64_t round) -> std::string {
            if (!shown->second.empty()) {
              const auto content = ReadBlob(journal.blobs(), shown->first);
              if (!content) return Said(content.error());
              if (content.value() != shown->second) return "another content";
            }
            std::string content = Content(item * 1000 + round, round % 2 == 0 ? 1'000 : 70'000);
            const auto put = journal.blobs().Put(AsBytes(content));
            if (!put) return Said(put.error());
            NewEvent event = PhotoChange(Item(item), put.value().ref());
            event.kind = Kind::kRemoteChanged;
            const auto done = journal.AppendAndWait({event}, {}, Durability::kUnsynced);
            if (!done) return Said(done.error());
            *shown = {put.value().ref(), std::move(content)};
            return {};
          }};
}

// A blob that goes while it looks is no damage.
Hand BlobVerifier(Journal& journal) {
  return {"verifier of blobs", [&journal](std::uint64_t) -> std::string {
            const auto report = VerifyBlobs(*journal.View(), {});
            if (!report) return Said(report.error());
            return report.value().bad == 0 ? "" : report.value().bad_blobs.front().problem;
          }};
}

Hand Verifier(Journal& journal) {
  return {"verifier", [&journal](std::uint64_t) -> std::string {
            const auto report = VerifyEvents(*journal.View());
            return report ? report.value().problem : Said(report.error());
          }};
}

}  // namespace

TEST_CASE("threads: appends, refusals, views, listeners, flushes and a follower at once disturb nobody",
          "[journal][threads]") {
  Bench bench;
  Journal& journal = *bench.journal;
  const CountingFold& fold = *bench.fold;
  bench.MustAppend(Changes(1, 8));
  std::vector<Hand> hands;
  for (const std::uint64_t item : {101, 102, 103})
    hands.push_back(Appender(journal, fold, item, Durability::kSynced, Kind::kLocalChanged));
  for (const std::uint64_t item : {104, 105})
    hands.push_back(Appender(journal, fold, item, Durability::kUnsynced, Kind::kLocalChanged));
  hands.push_back(Refused(journal));
  for (const std::uint64_t item : {101, 104}) hands.push_back(Reader(journal, fold, item));
  for (int i = 0; i < 2; ++i) hands.push_back(Listener(journal));
  hands.push_back(Follower(bench.options.folder, bench.folder.beside("follower")));
  hands.push_back(Statistics(journal));
  for (const auto& [name, wrong] : WorkTogether(hands, 25)) FAIL_CHECK(name << ": " << wrong);
  hands.clear();
  CHECK(bench.Verify().problem == "");
  CHECK(bench.Rebuild().equal());
}

TEST_CASE("threads: retention, compaction, copies, blobs and sweeps beside appends and readers disturb nobody",
          "[journal][threads]") {
  Folder folder;
  const ManualClock clock{Millis(1'700'000'000'000)};
  ItemFold fold(1, {});
  JournalOptions options;
  options.folder = folder.path();
  options.reserve_bytes = 0;
  const auto opened = Journal::Open(options, {&fold}, fold, clock, NullLog()).value();
  Journal& journal = *opened;
  // Enough to restate that a checkpoint has several parts.
  REQUIRE(journal.AppendAndWait(Changes(1, 24, 8'000), {}, Durability::kSynced));
  std::vector<Hand> hands;
  hands.push_back(Appender(journal, fold, 101, Durability::kSynced, Kind::kRemoteChanged));
  hands.push_back(Appender(journal, fold, 102, Durability::kUnsynced, Kind::kRemoteChanged));
  for (const std::uint64_t item : {101, 201}) hands.push_back(Reader(journal, fold, item));
  for (const std::uint64_t item : {201, 202}) hands.push_back(Photographer(journal, item));
  hands.push_back(Dropper(journal));
  hands.push_back(Compacter(journal));
  hands.push_back(Copier(journal, folder.beside("copy")));
  hands.push_back(Verifier(journal));
  hands.push_back(BlobVerifier(journal));
  hands.push_back(Listener(journal));
  hands.push_back(Follower(options.folder, folder.beside("follower")));
  hands.push_back(Statistics(journal));
  // Whatever else may run beside an open journal belongs here as one more hand.
  for (const auto& [name, wrong] : WorkTogether(hands, 10)) FAIL_CHECK(name << ": " << wrong);
  hands.clear();
  const auto view = journal.View();
  CHECK(VerifyEvents(*view).value().problem == "");
  CHECK(VerifyRebuild(*view, {&fold}).value().equal());
  CHECK(view->first() > 1);
  CHECK(VerifyBlobs(*view, {}).value().sound());
}
