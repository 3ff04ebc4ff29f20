#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "base/strand.h"
#include "journal/journal.h"
#include "replicator/dialect.h"
#include "replicator/facts.h"
#include "replicator/limits.h"
#include "replicator/patience.h"
#include "replicator/plan_trace.h"
#include "replicator/planner.h"
#include "replicator/queue.h"
#include "replicator/request_size.h"
#include "replicator/sync_types.h"
#include "replicator/tuning.h"

namespace outpost {

// What a person may set.
struct ReplicatorSettings {
  Policy policy = Policy::kServerWins;
  std::size_t batch_intents = tuning::kBatchIntents;
  std::size_t page_items = tuning::kPageItems;
  std::size_t page_mails = tuning::kPageItems;
  std::size_t PageOf(ItemType type) const { return type == ItemType::kMail ? page_mails : page_items; }
  DeletionLimits deletions;
  std::uint32_t window_days = 365;  // sources of items no older than this are fetched unasked; 0: none
};

// Keeps one account's journal and its server in step. It holds nothing that it could not find again in the journal:
// killed at any moment, the next run goes on from there. A run is rounds of: folder tree and changes of every folder
// (one request), folders not yet read in full, answers of batches that were never seen (read back, never resent blind),
// then the queue in batches, then sources that are not here. Threads: all calls and callbacks on `strand`; journal and
// dialect outlive it; the strand is stopped before it goes.
class Replicator {
 public:
  // `settings` is asked once a round: they may be changed while running.
  Replicator(std::function<ReplicatorSettings()> settings, Journal& journal, Dialect& dialect, Strand& strand,
             const Clock& clock, Random& random, Log& log);

  // From now on all that the planner decides, and what it decides it of, goes to `sink` (null: nowhere), which outlives
  // the replicator; `version` is the program's, `key` veils what the server says. Not while a run is under way.
  void TraceTo(TraceSink* sink, std::string_view version, const Secret& key) { planner_.TraceTo(sink, version, key); }

  // Rounds until neither side has anything to tell or something must be waited for. One run at a time: a call while one
  // is under way is answered together with it. `first`: this folder before the others; none for their own order.
  // `resync`: every folder is compared in full once.
  void Run(ItemId first, bool resync, std::function<void(const SyncProgress&)> progress,
           std::function<void(SyncReport)> done);

  // What a run would do now; sends reads only and appends nothing. Not while a run is under way (answers kConflict).
  void Preview(std::function<void(Result<SyncPreview>)> done);

 private:
  using Next = std::function<void()>;

