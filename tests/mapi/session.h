#pragma once
// For mapi_provider_test alone: a profile and a client's session, made anew for each case.
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "engine/data_dir.h"
#include "engine/occurrence.h"
#include "mapi-adapter/codec/recurrence_rule.h"
#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/host/host.h"
#include "schemas/series.h"
#include "tests/engine/pair.h"

namespace outpost::mapi {
extern "C" abi::HRESULT MSProviderInit(void* instance, void* malloc, abi::AllocateBuffer allocate,
                                       abi::AllocateMore more, abi::FreeBuffer free, abi::ULONG flags,
                                       abi::ULONG mapi_version, abi::ULONG* provider_version,
                                       abi::IMSProvider** provider);
extern "C" abi::HRESULT MSGServiceEntry(void* instance, void* malloc, abi::IMAPISupport* support, abi::ULONG_PTR ui,
                                        abi::ULONG flags, abi::ULONG context, abi::ULONG count, abi::SPropValue* props,
                                        abi::IProviderAdmin* admin, abi::MAPIERROR** error);
}  // namespace outpost::mapi

namespace outpost::test {

using namespace outpost::mapi;
using namespace outpost::mapi::host;

inline constexpr abi::ULONG kNoType = 0;  // where a type that nobody looks at is answered

inline const abi::ENTRYID* Entry(const std::string& bytes) {
  return reinterpret_cast<const abi::ENTRYID*>(bytes.data());
}
inline abi::ULONG Size(const std::string& bytes) { return static_cast<abi::ULONG>(bytes.size()); }

inline abi::SPropValue LongValue(abi::ULONG tag, abi::LONG number) {
  abi::SPropValue value{};
  value.ulPropTag = tag;
  value.Value.l = number;
  return value;
}
// `text` outlives it.
inline abi::SPropValue TextValue(PropTag tag, const wchar_t* text) {
  abi::SPropValue value{};
  value.ulPropTag = tag;
  value.Value.lpszW = const_cast<wchar_t*>(text);
  return value;
}

inline abi::SPropValue TimeValue(PropTag tag, std::int64_t ms) {
  abi::SPropValue value{};
  value.ulPropTag = tag;
  const auto ticks = static_cast<std::uint64_t>(FileTimeOf(ms).ticks);
  value.Value.ft = {static_cast<std::uint32_t>(ticks), static_cast<std::uint32_t>(ticks >> 32)};
  return value;
}
inline PropTag NamedTag(PropSet set, std::uint32_t number) {
  return TagOf(IdOfName({set, number, {}}), PropType::kSysTime);
}

// An account that was filled from the embedded server, in the data directory where a provider looks for it.
class Profile {
 public:
  Profile() {
    for (const char* name : {"Adler", "Brandt", "Curie"})
      Must(pair.elsewhere().CreateContact(
          pair.remote_folder,
          {{"last_name", name}, {"display_name", name}, {"email1", std::string(name) + "@example.org"}}));
    pair.Settle();
    MustDo(pair.account().SetPassword("secret"));  // the provider finds it there
    setenv("XDG_DATA_HOME", pair.folder().c_str(), 1);
    std::filesystem::create_directories(Data());
    Lend();
  }
  ~Profile() { unsetenv("XDG_DATA_HOME"); }

  // To the provider, and back to the pair, which syncs.
  void Lend() {
    pair.Close();
    std::filesystem::rename(pair.folder() / "account", Data() / kName);
  }
  void TakeBack() {
    std::filesystem::rename(Data() / kName, pair.folder() / "account");
    pair.Reopen();
  }
  std::filesystem::path Data() const { return pair.folder() / "outpost"; }

