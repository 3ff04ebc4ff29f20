#include "inspect/why.h"

#include <algorithm>
#include <map>
#include <set>

#include "engine/settings.h"
#include "inspect/reading.h"
#include "inspect/twins.h"
#include "inspect/why_edits.h"
#include "journal/item_fold.h"
#include "projection/account.h"
#include "projection/history.h"
#include "replicator/queue.h"

namespace outpost {
namespace {

constexpr std::size_t kTwinsMost = 10;

std::string SeqText(Sequence seq) { return seq == 0 ? std::string() : std::to_string(seq); }

std::string FieldNamesText(const std::vector<FieldId>& fields) {
  std::string text;
  for (const FieldId id : fields) {
    const Field* known = FindField(id);
    text += (text.empty() ? "" : ", ") + (known != nullptr ? std::string(known->name) : std::to_string(id));
  }
  return text;
}

// Looks at one item from all sides, and notes what it finds.
class Inquiry {
 public:
  Inquiry(const JournalView& view, const WhyContext& context, const Narrator& narrator, WhyReport& report)
      : view_(view), context_(context), narrator_(narrator), report_(report) {}

  Result<void> Run(const ItemHistory& history) {
    const auto& events = history.events();
    OUTPOST_TRY(report_.edits, FatesOf(events));
    if (report_.forgotten) {
      NoteForgotten(events);
      return Ok();
    }
    NoteConflicts();
    NoteParked();
    OUTPOST_TRYV(NotePending());
    OUTPOST_TRYV(NoteReading());
    OUTPOST_TRYV(NoteMissing(events));
    OUTPOST_TRYV(NoteHeld());
    OUTPOST_TRYV(NoteElsewhere(events));
    OUTPOST_TRYV(NoteMoves(history));
    OUTPOST_TRYV(NoteTwins(events));
    if (report_.findings.empty()) Note("well", "well", {}, {{"seq", SeqText(item().base_seq)}}, {item().base_seq});
    return Ok();
  }

 private:
  const ItemState& item() const { return report_.item; }

  Finding& Note(std::string topic, const std::string& rule, const std::string& next, Words words,
                std::vector<Sequence> events) {
    words.emplace_back("id", report_.id.Hex());
    Finding finding{std::move(topic), rule, narrator_.Say("why." + rule, words), {}, {}, {}};
    if (!next.empty()) finding.next = narrator_.Say("next." + next, words);
    for (const Sequence seq : events)
      if (seq != 0) finding.events.push_back(seq);
    return report_.findings.emplace_back(std::move(finding));
  }

  void NoteForgotten(const std::vector<Event>& events) {
    const Sequence last = events.empty() ? 0 : events.back().seq;
    Note("missing", "forgotten", {}, {{"seq", SeqText(last)}}, {last});
  }

  void NoteConflicts() {
    for (const LoserGroup& loser : item().losers) {
      const std::string rule = loser.server_lost ? "client_won" : "server_won";
      Note("conflict", rule, rule,
           {{"group", narrator_.Groups({loser.group})}, {"seq", SeqText(loser.seq)}, {"rival", SeqText(loser.rival)}},
           {loser.seq, loser.rival});
    }
  }

  // What one edit was refused for the same reason is one finding.
  void NoteParked() {
    std::map<std::pair<Sequence, std::string>, std::vector<const ParkedGroup*>> refused;
    for (const ParkedGroup& parked : item().parked)
      refused[{parked.seq, narrator_.Reason(parked.refusal)}].push_back(&parked);
    for (const auto& [edit, parked] : refused) {
      std::vector<GroupId> groups;
      for (const ParkedGroup* one : parked) groups.push_back(one->refusal.group);
      Sequence decided = 0;
      for (const EditFate& fate : report_.edits)
        if (fate.seq == edit.first && fate.group == groups.front()) decided = fate.decided;
      const bool folder_lacks = parked.front()->refusal.code == "folder_not_on_server";
      const char* usual = item().type == ItemType::kFolder ? "parked_folder" : "parked";
      Note("parked", "parked", folder_lacks ? "folder_waits" : usual,
           {{"groups", narrator_.Groups(groups)},
            {"seq", SeqText(edit.first)},
            {"reason", edit.second},
            {"folder_id", item().Folder().Hex()}},
           {edit.first, decided});
    }
  }

