#include "engine/trace_ring.h"
#include "replicator/plan_replay.h"
#include "tools/outpost/access.h"
#include "tools/outpost/journal_verbs.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

using Verdict = Replayed::Verdict;

const char* VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kSame:
      return "same";
    case Verdict::kDiffers:
      return "differs";
    case Verdict::kNoted:
      return "noted";
    case Verdict::kUnreadable:
      return "unreadable";
  }
  return "unknown";
}

// What was found so far.
struct Counts {
  std::uint64_t records = 0;
  std::uint64_t decisions = 0;  // that were taken again
  std::uint64_t requests = 0;   // that were made again
  std::uint64_t different = 0;
  std::uint64_t unreadable = 0;
  std::uint64_t noted = 0;
  Millis from{0};
  Millis to{0};
  Sequence last = 0;
  std::string version;  // of the program that wrote the newest part

  void Take(const Replayed& replayed) {
    ++records;
    if (from.count() == 0) from = replayed.time;
    to = replayed.time;
    if (replayed.what == trace::What::kBegun) version = replayed.decision;
    if (replayed.last != 0) last = replayed.last;
    if (replayed.verdict == Verdict::kUnreadable) ++unreadable;
    if (replayed.verdict == Verdict::kNoted) ++noted;
    if (replayed.verdict == Verdict::kDiffers) ++different;
    if (replayed.verdict == Verdict::kNoted || replayed.verdict == Verdict::kUnreadable) return;
    ++(replayed.what == trace::What::kRequest ? requests : decisions);
  }
};

Json::Object ReplayedJson(std::uint64_t record, const Replayed& replayed) {
  Json::Object out{{"record", record},
                   {"time", replayed.time.count()},
                   {"what", trace::WhatName(replayed.what)},
                   {"verdict", VerdictName(replayed.verdict)},
                   {"item", replayed.item ? Json(replayed.item.Hex()) : Json()},
                   {"decision", TextOrNull(replayed.decision)},
                   {"again", TextOrNull(replayed.again)}};
  if (replayed.what == trace::What::kAppended) {
    out.emplace_back("first", replayed.first);
    out.emplace_back("last", replayed.last);
  }
  return out;
}

}  // namespace

Result<int> JournalReplay(const Common& common, const JournalArguments& arguments) {
  Common from = common;
  if (!arguments.file.empty()) from.data = arguments.file;
  OUTPOST_TRY(const auto read, ReadPlaceOf(from));
  PlanReplay replay;
  Counts counts;
  Json::Array differences;
  OUTPOST_TRYV(ReadTrace(TraceFolder(read.place.folder), [&](std::string_view record) {
    const Replayed replayed = replay.Next(record);
    counts.Take(replayed);
    const bool bad = replayed.verdict == Verdict::kDiffers || replayed.verdict == Verdict::kUnreadable;
    if (arguments.all) {
      ShowEvent(common.form(), ReplayedJson(counts.records, replayed));
    } else if (bad && differences.size() < kReplayListedMax) {
      differences.emplace_back(ReplayedJson(counts.records, replayed));
    }
    return arguments.seq == 0 || replayed.last < arguments.seq;
  }));
  const bool same = counts.different == 0 && counts.unreadable == 0;
  if (!arguments.all || common.form() == Form::kText)
    ShowReport(common.form(), {{"account", read.place.name},
                               {"version", TextOrNull(counts.version)},
                               {"from", counts.from.count()},
                               {"to", counts.to.count()},
                               {"last", counts.last},
                               {"records", counts.records},
                               {"decisions", counts.decisions},
                               {"requests", counts.requests},
                               {"noted", counts.noted},
                               {"different", counts.different},
                               {"unreadable", counts.unreadable},
                               {"same", same},
                               {"differences", std::move(differences)}});
  return same ? kExitDone : kExitFailed;
}

}  // namespace outpost::cli
