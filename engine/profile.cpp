#include "engine/profile.h"

#include <array>
#include <string>
#include <vector>

#include "engine/people.h"
#include "engine/settings.h"
#include "journal/item_fold.h"
#include "projection/account.h"
#include "projection/sort_key.h"
#include "replicator/queue.h"

namespace outpost {
namespace {

bool Says(const ItemState& person, FieldId field, const std::string& wanted) {
  const Value value = person.HeadValue(field);
  if (const auto* text = std::get_if<std::string>(&value)) return SortKey(*text) == wanted;
  const auto* texts = std::get_if<std::vector<std::string>>(&value);
  if (texts == nullptr) return false;
  for (const std::string& text : *texts)
    if (SortKey(text) == wanted) return true;
  return false;
}

// The user who signs in by that name. Some servers take an address, or the name with that of the customer behind it.
std::optional<ItemState> SignsInAs(const std::vector<ItemState>& users, const std::string& name) {
  const std::string whole = SortKey(name), first = SortKey(name.substr(0, name.find('@')));
  const std::array<std::pair<FieldId, const std::string*>, 4> ways{{{field::kPersonName, &whole},
                                                                    {field::kPersonMail, &whole},
                                                                    {field::kPersonAliases, &whole},
                                                                    {field::kPersonName, &first}}};
  for (const auto& [field, wanted] : ways) {
    std::vector<const ItemState*> found;
    for (const ItemState& user : users)
      if (Says(user, field, *wanted)) found.push_back(&user);
    if (found.size() == 1) return *found.front();
    if (found.size() > 1) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<ItemState>> OwnEntry(const StateReader& state) {
  OUTPOST_TRY(const auto name, ReadSetting(state, setting::kUser));
  if (!name || name->empty()) return std::optional<ItemState>{};
  std::vector<ItemState> users;
  OUTPOST_TRYV(ForEachPerson(state, {"", "user"}, [&](const ItemState& user) {
    users.push_back(user);
    return true;
  }));
  const std::optional<ItemState> own = SignsInAs(users, *name);
  const Value contact = own ? own->HeadValue(field::kPersonContact) : Value{};
  const auto* remote_id = std::get_if<std::string>(&contact);
  if (remote_id == nullptr) return std::optional<ItemState>{};
  OUTPOST_TRY(const std::optional<ItemId> id, FindByRemoteId(state, ItemType::kContact, *remote_id));
  if (!id) return std::optional<ItemState>{};
  OUTPOST_TRY(std::optional<ItemState> entry, LoadItem(state, *id));
  return entry && entry->Visible() ? std::move(entry) : std::nullopt;
}

}  // namespace outpost