  // A folder as a round sees it.
  struct FolderWork {
    ItemId id{};
    std::string remote_id;
    ItemType content{};
    bool complete = false;  // read once in full: changes suffice
    std::int64_t cursor = 0;
    Millis compared{0};  // when it was last read in full, by the wall clock; 0: not known
  };
  // The server's id of a folder as the journal has it at one moment: the edits of a batch are in few.
  struct KnownFolder {
    Sequence at = 0;
    ItemId id{};
    std::string remote_id;
  };
  // The folders on the server as the journal has them at one moment: a round looks at them several times, and most find
  // them as they were.
  struct HeldFolders {
    struct Folder {
      ItemId id{};
      std::string remote_id;
      ItemType content{};
      std::optional<CursorMovedBody> cursor;
    };
    Sequence at = 0;  // the journal's end
    std::vector<Folder> folders;
  };
  // When a folder's cursor last moved, and whether the time before it was asked again since.
  struct CursorAge {
    std::int64_t cursor = 0;
    std::chrono::microseconds since{0};
    bool settled = false;
    // When the folder was last asked, by both clocks: one may stand still while the computer sleeps, the other be set.
    std::chrono::microseconds asked{0};
    Millis asked_wall{0};
  };
  // When a folder was compared in full, or first met in this process.
  struct Comparison {
    std::chrono::microseconds at{0};
    bool doubted = false;  // an answer since may have lacked deletions, or it was made of a listing that may lag
    std::map<ItemId, std::int64_t> late = {};  // not in its listing, and their versions, which it did not know of
  };
  // One ask of a pull, and what for.
  struct PullAsk {
    enum class Look : std::uint8_t {
      kTree,      // changes of all folders, or all of them
      kExamined,  // the folders of examined kinds, of which no changes are told
      kChanges,   // of a folder
      kOverlap,   // what changed shortly before its cursor
      kState,     // of a folder of an examined kind
      kItems,     // of an examined kind with edits that wait: nothing refuses an edit of what is other by now
      kPeople,    // who is on the server
      kBusy,      // when somebody is busy
    };
    FolderWork folder;
    Look look = Look::kTree;
    std::vector<std::pair<ItemId, std::string>> items = {};  // and their remote ids
    PersonKind person = {};                                  // of kPeople
    Millis from = {}, until = {};                            // of kBusy
  };
  // What is known of one kind of people in this process.
  struct PeopleAge {
    std::int64_t cursor = 0;
    std::chrono::microseconds asked{0};
    std::chrono::microseconds in_full{0};
  };
  // One folder being read in full.
  struct FullRead {
    FolderWork folder;
    Sequence asked_at = 0;           // the journal's end when the listing was asked for
    std::vector<RemoteHead> wanted;  // to fetch, newest first
    std::size_t next = 0;
    std::size_t pages_under_way = 0;
    bool ended = false;
    std::size_t listed = 0;       // items in the listing, less those that were gone when their rows were asked for
    std::size_t stored = 0;       // of them held here as the server has them
    std::vector<ItemId> missing;  // held here, not in the listing: to be deleted
    std::map<ItemId, std::int64_t> late;  // likewise, but newer than the listing: versions
    bool sorted_out = false;              // what is missing, from what a person has to be asked about
    std::vector<ItemId> to_ask;           // missing too, but so many that a person is asked first
    std::size_t held = 0;
    bool rights_changed = false;  // since the folder was compared: what is missing may be closed to us, not gone
    bool rights_asked = false;    // after the listing was made
    bool unsure = false;          // whether they are the same was not answered: the folder is read once more
    bool listing_empty = false;
    std::int64_t cursor = 0;
    bool held_back = false;  // a deletion waits for the next round, and the cursor with it
  };
  // Events about to be appended, what they were planned from, and what they mean for the report.
  struct Draft {
    Batch events;
    Preconditions seen;
    std::set<ItemId> touched;
    std::map<std::string, ItemId> folders;  // by remote id: those drafted here and those looked up
    std::set<std::string> made;             // RemoteKeys that were not known before
    SyncReport counts;
    bool held = false;  // a deletion was not believed yet
  };
  // Answers of Changes, Folders or FolderChanges on their way into the journal: rows of all folders first, then
  // deletions, so that an item that only moved is never deleted.
  struct Progress {
    std::size_t next_row = 0;
    std::size_t next_deleted = 0;
    bool held = false;  // a deletion waits for the next round, and the cursor with it
    bool finished = false;
  };
  // An item whose attachments were listed, and what it said of them when they were asked for.
  struct Listed {
    ItemId item{};
    ItemType type{};
    std::int64_t count = 0;
    std::int64_t newest = 0;
  };
  struct Incoming {
    FolderWork folder;  // none for the folder tree
    Answer answer;
    Batch questions;  // for consent
    Progress progress;
    std::vector<std::string> vanished = {};  // of the tree: folders held here that are not in it, by remote id
    bool aside = false;                      // no cursor and no time follows from it
    std::optional<PersonKind> people = {};   // it tells of people
    std::optional<Listed> attached = {};     // it tells of what is attached to an item
    std::vector<std::string> late = {};      // remote ids whose rows are still to be fetched
  };
  using IncomingList = std::shared_ptr<std::vector<Incoming>>;
  // A batch about to be opened.
  struct Outgoing {
    BatchOpenedBody body;
    std::vector<Ask> asks;
    Draft draft;
    bool about_rule = false;
  };

