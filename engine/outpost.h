#pragma once
/*
 * Outpost for programs that are not Outlook: one user on one server as an opaque handle, in plain C.
 *
 * liboutpost.so exports what is declared here and nothing else. It needs no set-up and starts no thread before an
 * account is opened.
 *
 * Versions. OUTPOST_ABI_VERSION grows only when something here changes its meaning; then the library's file gets
 * another name. New functions, codes and members at the end of structures do not change it: each structure begins with
 * `size`, the caller's sizeof of it, and members behind that are taken for 0.
 *
 * Text is UTF-8 and ends with 0. Ids are 32 hexadecimal digits. Times are milliseconds since 1970 UTC. What is answered
 * as JSON has the form of docs/cli.md ("--json"); further members may come.
 *
 * Ownership. What is passed in is read before the call returns and never kept, but for the callback of a subscription
 * and its context. What is answered belongs to the caller, who gives it back with outpost_free(). An answer is written
 * only where the call succeeds.
 *
 * Threads. Any thread may call anything, at the same time too, on the same handle, but for what ends it: after
 * outpost_close() has begun, its account may be used by nobody, and so with outpost_unsubscribe(). No call waits for
 * the network but outpost_sync(), and none under a lock that another call needs. Edits wait for the disk.
 *
 * Errors. Every call answers a code; with it a text that names what, where and the limit, never what a person wrote and
 * never a secret. No C++ exception leaves the library.
 */
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define OUTPOST_API
#else
#define OUTPOST_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define OUTPOST_ABI_VERSION 1u

/* The version that the library has. A program compares it with OUTPOST_ABI_VERSION before it calls anything else. */
OUTPOST_API uint32_t outpost_abi_version(void);

/* The numbers never change. */
enum {
  OUTPOST_OK = 0,
  OUTPOST_NOT_FOUND = 1,       /* what was named does not exist */
  OUTPOST_CONFLICT = 2,        /* it exists already, another process holds it, or somebody else changed it meanwhile */
  OUTPOST_CHANGED = 3,         /* it moved on since it was looked at: nothing was done */
  OUTPOST_CORRUPT = 4,         /* stored or received bytes are damaged */
  OUTPOST_UNAVAILABLE = 5,     /* disk full, busy, not reached: may work later */
  OUTPOST_OUTCOME_UNKNOWN = 6, /* it may have been done */
  OUTPOST_REJECTED = 7,        /* a rule or a limit refuses it: the same again fails the same way */
  OUTPOST_UNAUTHORIZED = 8,    /* the sign-in was refused */
  OUTPOST_NEWER_FORMAT = 9,    /* written by a later version of Outpost */
  OUTPOST_INVALID = 10,        /* an argument is malformed, NULL where it may not be, or of an unknown size */
  OUTPOST_NO_MEMORY = 11,
  OUTPOST_BUG = 12 /* an invariant broke inside; the handle can only be closed */
};

/* Why a call failed; NULL may be passed where the text is not wanted. A longer text is cut at a character. */
typedef struct outpost_error {
  uint32_t size; /* sizeof(outpost_error) */
  int32_t code;  /* as answered; OUTPOST_OK after a success */
  char text[504];
} outpost_error;

/* Gives back what a call answered; NULL is nothing. */
OUTPOST_API void outpost_free(char* answer);

/* ---- Accounts ---------------------------------------------------------------------------------------------------- */

typedef struct outpost_account outpost_account;

/* A new account: its folder is made, its settings and password are stored, nothing is asked of the server: whether the
 * password is right, outpost_sync() tells. */
typedef struct outpost_new_account {
  uint32_t size;          /* sizeof(outpost_new_account) */
  uint32_t flags;         /* OUTPOST_ALLOW_HTTP, or 0 */
  const char* data;       /* the data directory; NULL: the user's own ($XDG_DATA_HOME/outpost) */
  const char* server;     /* https://HOST, with or without a path */
  const char* user;       /* the user's name there */
  const char* password;   /* goes to the secret store; NULL: none yet */
  const char* passphrase; /* all that is kept here is encrypted by it; NULL: it is not encrypted */
} outpost_new_account;

#define OUTPOST_ALLOW_HTTP 1u /* plain http to other machines, too: anybody on the way can read along */

