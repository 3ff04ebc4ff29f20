#include <algorithm>
#include <map>
#include <set>

#include "base/system/crypto.h"
#include "journal/blobs.h"
#include "projection/account.h"
#include "projection/audit.h"
#include "projection/folders.h"
#include "projection/folds.h"
#include "projection/items.h"
#include "projection/tables.h"
#include "replicator/rows.h"
#include "tools/outpost/demo_story.h"

namespace outpost::cli {
namespace {

constexpr std::size_t kToldConflictsMax = 3;

// A value as the server's API writes it.
std::string AsText(const Value& value) {
  switch (KindOf(value)) {
    case ValueKind::kText:
      return std::get<std::string>(value);
    case ValueKind::kInt:
      return std::to_string(std::get<std::int64_t>(value));
    case ValueKind::kBool:
      return std::get<bool>(value) ? "true" : "false";
    case ValueKind::kTexts: {
      std::string joined;
      for (const std::string& text : std::get<std::vector<std::string>>(value))
        joined += (joined.empty() ? "" : ",") + text;
      return joined;
    }
    case ValueKind::kNull:
    case ValueKind::kBytes:
    case ValueKind::kId:
    case ValueKind::kBlob:
      return "";
  }
  return "";
}

// The fields of a contact that travel, but the folder.
const std::vector<const Field*>& TravellingFields() {
  static const std::vector<const Field*> fields = [] {
    std::vector<const Field*> out;
    for (const Field& field : AllFields())
      if (field.type == ItemType::kContact && field.sync == Sync::kBoth && field.kind != FieldKind::kId)
        out.push_back(&field);
    return out;
  }();
  return fields;
}

// A truth value that was never set comes back from the server as false.
std::string Meaning(std::string text) { return text == "false" ? "" : text; }

// The bytes of a photo as the server's API writes them; empty where they cannot be read.
std::string PhotoText(const JournalView& view, const BlobRef& photo) {
  const auto reader = BlobsOf(view)->Open(photo);
  if (!reader) return {};
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(reader.value()->size()));
  const auto read = reader.value()->Read(bytes);
  return read && read.value() == bytes.size() ? Base64Of(bytes) : std::string();
}

bool SameContact(const JournalView& view, const ItemState& item, const oxserver::FieldMap& row) {
  const FieldMap head = item.Head();
  return std::all_of(TravellingFields().begin(), TravellingFields().end(), [&](const Field* field) {
    const auto here = head.find(field->id);
    const auto there = row.find(std::string(field->name));
    const auto* photo = here != head.end() ? std::get_if<BlobRef>(&here->second) : nullptr;
    const std::string text = photo != nullptr     ? PhotoText(view, *photo)
                             : here != head.end() ? Meaning(AsText(here->second))
                                                  : std::string();
    return text == (there == row.end() ? "" : Meaning(there->second));
  });
}

std::uint64_t Repeats(const std::vector<std::string>& uids) {
  const std::set<std::string> distinct(uids.begin(), uids.end());
  return uids.size() - distinct.size();
}

}  // namespace

Result<std::vector<std::string>> DemoStory::ServerFolders() {
  std::vector<std::string> found;
  std::vector<std::string> parents{"1", "2", "3"};
  std::set<std::string> seen(parents.begin(), parents.end());
  while (!parents.empty()) {
    const std::string parent = parents.back();
    parents.pop_back();
    OUTPOST_TRY(const auto children, elsewhere_->ListFolders(parent));
    for (const oxserver::FolderInfo& folder : children) {
      if (!seen.insert(folder.id).second) continue;
      parents.push_back(folder.id);
      if (folder.module == "contacts") found.push_back(folder.id);
    }
  }
  return found;
}

// Every contact of the server beside the one here, field by field; read through the server's own API, not from our
// records.
Result<void> DemoStory::Compare(const JournalView& view) {
  std::map<std::string, ItemState> here;  // by remote id
  std::vector<std::string> uids_here;
  OUTPOST_TRY(const auto folders, outpost::ListFolders(view));
  for (const FolderNode& folder : folders)
    OUTPOST_TRYV(ForEachItem(view, folder.id, [&](const ItemState& item) {
      if (item.type != ItemType::kContact) return true;
      ++figures_.items_client;
      uids_here.push_back(AsText(item.HeadValue(field::kContactUid)));
      here[item.remote_id.empty() ? "only here " + item.id.Hex() : item.remote_id] = item;
      return true;
    }));
  std::vector<std::string> names{"id"};
  for (const Field* field : TravellingFields()) names.emplace_back(field->name);
  std::vector<std::string> uids_there;
  OUTPOST_TRY(const auto remote_folders, ServerFolders());
  for (const std::string& folder : remote_folders) {
    OUTPOST_TRY(const auto rows, elsewhere_->ListContacts(folder, names));
    for (const oxserver::FieldMap& row : rows) {
      ++figures_.items_server;
      if (const auto uid = row.find("uid"); uid != row.end()) uids_there.push_back(uid->second);
      const auto found = here.find(row.at("id"));
      if (found == here.end() || !SameContact(view, found->second, row)) ++figures_.different;
      if (found != here.end()) here.erase(found);
    }
  }
  figures_.different += here.size();
  figures_.duplicates = Repeats(uids_here) + Repeats(uids_there);
  return Ok();
}

Result<void> DemoStory::TellConflicts(const JournalView& view) {
  OUTPOST_TRY(const Attention attention, ItemsNeedingAttention(view));
  figures_.losers_kept = attention.conflicts.size();
  figures_.parked = attention.parked.size();
  for (const ConflictEntry& conflict : attention.conflicts) {
    if (figures_.told.size() >= kToldConflictsMax) break;
    OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, conflict.item));
    OUTPOST_TRY(const Event lost, view.Read(conflict.loser.seq));
    OUTPOST_TRY(const ChangeBody loser, DecodeChange(lost.body));
    ToldConflict told;
    told.contact = AsText(item->HeadValue(field::kContactDisplayName));
    told.group = GroupName(conflict.loser.group);
    for (const auto& [id, value] : FieldsOfGroup(loser.patch, conflict.loser.group)) {
      told.loser = AsText(value);
      told.winner = AsText(item->HeadValue(id));
    }
    figures_.told.push_back(std::move(told));
  }
  return Ok();
}

Result<void> DemoStory::Examine() {
  bar_.Show("comparing, verifying, folding again", 0, 0);
  const auto view = account_->View();
  OUTPOST_TRYV(Compare(*view));
  OUTPOST_TRYV(TellConflicts(*view));
  OUTPOST_TRY(const AuditReport audit, Audit(*view));
  figures_.edits_without_outcome = audit.edits_without_outcome;
  figures_.conflicts = audit.outcomes.at(OutcomeKind::kLoser) + audit.overruled;
  figures_.batches = audit.batches;
  figures_.resumed_batches = audit.batches_resumed;
  OUTPOST_TRY(const VerifyReport verified, VerifyEvents(*view));
  figures_.events = verified.events;
  figures_.chain_ok = verified.chain_ok;
  figures_.root = ToHex(verified.root);
  ReplicationRows rows;
  AccountFolds again({&rows});
  OUTPOST_TRY(const RebuildReport rebuilt, VerifyRebuild(*view, again.all()));
  figures_.rebuild_equal = rebuilt.equal();
  account_.reset();
  return Ok();
}

}  // namespace outpost::cli