  // replicator.cpp: runs, rounds, reading state
  void StartRound();
  void EndRound();
  void Finish();
  void Stop(const Failure& failure);                    // ends the run: the link does not carry
  void Break(const Error& error);                       // ends the run: our own side fails
  void LinkFailed(const Failure& failure, Next again);  // `again` after a pause where that may help, else Stop
  void Tell(const SyncProgress& progress);
  Result<void> FindFolders(const JournalView& view);
  Result<std::vector<FolderWork>> LoadFolders(const JournalView& view);
  Result<std::set<Sequence>> InFlight(const JournalView& view) const;

  OpId NewOperation() { return MakeId<OpId>(clock_.WallNow(), random_); }

  // Asks the server; `done` is dropped when the run that asked is over by then. What it asked stays in the journal as
  // open. `batch`: what it is about, on the line from now on until there is an answer, to whichever run.
  void SendAsks(std::vector<Ask> asks, std::function<void(Reply)> done, trace::Why why = trace::Why::kOther,
                const BatchId& batch = {});
  // Whether the server still knows of every deletion since the folder (none: the tree) was asked last.
  bool Remembers(const ItemId& folder, std::int64_t cursor) const;
  bool ComparisonIsDue(const FolderWork& folder) const;
  // Of which no changes of folders are told, so that they are asked for in each round.
  std::vector<ItemType> ExaminedKinds() const;
  // `then`, to be called on the strand at any time: it is called only while this object is there and the run goes on.
  template <class Then>
  auto OfRun(Then then) {
    return [this, alive = std::weak_ptr(alive_), run = run_, then = std::move(then)](auto&&... what) {
      if (!alive.expired() && !ended_ && run == run_) then(std::forward<decltype(what)>(what)...);
    };
  }

  // draft.cpp: from plans to events
  void DraftPlan(const std::vector<PlannedEvent>& plan, const ItemFacts& facts, const ItemState* item,
                 const FieldMap* row_fields, Draft& draft);
  Result<std::optional<ItemId>> ItemOfRow(const JournalView& view, const RemoteRow& row,
                                          const std::optional<ItemState>& by_id) const;
  Result<std::optional<ItemId>> FolderWithOtherId(const JournalView& view, const std::set<Sequence>& in_flight,
                                                  const RemoteRow& row, const ItemId& parent) const;
  Result<std::optional<ItemId>> FolderMadeHere(const JournalView& view, const std::set<Sequence>& in_flight,
                                               const RemoteRow& row, const ItemId& parent) const;
  // Of kinds whose ids change: the item that the row is about, where it was missing under its old id in this round.
  Result<std::optional<ItemId>> MovedItem(const JournalView& view, const RemoteRow& row) const;
  // The server does not have it under its id any more: a row may turn out to be it.
  void NoteMissing(const ItemState& item);
  // False when the draft has to be appended first, since it touches the same item already.
  bool DraftDisplaced(const std::set<Sequence>& in_flight, const RemoteRow& row, const std::optional<ItemState>& by_id,
                      Draft& draft);
  // Likewise where an answer gives the id to `item`. True when something was drafted: there may be more of it.
  Result<bool> DraftDisplacedBy(const JournalView& view, const ItemId& item, const std::string& remote_id,
                                Draft& draft);
  Result<bool> DraftRow(const JournalView& view, const std::set<Sequence>& in_flight, const RemoteRow& row,
                        Draft& draft);
  // Of an item with edits that wait, a deletion is believed only when a pull that went on to its end since the first
  // word of it has no other news of the item: it may have moved to a folder that was not read yet. Answers whether to
  // believe.
  bool Believe(const ItemId& item);
  // `folder`: the deletion counts only while the item is there; none: anyhow. Sets draft.held for one not believed yet.
  bool SeekFirst(const ItemState& item);
  Result<bool> DraftGone(const JournalView& view, const std::set<Sequence>& in_flight, const ItemId& item,
                         const ItemId& folder, Draft& draft);
  // Folders on the server that are below `folder` by their base.
  Result<std::vector<ItemId>> FoldersBelow(const JournalView& view, const ItemId& folder) const;
  // Items on the server that are in `folder` by their base; at most `most`.
  Result<std::vector<ItemId>> HeldIn(const JournalView& view, const ItemId& folder, std::size_t most) const;
  Result<bool> DraftFolderGone(const JournalView& view, const std::set<Sequence>& in_flight, const ItemId& folder,
                               Draft& draft);
  // The items in a folder whose deletion the server has confirmed. False when there were none (left).
  Result<bool> DraftContentsGone(const JournalView& view, const std::set<Sequence>& in_flight, const ItemId& folder,
                                 Draft& draft);
  void DraftCursor(const ItemId& folder, std::int64_t cursor, Millis compared, Draft& draft);
  Result<ItemId> FolderByRemoteId(const JournalView& view, const std::string& remote_id, Draft& draft) const;
  // Appends and calls `done` on the strand; counts what was appended. `done` is dropped when the run is over by then.
  void Append(Draft draft, Durability durability, std::function<void(Result<Appended>)> done);

