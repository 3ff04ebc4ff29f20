#include <catch2/catch.hpp>
#include <cstring>

#include "mapi-adapter/provider/mapi_abi.h"

using namespace outpost::mapi::abi;

namespace {

// Which slot of its class's table a virtual method has. Both compilers here keep it, as 1 + an offset in bytes, in the
// pointer to the method (Itanium C++ ABI 2.3); that Windows counts the same way, interfaces without overloads see to.
template <class Method>
std::size_t SlotOf(Method method) {
  std::uintptr_t stored = 0;
  static_assert(sizeof method >= sizeof stored);
  std::memcpy(&stored, &method, sizeof stored);
  REQUIRE(stored % 2 == 1);
  return (stored - 1) / sizeof(void*);
}

}  // namespace

// Numbers are counted in the "Vtable order" tables of Microsoft's pages on the interfaces, behind IUnknown's three and
// those of the interfaces they derive from.
TEST_CASE("abi: methods lie in the order of Microsoft's tables", "[mapi]") {
  CHECK(SlotOf(&IUnknown::QueryInterface) == 0);
  CHECK(SlotOf(&IUnknown::Release) == 2);
  CHECK(SlotOf(&IMAPIProp::GetLastError) == 3);
  CHECK(SlotOf(&IMAPIProp::GetProps) == 5);
  CHECK(SlotOf(&IMAPIProp::OpenProperty) == 7);
  CHECK(SlotOf(&IMAPIProp::SetProps) == 8);
  CHECK(SlotOf(&IMAPIProp::CopyTo) == 10);
  CHECK(SlotOf(&IMAPIProp::GetIDsFromNames) == 13);
  CHECK(SlotOf(&IMAPIContainer::GetContentsTable) == 14);
  CHECK(SlotOf(&IMAPIContainer::GetHierarchyTable) == 15);
  CHECK(SlotOf(&IMAPIContainer::OpenEntry) == 16);
  CHECK(SlotOf(&IMAPIFolder::CreateMessage) == 19);
  CHECK(SlotOf(&IMAPIFolder::DeleteMessages) == 21);
  CHECK(SlotOf(&IMAPIFolder::SetReadFlags) == 25);
  CHECK(SlotOf(&IMAPIFolder::EmptyFolder) == 29);
  CHECK(SlotOf(&IMessage::GetAttachmentTable) == 14);
  CHECK(SlotOf(&IMessage::SetReadFlag) == 21);
  CHECK(SlotOf(&IMAPIStatus::ValidateState) == 14);
  CHECK(SlotOf(&IMAPIStatus::FlushQueues) == 17);
  CHECK(SlotOf(&IStream::Read) == 3);
  CHECK(SlotOf(&IStream::Seek) == 5);
  CHECK(SlotOf(&IStream::Commit) == 8);
  CHECK(SlotOf(&IStream::Clone) == 13);
  CHECK(SlotOf(&IMsgStore::Advise) == 14);
  CHECK(SlotOf(&IMsgStore::OpenEntry) == 17);
  CHECK(SlotOf(&IMsgStore::StoreLogoff) == 21);
  CHECK(SlotOf(&IMsgStore::NotifyNewMail) == 26);
  CHECK(SlotOf(&IMAPITable::SetColumns) == 7);
  CHECK(SlotOf(&IMAPITable::SeekRow) == 10);
  CHECK(SlotOf(&IMAPITable::SortTable) == 17);
  CHECK(SlotOf(&IMAPITable::QueryRows) == 19);
  CHECK(SlotOf(&IMAPITable::SetCollapseState) == 25);
  CHECK(SlotOf(&IMSLogon::Logoff) == 4);
  CHECK(SlotOf(&IMSLogon::OpenStatusEntry) == 9);
  CHECK(SlotOf(&IMSProvider::Logon) == 4);
  CHECK(SlotOf(&IMSProvider::CompareStoreIDs) == 6);
  CHECK(SlotOf(&IMAPISupport::Subscribe) == 5);
  CHECK(SlotOf(&IMAPISupport::OpenProfileSection) == 9);
  CHECK(SlotOf(&IMAPISupport::SetProviderUID) == 16);
}