/* {"name", "folder"}. Errors: OUTPOST_CONFLICT (it is there already), OUTPOST_INVALID, OUTPOST_UNAVAILABLE; nothing is
 * left of it then. */
OUTPOST_API int32_t outpost_make(const outpost_new_account* account, char** json, outpost_error* error);

/* [{"name", "folder"}, ...] of a data directory; NULL: the user's own. */
OUTPOST_API int32_t outpost_accounts(const char* data, char** json, outpost_error* error);

typedef struct outpost_open_options {
  uint32_t size;          /* sizeof(outpost_open_options) */
  uint32_t flags;         /* OUTPOST_OFFLINE, or 0 */
  const char* data;       /* the data directory; NULL: the user's own */
  const char* account;    /* USER@HOST; NULL: the only one there is */
  const char* passphrase; /* of an account that is encrypted by one; NULL: none */
} outpost_open_options;

#define OUTPOST_OFFLINE 1u /* never goes online: reading and editing only */

/* Opens an account. While it is open, no other process can open it, but every verb of `outpost` reaches it through this
 * one. Nothing is synced before outpost_sync() or outpost_watch(). Errors: OUTPOST_NOT_FOUND, OUTPOST_CONFLICT (another
 * process holds it), OUTPOST_INVALID, OUTPOST_CORRUPT, OUTPOST_NEWER_FORMAT, OUTPOST_UNAVAILABLE. */
OUTPOST_API int32_t outpost_open(const outpost_open_options* options, outpost_account** account, outpost_error* error);

/* Ends what runs, its subscriptions too, and closes the account; what was acknowledged is on disk. Returns after the
 * last callback; not to be called from one (OUTPOST_INVALID, and nothing is done). NULL is nothing. */
OUTPOST_API int32_t outpost_close(outpost_account* account, outpost_error* error);

/* All settings: [{"name", "value", "default", "about"}, ...]. */
OUTPOST_API int32_t outpost_settings(outpost_account* account, char** json, outpost_error* error);
/* Sets one; empty text unsets it. Errors: OUTPOST_INVALID (no such setting, not one that is set by hand, or a value
 * that it may not hold). */
OUTPOST_API int32_t outpost_set_setting(outpost_account* account, const char* name, const char* value,
                                        outpost_error* error);
/* Another password for the server: goes to the secret store, never into the journal. */
OUTPOST_API int32_t outpost_set_password(outpost_account* account, const char* password, outpost_error* error);

/* ---- Syncing ----------------------------------------------------------------------------------------------------- */

/* Rounds until neither side has anything to tell; waits for the network, for as long as that takes. The report as of
 * `outpost sync`, also where the server could not be worked with: then "link" is not "online" and "problem" says why.
 */
OUTPOST_API int32_t outpost_sync(outpost_account* account, char** json, outpost_error* error);
/* Keeps syncing by itself from now on, at once and after each change here; or ends that. Does not wait. */
OUTPOST_API int32_t outpost_watch(outpost_account* account, int32_t on, outpost_error* error);

/* How the account stands, as `outpost status`. */
OUTPOST_API int32_t outpost_status(outpost_account* account, char** json, outpost_error* error);
/* {"version", "running", "runs", "progress"}: how far the run under way is. Waits until something of the account
 * changed since `seen` (the version of an earlier answer; 0: answers at once), for `wait_ms` at most, and 5,000 at
 * most. */
OUTPOST_API int32_t outpost_progress(outpost_account* account, uint64_t seen, uint32_t wait_ms, char** json,
                                     outpost_error* error);

/* ---- Folders and items ------------------------------------------------------------------------------------------- */

/* Where a folder is asked for, its path ("Contacts") or its id does. */

/* [{"id", "path", "name", "type", ...}, ...] */
OUTPOST_API int32_t outpost_folders(outpost_account* account, char** json, outpost_error* error);

/* [{"id", "folder", "type", "remote_id", "state", "fields"}, ...]: at most `limit` of the folder's items (0: all) in
 * the order that the folder shows, from the one at `offset` on. Time grows with `offset`. */
OUTPOST_API int32_t outpost_items(outpost_account* account, const char* folder, uint64_t offset, uint64_t limit,
                                  char** json, outpost_error* error);