  // pull.cpp: what the server tells
  void Pull(Next next);
  static void ParentsFirst(std::vector<RemoteRow>& rows);
  void SendPull(std::shared_ptr<std::vector<FolderWork>> folders, std::size_t at, IncomingList incoming, Next next);
  Result<void> AskForQueued(const JournalView& view, std::vector<Ask>& asks, std::vector<PullAsk>& asked);
  void ReceiveQueued(const PullAsk& asked, Answer answer, std::vector<Incoming>& incoming);
  void ReceiveState(const PullAsk& asked, const Answer& answer);
  void NotAnswered(const PullAsk& asked, const Answer& answer);
  Result<void> Receive(const std::vector<PullAsk>& asked, std::vector<Answer> answers, std::vector<Incoming>& incoming);
  // What a tree says nothing of is neither there nor gone.
  Result<void> NoteUntold(const Answer& tree, bool examined_only);
  bool IsClosedKind(ItemType content);
  Result<void> FindVanished(Incoming& tree, bool examined_only);
  // Whether folders that were told as deleted, or vanished, are gone or only closed to us: asked one by one.
  void LookForFolders(IncomingList incoming, Next next);
  Result<void> JudgeFolders(Incoming& tree, const std::map<std::string, Answer>& found);
  Result<void> InferVanished(const JournalView& view, const std::string& remote_id, bool closed, Incoming& tree);
  void NoteClosed(const ItemId& folder, const std::string& code);
  // What a folder's row means for what is in it.
  Result<void> DraftFolderRow(const JournalView& view, const ItemState& before, const FieldMap& row_fields, bool news,
                              Draft& draft);
  void Store(IncomingList incoming, Next next);
  static std::size_t ExpectRows(const JournalView& view, const std::vector<RemoteRow>& rows, std::size_t first);
  Result<bool> DraftIncoming(const JournalView& view, std::vector<Incoming>& incoming, Draft& draft);

  // overlap.cpp: the time before a folder's cursor, asked for again until it has settled
  bool IsSettled(const FolderWork& folder) const;
  static std::int64_t OverlapFrom(const FolderWork& folder);
  std::int64_t AskFrom(const FolderWork& tree) const;
  Result<void> ReceiveOverlap(Answer answer, Incoming& changes);
  void FetchLate(IncomingList incoming, Next next);
  void NoteAsked(const FolderWork& folder, std::int64_t answered, bool news);

