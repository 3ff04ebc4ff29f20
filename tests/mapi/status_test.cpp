#include "tests/mapi/session.h"

// How a store stands, and syncing when somebody asks for it.
using namespace outpost;
using namespace outpost::mapi;
using namespace outpost::mapi::host;
using namespace outpost::test;

TEST_CASE("MAPI, the log: what the engine does for a store is in the account's folder, without contents", "[mapi]") {
  Profile profile;
  Ref<Sink> rows(new Sink);
  {
    Session session;
    const auto folder = session.Contacts();
    Ref<abi::IMAPITable> table;
    REQUIRE(folder->GetContentsTable(0, table.out()) == abi::S_OK_);
    REQUIRE(table->SetColumns(Tags{tag::kSubject}, 0) == abi::S_OK_);
    abi::ULONG_PTR connection = 0;
    REQUIRE(table->Advise(abi::fnevTableModified, rows.get(), &connection) == abi::S_OK_);
    Must(profile.pair.elsewhere().CreateContact(profile.pair.remote_folder,
                                                {{"last_name", "Drake"}, {"display_name", "Drake"}}));
    const auto adler = session.Open<abi::IMessage>(session.Items(*folder.get())[0].second, abi::MAPI_MODIFY);
    const abi::SPropValue note = TextValue(tag::kBody, L"whatever");
    REQUIRE(adler->SetProps(1, &note, nullptr) == abi::S_OK_);
    REQUIRE(adler->SaveChanges(0) == abi::S_OK_);
    rows->WaitFor("added Drake");
  }
  rows->WaitUntilAlone();
  CHECK(rows.Reset() == 0);
  const std::string log = Must(ReadFile(profile.Data() / Profile::kName / "provider.log"));
  CHECK_THAT(log, Catch::Contains("signed in at"));
  for (const char* content : {"Adler", "Drake", "whatever", "secret"}) CHECK_THAT(log, !Catch::Contains(content));
}

TEST_CASE("MAPI, imapistatus-flushqueues: what was made elsewhere is here when somebody asks for it", "[mapi]") {
  Profile profile;
  Ref<Sink> rows(new Sink);
  {
    Session session;
    CHECK(session.support.row[tag::kDisplayName] == Profile::kName);
    CHECK(session.support.row[tag::kResourceType] == "33");
    Ref<abi::IMAPIStatus> status;
    abi::ULONG type = kNoType;
    REQUIRE(session.logon->OpenStatusEntry(nullptr, 0, &type, status.out_as<void>()) == abi::S_OK_);
    CHECK(type == abi::MAPI_STATUS);
    for (const PropTag required : {tag::kDisplayName, tag::kProviderDisplay, tag::kProviderDllName, tag::kStatusString})
      CHECK(TextProp(*status.get(), required) != "(error)");
    const auto number = [&status](PropTag tag) {
      HostBuffer<abi::SPropValue> props;
      abi::ULONG count = 0;
      CHECK(status->GetProps(Tags{tag}, 0, &count, props.out()) == abi::S_OK_);
      return props[0].Value.l;
    };
    CHECK((number(tag::kStatusCode) & 1) != 0);
    CHECK(number(tag::kResourceMethods) == 9);
    CHECK(number(tag::kResourceFlags) != 0);

    const auto folder = session.Contacts();
    Ref<abi::IMAPITable> table;
    REQUIRE(folder->GetContentsTable(0, table.out()) == abi::S_OK_);
    REQUIRE(table->SetColumns(Tags{tag::kSubject}, 0) == abi::S_OK_);
    abi::ULONG_PTR connection = 0;
    REQUIRE(table->Advise(abi::fnevTableModified, rows.get(), &connection) == abi::S_OK_);
    for (const char* name : {"Drake", "Euler"}) {
      Must(profile.pair.elsewhere().CreateContact(profile.pair.remote_folder,
                                                  {{"last_name", name}, {"display_name", name}}));
      CHECK((name[0] == 'D' ? status->FlushQueues(0, 0, nullptr, abi::FLUSH_DOWNLOAD | abi::FLUSH_UPLOAD)
                            : status->ValidateState(0, abi::REFRESH_XP_HEADER_CACHE)) == abi::S_OK_);
      rows->WaitFor(std::string("added ") + name);
    }
    CHECK(table->Unadvise(connection) == abi::S_OK_);
    CHECK(status->FlushQueues(0, 0, nullptr, 0x1000) == abi::MAPI_E_UNKNOWN_FLAGS);
    CHECK(status->ValidateState(0, 0x1000) == abi::MAPI_E_UNKNOWN_FLAGS);
    CHECK(status->SettingsDialog(0, 0) == abi::MAPI_E_NO_SUPPORT);  // as its PR_RESOURCE_METHODS say
  }
  rows->WaitUntilAlone();
  CHECK(rows.Reset() == 0);
}

