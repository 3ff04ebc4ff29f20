#include "engine/trace_ring.h"
#include "replicator/plan_replay.h"
#include "tests/care/care.h"

using namespace outpost;
using namespace outpost::test;

namespace {

namespace fs = std::filesystem;
using Verdict = Replayed::Verdict;

std::vector<std::string> RecordsOf(const fs::path& folder) {
  std::vector<std::string> records;
  MustDo(ReadTrace(folder, [&](std::string_view record) {
    records.emplace_back(record);
    return true;
  }));
  return records;
}

struct Sum {
  std::map<trace::What, int> same;
  std::vector<Replayed> different;
  int unreadable = 0;
};
Sum ReplayAll(const std::vector<std::string>& records) {
  PlanReplay replay;
  Sum sum;
  for (const std::string& record : records) {
    const Replayed one = replay.Next(record);
    if (one.verdict == Verdict::kSame) ++sum.same[one.what];
    if (one.verdict == Verdict::kDiffers) sum.different.push_back(one);
    if (one.verdict == Verdict::kUnreadable) ++sum.unreadable;
  }
  return sum;
}

// An account that has met what a planner decides about: edits, conflicts, refusals, deletions, lost answers.
struct Traced : BackedUp {
  Traced() {
    for (int i = 0; i < 30; ++i)
      remote.push_back(Must(elsewhere().CreateContact(remote_folder, {{"last_name", "n" + std::to_string(100 + i)}})));
    Settle();
    const ItemId made = CreateLocally("made here");
    CreateLocally("long", {{Field("department"), std::string(300, 'd')}});
    Settle();
    Set(made, "note", std::string("changed"));
    MustDo(account().Delete(*ByRemoteId(remote[0])));
    MustDo(elsewhere().UpdateContact(remote_folder, remote[1], {{"note", "theirs"}}));
    Set(*ByRemoteId(remote[1]), "note", std::string("ours"));
    MustDo(elsewhere().DeleteContact(remote_folder, remote[2]));
    Set(*ByRemoteId(remote[2]), "note", std::string("of one that is gone"));
    Settle();
    Reopen();
    Set(made, "note", std::string("once more"));
    Settle();
  }
  fs::path trace() const { return TraceFolder(folder() / "account"); }
  std::vector<std::string> remote;
};

}  // namespace

TEST_CASE("trace: the planner decides the same again, and makes the same requests", "[care][trace]") {
  Traced traced;
  traced.Close();
  const auto records = RecordsOf(traced.trace());
  const Sum sum = ReplayAll(records);
  for (const Replayed& one : sum.different)
    UNSCOPED_INFO(trace::WhatName(one.what) << ": " << one.decision << " / " << one.again);
  CHECK(sum.different.empty());
  CHECK(sum.unreadable == 0);
  for (const auto what : {trace::What::kRow, trace::What::kGone, trace::What::kEntry, trace::What::kAnswer,
                          trace::What::kLook, trace::What::kSent, trace::What::kRequest}) {
    INFO(trace::WhatName(what));
    CHECK(sum.same.contains(what));
  }
}

TEST_CASE("trace: each changed decision is found", "[care][trace]") {
  Traced traced;
  traced.Close();
  auto records = RecordsOf(traced.trace());
  std::map<trace::What, int> tried;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto record = trace::DecodeRecord(records[i]);
    REQUIRE(record);
    // Of others nothing was decided, or (a request) what was decided is judged by what is before it.
    const bool decided = record->what >= trace::What::kRow && record->what <= trace::What::kSent;
    if (!decided || record->decision.empty() || ++tried[record->what] > 3) continue;
    const std::string before = records[i];
    const std::size_t at = records[i].size() - record->decision.size();  // its first byte
    records[i][at] = static_cast<char>(records[i][at] ^ 1);
    const Sum sum = ReplayAll(records);
    INFO(trace::WhatName(trace::DecodeRecord(before)->what) << " record " << i);
    CHECK(sum.different.size() + static_cast<std::size_t>(sum.unreadable) >= 1);
    records[i] = before;
  }
  CHECK(tried.size() >= 5);
}

TEST_CASE("trace: it holds neither contents nor names, and costs no wait for the disk", "[care][trace]") {
  Traced traced;
  traced.CreateLocally("Trace-Canary", {{Traced::Field("note"), std::string("Trace-Canary")}});
  Must(traced.elsewhere().CreateFolder(traced.remote_folder, "Trace-Canary folder"));
  Must(traced.elsewhere().ImportMail(
      "default0/INBOX", "From: a@example.com\r\nSubject: Trace-Canary\r\nMessage-Id: <t@x>\r\n\r\nTrace-Canary\r\n"));
  traced.Settle();
  traced.Close();
  for (const auto& [name, content] : Contents(traced.trace())) {
    CHECK(content.find("Trace-Canary") == std::string::npos);
    CHECK(content.find("INBOX") == std::string::npos);
  }
}

TEST_CASE("trace ring: it is bounded by bytes, files and days, and what its process left unfinished is left out",
          "[care][trace]") {
  BackedUp pair;
  const fs::path folder = pair.folder() / "ring";
  TraceLimits limits;
  limits.bytes = 4096;
  limits.file_bytes = 1024;
  limits.files = 8;
  {
    TraceRing ring(folder, pair.pc_clock, NullLog(), limits);
    for (int i = 0; i < 100; ++i) {
      ring.Write("record " + std::to_string(i) + std::string(93, '.'));
      ring.Flush();
    }
  }
  std::uint64_t bytes = 0;
  for (const auto& [name, content] : Contents(folder)) bytes += content.size();
  CHECK(bytes <= limits.bytes + 128);
  const auto records = RecordsOf(folder);
  CHECK(records.back().starts_with("record 99"));
  CHECK(records.size() > 20);
  CHECK(records.size() < 50);
  for (int i = 0; i < 20; ++i) {
    TraceRing ring(folder, pair.pc_clock, NullLog(), limits);
    ring.Write("short");
  }
  CHECK(Contents(folder).size() <= limits.files);
  // Cut off in the middle of its last record.
  std::string last;
  for (const auto& [name, content] : Contents(folder)) last = name;
  const std::string whole = Must(ReadFile(folder / last));
  MustDo(WriteFileDurably(folder / last, whole.substr(0, whole.size() - 2)));
  CHECK(RecordsOf(folder).size() + 1 == limits.files);
  pair.pc_clock.ahead = std::chrono::hours(24 * 8);
  for (int i = 0; i < 2; ++i) {
    TraceRing ring(folder, pair.pc_clock, NullLog(), limits);
    ring.Write("much later");
  }
  CHECK(Contents(folder).size() <= 3);
  MustDo(WriteFileDurably(folder / "9999999999999999.trace", "something else"));
  CHECK_FALSE(ReadTrace(folder, [](std::string_view) { return true; }));
}
