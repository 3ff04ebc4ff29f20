#include "journal/blobs.h"
#include "journal/item_fold.h"
#include "replicator/replicator.h"
#include "replicator/rows.h"

namespace outpost {

constexpr std::int64_t kDayMillis = 86'400'000;

// Sources that one round fetches. Threads: the strand's.
struct Replicator::Sources {
  std::vector<ItemState> items;
  std::size_t next = 0;
  std::size_t under_way = 0;
  Draft draft;
  std::vector<PinnedBlob> pins;  // until the events that refer to them are appended
  std::optional<Failure> failure;
  Next done;
};

// What a person asked for first, then photos, then what is young enough, the newest first.
Result<std::vector<ItemState>> Replicator::MissingSources(const JournalView& view) const {
  std::vector<ItemState> items;
  const std::int64_t oldest = clock_.WallNow().count() - std::int64_t{settings_.window_days} * kDayMillis;
  Result<void> looked = Ok();
  for (const char kind : {kSourceWanted, kPhotoMissing, kSourceMissing}) {
    OUTPOST_TRYV(view.Scan(kSources, std::string_view(&kind, 1), "", [&](std::string_view key, std::string_view) {
      const auto place = ReadSourceKey(key);
      if (!place) return true;
      if (kind == kSourceMissing && (settings_.window_days == 0 || place->date < oldest)) return false;
      if (sources_failed_.contains(place->item)) return true;
      auto item = LoadItem(view, place->item);
      if (!item) {
        looked = item.error();
        return false;
      }
      if (!item.value()) return true;
      if (kind == kPhotoMissing) {
        items.push_back(std::move(*item.value()));
        return items.size() < tuning::kSourcesPerRound;
      }
      const Value size = item.value()->HeadValue(field::SourceOf(item.value()->type)->size);
      const auto* bytes = std::get_if<std::int64_t>(&size);
      if (bytes == nullptr || *bytes <= tuning::kSourceBytesMax) items.push_back(std::move(*item.value()));
      return items.size() < tuning::kSourcesPerRound;
    }));
    OUTPOST_TRYV(looked);
    if (items.size() >= tuning::kSourcesPerRound) break;
  }
  return items;
}

void Replicator::ReadSources(Next next) {
  auto items = MissingSources(*journal_.View());
  if (!items) return Break(items.error());
  if (items.value().empty()) return next();
  auto sources = std::make_shared<Sources>();
  sources->items = std::move(items).value();
  sources->done = std::move(next);
  PumpSources(sources);
}

void Replicator::PumpSources(const std::shared_ptr<Sources>& sources) {
  if (ended_) return;
  while (!sources->failure && sources->under_way < tuning::kInFlightRequests && sources->next < sources->items.size()) {
    const ItemState& item = sources->items[sources->next++];
    const auto at = item.base.find(field::FolderOf(item.type));
    const auto folder = RemoteFolder(*journal_.View(), at != item.base.end() ? at->second : Value{});
    if (!folder) return Break(folder.error());
    sources_failed_.insert(item.id);  // until it is here
    if (folder.value().empty()) continue;
    SourceAsk ask{folder.value(), item.remote_id, item.type, item.base, {}};
    if (item.type == ItemType::kAttachment) {
      const auto owner = RemoteItemOf(*journal_.View(), item.Folder());
      if (!owner) return Break(owner.error());
      if (!owner.value()) continue;
      ask.item = *owner.value();
    }
    ++sources->under_way;
    planner_.NoteSource(item.type, ask.folder, ask.remote_id);
    dialect_.FetchSource(std::move(ask), OfRun([this, sources, id = item.id, type = item.type](SourceReply reply) {
                           TakeSource(sources, id, type, std::move(reply));
                         }));
  }
  if (sources->under_way > 0) return;
  if (sources->draft.events.empty()) {
    if (sources->failure) return LinkFailed(*sources->failure, [this] { StartRound(); });
    return sources->done();
  }
  Append(std::exchange(sources->draft, {}), Durability::kUnsynced, [this, sources](Result<Appended> appended) {
    // A person was faster than a photo: the next round fetches it again.
    if (!appended && appended.error().code != Code::kPreconditionFailed) return Break(appended.error());
    sources->pins.clear();
    ++news_in_round_;  // there may be more
    if (appended) fetched_in_round_ = true;
    PumpSources(sources);
  });
}

void Replicator::TakeSource(const std::shared_ptr<Sources>& sources, const ItemId& id, ItemType type,
                            SourceReply reply) {
  --sources->under_way;
  if (reply.failure) {
    // One that breaks the line again and again must not keep the others from coming.
    if (++source_failures_[id] < tuning::kSourceFailuresMax) sources_failed_.erase(id);
    sources->failure = std::move(reply.failure);
  } else if (reply.status == AnswerStatus::kDone) {
    link_failures_ = 0;
    auto blob = journal_.blobs().Put(AsBytes(reply.bytes));
    if (!blob) return Break(blob.error());
    if (const field::SourceFields* fields = field::SourceOf(type)) {
      ChangeBody body;
      body.patch[fields->source] = blob.value().ref();
      sources->draft.events.push_back({Kind::kRemoteChanged, Origin::kServer, type, id, {}, Encode(body)});
    } else if (auto drafted = DraftPhoto(*journal_.View(), id, blob.value().ref(), sources->draft); !drafted) {
      return Break(drafted.error());
    }
    sources->pins.push_back(std::move(blob).value());
    sources_failed_.erase(id);
  }
  PumpSources(sources);
}

}  // namespace outpost
