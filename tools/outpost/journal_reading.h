#pragma once
#include <memory>

#include "schemas/item_state.h"
#include "tools/outpost/access.h"
#include "tools/outpost/describe.h"
#include "tools/outpost/journal_verbs.h"

namespace outpost::cli {

// What the listing verbs of "outpost journal" begin with.
struct Reading {
  std::unique_ptr<ReadAccess> access;
  std::unique_ptr<JournalView> view;
  Describer describer;
};

// Errors: those of ReadAccess::Open and of its View.
Result<Reading> BeginReading(const Common& common, const JournalArguments& arguments);

// An item that an index names. Errors: kCorrupt where it is not there.
Result<ItemState> ListedItem(const JournalView& view, const ItemId& id);

// {"item", "type", "folder"}
Json::Object ItemColumns(const Describer& describer, const ItemState& item);

}  // namespace outpost::cli