TEST_CASE("MAPI, msgserviceentry: a profile is told which account the store is of, and logging on goes by it",
          "[mapi]") {
  Profile profile;
  Support support;
  Admin admin;
  const auto enter = [&](abi::ULONG context, abi::SPropValue* props = nullptr) {
    abi::MAPIERROR* error = nullptr;
    return MSGServiceEntry(nullptr, nullptr, &support, 0, abi::MAPI_UNICODE, context, props != nullptr ? 1 : 0, props,
                           &admin, &error);
  };
  for (const abi::ULONG nothing : {abi::MSG_SERVICE_INSTALL, abi::MSG_SERVICE_UNINSTALL, abi::MSG_SERVICE_DELETE})
    CHECK(enter(nothing) == abi::S_OK_);
  CHECK(enter(abi::MSG_SERVICE_PROVIDER_CREATE) == abi::MAPI_E_NO_SUPPORT);
  CHECK(enter(77) == abi::MAPI_E_INVALID_PARAMETER);
  abi::SPropValue nobody = TextValue(tag::kDisplayName, L"nobody@example.org"),
                  anna = TextValue(tag::kDisplayName, L"anna@127.0.0.1");
  CHECK(enter(abi::MSG_SERVICE_CONFIGURE, &nobody) == abi::MAPI_E_UNCONFIGURED);
  CHECK_FALSE(admin.saved);
  REQUIRE(enter(abi::MSG_SERVICE_CREATE) == abi::S_OK_);  // the only account there is
  CHECK(admin.saved);
  CHECK(admin.section[tag::kDisplayName] == Profile::kName);
  admin.section.clear();
  REQUIRE(enter(abi::MSG_SERVICE_CONFIGURE, &anna) == abi::S_OK_);
  CHECK(admin.section[tag::kEntryId] == StoreIdOf(Profile::kName));
  CHECK(admin.section[tag::kMdbProvider].size() == 16);
  CHECK(admin.references == 1);
  CHECK(LiveBlocks() == 0);

  abi::ULONG version = 0;
  Ref<abi::IMSProvider> provider;
  REQUIRE(MSProviderInit(nullptr, nullptr, HostAllocateBuffer, HostAllocateMore, HostFreeBuffer, 0, abi::kSpiVersion,
                         &version, provider.out()) == abi::S_OK_);
  Ref<abi::IMSLogon> logon;
  Ref<abi::IMsgStore> store;
  const std::string id = admin.section[tag::kEntryId];
  REQUIRE(provider->Logon(&support, 0, nullptr, Size(id), Entry(id), abi::MAPI_UNICODE, nullptr, nullptr, nullptr,
                          nullptr, logon.out(), store.out()) == abi::S_OK_);
  HostBuffer<abi::SPropValue> props;
  abi::ULONG count = 0;
  REQUIRE(store->GetProps(Tags{tag::kRecordKey, tag::kMdbProvider}, 0, &count, props.out()) == abi::S_OK_);
  CHECK(BytesOf(props[0]) == admin.section[tag::kRecordKey]);
  CHECK(BytesOf(props[1]) == admin.section[tag::kMdbProvider]);
}
