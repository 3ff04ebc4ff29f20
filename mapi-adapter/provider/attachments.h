#pragma once
#include <functional>
#include <memory>

#include "mapi-adapter/provider/attachment_list.h"
#include "mapi-adapter/provider/com.h"

namespace outpost::mapi {

// IAttach of one of a message's attachments, as it was when it was opened with what was set since over it; SaveChanges
// puts it into `list`, and with the message it is saved. `parent` is held. Embedded messages are read only. Source:
// iattachimapiprop, imessage-openattach, imessage-createattach.
abi::IAttach* MakeAttach(std::shared_ptr<const OpenStore> store, std::shared_ptr<AttachmentList> list,
                         abi::ULONG number, Attachment attachment, bool write, abi::IUnknown* parent);

// The attachments of a message as a table. Source: "Attachment Tables", imessage-getattachmenttable.
abi::IMAPITable* MakeAttachmentTable(const std::shared_ptr<const OpenStore>& store,
                                     const std::shared_ptr<AttachmentList>& list);

}  // namespace outpost::mapi
