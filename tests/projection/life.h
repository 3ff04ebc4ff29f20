#pragma once
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "journal/journal.h"
#include "projection/audit.h"
#include "projection/folds.h"
#include "replicator/rows.h"
#include "tests/journal/remembered.h"
#include "tests/journal/scratch.h"
#include "tests/projection/memory_account.h"

namespace outpost::test {

// A journal on disk under all folds of an account, lived in at random.
class Life {
 public:
  explicit Life(std::uint64_t seed) : random_(seed) { Open(); }
  ~Life() {
    photo_ = {};
    journal.reset();
  }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  void Open() {
    photo_ = {};  // before its journal
    journal.reset();
    JournalOptions options;
    options.folder = scratch_.path() / "journal";
    options.reserve_bytes = 0;
    auto opened = Journal::Open(std::move(options), folds_.all(), folds_.items, clock_, NullLog());
    REQUIRE(opened);
    journal = std::move(opened).value();
    REQUIRE(journal->stats().read_only_reason == "");
  }

  void Live(int steps) {
    for (int i = 0; i < steps; ++i) {
      clock_.Advance(Millis(random_.Below(3 * 3'600'000)));
      Step();
    }
    Remember();
  }

  // A contact from the server, in the first folder.
  ItemId Make(FieldMap fields, const std::string& remote_id) {
    while (folders_.empty()) Step();
    const auto item = MakeId<ItemId>(clock_.WallNow(), random_);
    fields[field::FolderOf(ItemType::kContact)] = folders_.front();
    Contact(Kind::kRemoteCreated, item, {}, {std::move(fields), remote_id, 1});
    return item;
  }
  // Deleted on both sides, with everything that was under way.
  void Remove(const ItemId& item) {
    Contact(Kind::kRemoteDeleted, item, {}, {});
    const auto state = StateOf(item);
    for (const PendingEdit& edit : state->pending) {
      OutcomesBody body;
      for (const GroupId group : edit.groups) body.groups.push_back({group, OutcomeKind::kSuperseded});
      Append(Kind::kOutcome, Origin::kEngine, ItemType::kContact, item, edit.op, Encode(body));
    }
  }

  RetentionReport Retain(const RetentionPolicy& policy, int parts = 1 << 30) {
    const auto report = journal->Retain(policy, [&] { return parts-- <= 0; });
    INFO((report ? "" : report.error().context));
    REQUIRE(report);
    Remember();
    swept += report.value().blobs.removed;
    if (report.value().blobs.complete) CHECK(VerifyBlobs(*journal->View(), {}).value().unreferenced <= 1);  // photo_
    return report.value();
  }

  // The law, and all that an inspector asks.
  void Check() {
    const auto view = journal->View();
    const auto verified = VerifyEvents(*view).value();
    CHECK(verified.problem == "");
    const auto from_checkpoint = VerifyRebuild(*view, folds_.all()).value();
    CHECK(from_checkpoint.first_difference == "");
    const auto from_all = VerifyRebuild(Remembered(all_, *view), folds_.all()).value();
    CHECK(from_all.first_difference == "");
    CHECK(from_all.events == view->last());
    const auto audit = Audit(*view).value();
    for (const auto& finding : audit.findings)
      UNSCOPED_INFO(FindingName(finding.what) << " " << finding.seq << " " << finding.group);
    CHECK(audit.sound());
    const auto all_needed = folds_.items.Needed(*view).value();
    for (const Sequence needed : all_needed)
      if (needed != 0) {
        const auto read = view->Read(needed);
        CHECK((read ? "" : read.error().context) == "");
      }
    std::uint64_t gone = 0;
    for (const auto& [seq, event] : all_) {
      const auto read = view->Read(seq);
      gone += read ? 0 : 1;
      if (read) CHECK(read.value().body == event.body);
      if (!read) REQUIRE(read.error().code == Code::kNotFound);
    }
    CHECK(gone == verified.missing);
    CHECK(verified.events + verified.missing == view->last());
    CHECK(VerifyBlobs(*view, {}).value().sound());
  }

