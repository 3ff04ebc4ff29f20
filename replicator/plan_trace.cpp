#include "replicator/plan_trace.h"

#include <algorithm>

#include "base/system/crypto.h"

namespace outpost {
namespace trace {
namespace {

constexpr std::size_t kVeilBytes = 8;
constexpr std::size_t kCodeMost = 64;

bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() <= 19 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The server's number of an error ("CON-0154"), or a word of the engine's.
bool IsCode(std::string_view text) {
  if (text.size() > kCodeMost) return false;
  const auto dash = text.find('-');
  if (dash != std::string_view::npos)
    return IsNumber(text.substr(dash + 1)) && std::all_of(text.begin(), text.begin() + static_cast<long>(dash),
                                                          [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

std::string Veil(const Secret& key, std::string_view text) {
  if (text.empty()) return {};
  const Digest digest = HmacSha256(key.bytes(), text);
  return "~" + ToHex(Bytes(digest).first(kVeilBytes));
}

// The prefix that the engine puts before a code stays, so that a veiled code is veiled wherever it goes.
std::string VeilCode(const Secret& key, std::string_view code) {
  const std::string denied = DeniedCode({});
  if (code.starts_with(denied)) return denied + VeilCode(key, code.substr(denied.size()));
  return IsCode(code) ? std::string(code) : Veil(key, code);
}

}  // namespace

const char* WhatName(What what) {
  switch (what) {
    case What::kBegun:
      return "begun";
    case What::kRow:
      return "row";
    case What::kGone:
      return "gone";
    case What::kEntry:
      return "entry";
    case What::kAnswer:
      return "answer";
    case What::kFolderDeletion:
      return "folder_deletion";
    case What::kPark:
      return "park";
    case What::kParkUnsent:
      return "park_unsent";
    case What::kConsent:
      return "consent";
    case What::kLook:
      return "look";
    case What::kSent:
      return "sent";
    case What::kRequest:
      return "request";
    case What::kReply:
      return "reply";
    case What::kAppended:
      return "appended";
    case What::kOwnConsent:
      return "own_consent";
    case What::kSource:
      return "source";
  }
  return "unknown";
}

const char* AskName(std::size_t index) {
  constexpr const char* kNames[] = {"folders",     "folder_changes", "folder_there", "listing", "fetch",
                                    "changes",     "changed_heads",  "examine",      "people",  "busy",
                                    "attachments", "seek",           "create",       "update",  "delete",
                                    "attach",      "detach",         "submit"};
  static_assert(std::size(kNames) == std::variant_size_v<Ask>);
  return index < std::size(kNames) ? kNames[index] : "unknown";
}

std::string EncodeRecord(const Record& record) {
  static const Veils kNone;
  Writer writer(kNone);
  writer(record.what);
  writer(record.time.count());
  writer.Text(std::string(record.facts));
  return writer.Take().append(record.decision);
}

std::optional<Record> DecodeRecord(std::string_view bytes) {
  Reader reader(bytes);
  Record record;
  std::int64_t time = 0;
  std::string facts;
  reader(record.what);
  reader(time);
  reader.Text(facts);
  if (!reader.ok()) return std::nullopt;
  record.time = Millis(time);
  const std::size_t rest = reader.left();
  record.decision = bytes.substr(bytes.size() - rest);
  record.facts = bytes.substr(bytes.size() - rest - facts.size(), facts.size());
  return record;
}

}  // namespace trace

void TracedPlanner::TraceTo(TraceSink* sink, std::string_view version, const Secret& key) {
  sink_ = sink;
  if (!on()) return;
  veils_.id = [key](std::string_view id) { return trace::IsNumber(id) ? std::string(id) : trace::Veil(key, id); };
  veils_.text = [key](std::string_view text) { return trace::Veil(key, text); };
  veils_.code = [key](std::string_view code) { return trace::VeilCode(key, code); };
  Write(
      trace::What::kBegun, [&](trace::Writer& io) { io.Text(std::string(version)); }, [](trace::Writer&) {});
}

template <class Facts, class Decision>
void TracedPlanner::Write(trace::What what, Facts facts, Decision decision) const {
  if (!on()) return;
  trace::Writer in(veils_), out(veils_);
  facts(in);
  decision(out);
  const std::string facts_bytes = in.Take(), decision_bytes = out.Take();
  sink_->Write(trace::EncodeRecord({what, clock_.WallNow(), facts_bytes, decision_bytes}));
}

namespace {

// Hands out what `new_op` makes, and keeps it.
struct Ops {
  explicit Ops(const NewOp& new_op) : make([this, &new_op] { return made.emplace_back(new_op()); }) {}
  std::vector<OpId> made;
  NewOp make;
};

void PutOps(trace::Writer& io, const std::vector<OpId>& ops) {
  io.List(ops, [&](const OpId& op) { io(op); });
}

}  // namespace

std::vector<PlannedEvent> TracedPlanner::Row(const ItemFacts& item, const RowFacts& row, Policy policy,
                                             const NewOp& new_op) const {
  Ops ops(new_op);
  auto events = PlanRow(item, row, policy, ops.make);
  Write(
      trace::What::kRow,
      [&](trace::Writer& io) {
        PassItem(io, item);
        PassRow(io, row);
        io(policy);
        PutOps(io, ops.made);
      },
      [&](trace::Writer& io) { PassEvents(io, events); });
  return events;
}

std::vector<PlannedEvent> TracedPlanner::Gone(const ItemFacts& item, Policy policy, const NewOp& new_op) const {
  Ops ops(new_op);
  auto events = PlanGone(item, policy, ops.make);
  Write(
      trace::What::kGone,
      [&](trace::Writer& io) {
        PassItem(io, item);
        io(policy);
        PutOps(io, ops.made);
      },
      [&](trace::Writer& io) { PassEvents(io, events); });
  return events;
}

EntryPlan TracedPlanner::Entry(const ItemFacts& item) const {
  EntryPlan plan = PlanEntry(item);
  Write(
      trace::What::kEntry, [&](trace::Writer& io) { PassItem(io, item); },
      [&](trace::Writer& io) {
        io.Maybe(plan.entry, [&](const BatchEntry& entry) { PassEntry(io, entry); });
        PassEvents(io, plan.outcomes);
      });
  return plan;
}

AnswerPlan TracedPlanner::Answered(const ItemFacts& item, const BatchEntry& entry, const BatchId& batch,
                                   const Answer& answer) const {
  AnswerPlan plan = PlanAnswer(item, entry, batch, answer);
  Write(
      trace::What::kAnswer,
      [&](trace::Writer& io) {
        PassItem(io, item);
        PassEntry(io, entry);
        io(batch);
        PassAnswer(io, answer);
      },
      [&](trace::Writer& io) {
        io(plan.gone);
        PassEvents(io, plan.events);
      });
  return plan;
}

FolderDeletionPlan TracedPlanner::FolderDeletion(const ItemFacts& folder, const BatchEntry& entry,
                                                 const InsideFacts& inside, Policy policy) const {
  FolderDeletionPlan plan = PlanFolderDeletion(folder, entry, inside, policy);
  Write(
      trace::What::kFolderDeletion,
      [&](trace::Writer& io) {
        PassItem(io, folder);
        PassEntry(io, entry);
        PassInside(io, inside);
        io(policy);
      },
      [&](trace::Writer& io) {
        io(plan.send);
        PassEvents(io, plan.events);
      });
  return plan;
}

std::vector<PlannedEvent> TracedPlanner::Park(const ItemFacts& item, const BatchEntry& entry, const BatchId& batch,
                                              const std::string& code) const {
  auto events = PlanPark(item, entry, batch, code);
  Write(
      trace::What::kPark,
      [&](trace::Writer& io) {
        PassItem(io, item);
        PassEntry(io, entry);
        io(batch);
        io.Code(code);
      },
      [&](trace::Writer& io) { PassEvents(io, events); });
  return events;
}

std::vector<PlannedEvent> TracedPlanner::ParkUnsent(const ItemFacts& item, const BatchEntry& entry,
                                                    const BatchId& batch, const std::string& code) const {
  auto events = PlanParkUnsent(item, entry, batch, code);
  Write(
      trace::What::kParkUnsent,
      [&](trace::Writer& io) {
        PassItem(io, item);
        PassEntry(io, entry);
        io(batch);
        io.Code(code);
      },
      [&](trace::Writer& io) { PassEvents(io, events); });
  return events;
}

bool TracedPlanner::NeedConsent(std::size_t missing, std::size_t held, bool listing_empty,
                                const DeletionLimits& limits) const {
  const bool ask = InferredDeletionsNeedConsent(missing, held, listing_empty, limits);
  Write(
      trace::What::kConsent,
      [&](trace::Writer& io) {
        io(missing);
        io(held);
        io(listing_empty);
        io(limits.count);
        io(limits.percent);
      },
      [&](trace::Writer& io) { io(ask); });
  return ask;
}

bool TracedPlanner::OwnNeedConsent(std::size_t count, const DeletionLimits& limits) const {
  const bool ask = OwnDeletionsNeedConsent(count, limits);
  Write(
      trace::What::kOwnConsent,
      [&](trace::Writer& io) {
        io(count);
        io(limits.own);
      },
      [&](trace::Writer& io) { io(ask); });
  return ask;
}

FolderLook TracedPlanner::Look(const FolderFacts& folder) const {
  const FolderLook look = PlanLook(folder);
  Write(
      trace::What::kLook, [&](trace::Writer& io) { PassFolder(io, folder); }, [&](trace::Writer& io) { io(look); });
  return look;
}

void TracedPlanner::NoteSent(ItemType type, const BatchEntry& planned, const BatchEntry& entry,
                             const Ask& request) const {
  if (!on()) return;
  std::vector<GroupId> held_back;
  for (const GroupId group : planned.groups)
    if (std::find(entry.groups.begin(), entry.groups.end(), group) == entry.groups.end()) held_back.push_back(group);
  Write(
      trace::What::kSent,
      [&](trace::Writer& io) {
        io(entry.item);
        io(type);
        PassGroups(io, held_back);
      },
      [&](trace::Writer& io) {
        PassEntry(io, entry);
        io(request.index());
      });
}

namespace {

// The folder that an ask is about, as the server calls it; none where it is about no folder.
std::string FolderOfAsk(const Ask& request) {
  return std::visit(
      [](const auto& one) -> std::string {
        if constexpr (requires { one.folder; })
          return one.folder;
        else
          return {};
      },
      request);
}

}  // namespace

void TracedPlanner::NoteRequest(std::uint64_t number, trace::Why why, const std::vector<Ask>& asks) const {
  Write(
      trace::What::kRequest,
      [&](trace::Writer& io) {
        io(number);
        io(why);
      },
      [&](trace::Writer& io) {
        io.List(asks, [&](const Ask& request) {
          io(request.index());
          io.RemoteId(FolderOfAsk(request));
        });
      });
}

void TracedPlanner::NoteReply(std::uint64_t number, const Reply& reply) const {
  Write(
      trace::What::kReply,
      [&](trace::Writer& io) {
        io(number);
        io.Maybe(reply.failure, [&](const Failure& failure) {
          io(failure.why);
          io(failure.maybe_applied);
          io(failure.retry_after.count());
        });
        io.List(reply.answers, [&](const Answer& answer) {
          io(answer.status);
          io.Code(answer.code);
          io(answer.rows.size());
          io(answer.heads.size());
          io(answer.deleted.size());
          io(answer.cursor);
        });
        io(reply.bytes);
        io(reply.took.count());
      },
      [](trace::Writer&) {});
}

void TracedPlanner::NoteAppended(Sequence first, Sequence last) const {
  Write(
      trace::What::kAppended,
      [&](trace::Writer& io) {
        io(first);
        io(last);
      },
      [](trace::Writer&) {});
}

void TracedPlanner::NoteSource(ItemType type, const std::string& folder, const std::string& remote_id) const {
  Write(
      trace::What::kSource,
      [&](trace::Writer& io) {
        io(type);
        io.RemoteId(folder);
        io.RemoteId(remote_id);
      },
      [](trace::Writer&) {});
}

}  // namespace outpost
