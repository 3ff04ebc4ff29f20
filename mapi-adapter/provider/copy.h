#pragma once
#include <span>
#include <vector>

#include "mapi-adapter/provider/attachment_list.h"
#include "mapi-adapter/provider/com.h"
#include "mapi-adapter/provider/open_store.h"

namespace outpost::mapi {

// What could not be copied, as SPropProblemArray says it.
using CopyProblems = std::vector<abi::SPropProblem>;

// Sets `props` of an object of `store` on whatever object a caller passed, named ones by the ids that their names have
// there; with MAPI_NOREPLACE only those that it has not. `index` of a problem is the place in `props`. Errors: those of
// the destination's methods, where the call failed as a whole. Source: imapiprop-copyto, imapiprop-copyprops.
abi::HRESULT CopyPropsInto(const OpenStore& store, std::span<const Prop> props, abi::IMAPIProp& to, abi::ULONG flags,
                           CopyProblems& problems);
// Recipients in the place of those there; each attachment as one more, mails within as files. What fails is a problem
// of PR_MESSAGE_RECIPIENTS or PR_MESSAGE_ATTACHMENTS.
void CopyRecipientsInto(const OpenStore& store, const std::vector<std::vector<Prop>>& rows, abi::IMessage& to,
                        CopyProblems& problems);
void CopyAttachmentsInto(const std::shared_ptr<const OpenStore>& store, const AttachmentList& list, abi::IMessage& to,
                         CopyProblems& problems);

// Another item with the fields of one, but for what the server gives and what makes it that one, in a folder of the
// same store: with its files, as an edit. Errors: kNotFound; kRejected (a series with changed days, files that only the
// server has); those of Account::Create, Account::AttachContent and Account::CopyMail. After one of a file the item is
// there without it.
Result<ItemId> CopyItem(const std::shared_ptr<const OpenStore>& store, const ItemId& item, const ItemId& folder);

}  // namespace outpost::mapi
