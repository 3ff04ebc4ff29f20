#include "tests/projection/memory_account.h"

#include <stdexcept>

namespace outpost::test {

Result<std::optional<std::string>> MemoryState::Get(Table table, std::string_view key) const {
  const auto found = rows.find({table, std::string(key)});
  return found != rows.end() ? std::optional<std::string>(found->second) : std::nullopt;
}

Result<void> MemoryState::Scan(Table table, std::string_view prefix, std::string_view from, const RowFn& row) const {
  for (auto at = rows.lower_bound({table, std::string(std::max(prefix, from))}); at != rows.end(); ++at) {
    if (at->first.first != table || !std::string_view(at->first.second).starts_with(prefix)) break;
    if (!row(at->first.second, at->second)) break;
  }
  return Ok();
}

void MemoryState::Put(Table table, std::string_view key, std::string_view value) {
  rows.insert_or_assign({table, std::string(key)}, std::string(value));
  ++writes[table];
}

void MemoryState::Delete(Table table, std::string_view key) {
  rows.erase({table, std::string(key)});
  ++writes[table];
}

Sequence MemoryAccount::Append(Kind kind, ItemType type, const ItemId& item, OpId op, std::string body) {
  Event event;
  event.seq = last() + 1;
  event.header.time = now_ += Millis{1};
  event.header.kind = kind;
  event.header.item_type = type;
  event.header.item = item;
  event.header.op = op;
  event.body = std::move(body);
  if (item) {
    const Result<Sequence> head = folds_.items.HeadOf(item, state);
    if (head.value() != 0) event.header.back = static_cast<std::uint32_t>(event.seq - head.value());
  }
  state.writes.clear();
  const Result<void> applied = folds_.items.Apply(event, state);
  if (!applied) throw std::runtime_error(applied.error().context);
  events.emplace(event.seq, event);
  return event.seq;
}

ItemId MemoryAccount::NewId(const std::string& name) {
  return ids_.emplace(name, MakeId<ItemId>(now_ += Millis{1}, random_)).first->second;
}

ItemType MemoryAccount::TypeOf(const ItemId& item) const { return LoadItem(state, item).value()->type; }

Sequence MemoryAccount::Change(Kind kind, const std::string& name, const ChangeBody& body) {
  const OpId op = IsLocalChange(kind) ? MakeId<OpId>(now_, random_) : OpId{};
  return Append(kind, TypeOf(Id(name)), Id(name), op, Encode(body));
}

Sequence MemoryAccount::LocalNew(ItemType type, const std::string& name, FieldMap patch) {
  const ItemId id = NewId(name);
  return Append(Kind::kLocalCreated, type, id, MakeId<OpId>(now_, random_),
                Encode(ChangeBody{std::move(patch), {}, 0}));
}

Sequence MemoryAccount::RemoteNew(ItemType type, const std::string& name, FieldMap patch, std::string remote_id) {
  const ItemId id = NewId(name);
  return Append(Kind::kRemoteCreated, type, id, {}, Encode(ChangeBody{std::move(patch), std::move(remote_id), 1}));
}

Sequence MemoryAccount::LocalSet(const std::string& name, FieldMap patch) {
  return Change(Kind::kLocalChanged, name, {std::move(patch), {}, 0});
}
Sequence MemoryAccount::LocalDelete(const std::string& name) { return Change(Kind::kLocalDeleted, name, {}); }
Sequence MemoryAccount::RemoteSet(const std::string& name, FieldMap patch) {
  return Change(Kind::kRemoteChanged, name, {std::move(patch), {}, 2});
}
Sequence MemoryAccount::RemoteDelete(const std::string& name) { return Change(Kind::kRemoteDeleted, name, {}); }

Sequence MemoryAccount::Outcome(Sequence edit, OutcomeKind kind, std::vector<GroupId> groups, Refusal refusal) {
  const EventHeader& header = events.at(edit).header;
  OutcomesBody body;
  for (const GroupId group : groups) body.groups.push_back({group, kind});
  if (refusal.group != 0) body.refusals.push_back(std::move(refusal));
  return Append(Kind::kOutcome, header.item_type, header.item, header.op, Encode(body));
}

Sequence MemoryAccount::Overruled(Sequence edit, std::vector<GroupId> groups) {
  const EventHeader& header = events.at(edit).header;
  OutcomesBody body;
  for (const GroupId group : groups) body.groups.push_back({group, OutcomeKind::kLoser});
  return Append(Kind::kOverruled, header.item_type, header.item, header.op, Encode(body));
}

Sequence MemoryAccount::AccountWide(Kind kind, std::string body) {
  return Append(kind, ItemType::kNone, {}, {}, std::move(body));
}

Sequence MemoryAccount::Folder(const std::string& name, const std::string& title, const std::string& parent,
                               std::int64_t type, const std::string& module) {
  FieldMap patch{{field::kFolderTitle, title}, {field::kFolderModule, module}, {field::kFolderType, type}};
  if (!parent.empty()) patch[field::kFolderParent] = Id(parent);
  return RemoteNew(ItemType::kFolder, name, std::move(patch));
}

FieldMap MemoryAccount::Contact(const std::string& display_name, const std::string& folder) const {
  return {{field::kContactFolder, Id(folder)}, {field::kContactDisplayName, display_name}};
}

namespace {

class Kept final : public JournalView {
 public:
  Kept(const MemoryAccount& account, std::map<Sequence, Event> events)
      : state_(account.state), events_(std::move(events)) {}
  Sequence first() const override { return events_.empty() ? 0 : 1; }
  Sequence last() const override { return events_.empty() ? 0 : events_.rbegin()->first; }
  std::vector<GapSpan> gaps() const override { return {}; }
  Result<Event> Read(Sequence seq) const override { return events_.at(seq); }
  Result<void> Scan(Sequence from, Sequence to, const EventFn& visit) const override {
    for (auto at = events_.lower_bound(from); at != events_.end() && at->first <= to; ++at)
      if (!visit(at->second)) break;
    return Ok();
  }
  Result<std::optional<std::string>> Get(Table table, std::string_view key) const override {
    return state_.Get(table, key);
  }
  Result<void> Scan(Table table, std::string_view prefix, std::string_view from, const RowFn& row) const override {
    return state_.Scan(table, prefix, from, row);
  }