  // attachments.cpp: files at items
  struct Listings;
  // None where the item is not on the server, or its folder is not.
  Result<std::optional<RemoteItem>> RemoteItemOf(const JournalView& view, const ItemId& item) const;
  static Result<std::vector<ItemId>> AttachedTo(const JournalView& view, const ItemId& item);
  void ReadAttachments(Next next);
  void PumpListings(const std::shared_ptr<Listings>& listings);
  static Result<void> TakeAttachments(const JournalView& view, const Listed& listed, Answer answer,
                                      std::vector<Incoming>& incoming);
  // What an upload under way made: the row has its name and its size, and no other user attached it. None where no such
  // row is known.
  Result<std::optional<ItemId>> AttachmentMadeHere(const JournalView& view, const std::set<Sequence>& in_flight,
                                                   const RemoteRow& row, const Draft& draft) const;
  Result<std::optional<Ask>> MakeAttachmentAsk(const JournalView& view, const ItemState& attachment,
                                               const BatchEntry& entry) const;
  // The item is gone: with it what was attached to it.
  Result<void> DraftAttachedGone(const JournalView& view, const std::set<Sequence>& in_flight, const ItemState& item,
                                 Draft& draft);
  // An attachment came or went by our own doing: the item says so before the server does, so that it is no news.
  // `version`: the stamp that the item has by it; 0: not told.
  Result<void> DraftOwnCount(const JournalView& view, const ItemState& attachment, std::int64_t change,
                             std::int64_t version, Draft& draft);
  // Whether a file of the item is on its way to the server, or away from there, without an answer yet.
  static Result<bool> IsAttaching(const JournalView& view, const std::set<Sequence>& in_flight, const ItemState& item);

  // mails.cpp: mails that are written here
  Result<std::optional<Ask>> MakeMailAsk(const JournalView& view, const ItemState& mail, const BatchEntry& entry) const;
  // The mail was sent: what is still to be done is its copy.
  void DraftLeft(const ItemState& mail, Draft& draft);
  // What a submission under way, or one that is looked for, made: the row is in its folder and has its Message-Id.
  Result<std::optional<ItemId>> MailMadeHere(const JournalView& view, const std::set<Sequence>& in_flight,
                                             const RemoteRow& row, const ItemId& folder) const;
  // What it means for a mail that the server has it.
  static void NoteStored(const ItemState& mail, FieldMap& row_fields);

  // photos.cpp: what contacts look like
  // A row says only since when there is a photo: the one here stands for it until it is fetched.
  static void NotePhoto(const ItemState& contact, const std::set<Sequence>& in_flight, FieldMap& row_fields);
  // The photo was fetched: as if a row had it.
  Result<void> DraftPhoto(const JournalView& view, const ItemId& contact, const BlobRef& photo, Draft& draft);
  // What is sent of a contact while somebody else's photo is on its way here: all but the photo. False: nothing.
  bool KeepPhotoBack(const ItemState& contact, BatchEntry& entry);
  // Opens the photo among the fields that are sent; empty where there is none.
  std::function<std::shared_ptr<BodySource>()> PhotoIn(const FieldMap& fields) const;

  // rules.cpp: what the server keeps for the user beside the folders (IsUsersSetting)
  // What a new one under way made: the row says what was sent.
  static Result<std::optional<ItemId>> SettingMadeHere(const JournalView& view, const RemoteRow& row,
                                                       const ItemId& folder);
  // Those of the folder that are not known: one of them may be what a batch without an answer made.
  static Result<std::vector<std::string>> UnknownSettings(const JournalView& view, ItemType type,
                                                          const std::vector<RemoteHead>& heads);

  // people.cpp: who is on the server
  void AskPeople(std::vector<Ask>& asks, std::vector<PullAsk>& asked) const;
  Result<void> ReceivePeople(PersonKind kind, Answer answer, std::vector<Incoming>& incoming) const;
  void NotePeople(const Incoming& people);

  // busy.cpp: when people are busy, where somebody here wants to know it
  Result<void> AskBusy(const JournalView& view, std::vector<Ask>& asks, std::vector<PullAsk>& asked);
  void ReceiveBusy(const PullAsk& asked, Answer answer, std::vector<Incoming>& incoming);
  // What ReceiveBusy made of an answer; false as DraftRow.
  Result<bool> DraftBusy(const JournalView& view, const std::set<Sequence>& in_flight, const RemoteRow& row,
                         Draft& draft);
  // The directory says nothing of it: what is known stays.
  static void KeepBusy(const ItemState& person, FieldMap& row_fields);

