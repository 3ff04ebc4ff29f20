#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "schemas/fields.h"
#include "schemas/value.h"

namespace outpost {

// What happened. The numbers are on disk for good. Readers keep, count and skip kinds they do not know.
enum class Kind : std::uint16_t {
  kLocalCreated = 1,   // ChangeBody: a person (or a retry) made an item here
  kLocalChanged = 2,   // ChangeBody
  kLocalDeleted = 3,   // ChangeBody, empty
  kRemoteCreated = 4,  // ChangeBody with remote_id and version: an item became known from the server
  kRemoteChanged = 5,  // ChangeBody with version: fields that differ from the base
  kRemoteDeleted = 6,  // ChangeBody, empty
  kOutcome = 8,        // OutcomesBody of the local change with the same op
  kOverruled = 9,      // OutcomesBody: under client-wins the server's value of these groups lost against the pending op
  kBatchOpened = 10,   // BatchOpenedBody
  kBatchClosed = 11,   // BatchClosedBody
  kCursorMoved = 12,   // CursorMovedBody; the event's item is the folder
  kConsent = 13,       // ConsentBody; the event's item is the folder
  kAccountSet = 15,    // SettingsBody
  kConflictSettled = 20,  // SettledBody: losers of this item that no longer wait for a person; with the op of the edit
                          // that turned the decision round, without one where a person let it stand
  // The five of retention; bodies in schemas/checkpoint.h.
  kItemRestated = 16,     // the item as it is (EncodeItem): what the events before it made of it
  kAccountRestated = 17,  // SectionBody: rows of the account's state as they are
  kCheckpoint = 18,       // CheckpointBody: begins or ends a restatement of everything
  kGap = 19,              // GapBody: events that are not there any more
  kItemForgotten = 21,    // ChangeBody, empty: of an item that was gone for long, nothing is kept from here on
};

// "local_created", …; "unknown" for a number without a name. KindFromName is its inverse.
const char* KindName(Kind kind);
std::optional<Kind> KindFromName(std::string_view name);

enum class Origin : std::uint8_t { kUser = 1, kServer = 2, kEngine = 3, kRestore = 4 };
const char* OriginName(Origin origin);

// What became of one (intent, field group).
enum class OutcomeKind : std::uint8_t {
  kAcknowledged = 1,  // the server has it from us
  kMerged = 2,        // both sides came to the same value
  kSuperseded = 3,    // a later local edit of the group took its place before it was sent
  kParked = 4,        // the server refused it; it waits for a person or a fix
  kLoser = 5,         // lost a conflict; retained, to be re-applied at any time
};
const char* OutcomeName(OutcomeKind kind);

// What one element of a batch asks of the server.
enum class Verb : std::uint8_t { kCreate = 1, kUpdate = 2, kDelete = 3 };
const char* VerbName(Verb verb);

struct EventHeader {
  Millis time{0};
  Kind kind{};
  Origin origin{};
  ItemType item_type{};
  ItemId item{};           // none for account-wide events
  OpId op{};               // of local changes and their outcomes
  std::uint32_t back = 0;  // see event.fbs; set by the journal's writer
  std::uint32_t key_id = 0;
  std::uint8_t encoding = 0;
};

// An event as read from the journal: verified bytes, owned.
struct Event {
  Sequence seq = 0;
  EventHeader header;
  std::string body;  // a FlatBuffer of body.fbs; see the Decode functions
};

// A local or remote change of one item.
struct ChangeBody {
  FieldMap patch;  // a null value clears the field
  std::string remote_id;
  std::int64_t version = 0;
};

struct GroupOutcome {
  GroupId group = 0;
  OutcomeKind kind{};
  bool operator==(const GroupOutcome&) const = default;
};

// Why the server refused a group. `text` may quote a person's content: shown only where contents are.
struct Refusal {
  GroupId group = 0;
  FieldId field = 0;
  std::int64_t length = 0;
  std::int64_t limit = 0;
  std::string code;
  std::string text;
};

struct OutcomesBody {
  std::vector<GroupOutcome> groups;
  std::vector<Refusal> refusals;  // one for each parked group
  std::string remote_id;
  std::int64_t version = 0;
  BatchId batch{};
  Sequence rival = 0;
};

struct BatchEntry {
  ItemId item{};
  Verb verb{};
  std::vector<Sequence> intents;
  std::vector<GroupId> groups;
};

struct BatchOpenedBody {
  BatchId batch{};
  std::vector<BatchEntry> entries;
};

struct BatchClosedBody {
  BatchId batch{};
  bool resumed = false;
};

struct CursorMovedBody {
  std::int64_t cursor = 0;
  std::uint32_t columns = 0;
  bool complete = false;
  Millis compared{0};  // by this machine's clock; 0: not known
};

enum class ConsentAnswer : std::uint8_t { kAsked = 0, kGiven = 1, kRefused = 2 };

struct ConsentBody {
  std::uint32_t count = 0;
  std::uint32_t held = 0;
  ConsentAnswer answer{};
  std::vector<ItemId> items;
  bool closed = false;  // asked since the right to see them is gone: whether they are missing nobody knows
  bool own = false;     // deletions made here, not told yet: `items` were deleted, `count` items go with that
};

// One side that lost a conflict over one group.
struct SettledLoser {
  Sequence seq = 0;    // of the losing change
  Sequence rival = 0;  // of the change that won
  GroupId group = 0;
  bool server_lost = false;
  bool again = false;  // it was settled before, and is decided anew
  bool operator==(const SettledLoser&) const = default;
};

struct SettledBody {
  std::vector<SettledLoser> losers;
};

struct SettingsBody {
  std::vector<std::pair<std::string, std::string>> settings;  // never a secret
};

// Bytes of one body, and back. Shape: what body.fbs says; decoding runs the FlatBuffers verifier and checks slot sizes,
// field kinds and id lengths before anything is believed. Errors: kCorrupt. Threads: any. Source: schemas/event.md.
std::string Encode(const ChangeBody& body);
std::string Encode(const OutcomesBody& body);
std::string Encode(const BatchOpenedBody& body);
std::string Encode(const BatchClosedBody& body);
std::string Encode(const CursorMovedBody& body);
std::string Encode(const ConsentBody& body);
std::string Encode(const SettingsBody& body);
std::string Encode(const SettledBody& body);
Result<ChangeBody> DecodeChange(std::string_view bytes);
// Whether DecodeChange would take it; makes nothing.
Result<void> CheckChange(std::string_view bytes);
Result<OutcomesBody> DecodeOutcomes(std::string_view bytes);
Result<BatchOpenedBody> DecodeBatchOpened(std::string_view bytes);
Result<BatchClosedBody> DecodeBatchClosed(std::string_view bytes);
Result<CursorMovedBody> DecodeCursorMoved(std::string_view bytes);
Result<ConsentBody> DecodeConsent(std::string_view bytes);
Result<SettingsBody> DecodeSettings(std::string_view bytes);
Result<SettledBody> DecodeSettled(std::string_view bytes);

// Bytes of one header, and back. The encoding of a header with other `back` differs only in those four bytes: SetBack
// rewrites them in place. Errors: kCorrupt.
std::string EncodeHeader(const EventHeader& header);
Result<EventHeader> DecodeHeader(std::string_view bytes);
void SetBack(std::string& header_bytes, std::uint32_t back);

// True for the three kinds that a person makes here; true for the three that the server tells.
inline bool IsLocalChange(Kind kind) { return kind >= Kind::kLocalCreated && kind <= Kind::kLocalDeleted; }
inline bool IsRemoteChange(Kind kind) { return kind >= Kind::kRemoteCreated && kind <= Kind::kRemoteDeleted; }

}  // namespace outpost
