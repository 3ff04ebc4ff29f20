#include "replicator/plan_replay.h"

#include <algorithm>

namespace outpost {
namespace {

using trace::Reader;
using trace::Record;
using trace::What;
using trace::Writer;
using Verdict = Replayed::Verdict;

const trace::Veils& NoVeils() {
  static const auto as_it_is = [](std::string_view text) { return std::string(text); };
  static const trace::Veils veils{as_it_is, as_it_is, as_it_is};
  return veils;
}

// Hands out the ids that were made then; others where more are asked for.
NewOp OpsOf(std::vector<OpId>& ops) {
  return [&ops, next = std::size_t{0}]() mutable { return next < ops.size() ? ops[next++] : OpId{}; };
}

std::string Words(const std::vector<PlannedEvent>& events) {
  std::string words;
  for (const PlannedEvent& event : events) {
    words += (words.empty() ? "" : ", ") + std::string(KindName(event.kind));
    for (const GroupOutcome& outcome : event.outcomes.groups)
      words += " " + std::string(GroupName(outcome.group)) + "=" + OutcomeName(outcome.kind);
    for (const Refusal& refusal : event.outcomes.refusals) words += " (" + refusal.code + ")";
  }
  return words.empty() ? "nothing" : words;
}

std::string Words(const std::optional<BatchEntry>& entry) {
  if (!entry) return "not sent";
  std::string words = VerbName(entry->verb);
  for (const GroupId group : entry->groups) words += " " + std::string(GroupName(group));
  for (const Sequence seq : entry->intents) words += " #" + std::to_string(seq);
  return words;
}

const char* Words(FolderLook look) {
  switch (look) {
    case FolderLook::kReadInFull:
      return "read in full";
    case FolderLook::kChanges:
      return "changes";
    case FolderLook::kState:
      return "state";
  }
  return "unknown";
}

// A decision in its bytes, and in words.
struct Said {
  std::string bytes;
  std::string words;
};

Said SayEvents(const std::vector<PlannedEvent>& events) {
  Writer io(NoVeils());
  PassEvents(io, events);
  return {io.Take(), Words(events)};
}
Said SayEntry(const EntryPlan& plan) {
  Writer io(NoVeils());
  io.Maybe(plan.entry, [&](const BatchEntry& entry) { PassEntry(io, entry); });
  PassEvents(io, plan.outcomes);
  return {io.Take(), Words(plan.entry) + "; " + Words(plan.outcomes)};
}
Said SayFlagged(bool flag, const char* word, const std::vector<PlannedEvent>& events) {
  Writer io(NoVeils());
  io(flag);
  PassEvents(io, events);
  return {io.Take(), (flag ? std::string(word) + "; " : std::string()) + Words(events)};
}
template <class T>
Said SayOne(const T& value, std::string words) {
  Writer io(NoVeils());
  io(value);
  return {io.Take(), std::move(words)};
}

// What a recorded decision says, by its kind.
std::string WordsOf(What what, std::string_view bytes) {
  Reader io(bytes);
  std::vector<PlannedEvent> events;
  EntryPlan plan;
  bool flag = false;
  FolderLook look{};
  std::string words;
  switch (what) {
    case What::kEntry:
      io.Maybe(plan.entry, [&](BatchEntry& entry) { PassEntry(io, entry); });
      PassEvents(io, plan.outcomes);
      words = SayEntry(plan).words;
      break;
    case What::kAnswer:
    case What::kFolderDeletion:
      io(flag);
      PassEvents(io, events);
      words = SayFlagged(flag, what == What::kAnswer ? "gone" : "send", events).words;
      break;
    case What::kConsent:
    case What::kOwnConsent:
      io(flag);
      words = flag ? "ask" : "do not ask";
      break;
    case What::kLook:
      io(look);
      words = Words(look);
      break;
    default:
      PassEvents(io, events);
      words = Words(events);
  }
  return io.ok() && io.left() == 0 ? words : "what cannot be read";
}

// The facts of an item and a batch entry, as several decisions begin with.
struct EntryFacts {
  ItemFacts item;
  BatchEntry entry;
  BatchId batch{};
};
void ReadEntryFacts(Reader& io, EntryFacts& facts, bool with_batch) {
  PassItem(io, facts.item);
  PassEntry(io, facts.entry);
  if (with_batch) io(facts.batch);
}

// Whether the facts are of the words there are: the planner takes no others.
bool AreKnown(const ItemFacts& item) {
  return std::all_of(item.edits.begin(), item.edits.end(),
                     [](const EditFacts& edit) { return IsLocalChange(edit.kind); });
}
bool AreKnown(const EntryFacts& facts) {
  return AreKnown(facts.item) && facts.entry.verb >= Verb::kCreate && facts.entry.verb <= Verb::kDelete;
}
bool IsKnown(Policy policy) { return policy <= Policy::kClientWins; }

Replayed Unreadable(const Record& record) {
  Replayed out;
  out.verdict = Verdict::kUnreadable;
  out.what = record.what;
  out.time = record.time;
  return out;
}

Replayed Judge(const Record& record, const ItemId& item, const Said& again) {
  Replayed out;
  out.what = record.what;
  out.time = record.time;
  out.item = item;
  out.verdict = record.decision == again.bytes ? Verdict::kSame : Verdict::kDiffers;
  out.again = again.words;
  out.decision = out.verdict == Verdict::kSame ? again.words : WordsOf(record.what, record.decision);
  return out;
}

std::string AskWords(const std::vector<std::size_t>& asks) {
  std::string words;
  for (const std::size_t index : asks) words += (words.empty() ? "" : ", ") + std::string(trace::AskName(index));
  return words.empty() ? "nothing" : words;
}

}  // namespace

void PlanReplay::Begin() {
  entries_.clear();
  leaving_.clear();
  looks_.clear();
}

Replayed PlanReplay::Next(std::string_view bytes) {
  const auto record = trace::DecodeRecord(bytes);
  if (!record) return Unreadable({});
  Replayed out;
  out.what = record->what;
  out.time = record->time;
  Reader io(record->facts);
  switch (record->what) {
    case What::kBegun:
      Begin();
      io.Text(out.decision);
      return io.ok() ? out : Unreadable(*record);
    case What::kAppended:
      io(out.first);
      io(out.last);
      return io.ok() ? out : Unreadable(*record);
    case What::kReply:
    case What::kSource:
      return out;
    case What::kSent:
      return ReplaySent(*record);
    case What::kRequest:
      return ReplayRequest(*record);
    case What::kRow:
    case What::kGone:
    case What::kEntry:
    case What::kAnswer:
    case What::kFolderDeletion:
    case What::kPark:
    case What::kParkUnsent:
    case What::kConsent:
    case What::kOwnConsent:
    case What::kLook:
      return Decide(*record);
  }
  return Unreadable(*record);
}

Replayed PlanReplay::Decide(const Record& record) {
  Reader io(record.facts);
  EntryFacts facts;
  Policy policy{};
  std::vector<OpId> ops;
  const auto pass_ops = [&] { io.List(ops, [&](OpId& op) { io(op); }); };
  const auto judge = [&](const Said& again) {
    return io.ok() && io.left() == 0 ? Judge(record, facts.item.id, again) : Unreadable(record);
  };
  switch (record.what) {
    case What::kRow: {
      RowFacts row;
      PassItem(io, facts.item);
      PassRow(io, row);
      io(policy);
      pass_ops();
      if (!AreKnown(facts.item) || !IsKnown(policy)) return Unreadable(record);
      return judge(SayEvents(PlanRow(facts.item, row, policy, OpsOf(ops))));
    }
    case What::kGone:
      PassItem(io, facts.item);
      io(policy);
      pass_ops();
      if (!AreKnown(facts.item) || !IsKnown(policy)) return Unreadable(record);
      return judge(SayEvents(PlanGone(facts.item, policy, OpsOf(ops))));
    case What::kEntry: {
      PassItem(io, facts.item);
      if (!AreKnown(facts.item)) return Unreadable(record);
      const EntryPlan plan = PlanEntry(facts.item);
      if (plan.entry)
        entries_[facts.item.id] = *plan.entry;
      else
        entries_.erase(facts.item.id);
      return judge(SayEntry(plan));
    }
    case What::kAnswer: {
      Answer answer;
      ReadEntryFacts(io, facts, true);
      PassAnswer(io, answer);
      if (!AreKnown(facts) || answer.status > AnswerStatus::kTryLater) return Unreadable(record);
      const AnswerPlan plan = PlanAnswer(facts.item, facts.entry, facts.batch, answer);
      return judge(SayFlagged(plan.gone, "gone", plan.events));
    }
    case What::kFolderDeletion: {
      InsideFacts inside;
      ReadEntryFacts(io, facts, false);
      PassInside(io, inside);
      io(policy);
      if (!AreKnown(facts) || !IsKnown(policy)) return Unreadable(record);
      const FolderDeletionPlan plan = PlanFolderDeletion(facts.item, facts.entry, inside, policy);
      return judge(SayFlagged(plan.send, "send", plan.events));
    }
    case What::kPark:
    case What::kParkUnsent: {
      std::string code;
      ReadEntryFacts(io, facts, true);
      io.Code(code);
      if (!AreKnown(facts)) return Unreadable(record);
      const auto plan = record.what == What::kPark ? PlanPark : PlanParkUnsent;
      return judge(SayEvents(plan(facts.item, facts.entry, facts.batch, code)));
    }
    case What::kConsent: {
      std::size_t missing = 0, held = 0;
      bool listing_empty = false;
      DeletionLimits limits;
      io(missing);
      io(held);
      io(listing_empty);
      io(limits.count);
      io(limits.percent);
      const bool ask = InferredDeletionsNeedConsent(missing, held, listing_empty, limits);
      return judge(SayOne(ask, ask ? "ask" : "do not ask"));
    }
    case What::kOwnConsent: {
      std::size_t count = 0;
      DeletionLimits limits;
      io(count);
      io(limits.own);
      const bool ask = OwnDeletionsNeedConsent(count, limits);
      return judge(SayOne(ask, ask ? "ask" : "do not ask"));
    }
    case What::kLook: {
      FolderFacts folder;
      PassFolder(io, folder);
      const FolderLook look = PlanLook(folder);
      looks_[folder.remote_id] = look;
      facts.item.id = folder.id;
      return judge(SayOne(look, Words(look)));
    }
    default:
      return Unreadable(record);
  }
}

// What was planned last for the item, less what was held back, is what left; and by the ask that its verb takes.
Replayed PlanReplay::ReplaySent(const Record& record) {
  Reader io(record.facts), decided(record.decision);
  ItemId item{};
  ItemType type{};
  std::vector<GroupId> held_back;
  io(item);
  io(type);
  trace::PassGroups(io, held_back);
  BatchEntry entry;
  std::size_t index = 0;
  trace::PassEntry(decided, entry);
  decided(index);
  if (!io.ok() || !decided.ok()) return Unreadable(record);
  leaving_.push_back(index);
  Replayed out;
  out.what = record.what;
  out.time = record.time;
  out.item = item;
  out.decision = std::string(trace::AskName(index)) + ": " + Words(std::optional<BatchEntry>(entry));
  const auto planned = entries_.find(item);
  if (planned == entries_.end()) {
    out.verdict = Verdict::kDiffers;
    out.again = "not sent";
    return out;
  }
  BatchEntry again = planned->second;
  for (const GroupId group : held_back) std::erase(again.groups, group);
  const std::size_t by = AskFor(type, again.verb);
  const bool same = again.item == entry.item && again.verb == entry.verb && again.intents == entry.intents &&
                    again.groups == entry.groups && by == index;
  out.verdict = same ? Verdict::kSame : Verdict::kDiffers;
  out.again =
      same ? out.decision : std::string(trace::AskName(by)) + ": " + Words(std::optional<BatchEntry>(std::move(again)));
  return out;
}

Replayed PlanReplay::ReplayRequest(const Record& record) {
  Reader io(record.facts), decided(record.decision);
  std::uint64_t number = 0;
  trace::Why why{};
  io(number);
  io(why);
  struct AskMade {
    std::size_t index = 0;
    std::string folder;
  };
  std::vector<AskMade> asks;
  decided.List(asks, [&](AskMade& made) {
    decided(made.index);
    decided.RemoteId(made.folder);
  });
  if (!io.ok() || !decided.ok()) return Unreadable(record);
  Replayed out;
  out.what = record.what;
  out.time = record.time;
  std::vector<std::size_t> then, again;
  for (const AskMade& made : asks) then.push_back(made.index);
  again = then;
  if (why == trace::Why::kOther) {
    out.decision = out.again = AskWords(then);
    return out;
  }
  if (why == trace::Why::kBatch) {
    // What was planned for appends that were refused, and so planned anew, never left.
    again.assign(leaving_.end() - static_cast<std::ptrdiff_t>(std::min(leaving_.size(), then.size())), leaving_.end());
    leaving_.clear();
  }
  const std::size_t listing = Ask(ask::Listing{}).index(), changes = Ask(ask::Changes{}).index(),
                    state = Ask(ask::Examine{}).index();
  if (why != trace::Why::kBatch)
    for (std::size_t i = 0; i < asks.size(); ++i) {
      if (then[i] != listing && then[i] != changes && then[i] != state) continue;
      const auto look = looks_.find(asks[i].folder);
      if (look == looks_.end()) continue;  // of before the trace begins
      again[i] = look->second == FolderLook::kReadInFull ? listing
                 : look->second == FolderLook::kState    ? state
                                                         : changes;
    }
  out.verdict = then == again ? Verdict::kSame : Verdict::kDiffers;
  out.decision = AskWords(then);
  out.again = AskWords(again);
  return out;
}

}  // namespace outpost