  static constexpr const char* kName = "anna@127.0.0.1";
  Pair pair;
};

// The entry id of an account's store, as a profile has it: the format is the provider's for good (docs/mapi.md).
inline std::string StoreIdOf(const std::string& account) {
  using namespace std::string_literals;
  return "\0\0\0\0\x70\x74\x75\x6F\x73\x6F\x2D\x74\x6D\x73\x70\0\0\0\0\x01\x01\x01"s + account + '\0';
}

// A client that has logged on; at its end nothing of the provider's may be left but what other clients have.
class Session {
 public:
  // `account`: its store; empty: that of the only one there is.
  explicit Session(const std::string& account = {}) : live_(LiveBlocks()) {
    const std::string id = account.empty() ? std::string() : StoreIdOf(account);
    abi::ULONG version = 0;
    REQUIRE(MSProviderInit(nullptr, nullptr, HostAllocateBuffer, HostAllocateMore, HostFreeBuffer, 0, abi::kSpiVersion,
                           &version, provider.out()) == abi::S_OK_);
    CHECK(version == abi::kSpiVersion);
    REQUIRE(provider->Logon(&support, 0, nullptr, Size(id), id.empty() ? nullptr : Entry(id), abi::MAPI_UNICODE,
                            nullptr, nullptr, nullptr, nullptr, logon.out(), store.out()) == abi::S_OK_);
    CHECK(support.references == 2);
  }
  ~Session() {
    abi::ULONG flags = 0;
    CHECK(store->StoreLogoff(&flags) == abi::S_OK_);
    CHECK(store.Reset() == 0);
    CHECK(logon->Logoff(&flags) == abi::S_OK_);
    CHECK(logon.Reset() == 0);
    CHECK(provider->Shutdown(&flags) == abi::S_OK_);
    CHECK(provider.Reset() == 0);
    CHECK(support.references == 1);
    CHECK(LiveBlocks() == live_);
  }

  template <class T>
  Ref<T> Open(const std::string& id, abi::ULONG flags = 0) {
    Ref<T> opened;
    abi::ULONG type = kNoType;
    CHECK(store->OpenEntry(Size(id), Entry(id), nullptr, flags, &type, opened.template out_as<abi::IUnknown>()) ==
          abi::S_OK_);
    return opened;
  }
  // Of a folder's child by its name.
  std::string ChildOf(abi::IMAPIFolder& folder, const std::string& name) {
    Ref<abi::IMAPITable> table;
    REQUIRE(folder.GetHierarchyTable(0, table.out()) == abi::S_OK_);
    REQUIRE(table->SetColumns(Tags{tag::kEntryId, tag::kDisplayName}, 0) == abi::S_OK_);
    Rows rows;
    REQUIRE(table->QueryRows(100, 0, rows.out()) == abi::S_OK_);
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (TextOf(rows.At(i, 1)) == name) return BytesOf(rows.At(i, 0));
    FAIL("no folder " << name);
    return {};
  }
  Ref<abi::IMAPIFolder> Folder(const char* name) {
    const auto root = Open<abi::IMAPIFolder>("");
    const auto subtree = Open<abi::IMAPIFolder>(ChildOf(*root.get(), "Outpost"));
    return Open<abi::IMAPIFolder>(ChildOf(*subtree.get(), name));
  }
  Ref<abi::IMAPIFolder> Contacts() { return Folder("Contacts"); }
  // Subject and entry id of each item in the folder.
  std::vector<std::pair<std::string, std::string>> Items(abi::IMAPIFolder& folder) {
    Ref<abi::IMAPITable> table;
    REQUIRE(folder.GetContentsTable(0, table.out()) == abi::S_OK_);
    REQUIRE(table->SetColumns(Tags{tag::kEntryId, tag::kSubject}, 0) == abi::S_OK_);
    Rows rows;
    REQUIRE(table->QueryRows(100, 0, rows.out()) == abi::S_OK_);
    std::vector<std::pair<std::string, std::string>> items;
    for (std::size_t i = 0; i < rows.size(); ++i) items.emplace_back(TextOf(rows.At(i, 1)), BytesOf(rows.At(i, 0)));
    return items;
  }

  const std::size_t live_;
  Support support;
  Ref<abi::IMSProvider> provider;
  Ref<abi::IMSLogon> logon;
  Ref<abi::IMsgStore> store;
};

inline std::string TextProp(abi::IMAPIProp& object, PropTag tag) {
  HostBuffer<abi::SPropValue> props;
  abi::ULONG count = 0;
  CHECK_FALSE(abi::Failed(object.GetProps(Tags{tag}, 0, &count, props.out())));
  return TextOf(props[0]);
}

}  // namespace outpost::test
