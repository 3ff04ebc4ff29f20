#include "mapi-adapter/codec/rights.h"

namespace outpost::mapi {
namespace {

constexpr int kSees = 1, kMakesItems = 2, kMakesFolders = 4;  // levels in a folder
constexpr int kOwn = 1, kAny = 2;                             // of reading, writing, removing

std::uint32_t When(bool holds, std::uint32_t bits) { return holds ? bits : 0; }
int LevelOf(std::uint32_t bits, std::uint32_t any, std::uint32_t own) {
  return (bits & any) != 0 ? kAny : (bits & own) != 0 ? kOwn : 0;
}
bool Reaches(int level, bool own) { return level >= kAny || (level == kOwn && own); }

}  // namespace

std::uint32_t MemberRightsOf(const FolderRights& rights) {
  using namespace member_right;
  return When(rights.folder >= kSees, kFolderVisible) | When(rights.folder >= kMakesItems, kCreate) |
         When(rights.folder >= kMakesFolders, kCreateSubFolder) | When(rights.read >= kAny, kReadAny) |
         When(rights.write >= kOwn, kEditOwned) | When(rights.write >= kAny, kEditAny) |
         When(rights.remove >= kOwn, kDeleteOwned) | When(rights.remove >= kAny, kDeleteAny) |
         When(rights.admin, kFolderOwner);
}

FolderRights RightsOfMember(std::uint32_t bits) {
  using namespace member_right;
  if ((bits & kFolderOwner) != 0) return kOwnerRights;
  const std::uint32_t known =
      kReadAny | kCreate | kEditOwned | kDeleteOwned | kEditAny | kDeleteAny | kCreateSubFolder | kFolderVisible;
  FolderRights out;
  out.folder = (bits & kCreateSubFolder) != 0 ? kMakesFolders
               : (bits & kCreate) != 0        ? kMakesItems
               : (bits & known) != 0          ? kSees
                                              : 0;
  out.read = (bits & kReadAny) != 0 ? kAny : 0;
  out.write = LevelOf(bits, kEditAny, kEditOwned);
  out.remove = LevelOf(bits, kDeleteAny, kDeleteOwned);
  return out;
}

std::uint32_t FolderAccessOf(const FolderRights& rights) {
  using namespace access;
  return When(rights.folder >= kSees, kRead) | When(rights.folder >= kMakesItems, kCreateContents) |
         When(rights.folder >= kMakesFolders, kCreateHierarchy) | When(rights.admin, kModify | kDelete);
}

std::uint32_t ItemAccessOf(const FolderRights& rights, bool own) {
  using namespace access;
  return When(Reaches(rights.read, own), kRead) | When(Reaches(rights.write, own), kModify) |
         When(Reaches(rights.remove, own), kDelete);
}

}  // namespace outpost::mapi
