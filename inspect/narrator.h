#pragma once
#include <map>
#include <string>
#include <vector>

#include "inspect/catalogue.h"
#include "journal/reader.h"
#include "schemas/item_state.h"

namespace outpost {

// Says in plain sentences what an event did. Without `contents` nothing that people wrote is in them: fields and groups
// by name, folders by id, what the server refused by its code.
// Threads: one. Source: docs/support.md.
class Narrator {
 public:
  // The names of folders are those of `view`. Errors: as ListFolders.
  static Result<Narrator> For(const StateReader& state, Language language, bool contents);
  // One that knows no folder by name.
  Narrator(Language language, bool contents) : language_(language), contents_(contents) {}

  Language language() const { return language_; }
  bool contents() const { return contents_; }

  // Brief: without ids of the server, batches and stamps, so that what happened many times reads the same.
  enum class Length { kFull, kBrief };
  // One or more sentences, never none: a kind that this version does not know, and a body that cannot be read, have
  // theirs. `before`: the event's item before it; null where it is not known, or was not there.
  std::string Sentence(const Event& event, const ItemState* before, Length length = Length::kFull) const;
  // The part of the catalogue that Sentence() begins with: "local_created", "outcome.loser", "unknown".
  std::string KeyOf(const Event& event, const ItemState* before) const;

  // What stands in front where several items are told of: "contact 01a2…", with contents by its name.
  std::string Topic(ItemType type, const ItemId& id, const std::string& name) const;
  std::string Topic(const ItemState& item) const;
  // A folder by path, or by id; empty for none and for a top of the tree.
  std::string Folder(const ItemId& folder) const;
  // Names of fields with their values where contents are shown; those that the server alone sets come after all others
  // and only where `all`. The folder is left out.
  std::string Fields(const FieldMap& fields, const FieldMap* before, bool all) const;
  // Names of groups; existence in words.
  std::string Groups(const std::vector<GroupId>& groups) const;
  // Why a group is parked.
  std::string Reason(const Refusal& refusal) const;
  std::string Say(std::string_view key, const Words& words = {}) const { return outpost::Say(language_, key, words); }

 private:
  struct Told {
    std::string key;
    Words words;
  };
  std::vector<Told> Tell(const Event& event, const ItemState* before) const;
  Result<std::vector<Told>> TellBody(const Event& event, const ItemState* before) const;
  Result<std::vector<Told>> TellRetention(const Event& event) const;
  Told TellChange(const Event& event, const ChangeBody& body, const ItemState* before) const;
  std::vector<Told> TellOutcome(const Event& event, const OutcomesBody& body, const ItemState* before) const;

  Language language_;
  bool contents_;
  std::map<ItemId, std::string> folders_;
};

// What a person knows an item by: its label; of a contact without one its names. Empty where there is none. Pure.
std::string NameOf(const ItemState& item);
// A value for a person's eye: text in quotes, cut where it is long, times as "YYYY-MM-DD hh:mm:ss" UTC. Pure.
std::string ValueText(Language language, FieldId field, const Value& value);
// "YYYY-MM-DD hh:mm:ss" UTC of milliseconds since 1970.
std::string MomentText(Millis time);

}  // namespace outpost