  // reading.cpp: folders read in full, whose turn it is
  struct Reading;
  struct Pages;
  void ReadFolders(std::vector<FolderWork> folders, Next next);
  void ReadOn(const std::shared_ptr<Reading>& reading);
  Result<bool> EditsWait(const Reading& reading) const;
  // Answers whether there was something to ask for; so does AskPages.
  bool AskListings(const std::shared_ptr<Reading>& reading, bool visible_only);
  Result<void> TakeListing(Reading& reading, const FolderWork& folder, Sequence asked_at, Answer& answer);
  bool AskPages(const std::shared_ptr<Reading>& reading, bool visible_only);
  void TakePages(const std::shared_ptr<Reading>& reading, const std::shared_ptr<Pages>& pages, Reply reply);
  void StorePages(const std::shared_ptr<Reading>& reading, const std::shared_ptr<Pages>& pages, std::size_t at);
  void EndReads(const std::shared_ptr<Reading>& reading);
  void TellRead(const Reading& reading, const FullRead& read);

  // full_read.cpp: what a listing says, deletions inferred
  Result<void> CompareListing(FullRead& read, std::vector<RemoteHead> heads);
  bool MayLag(const FullRead& read, const ItemState& item) const;
  Result<void> SortOutMissing(FullRead& read);
  Result<void> FindStrays(const JournalView& view);
  Result<void> TakeStrays(const JournalView& view, FullRead& read);
  Result<bool> RightsChangedSince(const JournalView& view, const ItemId& folder) const;
  void AskRights(std::shared_ptr<FullRead> read, Next next);
  static NewEvent ConsentUsedUp(const ItemId& folder);
  void DraftQuestion(FullRead& read, const std::optional<ConsentBody>& consent, Draft& draft);
  void EndFullRead(std::shared_ptr<FullRead> read, std::size_t at, Next next);

  // push.cpp: what the server must learn
  void Push(Next next);
  void PumpPush();
  Result<std::optional<Outgoing>> PlanBatch();
  Result<std::optional<Outgoing>> PlanNextBatch();
  Result<void> AddEntry(const JournalView& view, const ItemState& item, Outgoing& outgoing);
  void RequestFailed(const BatchOpenedBody& batch, const Failure& failure);
  void NoteAnswer(const ItemId& item, const Answer& answer);
  Result<std::optional<ItemState>> SeriesOfNew(const JournalView& view, const ItemState& item,
                                               const BatchEntry& entry) const;
  static bool Waits(const ItemState& series);
  static bool OnlyAnswersDay(const ItemState& item);
  void ParkTooLong(const ItemState& item, const ItemFacts& facts, EntryPlan& plan) const;
  Result<bool> PlaceIsTaken(const JournalView& view, const ItemState& item, const BatchEntry& entry) const;
  Result<bool> FolderIsToBeMade(const JournalView& view, const ItemState& item, const BatchEntry& entry) const;
  static bool IsShownElsewhere(const ItemState& item, const ItemId& folder);
  static Result<Sequence> ChangedElsewhere(const JournalView& view, const ItemState& item, Sequence since);
  Result<InsideFacts> LookInside(const JournalView& view, const ItemState& folder, Sequence deleted) const;
  Result<bool> DraftFolderDeletion(const JournalView& view, const ItemState& folder, const ItemFacts& facts,
                                   const BatchEntry& entry, Draft& draft);
  // own_deletions.cpp: how many of them need a word
  struct OwnDeletions;
  Result<OwnDeletions> FindOwnDeletions(const JournalView& view) const;
  Result<std::size_t> CountOwnDeletions(const JournalView& view, const std::vector<ItemId>& deleted,
                                        const std::set<ItemId>& folders) const;
  Result<std::optional<ConsentBody>> WeighOwnDeletions(const JournalView& view, const ItemId& folder,
                                                       std::vector<ItemId> deleted, const std::set<ItemId>& folders,
                                                       std::set<ItemId>& held);
  Result<void> DraftOwnQuestions(const JournalView& view, Draft& draft);
  void AskAboutOwnDeletions(Next next);
  // Whether all that was made in the stead of a series is on the server.
  Result<bool> IsReplaced(const JournalView& view, const ItemState& series) const;
  static std::string AddSeries(const ItemState& series, std::optional<Ask>& request);
  static void TakeDroppedDays(const ItemState& item, ask::Update& update);
  Result<std::optional<Ask>> MakeAsk(const JournalView& view, const ItemState& item, const BatchEntry& entry) const;
  static Ask MakeFolderAsk(const ItemState& folder, const BatchEntry& entry, std::string target, FieldMap fields);
  Result<std::string> RemoteFolder(const JournalView& view, const Value& folder) const;
  void OpenAndSend(std::shared_ptr<Outgoing> outgoing);
  void Answered(std::shared_ptr<Outgoing> outgoing, Reply reply);
  void StoreAnswers(std::shared_ptr<Outgoing> outgoing, std::shared_ptr<std::vector<Answer>> answers);
  Result<void> DraftAnswer(const JournalView& view, const BatchOpenedBody& batch, const BatchEntry& entry,
                           const Answer& answer, Draft& draft);
  void BatchEnded();
  void Refetch(Next next);

