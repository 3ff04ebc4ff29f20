#pragma once
#include "mapi-adapter/codec/property.h"

// Properties that are known by meaning. Source: [MS-OXPROPS] and Microsoft's pages of the canonical names.
namespace outpost::mapi::tag {

using enum PropType;
inline constexpr PropTag kMessageClass = TagOf(0x001A, kUnicode);
inline constexpr PropTag kImportance = TagOf(0x0017, kLong);
inline constexpr PropTag kSensitivity = TagOf(0x0036, kLong);
inline constexpr PropTag kSubject = TagOf(0x0037, kUnicode);
inline constexpr PropTag kNormalizedSubject = TagOf(0x0E1D, kUnicode);
inline constexpr PropTag kDisplayBcc = TagOf(0x0E02, kUnicode);
inline constexpr PropTag kDisplayCc = TagOf(0x0E03, kUnicode);
inline constexpr PropTag kDisplayTo = TagOf(0x0E04, kUnicode);
inline constexpr PropTag kMessageFlags = TagOf(0x0E07, kLong);
inline constexpr PropTag kMessageSize = TagOf(0x0E08, kLong);
inline constexpr PropTag kParentEntryId = TagOf(0x0E09, kBinary);
inline constexpr PropTag kMessageStatus = TagOf(0x0E17, kLong);
inline constexpr PropTag kHasAttach = TagOf(0x0E1B, kBoolean);
inline constexpr PropTag kAccess = TagOf(0x0FF4, kLong);
inline constexpr PropTag kInstanceKey = TagOf(0x0FF6, kBinary);
inline constexpr PropTag kAccessLevel = TagOf(0x0FF7, kLong);
inline constexpr PropTag kMappingSignature = TagOf(0x0FF8, kBinary);
inline constexpr PropTag kRecordKey = TagOf(0x0FF9, kBinary);
inline constexpr PropTag kStoreRecordKey = TagOf(0x0FFA, kBinary);
inline constexpr PropTag kStoreEntryId = TagOf(0x0FFB, kBinary);
inline constexpr PropTag kObjectType = TagOf(0x0FFE, kLong);
inline constexpr PropTag kEntryId = TagOf(0x0FFF, kBinary);
inline constexpr PropTag kBody = TagOf(0x1000, kUnicode);
inline constexpr PropTag kIconIndex = TagOf(0x1080, kLong);
inline constexpr PropTag kDisplayName = TagOf(0x3001, kUnicode);
inline constexpr PropTag kComment = TagOf(0x3004, kUnicode);
inline constexpr PropTag kDepth = TagOf(0x3005, kLong);
inline constexpr PropTag kCreationTime = TagOf(0x3007, kSysTime);
inline constexpr PropTag kLastModificationTime = TagOf(0x3008, kSysTime);
inline constexpr PropTag kSearchKey = TagOf(0x300B, kBinary);
inline constexpr PropTag kStoreSupportMask = TagOf(0x340D, kLong);
inline constexpr PropTag kMdbProvider = TagOf(0x3414, kBinary);
inline constexpr PropTag kValidFolderMask = TagOf(0x35DF, kLong);
inline constexpr PropTag kIpmSubtreeEntryId = TagOf(0x35E0, kBinary);
inline constexpr PropTag kFolderType = TagOf(0x3601, kLong);
inline constexpr PropTag kContentCount = TagOf(0x3602, kLong);
inline constexpr PropTag kContentUnread = TagOf(0x3603, kLong);
inline constexpr PropTag kSubfolders = TagOf(0x360A, kBoolean);
inline constexpr PropTag kStatus = TagOf(0x360B, kLong);
inline constexpr PropTag kContainerHierarchy = TagOf(0x360E, kObject);
inline constexpr PropTag kContainerContents = TagOf(0x360F, kObject);
inline constexpr PropTag kContainerClass = TagOf(0x3613, kUnicode);
inline constexpr PropTag kDisplayType = TagOf(0x3900, kLong);
inline constexpr PropTag kRights = TagOf(0x6639, kLong);

}  // namespace outpost::mapi::tag
