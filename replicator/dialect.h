#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "replicator/transport.h"
#include "schemas/fields.h"
#include "schemas/value.h"

namespace outpost {

// The port between the engine and a server's protocol, in the engine's words only. Folders and items carry the server's
// ids as opaque text.

// Instead of a remote id: the tops of the tree, whatever the server calls them. No folder is in the one for what others
// share: below it stand their names, which are no folders.
inline constexpr std::string_view kRemotePrivateRoot = "root/private";
inline constexpr std::string_view kRemotePublicRoot = "root/public";

// Whom a server knows. Their remote ids are "user:4", "group:0", "resource:7", as rights and participants name them.
enum class PersonKind : std::uint8_t { kUser, kGroup, kResource };
inline constexpr PersonKind kPersonKinds[] = {PersonKind::kUser, PersonKind::kGroup, PersonKind::kResource};
// "user", "group", "resource".
constexpr const char* PersonKindName(PersonKind kind) {
  return kind == PersonKind::kUser ? "user" : kind == PersonKind::kGroup ? "group" : "resource";
}

// One object as the server has it now.
struct RemoteRow {
  std::string remote_id;
  std::string folder;        // remote id of the folder it is in; for a folder that of its parent, or a root
  std::int64_t version = 0;  // the server's change token
  ItemType type{};
  FieldMap fields;  // every field that travels and is set; what is absent is null on the server. Never the folder field
                    // itself, nor a photo, of which only the stamp is there
};

// An item as the server has it, named.
struct RemoteItem {
  std::string folder;
  ItemType type{};
  std::string remote_id;
};

// One line of a listing.
struct RemoteHead {
  std::string remote_id;
  std::int64_t version = 0;
  std::string uid;
};

namespace ask {
// All folders the user sees whose content is one of `content`; empty: of those that the dialect carries. -> rows (type
// folder)
struct Folders {
  std::vector<ItemType> content;
};
// Folders changed or deleted since `cursor`. -> rows (only content types that are known), deleted, cursor
struct FolderChanges {
  std::int64_t cursor = 0;
};
// Whether a folder is there and open to the user. -> nothing; kGone: it is not there; kRefused and denied: it is there,
// but closed to him
struct FolderThere {
  std::string folder;
};
// Ids, tokens and uids of all items in a folder. -> heads, cursor (the newest token seen; 0 for an empty folder; of
// examined kinds that of Examine, and the heads in the order in which they are worth reading)
struct Listing {
  std::string folder;
  ItemType type{};
};
// Whole rows of some items, or of folders (`folder` is not looked at then). -> rows; an id that is gone is simply
// missing
struct Fetch {
  std::string folder;
  ItemType type{};
  std::vector<std::string> remote_ids;
};
// What changed in a folder since `cursor`, inclusive. -> rows, deleted, cursor (never below the one given)
struct Changes {
  std::string folder;
  ItemType type{};
  std::int64_t cursor = 0;
};
// The same, but only ids and tokens of what changed: little to read where most of it is held already. -> heads (without
// uids), deleted
struct ChangedHeads {
  std::string folder;
  ItemType type{};
  std::int64_t cursor = 0;
};
// Whether anything in a folder is other than before, for kinds whose changes nobody tells. -> cursor (another one: it
// is, and a listing says what; nothing follows from the same one, since not everything shows in it)
struct Examine {
  std::string folder;
  ItemType type{};
};
// Who is on the server: users, groups or resources. -> rows (kPerson, in no folder), deleted, cursor, all
struct People {
  PersonKind kind{};
  std::int64_t cursor = 0;  // what changed since, where the server tells that of this kind; 0: everybody
};
// When users and resources are busy in a time of the server's choosing of units: each is an ask. -> rows (kPerson, in
// no folder; of its fields only field::kPersonBusy, ascending by start, absent where there is nothing)
struct Busy {
  static constexpr ItemType type = ItemType::kPerson;
  std::string person;  // remote id
  Millis from{0}, until{0};
};
// Whether a folder of an examined kind has an item with this uid, which its listings do not tell. -> heads (with the
// uid), newest (the id that the folder gave out last, whether the item is still there or not)
struct Seek {
  std::string folder;
  ItemType type{};
  std::string uid;
};
// Makes an item; `fields` has its uid. A folder is made below `folder`, with its title and what it holds. With `series`
// it becomes the exception of that series for the day that `fields` has, refused when the series is newer than
// `series_version`. -> remote_id, version
// With `photo`, which opens the bytes (null where they cannot be read), it is a request of its own; so is an Update.
struct Create {
  std::string folder;
  ItemType type{};
  FieldMap fields;
  std::string series = {};
  std::int64_t series_version = 0;
  bool answers_day = false;  // of the exception only what the user answers is told; a request of its own
  std::function<std::shared_ptr<BodySource>()> photo = {};
};
// Changes fields (null clears), refused when the server's item is newer than `version`; moves it when `target` is not
// empty. The days `dropped` of a series no longer take place, whatever version it has. For a folder `folder` is not
// looked at. -> version; remote_id where it has another one now
struct Update {
  std::string folder;
  std::string target;
  std::string remote_id;
  ItemType type{};
  std::int64_t version = 0;
  FieldMap fields;
  std::vector<std::int64_t> dropped = {};
  std::function<std::shared_ptr<BodySource>()> photo = {};
};
// Deletes, refused when the server's item is newer than `version`; a folder with all that is in it. For a folder
// `folder` is not looked at.
struct Delete {
  std::string folder;
  std::string remote_id;
  ItemType type{};
  std::int64_t version = 0;
  bool for_good = false;  // not into the trash, where there is one
};
// What is attached to an item; a request of its own. -> rows (kAttachment, in no folder), of all that there are
struct Attachments {
  static constexpr ItemType type = ItemType::kAttachment;
  RemoteItem item;
};
// Attaches a file; a request of its own. `content` opens it, null where it cannot be read. -> remote_id, version
struct Attach {
  static constexpr ItemType type = ItemType::kAttachment;
  RemoteItem item;
  std::string filename;
  std::string mimetype;
  std::function<std::shared_ptr<BodySource>()> content;
  bool rich_text = false;  // the item's text with its format
};
// Takes an attachment away; a request of its own. -> version of the item, 0 where it is not told
struct Detach {
  static constexpr ItemType type = ItemType::kAttachment;
  RemoteItem item;
  std::string remote_id;
};
// Makes a mail of its source, `content`, which opens it (null where it cannot be read); a request of its own. `send`:
// it goes to whom it names, and its copy to the server's folder for that, which `folder` is believed to be; else it is
// only put into `folder`, with the flags in `fields`. -> remote_id, left
struct Submit {
  static constexpr ItemType type = ItemType::kMail;
  std::string folder;
  bool send = false;
  FieldMap fields;
  std::function<std::shared_ptr<BodySource>()> content;
};
}  // namespace ask

using Ask = std::variant<ask::Folders, ask::FolderChanges, ask::FolderThere, ask::Listing, ask::Fetch, ask::Changes,
                         ask::ChangedHeads, ask::Examine, ask::People, ask::Busy, ask::Attachments, ask::Seek,
                         ask::Create, ask::Update, ask::Delete, ask::Attach, ask::Detach, ask::Submit>;
inline bool IsWrite(const Ask& a) { return a.index() >= 12; }

enum class AnswerStatus {
  kDone,
  kChangedMeanwhile,  // the server's item is newer than the version given; nothing was written
  kGone,              // the item or folder is not there (any more)
  kRefused,           // the same again would be refused again; see code, text, problems
  kTryLater,          // not now; the same again may work
};

// A field the server would not take.
struct FieldProblem {
  FieldId field = 0;
  std::int64_t length = 0;  // what it got; 0: not told
  std::int64_t limit = 0;   // what it takes; 0: not told
};

// A kind of which the server told no folders: it is closed to the user, or answered in another shape. Neither says that
// its folders are not there.
struct UntoldKind {
  ItemType content{};
  bool closed = false;
  std::string code;  // the server's own, or kAnotherShape
};
inline constexpr const char* kAnotherShape = "another_shape";

struct Answer {
  AnswerStatus status = AnswerStatus::kDone;
  bool denied = false;  // kRefused: the user lacks a right that he may get (back)
  std::string code;     // the server's own, when not done
  std::string text;     // the server's own; may quote contents
  std::vector<FieldProblem> problems;
  std::vector<RemoteRow> rows;
  std::vector<RemoteHead> heads;
  std::vector<std::string> deleted;
  std::int64_t cursor = 0;
  bool all = false;                // of People: there is nobody but the rows
  std::vector<UntoldKind> untold;  // of Folders, and of Fetch of folders: what the rows say nothing of
  std::string remote_id;
  std::int64_t version = 0;  // of Submit 0: its row tells
  std::string newest;        // of Seek; empty: the folder has given out none
  bool left = false;         // of Submit, kTryLater: the mail was sent, but there is no copy of it on the server
};

// Why a whole request has no answers. Each is a state of the connection with a reaction of its own.
enum class LinkState {
  kOnline,
  kOffline,
  kServerDown,
  kThrottled,
  kWrongPassword,
  kWrongCertificate,
  kProtocolError,
  kCaptivePortal,  // somebody between answers with a page of his own
};
const char* LinkStateName(LinkState state);

struct Failure {
  LinkState why = LinkState::kOffline;
  bool maybe_applied = false;  // writes of the request may have been done
  Millis retry_after{0};       // told by the server; 0: not told
  std::string text;            // one sentence for the user; never contents
};

struct Reply {
  std::optional<Failure> failure;
  std::vector<Answer> answers;  // one for each ask, in order, when there is no failure
  std::uint64_t bytes = 0;      // that crossed the line for it
  std::chrono::microseconds took{0};
};

// An item whose source is asked for, with what is known of it: what comes must be its.
struct SourceAsk {
  std::string folder;
  std::string remote_id;
  ItemType type{};
  FieldMap fields;
  RemoteItem item = {};  // of an attachment, what it is attached to; `folder` means nothing then
};
struct SourceReply {
  std::optional<Failure> failure;
  AnswerStatus status = AnswerStatus::kDone;
  std::string bytes;  // when done
};

// What signing in tells.
struct SessionInfo {
  std::string user_id;
  Millis tombstone_horizon{0};             // how long the server remembers deletions
  Millis server_now{0};                    // the server's clock at that moment
  std::chrono::microseconds then{0};       // that moment, by Clock::MonotonicNow
  std::optional<bool> mail_goes_for_good;  // what the user chose there: deleting a mail passes by the trash
  bool deltas_complete = false;  // false: an answer to Changes with rows may lack deletions older than the newest row
};

// Kinds are followed in one of two ways. Most tell what changed since a cursor (ask::Changes), and refuse a write that
// is made from an older version. Of others, such as mail, folders only say that something is other than before
// (ask::Examine) and must be listed to learn what; an id holds for one folder and may become another item's (the
// dialect makes ids that tell), begins with the id of the folder and a colon, and is another one after a move; a
// version is one of the item's state, not of time; and nothing is ever refused for being newer.
// Threads: owner strand; every `done` is posted to it, once.
class Dialect {
 public:
  virtual ~Dialect() = default;
  // Signs in with the account's credentials, at most once at a time. Not needed before Send, which does it by itself
  // when there is no session and signs in again once when the server says that the session is lost.
  virtual void SignIn(std::function<void(std::optional<Failure>, SessionInfo)> done) = 0;
  // All `asks` in one HTTP request (two when a session had to be made first); without asks nothing leaves. An ask that
  // is a request of its own comes alone. The answers of one request are independent of one another, and no ask may
  // depend on another of the same request. An answer that the server did not
  // give, or in another shape than its protocol has, makes the whole reply a failure (kProtocolError): nothing is ever
  // concluded from half an answer. What belongs to settings that are items (rules, signatures) costs its own part
  // alone: kTryLater with kAnotherShape, or `untold`.
  virtual void Send(std::vector<Ask> asks, std::function<void(Reply)> done) = 0;
  // The source of an item (field::SourceOf), of a contact its photo, byte by byte, in a request of its own. kGone:
  // there is none, or it is not the item's (any more).
  virtual void FetchSource(SourceAsk ask, std::function<void(SourceReply)> done) = 0;
  // Whether items of this type are followed by ask::Examine instead of ask::Changes.
  virtual bool IsExamined(ItemType type) const = 0;
  // Hears the server's own word that there is something new, as far as it gives one; what is new, only asking tells.
  // `news` is called on the strand, at any time until the next call, for changes made by this session too. To be called
  // after each round: it makes sure that the way is open, without waiting, and without a session does nothing.
  virtual void Listen(std::function<void()> news) { (void)news; }
  // Signs in with this password from now on. A refused sign-in is forgotten, the session that is there is not, unless
  // the password is another one.
  virtual void UsePassword(std::string password) = 0;
  // Gives the user another password on the server, in a request of its own, and signs in with it from then on. One
  // answer: kDone, kRefused, or kTryLater. A failure that may have been applied leaves it open which one counts.
  virtual void ChangePassword(std::string password, std::function<void(Reply)> done) = 0;
  // Requests sent so far, sign-ins included.
  virtual std::uint64_t requests() const = 0;
  virtual const SessionInfo& session() const = 0;
};

}  // namespace outpost