  // sources.cpp: what items are beside their fields
  struct Sources;
  Result<std::vector<ItemState>> MissingSources(const JournalView& view) const;
  void ReadSources(Next next);
  void PumpSources(const std::shared_ptr<Sources>& sources);
  void TakeSource(const std::shared_ptr<Sources>& sources, const ItemId& id, ItemType type, SourceReply reply);

  // read_back.cpp: what became of batches without an answer
  struct Unknown;
  void ReadBack(Next next);
  Result<std::shared_ptr<Unknown>> FindUnknown(const JournalView& view);
  void LookBeforeCreating(Next next);
  void ReadTreeFirst();
  Result<bool> MayBeForgotten(const JournalView& view, const BatchEntry& entry, Sequence opened) const;
  Result<std::int64_t> TreeTokenAt(const JournalView& view, Sequence opened) const;
  Result<void> AskForFolders(const JournalView& view, const Unknown& unknown, std::vector<Ask>& asks) const;
  Result<void> NoteFoldersGone(const JournalView& view, Unknown& unknown) const;
  Result<void> TakeFolders(const JournalView& view, std::span<Answer> answers, Unknown& unknown);
  Result<void> AskForMails(const JournalView& view, Unknown& unknown, std::vector<Ask>& asks);
  static Result<void> TakeMails(const JournalView& view, std::span<const Answer> answers, Unknown& unknown);
  void LookForAttachments(std::shared_ptr<Unknown> unknown, std::size_t at, Next next);
  void LookForCreates(std::shared_ptr<Unknown> unknown, Next next);
  void FetchUnknown(std::shared_ptr<Unknown> unknown, Next next);
  static Result<bool> MayBeRenamed(const JournalView& view, const Unknown& unknown, const ItemId& folder,
                                   Sequence opened, const Draft& draft);
  Result<bool> DraftReadBack(const JournalView& view, Unknown& unknown, Draft& draft);
  void StoreReadBack(std::shared_ptr<Unknown> unknown, Next next);

  const std::function<ReplicatorSettings()> ask_settings_;
  Journal& journal_;
  Dialect& dialect_;
  Strand& strand_;
  const Clock& clock_;
  Random& random_;
  Log& log_;
  TracedPlanner planner_{clock_};

  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);

