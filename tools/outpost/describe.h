#pragma once
#include "engine/json/json.h"
#include "engine/json/questions.h"
#include "schemas/event.h"
#include "tools/outpost/values.h"

namespace outpost::cli {

// Whether what people wrote is shown. Without it: names of fields and groups, ids, sizes, codes and times; folders by
// id.
enum class Contents { kHidden, kShown };

// Shows events and edits as docs/cli.md gives them.
class Describer {
 public:
  Describer(Contents contents, FolderPaths paths) : contents_(contents), paths_(std::move(paths)) {}
  // Errors: as FolderPaths::Load.
  static Result<Describer> For(const StateReader& state, Contents contents);

  bool shows() const { return contents_ == Contents::kShown; }
  // The folder by path, or by id where contents are hidden; null for none.
  Json Folder(const ItemId& folder) const;
  // Name and value of each field, or the names only.
  Json Fields(const FieldMap& fields) const;
  Json Refused(const Refusal& refusal) const;

  // {"seq", "time", "kind", "origin", "item", "folder", …}. `folder`: where the item is now; none where it has none.
  // A body that cannot be read is told in "problem".
  Json::Object Event(const outpost::Event& event, const ItemId& folder) const;

 private:
  Result<void> AddBody(const outpost::Event& event, Json::Object& out) const;
  Result<void> AddRetention(const outpost::Event& event, Json::Object& out) const;
  void AddOutcomes(const OutcomesBody& body, Json::Object& out) const;
  Contents contents_;
  FolderPaths paths_;
};

}  // namespace outpost::cli
