#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/system/cipher.h"
#include "replicator/dialect.h"
#include "replicator/plan_codec.h"
#include "replicator/planner.h"

namespace outpost {

// Takes records of a trace, each as a whole. Threads: the replicator's strand.
class TraceSink {
 public:
  virtual ~TraceSink() = default;
  virtual void Write(std::string_view record) = 0;
  // What was written outlives the process from here on; not a power cut.
  virtual void Flush() = 0;
};

namespace trace {

// What a record is of. The numbers are in files that are kept for days, and in bundles.
enum class What : std::uint8_t {
  kBegun = 1,           // version of the program
  kRow = 2,             // PlanRow
  kGone = 3,            // PlanGone
  kEntry = 4,           // PlanEntry
  kAnswer = 5,          // PlanAnswer
  kFolderDeletion = 6,  // PlanFolderDeletion
  kPark = 7,            // PlanPark
  kParkUnsent = 8,      // PlanParkUnsent
  kConsent = 9,         // InferredDeletionsNeedConsent
  kLook = 10,           // PlanLook
  kSent = 11,           // what an entry became: part of the next request of writes
  kRequest = 12,        // the asks of a request
  kReply = 13,          // what came of it
  kAppended = 14,       // sequences of the events that decisions before it became
  kSource = 15,         // a source that was asked for
  kOwnConsent = 16,     // OwnDeletionsNeedConsent
};
const char* WhatName(What what);

// Why a request was made, as far as its asks follow from what was decided.
enum class Why : std::uint8_t { kOther, kPull, kListing, kBatch };

// A record: what, when, the facts, and what was decided of them.
struct Record {
  What what{};
  Millis time{0};
  std::string_view facts;
  std::string_view decision;
};
std::string EncodeRecord(const Record& record);
// Nullopt for bytes that are no record. The views are of `bytes`.
std::optional<Record> DecodeRecord(std::string_view bytes);

// "create", "listing", …: an ask by its place in Ask.
const char* AskName(std::size_t index);

}  // namespace trace

// The planner, with each of its decisions written to a trace: facts in, decision out. Ids and texts of the server are
// veiled on their way there: numbers and codes stay, all else becomes a keyed digest; the key lives as long as the
// object. Without a sink it is the planner alone. Threads: the replicator's strand.
class TracedPlanner {
 public:
  explicit TracedPlanner(const Clock& clock) : clock_(clock) {}
  // `sink` (null: none) outlives the object or the next call. `key`: random bytes that nobody else has.
  void TraceTo(TraceSink* sink, std::string_view version, const Secret& key);

  std::vector<PlannedEvent> Row(const ItemFacts& item, const RowFacts& row, Policy policy, const NewOp& new_op) const;
  std::vector<PlannedEvent> Gone(const ItemFacts& item, Policy policy, const NewOp& new_op) const;
  EntryPlan Entry(const ItemFacts& item) const;
  AnswerPlan Answered(const ItemFacts& item, const BatchEntry& entry, const BatchId& batch, const Answer& answer) const;
  FolderDeletionPlan FolderDeletion(const ItemFacts& folder, const BatchEntry& entry, const InsideFacts& inside,
                                    Policy policy) const;
  std::vector<PlannedEvent> Park(const ItemFacts& item, const BatchEntry& entry, const BatchId& batch,
                                 const std::string& code) const;
  std::vector<PlannedEvent> ParkUnsent(const ItemFacts& item, const BatchEntry& entry, const BatchId& batch,
                                       const std::string& code) const;
  bool NeedConsent(std::size_t missing, std::size_t held, bool listing_empty, const DeletionLimits& limits) const;
  bool OwnNeedConsent(std::size_t count, const DeletionLimits& limits) const;
  FolderLook Look(const FolderFacts& folder) const;

  // `entry`, planned as `planned`, leaves as `request`: groups that are not in it any more were held back.
  void NoteSent(ItemType type, const BatchEntry& planned, const BatchEntry& entry, const Ask& request) const;
  void NoteRequest(std::uint64_t number, trace::Why why, const std::vector<Ask>& asks) const;
  void NoteReply(std::uint64_t number, const Reply& reply) const;
  // first 0: nothing was appended, the decisions did not count.
  void NoteAppended(Sequence first, Sequence last) const;
  void NoteSource(ItemType type, const std::string& folder, const std::string& remote_id) const;
  void Flush() const {
    if (on()) sink_->Flush();
  }

 private:
  bool on() const { return sink_ != nullptr; }
  template <class Facts, class Decision>
  void Write(trace::What what, Facts facts, Decision decision) const;

  const Clock& clock_;
  TraceSink* sink_ = nullptr;
  trace::Veils veils_;
};

}  // namespace outpost