  // Of this process: an optimisation, never the truth.
  bool folders_listed_ = false;
  std::optional<HeldFolders> held_folders_;
  mutable std::optional<KnownFolder> known_folder_;  // the one that was looked up last
  std::map<ItemId, CursorAge> cursor_ages_;
  std::map<PersonKind, PeopleAge> people_ages_;
  std::map<ItemId, Comparison> comparisons_;
  std::map<ItemType, std::string> closed_kinds_;  // of which the tree told nothing, and why; the next one tells again
  std::set<ItemId> closed_;                  // folders that may not be read: not asked for until there is news of them
  std::set<ItemId> reread_;                  // of the round: folders to be compared in full, whatever their changes say
  bool reading_paused_ = false;              // in the round: for edits to go first
  Sequence pushed_to_ = 0;                   // of the run: the journal's end when it last looked for edits to send
  std::uint64_t pulls_ = 0;                  // of this process, to their end: every folder asked, the new ones read
  std::map<ItemId, std::uint64_t> doubted_;  // deletions not believed yet, and the pulls before the first word of them
  std::set<ItemId>
      unread_;  // written here, and not read since: the server may have stored other values than it was sent
  std::set<ItemId> sought_;  // such items for which all folders were, or will be, compared in full
  std::set<std::string>
      gone_ids_;  // RemoteKeys, told as deleted in this round: a row with the uid of such an item is that item
  std::multimap<std::string, ItemId> missing_;  // of the round: items of examined kinds, by what tells them again
  std::set<ItemId> stale_;  // folders of examined kinds of which something is other than in the last listing
  std::map<ItemId, std::string> listed_as_;  // such folders, and by which id their last whole listing was
  // Of the round: items by their folder, of examined kinds, whose ids are those of a folder that it was once. Found
  // when first needed.
  std::optional<std::multimap<ItemId, ItemId>> strays_;
  std::set<ItemId> vanished_;   // of the round: folders of examined kinds that are not in the tree by their id
  std::set<ItemId> postponed_;  // such folders that are not in the tree: their items may show up elsewhere first
  std::set<ItemId> seen_;       // of the round: items of examined kinds as the server has them
  std::set<ItemId> asked_for_;  // of the round: such items that were asked for
  Sequence queue_from_ = 0;     // no edit before it is pending
  RequestSize request_size_;
  Patience patience_;

  // Of the run.
  bool running_ = false;
  bool ended_ = false;
  std::uint64_t asked_ = 0;  // requests, for the trace
  std::uint64_t run_ = 0;    // number of the run: answers to an earlier one are not this one's
  ItemId first_folder_{};
  bool resync_ = false;
  std::set<ItemId> resynced_;
  ReplicatorSettings settings_;  // of the round
  SyncReport report_;
  std::uint64_t requests_before_ = 0;
  std::uint64_t news_in_round_ = 0;
  bool fetched_in_round_ = false;          // sources came
  std::uint64_t rounds_that_fetched_ = 0;  // of this run
  int link_failures_ = 0;
  int push_failures_ = 0;  // requests of writes in a row that the server failed as a whole
  std::size_t batches_under_way_ = 0;
  std::set<BatchId> on_line_;  // asked of the server, by this run or one before, and not answered: they may yet arrive
  bool rule_under_way_ = false;  // one after another: each of them may move the others
  bool opening_ = false;         // a batch is being written to the journal
  std::optional<Failure> push_failure_;
  std::optional<Failure> write_failure_;  // the newest of a request with one item alone
  Next after_push_;
  Sequence own_weighed_to_ = 0;        // of the push: deletions made here up to there are weighed
  bool own_unweighed_ = false;         // one made since then waits for that
  std::set<ItemId> own_held_;          // of the push: such ones that wait for consent
  std::size_t own_held_count_ = 0;     // items that go with them
  std::size_t own_held_reported_ = 0;  // of the run
  std::set<ItemId> refetch_;           // changed there while we wrote
  std::map<ItemId, int> changed_meanwhile_;
  FieldLimits limits_;
  std::set<ItemId> left_for_later_;       // not sent again in this run
  std::set<ItemId> left_for_next_round_;  // exceptions whose series has something to tell first, or changed meanwhile
  std::set<ItemId> waits_;                // until a batch is answered: what is below a folder goes with it or after it
  std::set<ItemId> look_for_;             // to be made, but perhaps there: looked for by uid first
  std::set<ItemId> looked_for_;
  bool tree_read_ = false;                 // the whole tree, in this run
  bool tree_wanted_ = false;               // before anything is made again
  std::set<ItemId> sought_mails_;          // of them, and of unanswered batches: those that are mails
  std::set<ItemId> busy_put_off_;          // people whose times the server could not tell, in this run
  std::set<ItemId> listings_failed_;       // of attachments, in this run
  std::map<ItemId, int> source_failures_;  // of the line
  std::set<ItemId> sources_failed_;        // not asked for again in this run
  std::vector<std::function<void(SyncReport)>> waiting_;
  std::function<void(const SyncProgress&)> progress_;
};

}  // namespace outpost
