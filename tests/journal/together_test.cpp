// Everything that may happen at once, at once: for the thread sanitizer above all.
#include <map>
#include <thread>

#include "tests/journal/journal_dsl.h"

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

// Appends to an item of its own on the state that its last append left.
Hand Appender(Journal& journal, std::uint64_t item, Durability durability) {
  const auto seen = std::make_shared<Sequence>(0);
  return {"appender " + std::to_string(item), [&journal, item, durability, seen](std::uint64_t round) -> std::string {
            const auto done =
                journal.AppendAndWait({Change(Item(item), std::to_string(round))}, {{Item(item), *seen}}, durability);
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
Hand Reader(Journal& journal, const CountingFold& fold, std::uint64_t item) {
  return {"reader " + std::to_string(item), [&journal, &fold, item](std::uint64_t) -> std::string {
            const auto view = journal.View();
            const Sequence last = view->last();
            Sequence next = last > 40 ? last - 40 : 1;
            const auto scanned = view->Scan(next, last, [&](const Event& event) { return event.seq == next++; });
            if (!scanned) return Said(scanned.error());
            if (next != last + 1) return "a scan ends early";
            const auto head = fold.HeadOf(Item(item), *view);
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

}  // namespace

TEST_CASE("threads: appends, refusals, views, listeners, flushes and a follower at once disturb nobody",
          "[journal][threads]") {
  Bench bench;
  Journal& journal = *bench.journal;
  bench.MustAppend(Changes(1, 8));
  std::vector<Hand> hands;
  for (const std::uint64_t item : {101, 102, 103}) hands.push_back(Appender(journal, item, Durability::kSynced));
  for (const std::uint64_t item : {104, 105}) hands.push_back(Appender(journal, item, Durability::kUnsynced));
  hands.push_back(Refused(journal));
  for (const std::uint64_t item : {101, 104}) hands.push_back(Reader(journal, *bench.fold, item));
  for (int i = 0; i < 2; ++i) hands.push_back(Listener(journal));
  hands.push_back(Follower(bench.options.folder, bench.folder.beside("follower")));
  hands.push_back(Statistics(journal));
  // Whatever else may run beside an open journal (checkpoints, retention, blobs, backups) belongs here as one more
  // hand.
  for (const auto& [name, wrong] : WorkTogether(hands, 25)) FAIL_CHECK(name << ": " << wrong);
  hands.clear();
  CHECK(bench.Verify().problem == "");
  CHECK(bench.Rebuild().equal());
}
