#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace outpost::sim {

// What can happen in the world. `client` is the computer it happens to; what `a` and `b` choose is said at each kind.
enum class StepKind : std::uint8_t {
  // A person at one of the computers. Items are chosen among those he sees.
  kCreate,        // a: folder
  kEdit,          // a: item, b: field group
  kEditPart,      // a: item, b: which half of the address
  kTag,           // a: item; a category is added
  kUntag,         // a: item, b: which category goes
  kMove,          // a: item, b: folder
  kDelete,        // a: item
  kPoison,        // a: item; a value longer than the server takes
  kToxic,         // a: item; a value on which the server fails the whole request, whenever it comes
  kRetry,         // parked ones once more
  kRace,          // a: item, b: group; an edit between the next plan of the replicator and its commit
  kFolderNew,     // a: folder above it
  kFolderRename,  // a: folder
  kFolderMove,    // a: folder, b: folder above it
  kFolderDelete,  // a: folder
  // The same user elsewhere, or somebody else, on the server.
  kElseCreate,   // a: folder
  kElseEdit,     // a: object, b: field group
  kElseTag,      // a: object
  kElseMove,     // a: object, b: folder
  kElseDelete,   // a: object
  kElseSameUid,  // a: pending create of the client: the server gets one with its uid
  kElseNewFolder,
  kElseDropFolder,  // a: folder
  kElseRenameFolder,
  kElseMoveFolder,   // a: folder, b: folder above it
  kElseSameFolder,   // a: pending create of a folder at the client: the server gets one of that place and name
  kElseEmptyFolder,  // a: folder; every object in it is deleted
  kElseMoveEdited,   // b: folder above it; the one that the client's person changed last
  kElseRights,       // a: what the user may do from now on in the folder that somebody shares with him
  // The line of a client: the a-th exchange from now on (b even: of those that write) meets it.
  kLoseRequest,
  kLoseReply,
  kCutReply,
  kHalfReply,  // a body that ends early and says nothing of it
  kTwice,      // a request without creates arrives twice
  kUnavailable,
  kThrottle,
  kForgetSession,
  kTryAgain,
  kServiceDown,
  kLate,  // a request arrives when nobody waits for it any more
  kSlow,
  // The line for a seconds.
  kOffline,
  kPortal,       // a captive portal's page where the server's answer is due
  kCertificate,  // somebody between, who cannot prove to be the server
  kBadProxy,     // answers lose their second half, and nothing says so
  kBusyServer,   // 429 to this computer, with patience asked for
  // The server.
  kMaintenance,  // 503 to everybody for a seconds
  kBackUp,       // it is stopped, copied and started again
  kRestore,      // down for a seconds, then it is what it was at the newest backup
  kServerClock,  // a seconds forth (b even) or back
  kPassword,     // another password; the client's person gives it a seconds later
  // The computer.
  kKill,
  kPowerCut,
  kClockStep,  // as kServerClock
  kCloseFor,   // a minutes
  kPause,      // its person wants it to rest for a seconds
  kDiskFull,   // for a seconds
  kSyncFails,
  kTidy,  // retention, with next to no history kept
  kResync,
  // A person and his mails.
  kMailSeen,  // a: mail; the other way round than it is
  kMailFlag,
  kMailMove,    // a: mail, b: folder
  kMailDelete,  // a: mail; to the trash, from there for good
  kMailDraft,
  kMailSend,
  kMailFolderNew,     // a: folder above it
  kMailFolderRename,  // a: folder
  kMailFolderDelete,  // a: folder
  kMailEmpty,         // a: folder; what is in it is thrown away, folders as well
  // The same user elsewhere.
  kElseMail,      // a, b: folder; a mail comes
  kElseMailFlag,  // a: mail, b: which flag, set or taken away
  kElseMailMove,  // a: mail, b: folder
  kElseMailDelete,
  kElseMailIds,           // a: folder; its mails get other ids
  kElseMailFolderNew,     // a: folder above it
  kElseMailFolderRename,  // a: folder
  kElseMailFolderDrop,    // a: folder
  kElseMailEdited,        // a: flagged, moved or deleted, b: folder; the mail that the client's person changed last
};
inline constexpr std::size_t kStepKinds = static_cast<std::size_t>(StepKind::kElseMailEdited) + 1;
const char* StepName(StepKind kind);
// Something about mails.
constexpr bool IsAboutMail(StepKind kind) { return kind >= StepKind::kMailSeen; }

struct Step {
  Millis after{0};  // since the step before
  StepKind kind{};
  std::uint32_t client = 0;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};

// A world and what happens in it: everything else follows from these.
struct Script {
  std::uint64_t seed = 0;
  std::vector<Step> steps;
};

// What a seed stands for. `scenario`: "all", "conflicts" (no faults), "faults" (few conflicts), "storm" (all at once),
// "mail" (the same, half of it about mails, which "all" has for every fourth seed). Errors: kInvalid for another
// scenario.
Result<Script> WriteScript(std::uint64_t seed, std::string_view scenario);

// "seed N", then one step a line: AFTER_MS KIND CLIENT A B. Read errors: kInvalid, naming the line.
std::string ToText(const Script& script);
Result<Script> FromText(std::string_view text);

}  // namespace outpost::sim