OUTPOST_API int32_t outpost_item(outpost_account* account, const char* id, char** json, outpost_error* error);

/* Makes an item of `type` ("contact", ...; NULL: what the folder holds) with `fields`, an object of JSON by the names
 * and in the form of an item's "fields". Answers the item. */
OUTPOST_API int32_t outpost_create_item(outpost_account* account, const char* folder, const char* type,
                                        const char* fields, char** json, outpost_error* error);
/* Changes the fields that are named; null clears. Answers the item as it is then; `json` may be NULL. */
OUTPOST_API int32_t outpost_set_item(outpost_account* account, const char* id, const char* fields, char** json,
                                     outpost_error* error);
OUTPOST_API int32_t outpost_move_item(outpost_account* account, const char* id, const char* folder,
                                      outpost_error* error);
OUTPOST_API int32_t outpost_delete_item(outpost_account* account, const char* id, outpost_error* error);

/* How the item looked after each change that can be seen, the oldest first: [{"seq", "time", "origin", "kind", "item"},
 * ...], as far back as its history is kept; "item" is null where it was not to be seen. Also of one that is gone. */
OUTPOST_API int32_t outpost_item_versions(outpost_account* account, const char* id, char** json, outpost_error* error);
/* Brings an item back to how it was after event `seq`, by an ordinary edit; one that is gone is made again.
 * {"restored": "unchanged" | "changed" | "made again"}. */
OUTPOST_API int32_t outpost_restore_item(outpost_account* account, const char* id, uint64_t seq, char** json,
                                         outpost_error* error);

/* ---- What happens ------------------------------------------------------------------------------------------------ */

/* `change`: {"what": "created" | "changed" | "moved" | "deleted" | "reload", "id", "type", "folder", "from", "remote"},
 * which lives as long as the call. "reload" is of the account as a whole: anything may be another. Called on a thread
 * of the account's, one call at a time; it may call what it likes but outpost_close(), and delays what is told next. */
typedef void (*outpost_callback)(void* context, const char* change);
typedef struct outpost_subscription outpost_subscription;

/* Tells of what becomes of items and folders from now on, whoever changes them. */
OUTPOST_API int32_t outpost_subscribe(outpost_account* account, outpost_callback callback, void* context,
                                      outpost_subscription** subscription, outpost_error* error);
/* No call begins after it; it waits for one under way, unless it is called from within that one. After outpost_close()
 * of its account there is nothing to unsubscribe any more. NULL is nothing. */
OUTPOST_API int32_t outpost_unsubscribe(outpost_subscription* subscription, outpost_error* error);

/* ---- What a person is asked -------------------------------------------------------------------------------------- */

/* Mass deletions, there or here, that wait for a word: [{"folder", "folder_id", "deleted", "count", "held", "items"},
 * ...]. */
OUTPOST_API int32_t outpost_consents(outpost_account* account, char** json, outpost_error* error);
/* `give` not 0: they are deleted here too; 0: they are kept. Errors: OUTPOST_NOT_FOUND (nothing waits there). */
OUTPOST_API int32_t outpost_answer_consent(outpost_account* account, const char* folder, int32_t give,
                                           outpost_error* error);

/* Lost changes that nobody has looked at: [{"item", "type", "folder", "group", "winner", "winner_seq", "loser_seq",
 * "loser", "now"}, ...]. */
OUTPOST_API int32_t outpost_conflicts(outpost_account* account, char** json, outpost_error* error);
/* Turns the decision round by a new edit; `loser_seq` as listed, `over_later_edits` not 0: also where it was changed
 * since. {"item", "way", "moved_to", "groups", "turned", "kept"}. Errors: OUTPOST_NOT_FOUND, OUTPOST_CONFLICT (all of
 * it was changed since). */
OUTPOST_API int32_t outpost_undo_conflict(outpost_account* account, uint64_t loser_seq, int32_t over_later_edits,
                                          char** json, outpost_error* error);
/* Lets the decision stand. */
OUTPOST_API int32_t outpost_settle_conflict(outpost_account* account, uint64_t loser_seq, outpost_error* error);

#ifdef __cplusplus
}
#endif
