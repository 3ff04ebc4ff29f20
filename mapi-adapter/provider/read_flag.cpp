#include "journal/item_fold.h"
#include "mapi-adapter/provider/com.h"
#include "mapi-adapter/provider/objects.h"
#include "schemas/fields.h"

namespace outpost::mapi {

using namespace abi;

abi::HRESULT MarkRead(const OpenStore& store, const ItemId& item, abi::ULONG flags) {
  if ((flags & ~(SUPPRESS_RECEIPT | MESSAGE_DIALOG | CLEAR_READ_FLAG | MAPI_DEFERRED_ERRORS | GENERATE_RECEIPT_ONLY |
                 CLEAR_RN_PENDING | CLEAR_NRN_PENDING)) != 0)
    return MAPI_E_UNKNOWN_FLAGS;
  const bool clear = (flags & CLEAR_READ_FLAG) != 0, receipt = (flags & GENERATE_RECEIPT_ONLY) != 0,
             suppress = (flags & SUPPRESS_RECEIPT) != 0;
  if (clear && (suppress || receipt)) return MAPI_E_INVALID_PARAMETER;
  const auto state = LoadItem(*store.account->View(), item);
  if (!state) return CodeOf(state.error());
  if (!state.value() || !state.value()->Visible()) return MAPI_E_NOT_FOUND;
  if (state.value()->type != ItemType::kMail || (receipt && suppress)) return S_OK_;
  const FieldMap patch = receipt ? FieldMap{{field::kMailReceiptSent, true}} : FieldMap{{field::kMailSeen, !clear}};
  if (receipt && IsEmpty(state.value()->HeadValue(field::kMailReceiptTo))) return S_OK_;
  const auto set = store.account->Set(item, patch);
  return set ? S_OK_ : CodeOf(set.error());
}

}  // namespace outpost::mapi
