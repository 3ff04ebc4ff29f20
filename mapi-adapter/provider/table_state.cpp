#include "mapi-adapter/provider/table_state.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "mapi-adapter/codec/tags.h"

namespace outpost::mapi {
namespace {

using namespace abi;

ULONG EventOfRow(TableChange::Kind kind) {
  switch (kind) {
    case TableChange::Kind::kAdded:
      return TABLE_ROW_ADDED;
    case TableChange::Kind::kChanged:
    case TableChange::Kind::kMoved:  // the row before it says where it is now
      return TABLE_ROW_MODIFIED;
    case TableChange::Kind::kDeleted:
      return TABLE_ROW_DELETED;
    case TableChange::Kind::kReload:
      return TABLE_RELOAD;
  }
  return TABLE_RELOAD;
}

const PropTag kKeyOnly[] = {tag::kInstanceKey};

}  // namespace

HRESULT TableState::Advise(IMAPIAdviseSink* sink, ULONG_PTR* connection) {
  const std::lock_guard lock(mutex);
  if (!live_)
    live_ = FollowObjects(*store->account,
                          {[self = weak_from_this(), gate = gate_](ObjectFeed&, std::span<const ObjectChange>) {
                             const TellingGate::Held held(*gate);
                             if (auto state = self.lock()) state->Step();
                           },
                           [](const Error&) {}});
  sink->AddRef();
  *connection = next_sink_++;
  sinks_.emplace(*connection, sink);
  return S_OK_;
}

HRESULT TableState::Unadvise(ULONG_PTR connection) {
  IMAPIAdviseSink* gone = nullptr;
  {
    const std::lock_guard lock(mutex);
    const auto at = sinks_.find(connection);
    if (at == sinks_.end()) return MAPI_E_NOT_FOUND;
    gone = at->second;
    sinks_.erase(at);
  }
  gone->Release();
  return S_OK_;
}

void TableState::Close() {
  std::unique_ptr<LiveObjects> live;
  std::map<ULONG_PTR, IMAPIAdviseSink*> gone;
  {
    const std::lock_guard lock(mutex);
    live = std::move(live_);
    gone.swap(sinks_);
  }
  live.reset();
  gate_->Wait();
  for (const auto& [connection, sink] : gone) sink->Release();
}

std::string TableState::TagsOfColumns() const {
  std::string out((1 + columns.size()) * sizeof(ULONG), '\0');
  const auto count = static_cast<ULONG>(columns.size());
  std::memcpy(out.data(), &count, sizeof count);
  std::memcpy(out.data() + sizeof count, columns.data(), columns.size() * sizeof(PropTag));
  return out;
}

std::vector<TableChange> TableState::Advance() {
  auto advanced = rows->Advance();
  auto changes = advanced ? std::move(advanced.value()) : std::vector<TableChange>{TableChange{}};
  for (const TableChange& change : changes) {
    if (position != 0) position = std::min(PositionAfter(position, change), rows->size());  // the beginning stays it
    for (auto& [bookmark, place] : bookmarks) place = std::min(PositionAfter(place, change), rows->size());
  }
  return changes;
}

void TableState::CatchUp() {
  if (live_) return;
  const Sequence end = store->account->journal().stats().last;
  if (std::exchange(caught_up_, end) != end) Advance();
}

void TableState::Step() {
  std::vector<TableChange> changes;
  {
    const std::lock_guard lock(mutex);
    changes = Advance();
  }
  for (const TableChange& change : changes) {
    try {
      Tell(change);
    } catch (const std::bad_alloc&) {  // told without its row: look anew
      Tell(TableChange{});
    }
  }
}

void TableState::Tell(const TableChange& change) {
  NOTIFICATION told;
  std::memset(&told, 0, sizeof told);
  told.ulEventType = fnevTableModified;
  TABLE_NOTIFICATION& table = told.info.tab;
  table.ulTableEvent = EventOfRow(change.kind);
  table.propIndex.ulPropTag = table.propPrior.ulPropTag = TagOf(0, PropType::kNull);
  MapiBlock block(store->memory);
  if (change.kind == TableChange::Kind::kDeleted) {
    WriteProp({tag::kInstanceKey, Blob{EntryIdOf(*store, StoreEntry::Kind::kMessage, change.item)}}, tag::kInstanceKey,
              true, block, table.propIndex);
  } else if (change.kind != TableChange::Kind::kReload) {
    const std::lock_guard lock(mutex);
    const auto found = rows->PositionOf(change.item);
    if (!found || !found.value()) return;
    const std::size_t at = *found.value();
    std::vector<PropTag> wanted = columns;
    wanted.push_back(tag::kInstanceKey);
    const auto row = rows->Rows(at, 1, wanted);
    const auto before = at > 0 ? rows->Rows(at - 1, 1, kKeyOnly) : Result<std::vector<std::vector<Prop>>>(Error{});
    if (!row || row.value().empty()) return;
    const SPropTagArray index{1, {tag::kInstanceKey}};
    WriteProps(row.value()[0], &index, true, block, &table.propIndex);
    if (before && !before.value().empty()) WriteProps(before.value()[0], &index, true, block, &table.propPrior);
    const std::string tags = TagsOfColumns();
    table.row.cValues = static_cast<ULONG>(columns.size());
    table.row.lpProps = block.Array<SPropValue>(columns.size());
    WriteProps(row.value()[0], reinterpret_cast<const SPropTagArray*>(tags.data()), true, block, table.row.lpProps);
  }
  CallSinks(told);
}

void TableState::CallSinks(NOTIFICATION& told) {
  std::vector<IMAPIAdviseSink*> who;
  {
    const std::lock_guard lock(mutex);
    for (const auto& [connection, sink] : sinks_) {
      sink->AddRef();
      who.push_back(sink);
    }
  }
  for (IMAPIAdviseSink* sink : who) {
    sink->OnNotify(1, &told);
    sink->Release();
  }
}

}  // namespace outpost::mapi