  const std::vector<ItemId>& folders() const { return folders_; }
  const ManualClock& clock() const { return clock_; }

  std::unique_ptr<Journal> journal;
  std::uint64_t swept = 0;      // blobs
  std::uint64_t forgotten = 0;  // items

 private:
  void Remember() {
    const auto view = journal->View();
    const Sequence from = all_.empty() ? 1 : all_.rbegin()->first + 1;
    REQUIRE(view->Scan(from, view->last(), [&](const Event& event) {
      if (event.header.kind == Kind::kItemForgotten) ++forgotten;
      return all_.emplace(event.seq, event), true;
    }));
    if (!all_.empty()) REQUIRE(all_.size() == all_.rbegin()->first);
  }

  void Append(Kind kind, Origin origin, ItemType type, const ItemId& item, OpId op, std::string body) {
    REQUIRE(journal->AppendAndWait({{kind, origin, type, item, op, std::move(body)}}, {}, Durability::kUnsynced));
  }
  void Contact(Kind kind, const ItemId& item, OpId op, const ChangeBody& body) {
    Append(kind, IsRemoteChange(kind) ? Origin::kServer : Origin::kUser, ItemType::kContact, item, op, Encode(body));
  }

  // Nobody speaks of a forgotten item any more.
  ItemId Any() {
    while (true) {
      const auto at = items_.begin() + static_cast<std::ptrdiff_t>(random_.Below(items_.size()));
      if (StateOf(*at)) return *at;
      items_.erase(at);
    }
  }
  std::optional<ItemState> StateOf(const ItemId& item) { return LoadItem(*journal->View(), item).value(); }

  FieldMap Fields() {
    FieldMap fields{{FieldOf(ItemType::kContact, "display_name"), std::to_string(random_.Below(50))},
                    {FieldOf(ItemType::kContact, "note"), std::string(random_.Below(300), 'n')}};
    if (random_.Chance(1, 3)) fields[field::FolderOf(ItemType::kContact)] = folders_[random_.Below(folders_.size())];
    if (random_.Chance(1, 4)) fields[field::UidOf(ItemType::kContact)] = "uid" + std::to_string(random_.Below(60));
    if (random_.Chance(1, 6)) fields[FieldOf(ItemType::kContact, "image1")] = Photo();
    return fields;
  }