  Result<void> NotePending() {
    if (item().pending.empty()) return Ok();
    OUTPOST_TRY(const auto open, LoadOpenBatches(view_));
    for (const PendingEdit& edit : item().pending) {
      const OpenBatch* batch = nullptr;
      for (const OpenBatch& one : open)
        for (const BatchEntry& entry : one.body.entries)
          if (std::find(entry.intents.begin(), entry.intents.end(), edit.seq) != entry.intents.end()) batch = &one;
      Words words{{"fields", What(edit)}, {"seq", SeqText(edit.seq)}};
      if (batch != nullptr) {
        words.emplace_back("batch", batch->body.batch.Hex());
        words.emplace_back("sent", SeqText(batch->seq));
        Note("pending", "unanswered", "unanswered", std::move(words), {edit.seq, batch->seq});
        continue;
      }
      OUTPOST_TRY(const Tries tries, TriesOf(view_, edit.seq, view_.last()));
      words.emplace_back("tries", SeqText(tries.count));
      Note("pending", "unsent", "unsent", std::move(words), {edit.seq, tries.newest});
    }
    return NoteHindrances();
  }

  // What keeps all of its edits here.
  Result<void> NoteHindrances() {
    OUTPOST_TRY(const auto folder, LoadItem(view_, item().Folder()));
    if (folder && !folder->on_server && folder->remote_id.empty()) {
      Note("pending", "folder_waits", "folder_waits",
           {{"folder", narrator_.Folder(folder->id)}, {"folder_id", folder->id.Hex()}}, {folder->born_seq})
          .other = folder->id;
    }
    return NoteStandstill();
  }

  // What keeps all of the account from going on.
  Result<void> NoteStandstill() {
    OUTPOST_TRY(const auto paused, ReadSetting(view_, setting::kPaused));
    if (paused && *paused == "true") Note("pending", "paused", "paused", {}, {});
    if (context_.run && context_.run->state != "online")
      Note("pending", "link", "link",
           {{"time", MomentText(Millis(context_.run->last_run))},
            {"state", context_.run->state},
            {"problem", context_.run->last_error}},
           {});
    return Ok();
  }

  // Of a folder: its first reading is under way, and what it waits for.
  Result<void> NoteReading() {
    OUTPOST_TRY(const auto reading, FirstReadingOf(view_, item()));
    if (!reading) return Ok();
    Words words{{"count", std::to_string(reading->stored)}, {"seq", SeqText(reading->newest)}};
    words.emplace_back("time", reading->newest == 0 ? std::string() : MomentText(reading->time));
    Note("pending", "reading", "reading", std::move(words), {reading->newest});
    OUTPOST_TRYV(NoteLimit("budget", setting::kRequestBudget));
    OUTPOST_TRYV(NoteLimit("bandwidth", setting::kBandwidth));
    return item().pending.empty() ? NoteStandstill() : Ok();
  }

  // A setting that sets the pace: one below what is usual, or of which nothing is usual.
  Result<void> NoteLimit(const std::string& rule, std::string_view name) {
    OUTPOST_TRY(const auto text, ReadSetting(view_, name));
    const auto limit = SettingNumber(name, text.value_or(""));
    const auto usual = SettingNumber(name, "");
    if (!limit || (usual && *limit >= *usual)) return Ok();
    OUTPOST_TRY(const Sequence set, SettingSetAt(view_, name));
    Note("pending", rule, rule,
         {{"count", std::to_string(*limit)}, {"usual", usual ? std::to_string(*usual) : ""}, {"seq", SeqText(set)}},
         {set});
    return Ok();
  }

  std::string What(const PendingEdit& edit) const {
    const std::string fields = narrator_.Fields(edit.patch, nullptr, false);
    return fields.empty() || edit.Has(kExistence) ? narrator_.Groups(edit.groups) : fields;
  }