 private:
  MemoryState state_;
  std::map<Sequence, Event> events_;
};

}  // namespace

std::shared_ptr<const JournalView> MemoryAccount::Snapshot() const { return std::make_shared<Kept>(*this, events); }

void MemoryAccount::RepeatEvent(Sequence seq) {
  Event again = events.at(seq);
  again.seq = last() + 1;
  again.header.back = static_cast<std::uint32_t>(again.seq - seq);
  events.emplace(again.seq, std::move(again));
}

Result<Event> MemoryAccount::Read(Sequence seq) const {
  const auto found = events.find(seq);
  if (found == events.end()) return Error{Code::kNotFound, Retry::kNever, "event " + std::to_string(seq)};
  return found->second;
}

Result<void> MemoryAccount::Scan(Sequence from, Sequence to, const EventFn& visit) const {
  for (auto at = events.lower_bound(from); at != events.end() && at->first <= to; ++at)
    if (!visit(at->second)) break;
  return Ok();
}

FieldId FieldOf(ItemType type, const char* name) {
  const Field* found = FindField(type, name);
  if (found == nullptr) throw std::runtime_error(std::string("no field ") + name);
  return found->id;
}

GroupId GroupOf(ItemType type, const char* name) {
  const auto found = FindGroup(type, name);
  if (!found) throw std::runtime_error(std::string("no group ") + name);
  return *found;
}

}  // namespace outpost::test
