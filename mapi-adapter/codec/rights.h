#pragma once
#include <cstdint>

#include "schemas/folders.h"

namespace outpost::mapi {

// Who may what, in Outlook's bits. Source: [MS-OXCPERM] 2.2.7, PidTagAccess; the table in docs/mapi.md. Pure.

// PidTagMemberRights and PidTagRights.
namespace member_right {
inline constexpr std::uint32_t kReadAny = 0x1, kCreate = 0x2, kEditOwned = 0x8, kDeleteOwned = 0x10, kEditAny = 0x20,
                               kDeleteAny = 0x40, kCreateSubFolder = 0x80, kFolderOwner = 0x100, kFolderContact = 0x200,
                               kFolderVisible = 0x400;
}  // namespace member_right
std::uint32_t MemberRightsOf(const FolderRights& rights);
// What no server says apart goes along: who may make folders may make items; who owns the folder may do all.
FolderRights RightsOfMember(std::uint32_t member_rights);

// PidTagAccess: what the user may do with a folder, or with an item in one. `own`: he made the item.
namespace access {
inline constexpr std::uint32_t kModify = 0x1, kRead = 0x2, kDelete = 0x4, kCreateHierarchy = 0x8,
                               kCreateContents = 0x10, kCreateAssociated = 0x20;
}  // namespace access
std::uint32_t FolderAccessOf(const FolderRights& rights);
std::uint32_t ItemAccessOf(const FolderRights& rights, bool own);

}  // namespace outpost::mapi