  Result<void> NoteMissing(const std::vector<Event>& events) {
    OUTPOST_TRY(const auto folder, LoadItem(view_, item().Folder()));
    if (item().Visible()) {
      if (folder && !folder->Visible())
        Note("missing", "folder_gone", "folder_gone",
             {{"folder", narrator_.Folder(folder->id)}, {"folder_id", folder->id.Hex()}}, {folder->head_seq})
            .other = folder->id;
      return Ok();
    }
    const Event* here = nullptr;
    const Event* there = nullptr;
    for (const Event& event : events) {
      if (event.header.kind == Kind::kLocalDeleted) here = &event;
      if (event.header.kind == Kind::kRemoteDeleted) there = &event;
      if (event.header.kind == Kind::kLocalCreated || event.header.kind == Kind::kRemoteCreated) here = there = nullptr;
    }
    const auto before = [](const Event* event) { return SeqText(event->seq - 1); };
    if (here != nullptr) {
      Sequence told = 0;
      for (const EditFate& fate : report_.edits)
        if (fate.seq == here->seq && fate.group == kExistence) told = fate.decided;
      Note("missing", "deleted_here", "deleted",
           {{"seq", SeqText(here->seq)}, {"told", SeqText(told)}, {"before", before(here)}}, {here->seq, told});
      return Ok();
    }
    if (there == nullptr) return Ok();
    OUTPOST_TRY(const Sequence consent, ConsentTo(there->seq));
    Words words{{"seq", SeqText(there->seq)}, {"before", before(there)}, {"consent", SeqText(consent)}};
    if (consent != 0) {
      Note("missing", "deleted_by_consent", "deleted", std::move(words), {consent, there->seq});
    } else if (folder && !folder->on_server && folder->id != item().id) {
      words.emplace_back("folder", narrator_.Folder(folder->id));
      Note("missing", "deleted_with_folder", "deleted", std::move(words), {there->seq, folder->head_seq}).other =
          folder->id;
    } else {
      Note("missing", "deleted_there", "deleted", std::move(words), {there->seq});
    }
    return Ok();
  }

  // The newest word of a person that let the item go, told before event `until`; 0: none.
  Result<Sequence> ConsentTo(Sequence until) const {
    OUTPOST_TRY(const auto folder, LoadItem(view_, item().Folder()));
    if (!folder) return Sequence{0};
    Sequence found = 0;
    Result<void> read = Ok();
    OUTPOST_TRYV(view_.History(folder->head_seq, [&](const Event& event) {
      if (event.seq > until || event.header.kind != Kind::kConsent) return true;
      const auto body = DecodeConsent(event.body);
      if (!body) {
        read = body.error();
        return false;
      }
      const auto& items = body.value().items;
      if (std::find(items.begin(), items.end(), report_.id) == items.end()) return true;
      if (body.value().answer == ConsentAnswer::kGiven) found = event.seq;
      return false;
    }));
    OUTPOST_TRYV(read);
    return found;
  }

  Result<void> NoteHeld() {
    if (!item().Visible()) return Ok();
    const ItemId folder = item().type == ItemType::kFolder ? item().id : item().Folder();
    if (!folder) return Ok();
    OUTPOST_TRY(const auto waiting, WaitingConsent(view_, folder));
    if (!waiting) return Ok();
    const bool of_it = item().id == folder ||
                       std::find(waiting->items.begin(), waiting->items.end(), item().id) != waiting->items.end();
    if (!of_it) return Ok();
    OUTPOST_TRY(const auto place, LoadItem(view_, folder));
    Sequence asked = 0;
    if (place)
      OUTPOST_TRYV(view_.History(place->head_seq, [&](const Event& event) {
        if (event.header.kind == Kind::kConsent) asked = event.seq;
        return asked == 0;
      }));
    Note("held", waiting->closed ? "held_closed" : "held", "held",
         {{"count", std::to_string(waiting->count)}, {"seq", SeqText(asked)}, {"folder_id", folder.Hex()}}, {asked})
        .other = folder;
    return Ok();
  }

  Result<void> NoteElsewhere(const std::vector<Event>& events) {
    if (!item().Visible()) return Ok();
    OUTPOST_TRY(const auto changed, EditsChangedElsewhere(events, report_.edits));
    for (const ChangedElsewhere& one : changed)
      Note("different", "changed_elsewhere", "changed_elsewhere",
           {{"fields", FieldNamesText(one.fields)},
            {"seq", SeqText(one.edit)},
            {"told", SeqText(one.told)},
            {"by", SeqText(one.by)}},
           {one.edit, one.told, one.by});
    return Ok();
  }

  // The newest move of it, where it is not where it began.
  Result<void> NoteMoves(const ItemHistory& history) {
    if (!item().Visible() || item().type == ItemType::kMail) return Ok();
    ItemState state;
    const Event* moved = nullptr;
    ItemId from{};
    for (const Event& event : history.events()) {
      const ItemId before = state.Folder();
      OUTPOST_TRYV(Reduce(state, event));
      if (!before || state.Folder() == before || !state.Folder()) continue;
      moved = &event;
      from = before;
    }
    if (moved == nullptr) return Ok();
    Note(
        "moved", IsRemoteChange(moved->header.kind) ? "moved_there" : "moved_here", {},
        {{"folder", narrator_.Folder(item().Folder())}, {"from", narrator_.Folder(from)}, {"seq", SeqText(moved->seq)}},
        {moved->seq})
        .other = from;
    return Ok();
  }

