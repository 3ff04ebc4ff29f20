#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "mapi-adapter/provider/open_store.h"
#include "schemas/fields.h"

namespace outpost::mapi {

// Who a message is for, or who takes part in a meeting or a task.
struct Recipient {
  std::int32_t type = 1;  // MAPI_TO, MAPI_CC, MAPI_BCC, which for meetings is a resource
  std::string who;        // "user:4": somebody of the server; empty: somebody outside
  std::string name, address;
  std::int32_t answer = 0;  // PidTagRecipientTrackStatus
};

// The recipients of one open message by their row ids, which they keep while it is open. Of mails they are read from
// its header; of meetings and tasks they are the field `participants`, and can be changed. Threads: any.
class RecipientList {
 public:
  RecipientList(std::shared_ptr<const OpenStore> store, ItemType type) : store_(std::move(store)), type_(type) {}

  // Reads those that there are, once. `head` is the item's. Errors: kCorrupt, kUnavailable.
  Result<void> Load(const FieldMap& head);
  // Source: imessage-modifyrecipients. MAPI_E_INVALID_PARAMETER for a row without what it needs; then nothing is done.
  abi::HRESULT Modify(abi::ULONG flags, const abi::ADRLIST* list);
  // The edit that they are, into `patch`; nothing where they were not changed.
  void AddTo(FieldMap& patch) const;
  // They are saved.
  void Saved();
  // Each with all its properties.
  std::vector<std::vector<Prop>> Rows() const;

 private:
  struct Row {
    abi::ULONG id = 0;
    Recipient recipient;
  };
  Result<Recipient> Known(const JournalView& view, const std::string& line) const;
  std::optional<Recipient> FromCaller(const abi::ADRENTRY& entry) const;

  const std::shared_ptr<const OpenStore> store_;
  const ItemType type_;
  mutable std::mutex mutex_;  // guards what is below
  bool loaded_ = false, changed_ = false;
  std::vector<Row> rows_;
  abi::ULONG next_ = 0;
};

// Whether ModifyRecipients can be called for an item of that type: its people are a field that is edited.
bool TakesRecipients(ItemType type);

// As a table. Source: "Recipient Tables", imessage-getrecipienttable.
abi::IMAPITable* MakeRecipientTable(const std::shared_ptr<const OpenStore>& store,
                                    const std::shared_ptr<RecipientList>& list);

}  // namespace outpost::mapi