  // Pinned until the next one: by then the event that shows it is appended.
  BlobRef Photo() {
    const std::string number = std::to_string(random_.Below(1000));
    std::string content = number;
    while (content.size() < (number.size() == 2 ? 66'000u : 50u)) content += content;
    photo_ = journal->blobs().Put(AsBytes(content)).value();
    return photo_.ref();
  }

  void NewItem(bool here) {
    const auto item = MakeId<ItemId>(clock_.WallNow(), random_);
    items_.push_back(item);
    if (here) return Contact(Kind::kLocalCreated, item, MakeId<OpId>(clock_.WallNow(), random_), {Fields(), {}, 0});
    Contact(Kind::kRemoteCreated, item, {}, {Fields(), std::to_string(random_.Below(90)), 1});
  }

  void Decide() {
    const ItemId item = Any();
    const auto state = StateOf(item);
    if (!state || state->pending.empty()) return;
    const PendingEdit& edit = state->pending[random_.Below(state->pending.size())];
    OutcomesBody body;
    for (const GroupId group : edit.groups) {
      if (random_.Chance(1, 4)) continue;
      const auto kind = static_cast<OutcomeKind>(1 + random_.Below(5));
      body.groups.push_back({group, kind});
      if (kind == OutcomeKind::kParked) body.refusals.push_back({group, 0, 10, 5, "CON-0173", "too long"});
    }
    if (random_.Chance(1, 3)) body.remote_id = std::to_string(random_.Below(90));
    if (random_.Chance(1, 2)) body.version = static_cast<std::int64_t>(random_.Below(1000));
    Append(Kind::kOutcome, Origin::kServer, ItemType::kContact, item, edit.op, Encode(body));
  }

  void Overrule() {
    const ItemId item = Any();
    const auto state = StateOf(item);
    if (!state || state->pending.empty() || state->base_seq == 0) return;
    Contact(Kind::kRemoteChanged, item, {}, {Fields(), {}, 7});
    const PendingEdit& edit = state->pending.front();
    OutcomesBody body;
    body.groups.push_back({edit.groups.front(), OutcomeKind::kLoser});
    Append(Kind::kOverruled, Origin::kEngine, ItemType::kContact, item, edit.op, Encode(body));
  }

  void Account() {
    const ItemId folder = folders_[random_.Below(folders_.size())];
    switch (random_.Below(5)) {
      case 0:
        return Append(Kind::kCursorMoved, Origin::kServer, ItemType::kFolder, random_.Chance(1, 4) ? ItemId{} : folder,
                      {}, Encode(CursorMovedBody{static_cast<std::int64_t>(random_.Below(999)), 1, true}));
      case 1:
        return Append(Kind::kConsent, Origin::kEngine, ItemType::kFolder, folder, {},
                      Encode(ConsentBody{51, 100, ConsentAnswer::kAsked, {Any()}}));
      case 2:
        batches_.push_back(MakeId<BatchId>(clock_.WallNow(), random_));
        return Append(Kind::kBatchOpened, Origin::kEngine, ItemType::kNone, {}, {},
                      Encode(BatchOpenedBody{batches_.back(), {{Any(), Verb::kUpdate, {1, 2}, {100}}}}));
      case 3: {
        if (batches_.empty()) return;
        const auto at = batches_.begin() + static_cast<std::ptrdiff_t>(random_.Below(batches_.size()));
        Append(Kind::kBatchClosed, Origin::kEngine, ItemType::kNone, {}, {},
               Encode(BatchClosedBody{*at, random_.Chance(1, 2)}));
        batches_.erase(at);
        return;
      }
      default:
        return Append(Kind::kAccountSet, Origin::kUser, ItemType::kNone, {}, {},
                      Encode(SettingsBody{{{"s" + std::to_string(random_.Below(4)),
                                            random_.Chance(1, 3) ? "" : std::to_string(random_.Below(9))}}}));
    }
  }

  void Step() {
    if (folders_.size() < 3) {
      folders_.push_back(MakeId<ItemId>(clock_.WallNow(), random_));
      return Append(Kind::kRemoteCreated, Origin::kServer, ItemType::kFolder, folders_.back(), {},
                    Encode(ChangeBody{{}, "f" + std::to_string(folders_.size()), 1}));
    }
    if (items_.size() < 5) return NewItem(random_.Chance(1, 2));
    switch (random_.Below(12)) {
      case 0:
        return NewItem(random_.Chance(1, 2));
      case 1:
      case 2:
        return Contact(Kind::kLocalChanged, Any(), MakeId<OpId>(clock_.WallNow(), random_), {Fields(), {}, 0});
      case 3:
        return random_.Chance(1, 2) ? Remove(Any())
                                    : Contact(Kind::kLocalDeleted, Any(), MakeId<OpId>(clock_.WallNow(), random_), {});
      case 4:
      case 5:
        return Contact(random_.Chance(1, 6) ? Kind::kRemoteCreated : Kind::kRemoteChanged, Any(), {},
                       {Fields(), random_.Chance(1, 5) ? std::to_string(random_.Below(90)) : "", 2});
      case 6:
        return random_.Chance(1, 3) ? Contact(Kind::kRemoteDeleted, Any(), {}, {}) : Overrule();
      case 7:
        return Account();
      default:
        return Decide();
    }
  }

  const ScratchFolder scratch_;
  SeededRandom random_;
  ManualClock clock_{Millis{1'700'000'000'000}};
  ReplicationRows replication_;
  AccountFolds folds_{{&replication_}};
  PinnedBlob photo_;
  std::map<Sequence, Event> all_;
  std::vector<ItemId> folders_, items_;
  std::vector<BatchId> batches_;
};

}  // namespace outpost::test
