#pragma once
#include <filesystem>
#include <string>

#include "engine/conflicts.h"
#include "engine/folder_edits.h"
#include "engine/progress.h"
#include "journal/journal.h"
#include "replicator/sync_types.h"
#include "schemas/item_state.h"

namespace outpost {

struct AttachFile {
  std::filesystem::path path;  // absolute
  std::string name;            // by which others see it; empty: the file's own
  std::string type;            // such as "text/plain"; empty: by the name's ending
  bool rich_text = false;  // it is the item's text with its format, as RTF: it has a name and a type of its own, and
                           // takes the place of what was there as such (engine/rich_text.h)
};

struct MailFile {
  std::filesystem::path path;  // absolute; RFC 822. Empty: the bytes of the draft that it replaces
  bool draft = false;          // kept as a draft instead of being sent
  ItemId replaces{};           // a draft that goes for good, in its stead; none: none does
};

struct SyncOptions {
  ItemId folder{};  // this folder first; none for the usual order
};

// Above, a holder's place for other callers (base/system/local_socket.h) would be taken by one that only waits.
inline constexpr Millis kProgressWaitMax{5'000};

// What may be asked of whoever holds an account: the Account itself, or the holder in another process through its
// control socket (engine/control.h). Threads: any. Every call waits for its effect to be on disk; only Sync waits for
// the network, so no thread of Outlook calls it.
class AccountCommands {
 public:
  virtual ~AccountCommands() = default;
  // Makes an item in `folder`, or a folder below it. Errors: kNotFound (folder), kInvalid (a field of another type, a
  // value of another kind), kUnavailable; for a folder those of CreateFolderEvent (engine/folder_edits.h).
  virtual Result<ItemId> Create(ItemType type, ItemId folder, FieldMap fields) = 0;
  // Changes fields; null clears. A patch that changes nothing appends nothing. Errors: kNotFound, kInvalid,
  // kUnavailable.
  // A task that is completed, with a rule that no server holds, gives that to the next one, which is made beside it
  // (engine/next_task.h).
  // Of a folder the title; more errors: those of CheckFolderPatch.
  virtual Result<void> Set(ItemId item, FieldMap patch) = 0;
  virtual Result<void> Move(ItemId item, ItemId folder) = 0;
  // A folder goes with all that is below it and in it. Errors: kNotFound, kUnavailable; for a folder those of
  // DeleteFolderEvents.
  virtual Result<void> Delete(ItemId item) = 0;
  // The same, but a mail passes by the trash; so it does by Delete where that is the user's choice on the server.
  // Errors: as Delete.
  virtual Result<void> DeleteForGood(ItemId item) = 0;
  // Attaches a file to a contact, list, task or appointment: its bytes are kept here as they are now. The attachment is
  // an item of its own, and goes by Delete. Errors: kNotFound (item, file), kInvalid (an item that takes none),
  // kUnavailable.
  virtual Result<ItemId> Attach(ItemId item, AttachFile file) = 0;
  // Gives a contact (or a list) a photo: its bytes are kept here as they are now. It goes by Set, to null. Errors:
  // kNotFound (item, file), kInvalid (an item that has none), kUnavailable.
  virtual Result<void> SetPhoto(ItemId item, std::filesystem::path file) = 0;
  // Sends a mail, or keeps it as a draft: its bytes are kept here as they are now, with a Message-Id and a date where
  // they have none, and another Message-Id where a mail here has theirs. It is an item in the folder for sent mails, or
  // for drafts, at once; it leaves with the next sync, exactly once. Errors: kNotFound (file, folder, draft), kInvalid
  // (nothing that can be sent, or no draft), kUnavailable.
  virtual Result<ItemId> WriteMail(MailFile mail) = 0;
  // Another mail with the same bytes in `folder`; sent to nobody. Its label stays behind: no upload sets one. Errors:
  // kNotFound (mail, folder, or the mail's bytes are not here), kInvalid (no mail, no folder for mails), kUnavailable.
  virtual Result<ItemId> CopyMail(ItemId mail, ItemId folder) = 0;
  // Takes a series of appointments to another folder by making it anew there and deleting it when that is on the
  // server; nobody is invited anew. The copy's id. Errors: those of MoveSeriesEvents, kUnavailable.
  virtual Result<ItemId> MoveSeries(ItemId series, ItemId folder) = 0;
  // Who may what in a folder. Errors: those of RightsEvents, kUnavailable.
  virtual Result<void> ChangeRights(ItemId folder, std::vector<RightsChange> changes) = 0;
  // Makes an item that is gone here again, as it was, with `fields` over it. Errors: kNotFound (no such item, or the
  // folder that it then is in), kInvalid (the item is there; as Set), kUnavailable.
  virtual Result<void> Restore(ItemId item, FieldMap fields) = 0;
  // States the parked groups of an item again, so that they are sent once more. Errors: kNotFound (item, or nothing
  // parked).
  virtual Result<void> Retry(ItemId item) = 0;
  // Turns the decision of a conflict round by a new edit (engine/conflicts.h, PlanUndo), and settles it. Errors: those
  // of PlanUndo, kUnavailable.
  virtual Result<UndoReport> UndoConflict(ConflictName conflict, bool over_later_edits) = 0;
  // Lets the decision stand; the groups it was about. Errors: kNotFound, kUnavailable.
  virtual Result<std::vector<GroupId>> SettleConflict(ConflictName conflict) = 0;
  virtual Result<void> AnswerConsent(ItemId folder, ConsentAnswer answer) = 0;
  // Stores settings; never secrets. Errors: kInvalid (one that is not known, or a value it may not hold; none of them
  // is stored then), kUnavailable. Source: engine/settings.h.
  virtual Result<void> PutSettings(SettingsBody settings) = 0;
  // Another password for the server: goes to the secret store, never into the journal. A refused sign-in is tried again
  // with it by the next run, or at once while the account is watched. Errors: those of StoreSecret.
  virtual Result<void> SetPassword(std::string password) = 0;
  // Gives the user this password on the server, and keeps it as SetPassword does. Waits for the network; never kept for
  // later, and never in the journal. Errors: kUnauthorized (the stored one is refused), kRejected (the new one is),
  // kUnavailable (not reached), kOutcomeUnknown (the answer was lost, or not waited for any more since the account
  // closes: the server may have it), those of StoreSecret (the server has it).
  virtual Result<void> ChangePassword(std::string password) = 0;
  // Rounds until neither side has anything to tell or something must be waited for. One run at a time: a second call
  // joins the first.
  virtual Result<SyncReport> Sync(SyncOptions options) = 0;
  // How far the run under way is, or how the last one of this process ended. Waits until anything of the account
  // changed since `seen` (the version of an earlier report; 0: answers at once), for `wait` at most (kProgressWaitMax),
  // and now and then shorter. Errors: kCorrupt, kUnavailable.
  virtual Result<ProgressReport> Progress(std::uint64_t seen, Millis wait) = 0;
  // Ends all waiting in Progress, Sync, DryRun and ChangePassword, and Tidy and Rebuild where they are, now and later:
  // for a holder that is to stop. What was asked of the server goes on until the account is closed; who waited for it
  // is told kUnavailable (of a password kOutcomeUnknown).
  virtual void StopWaiting() = 0;
  // A copy of the account's journal as it is now, in `folder` (absolute, new, on the journal's file system best: then
  // it takes no space). Waits for a flush. Errors: kInvalid (a relative path), those of Journal::MakeCheckpoint.
  virtual Result<void> MakeCheckpoint(const std::filesystem::path& folder) = 0;
  // Drops the history that the settings' limits do not allow, and rewrites the journal's tables without what was
  // dropped or overwritten. Takes as long as the disk takes. Errors: those of Journal::Retain and Journal::Compact.
  virtual Result<RetentionReport> Tidy() = 0;
  // Makes all stored rows again from the events, beside those there are, which count until it is done. Takes as long as
  // the events take. Errors: those of Journal::Refold.
  virtual Result<RefoldReport> Rebuild() = 0;
};

}  // namespace outpost
