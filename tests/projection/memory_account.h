#pragma once
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "journal/reader.h"
#include "projection/folds.h"

namespace outpost::test {

// State in a map. It counts the rows changed since the last append: a row put to the value it has counts, too.
class MemoryState final : public StateWriter {
 public:
  Result<std::optional<std::string>> Get(Table table, std::string_view key) const override;
  Result<void> Scan(Table table, std::string_view prefix, std::string_view from, const RowFn& row) const override;
  void Put(Table table, std::string_view key, std::string_view value) override;
  void Delete(Table table, std::string_view key) override;

  std::map<std::pair<Table, std::string>, std::string> rows;
  std::map<Table, int> writes;
};

// Events and what the account's folds make of them, in memory; and a small language to make events with. A step that
// fails throws.
class MemoryAccount final : public JournalView {
 public:
  // The local and remote sides; each answers the sequence of its event.
  Sequence LocalNew(ItemType type, const std::string& name, FieldMap patch);  // remembers the item under `name`
  Sequence LocalSet(const std::string& name, FieldMap patch);
  Sequence LocalDelete(const std::string& name);
  Sequence RemoteNew(ItemType type, const std::string& name, FieldMap patch, std::string remote_id = "r");
  Sequence RemoteSet(const std::string& name, FieldMap patch);
  Sequence RemoteDelete(const std::string& name);
  // What became of the edit `edit` in `groups`.
  Sequence Outcome(Sequence edit, OutcomeKind kind, std::vector<GroupId> groups, Refusal refusal = {});
  Sequence Overruled(Sequence edit, std::vector<GroupId> groups);
  Sequence AccountWide(Kind kind, std::string body);

  ItemId Id(const std::string& name) const { return ids_.at(name); }
  bool Knows(const std::string& name) const { return ids_.contains(name); }
  // By default a folder "Contacts" as the server gives it.
  Sequence Folder(const std::string& name, const std::string& title, const std::string& parent = {},
                  std::int64_t type = 1, const std::string& module = "contact");
  FieldMap Contact(const std::string& display_name, const std::string& folder) const;

  // Loses or repeats events behind the folds' back.
  void RemoveEvent(Sequence seq) { events.erase(seq); }
  void RepeatEvent(Sequence seq);

  // The account as it is now, for good.
  std::shared_ptr<const JournalView> Snapshot() const;

  // JournalView
  Sequence first() const override { return events.empty() ? 0 : events.begin()->first; }
  Sequence last() const override { return events.empty() ? 0 : events.rbegin()->first; }
  std::vector<GapSpan> gaps() const override { return {}; }
  Result<Event> Read(Sequence seq) const override;
  Result<void> Scan(Sequence from, Sequence to, const EventFn& visit) const override;
  Result<std::optional<std::string>> Get(Table table, std::string_view key) const override {
    return state.Get(table, key);
  }
  Result<void> Scan(Table table, std::string_view prefix, std::string_view from, const RowFn& row) const override {
    return state.Scan(table, prefix, from, row);
  }

  std::map<Sequence, Event> events;
  MemoryState state;

 private:
  Sequence Append(Kind kind, ItemType type, const ItemId& item, OpId op, std::string body);
  Sequence Change(Kind kind, const std::string& name, const ChangeBody& body);
  ItemId NewId(const std::string& name);
  ItemType TypeOf(const ItemId& item) const;

  SeededRandom random_{7};
  Millis now_{1'700'000'000'000};
  std::map<std::string, ItemId> ids_;
  AccountFolds folds_{{}};
};

// The id of a field by name. Throws where there is none.
FieldId FieldOf(ItemType type, const char* name);
GroupId GroupOf(ItemType type, const char* name);

}  // namespace outpost::test
