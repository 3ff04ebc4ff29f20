#include "schemas/event.h"

#include <utility>

namespace outpost {
namespace {

constexpr std::pair<Kind, const char*> kKindNames[] = {{Kind::kLocalCreated, "local_created"},
                                                       {Kind::kLocalChanged, "local_changed"},
                                                       {Kind::kLocalDeleted, "local_deleted"},
                                                       {Kind::kRemoteCreated, "remote_created"},
                                                       {Kind::kRemoteChanged, "remote_changed"},
                                                       {Kind::kRemoteDeleted, "remote_deleted"},
                                                       {Kind::kOutcome, "outcome"},
                                                       {Kind::kOverruled, "overruled"},
                                                       {Kind::kBatchOpened, "batch_opened"},
                                                       {Kind::kBatchClosed, "batch_closed"},
                                                       {Kind::kCursorMoved, "cursor_moved"},
                                                       {Kind::kConsent, "consent"},
                                                       {Kind::kAccountSet, "account_set"},
                                                       {Kind::kItemRestated, "item_restated"},
                                                       {Kind::kAccountRestated, "account_restated"},
                                                       {Kind::kCheckpoint, "checkpoint"},
                                                       {Kind::kGap, "gap"},
                                                       {Kind::kItemForgotten, "item_forgotten"},
                                                       {Kind::kConflictSettled, "conflict_settled"}};

}  // namespace

const char* KindName(Kind kind) {
  for (const auto& [known, name] : kKindNames)
    if (known == kind) return name;
  return "unknown";
}

std::optional<Kind> KindFromName(std::string_view name) {
  for (const auto& [kind, known] : kKindNames)
    if (known == name) return kind;
  return std::nullopt;
}

const char* OriginName(Origin origin) {
  switch (origin) {
    case Origin::kUser:
      return "user";
    case Origin::kServer:
      return "server";
    case Origin::kEngine:
      return "engine";
    case Origin::kRestore:
      return "restore";
  }
  return "unknown";
}

const char* OutcomeName(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::kAcknowledged:
      return "acknowledged";
    case OutcomeKind::kMerged:
      return "merged";
    case OutcomeKind::kSuperseded:
      return "superseded";
    case OutcomeKind::kParked:
      return "parked";
    case OutcomeKind::kLoser:
      return "loser";
  }
  return "unknown";
}

const char* VerbName(Verb verb) {
  switch (verb) {
    case Verb::kCreate:
      return "create";
    case Verb::kUpdate:
      return "update";
    case Verb::kDelete:
      return "delete";
  }
  return "unknown";
}

}  // namespace outpost