  Result<void> NoteTwins(const std::vector<Event>& events) {
    OUTPOST_TRY(const auto twins, TwinsOf(view_, item(), kTwinsMost));
    if (twins.empty()) return Ok();
    OUTPOST_TRY(const Origins mine, OriginsOf(events));
    for (const ItemState& twin : twins) {
      OUTPOST_TRY(const auto history, ItemHistory::Load(view_, twin.head_seq));
      OUTPOST_TRY(const Origins other, OriginsOf(history.events()));
      OUTPOST_TRYV(NoteTwin(twin, mine, other));
    }
    return Ok();
  }

  Result<void> NoteTwin(const ItemState& twin, const Origins& mine, const Origins& other) {
    Words words{{"twin", narrator_.Topic(twin)}, {"seq", SeqText(mine.born)}, {"other", SeqText(other.born)}};
    std::vector<Sequence> events{mine.born, other.born, mine.made_there, other.made_there};
    std::string rule = mine.here ? "twin_here" : "twin_there";
    const FieldId uid = field::UidOf(item().type);
    const Value value = uid != 0 ? item().HeadValue(uid) : Value{};
    if (!IsEmpty(value) && SameValue(value, twin.HeadValue(uid))) {
      rule = "twin_uid";
    } else if (mine.here != other.here) {
      rule = "twin_both";
      const Origins& local = mine.here ? mine : other;
      const Origins& remote = mine.here ? other : mine;
      OUTPOST_TRY(const Tries tries,
                  TriesOf(view_, local.born, local.made_there != 0 ? local.made_there : view_.last()));
      events.push_back(tries.newest);
      words.emplace_back("mine", SeqText(local.born));
      words.emplace_back("theirs", SeqText(remote.born));
      words.emplace_back("tries", std::to_string(tries.count));
    }
    Note("doubled", rule, "twin", std::move(words), std::move(events)).other = twin.id;
    return Ok();
  }

  const JournalView& view_;
  const WhyContext& context_;
  const Narrator& narrator_;
  WhyReport& report_;
};

// The events that the report names, told; those of other items with their topic.
Result<void> TellChain(const JournalView& view, const ItemHistory& history, const Narrator& narrator,
                       WhyReport& report) {
  std::set<Sequence> named;
  for (const Finding& finding : report.findings) named.insert(finding.events.begin(), finding.events.end());
  for (const EditFate& fate : report.edits) named.insert({fate.seq, fate.decided});
  named.erase(0);
  std::map<Sequence, ToldEvent> own;
  if (!history.events().empty()) {
    OUTPOST_TRY(auto life, TellItem(view, report.id, narrator));
    for (ToldEvent& told : life) own.emplace(told.seq, std::move(told));
  }
  for (const Sequence seq : named) {
    if (const auto at = own.find(seq); at != own.end()) {
      report.chain.push_back(std::move(at->second));
      continue;
    }
    const auto read = view.Read(seq);
    if (!read && read.error().code == Code::kNotFound) continue;  // dropped
    if (!read) return read.error();
    OUTPOST_TRYV(TellSpan(view, seq, seq, narrator, [&](const ToldEvent& told) {
      report.chain.push_back(told);
      return true;
    }));
  }
  return Ok();
}

}  // namespace

Result<WhyReport> Why(const JournalView& view, const ItemId& id, const WhyContext& context, const Narrator& narrator) {
  WhyReport report;
  report.id = id;
  OUTPOST_TRY(auto item, LoadItem(view, id));
  Sequence newest = item ? item->head_seq : 0;
  report.forgotten = !item;
  if (item) {
    report.item = *std::move(item);
  } else {
    OUTPOST_TRYV(view.Scan(view.first(), view.last(), [&](const Event& event) {
      if (event.header.item == id) newest = event.seq;
      return true;
    }));
    if (newest == 0) return Error{Code::kNotFound, Retry::kNever, "no item " + id.Hex()};
  }
  OUTPOST_TRY(const auto history, ItemHistory::Load(view, newest));
  OUTPOST_TRYV(Inquiry(view, context, narrator, report).Run(history));
  OUTPOST_TRYV(TellChain(view, history, narrator, report));
  return report;
}

}  // namespace outpost
