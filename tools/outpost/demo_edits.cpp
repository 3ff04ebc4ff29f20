#include "projection/folders.h"
#include "projection/items.h"
#include "tools/outpost/demo_story.h"
#include "tools/oxserver/generate.h"

namespace outpost::cli {
namespace {

// The fields that clash, each a field group of its own.
constexpr const char* kClashFields[] = {"company", "note", "telephone_business1"};

FieldId ContactField(const std::string& name) { return FindField(ItemType::kContact, name)->id; }

const char* ClashField(std::size_t at) { return kClashFields[at % std::size(kClashFields)]; }

// What a person types here about an invented contact.
FieldMap Typed(const oxserver::FieldMap& invented) {
  FieldMap fields;
  for (const char* name : {"first_name", "last_name", "display_name", "email1", "note"})
    if (const auto at = invented.find(name); at != invented.end()) fields[ContactField(name)] = at->second;
  return fields;
}

}  // namespace

// The contacts, in the order of the folder: first those that clash, then changed and deleted here, then changed and
// deleted there.
Result<void> DemoStory::EditBothSides() {
  std::vector<ItemId> pool;
  std::vector<std::string> remote;
  OUTPOST_TRY(const FolderNode folder, FindFolder(*account_->View(), "Contacts"));
  OUTPOST_TRYV(ForEachItem(*account_->View(), folder.id, [&](const ItemState& item) {
    pool.push_back(item.id);
    remote.push_back(item.remote_id);
    return true;
  }));
  figures_.edits = PlanEdits(pool.size());
  OUTPOST_TRYV(EditLocally(pool, folder.id));
  return EditRemotely(remote, folder.remote_id);
}

Result<void> DemoStory::EditLocally(std::vector<ItemId> pool, const ItemId& folder) {
  const EditPlan& plan = figures_.edits;
  std::size_t at = 0;
  const auto told = [&] { bar_.Show("editing here, offline", ++figures_.edits_local, plan.all()); };
  for (; at < plan.clashes; ++at) {
    OUTPOST_TRYV(
        account_->Set(pool[at], {{ContactField(ClashField(at)), "typed here, offline, " + std::to_string(at)}}));
    told();
  }
  for (const std::size_t end = at + plan.changes; at < end; ++at) {
    OUTPOST_TRYV(account_->Set(pool[at], {{ContactField("nickname"), "Nick " + std::to_string(at)},
                                          {ContactField("email2"), "n" + std::to_string(at) + "@example.org"}}));
    told();
  }
  for (const std::size_t end = at + plan.deletions; at < end; ++at) {
    OUTPOST_TRYV(account_->Delete(pool[at]));
    told();
  }
  for (std::size_t i = 0; i < plan.creations; ++i) {
    OUTPOST_TRYV(account_->Create(ItemType::kContact, folder, Typed(oxserver::InventContact(invent_))));
    told();
  }
  return Ok();
}

Result<void> DemoStory::EditRemotely(const std::vector<std::string>& pool, const std::string& folder) {
  const EditPlan& plan = figures_.edits;
  const auto told = [&] { bar_.Show("editing on the server", ++figures_.edits_remote, plan.all()); };
  for (std::size_t i = 0; i < plan.clashes; ++i) {
    OUTPOST_TRYV(
        elsewhere_->UpdateContact(folder, pool[i], {{ClashField(i), "typed on another device, " + std::to_string(i)}}));
    told();
  }
  std::size_t at = plan.clashes + plan.changes + plan.deletions;
  for (const std::size_t end = at + plan.changes; at < end; ++at) {
    OUTPOST_TRYV(elsewhere_->UpdateContact(folder, pool[at], {{"profession", "Pilot " + std::to_string(at)}}));
    told();
  }
  for (const std::size_t end = at + plan.deletions; at < end; ++at) {
    OUTPOST_TRYV(elsewhere_->DeleteContact(folder, pool[at]));
    told();
  }
  for (std::size_t i = 0; i < plan.creations; ++i) {
    OUTPOST_TRYV(elsewhere_->CreateContact(folder, oxserver::InventContact(invent_)));
    told();
  }
  return Ok();
}

}  // namespace outpost::cli
