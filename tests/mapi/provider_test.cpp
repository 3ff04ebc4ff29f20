#include <atomic>
#include <future>
#include <thread>

#include "engine/control.h"
#include "engine/data_dir.h"
#include "tests/mapi/session.h"

using namespace outpost;
using namespace outpost::mapi;
using namespace outpost::mapi::host;
using namespace outpost::test;

TEST_CASE("MAPI, the whole road: from the entry point to the properties of a contact that came from the server",
          "[mapi]") {
  Profile profile;
  Session session;
  CHECK(session.support.provider_uid.size() == 16);
  CHECK(TextProp(*session.store.get(), tag::kDisplayName) == Profile::kName);

  const auto folder = session.Contacts();
  CHECK(TextProp(*folder.get(), tag::kContainerClass) == "IPF.Contact");
  const auto items = session.Items(*folder.get());
  REQUIRE(items.size() == 3);
  CHECK(items[0].first == "Adler");
  CHECK(items[2].first == "Curie");

  const auto curie = session.Open<abi::IMessage>(items[2].second);
  CHECK(TextProp(*curie.get(), tag::kMessageClass) == "IPM.Contact");
  CHECK(TextProp(*curie.get(), TagOf(0x3A11, PropType::kUnicode)) == "Curie");
  // Named properties go by the ids that the store has for their names.
  std::string set(GuidOf(PropSet::kAddress));
  abi::MAPINAMEID name{reinterpret_cast<abi::GUID*>(set.data()), abi::MNID_ID, {0x8083}};
  abi::MAPINAMEID* names[] = {&name};
  HostBuffer<abi::SPropTagArray> ids;
  REQUIRE(curie->GetIDsFromNames(1, names, 0, ids.out()) == abi::S_OK_);
  CHECK(IdOf(ids->aulPropTag[0]) >= 0x8000);
  CHECK(TextProp(*curie.get(), TagOf(IdOf(ids->aulPropTag[0]), PropType::kUnicode)) == "Curie@example.org");
  abi::SPropTagArray* asked = ids.get();
  HostBuffer<abi::MAPINAMEID*> back;
  abi::ULONG count = 0;
  REQUIRE(curie->GetNamesFromIDs(&asked, nullptr, 0, &count, back.out()) == abi::S_OK_);
  CHECK(back[0]->Kind.lID == 0x8083);
  CHECK(std::memcmp(back[0]->lpguid, set.data(), 16) == 0);
}

TEST_CASE("MAPI, writing: a contact made and changed by messages is on the server after the next sync", "[mapi]") {
  Profile profile;
  {
    Session session;
    const auto folder = session.Contacts();
    Ref<abi::IMessage> message;
    REQUIRE(folder->CreateMessage(nullptr, 0, message.out()) == abi::S_OK_);
    const abi::SPropValue values[] = {
        TextValue(TagOf(0x3A11, PropType::kUnicode), L"Lovelace"), TextValue(tag::kDisplayName, L"Ada L\u00F6velace"),
        TextValue(tag::kMessageClass, L"IPM.Contact"), LongValue(TagOf(0x6999, PropType::kLong), 1)};
    HostBuffer<abi::SPropProblemArray> problems;
    REQUIRE(message->SetProps(4, values, problems.out()) == abi::S_OK_);
    CHECK(problems.get() == nullptr);                 // what is no field is kept beside them
    CHECK(session.Items(*folder.get()).size() == 3);  // transacted: nobody sees it before it is saved
    CHECK(TextProp(*message.get(), tag::kEntryId) == "(error)");
    REQUIRE(message->SaveChanges(abi::KEEP_OPEN_READWRITE) == abi::S_OK_);
    CHECK(session.Items(*folder.get()).size() == 4);

    // imapiprop-savechanges: an object that changed since it was opened.
    std::map<std::string, std::string> ids;
    for (const auto& [subject, id] : session.Items(*folder.get())) ids[subject] = id;
    const auto adler = session.Open<abi::IMessage>(ids["Adler"], abi::MAPI_MODIFY);
    const auto again = session.Open<abi::IMessage>(ids["Adler"], abi::MAPI_MODIFY);
    const abi::SPropValue first = TextValue(tag::kBody, L"one\r\ntwo"), second = TextValue(tag::kBody, L"three");
    REQUIRE(adler->SetProps(1, &first, nullptr) == abi::S_OK_);
    REQUIRE(again->SetProps(1, &second, nullptr) == abi::S_OK_);
    REQUIRE(adler->SaveChanges(0) == abi::S_OK_);
    CHECK(adler->SaveChanges(0) == abi::MAPI_E_NO_ACCESS);  // closed for writing by the save before
    CHECK(again->SaveChanges(0) == abi::MAPI_E_OBJECT_CHANGED);
    CHECK(again->SaveChanges(abi::FORCE_SAVE) == abi::S_OK_);
    CHECK(TextProp(*session.Open<abi::IMessage>(ids["Adler"]).get(), tag::kBody) == "three");

    abi::SBinary id{Size(ids["Brandt"]), reinterpret_cast<abi::BYTE*>(ids["Brandt"].data())};
    abi::ENTRYLIST list{1, &id};
    const auto brandt = session.Open<abi::IMessage>(ids["Brandt"], abi::MAPI_MODIFY);
    CHECK(folder->DeleteMessages(&list, 0, nullptr, 0) == abi::S_OK_);
    CHECK(folder->DeleteMessages(&list, 0, nullptr, 0) == abi::MAPI_W_PARTIAL_COMPLETION);
    CHECK(brandt->SaveChanges(abi::FORCE_SAVE) == abi::MAPI_E_OBJECT_DELETED);
    CHECK(session.Items(*folder.get()).size() == 3);
  }
  profile.TakeBack();
  profile.pair.Settle();
  CHECK(profile.pair.ServerNames() == std::vector<std::string>{"Adler", "Curie", "Lovelace"});
  profile.pair.CheckWhole();
}

TEST_CASE("MAPI, writing: a task and an appointment, and a series is shown as one", "[mapi]") {
  Profile profile;
  constexpr std::int64_t kHour = 3'600'000;
  const std::int64_t monday = *DayFromText("2024-03-25");
  {
    Session session;
    const auto save = [](abi::IMAPIFolder& folder, std::initializer_list<abi::SPropValue> values) {
      Ref<abi::IMessage> message;
      REQUIRE(folder.CreateMessage(nullptr, 0, message.out()) == abi::S_OK_);
      HostBuffer<abi::SPropProblemArray> problems;
      REQUIRE(message->SetProps(static_cast<abi::ULONG>(values.size()), values.begin(), problems.out()) == abi::S_OK_);
      CHECK(problems.get() == nullptr);
      REQUIRE(message->SaveChanges(0) == abi::S_OK_);
    };
    const auto tasks = session.Folder("Tasks"), calendar = session.Folder("Calendar");
    save(*tasks.get(), {TextValue(tag::kSubject, L"Plan"), TimeValue(NamedTag(PropSet::kTask, 0x8105), monday),
                        LongValue(TagOf(IdOfName({PropSet::kTask, 0x8101, {}}), PropType::kLong), 1)});
    save(*calendar.get(), {TextValue(tag::kSubject, L"Talk"), TextValue(tag::kMessageClass, L"IPM.Appointment"),
                           TimeValue(NamedTag(PropSet::kAppointment, 0x820D), monday + 9 * kHour),
                           TimeValue(NamedTag(PropSet::kAppointment, 0x820E), monday + 10 * kHour)});
    CHECK(session.Items(*tasks.get()).size() == 1);
    CHECK(session.Items(*calendar.get()).size() == 1);
  }
  profile.TakeBack();
  profile.pair.Settle();
  Account& account = profile.pair.account();
  const auto only = [&account](const char* folder) {
    std::optional<ItemState> found;
    MustDo(ForEachItem(*account.View(), Must(FindFolder(*account.View(), folder)).id, [&found](const ItemState& item) {
      CHECK_FALSE(found);
      found = item;
      return true;
    }));
    REQUIRE(found);
    return *found;
  };
  const ItemState task = only("Tasks"), talk = only("Calendar");
  CHECK(task.on_server);
  CHECK(task.HeadValue(field::kTaskEnd) == Value(monday));
  CHECK(task.HeadValue(field::kTaskStatus) == Value(std::int64_t{2}));
  CHECK(talk.on_server);
  CHECK(talk.HeadValue(field::kAppointmentStart) == Value(monday + 9 * kHour));

  // Two more weeks of it, one of them an hour later by the clock: summer time began in between.
  MustDo(account.Set(talk.id, {{field::kAppointmentRecurrenceType, std::int64_t{2}},
                               {field::kAppointmentDays, std::int64_t{2}},
                               {field::kAppointmentOccurrences, std::int64_t{3}}}));
  profile.pair.Settle();
  const std::int64_t later = *DayFromText("2024-04-01");
  Must(account.Create(
      ItemType::kAppointment, talk.Folder(),
      Must(ExceptionFields(profile.pair.Item(talk.id), later, {{field::kAppointmentStart, later + 9 * kHour}}))));
  profile.pair.Settle();
  profile.Lend();
  Session session;
  const auto calendar = session.Folder("Calendar");
  const auto items = session.Items(*calendar.get());
  REQUIRE(items.size() == 1);  // the day that was moved is within it
  const auto series = session.Open<abi::IMessage>(items[0].second);
  HostBuffer<abi::SPropValue> props;
  abi::ULONG count = 0;
  REQUIRE(series->GetProps(Tags{TagOf(IdOfName({PropSet::kAppointment, 0x8216, {}}), PropType::kBinary)}, 0, &count,
                           props.out()) == abi::S_OK_);
  const auto blob = DecodeAppointmentRecurrence(BytesOf(props[0]));
  REQUIRE(blob);
  CHECK(blob.value().pattern.count == 3);
  REQUIRE(blob.value().exceptions.size() == 1);
  CHECK(DayOf(blob.value().exceptions[0].original) == later);
  CHECK(blob.value().exceptions[0].start == blob.value().exceptions[0].original + 60);
}

TEST_CASE("MAPI, tables: columns, positions, bookmarks and order", "[mapi]") {
  Profile profile;
  Session session;
  const auto folder = session.Contacts();
  Ref<abi::IMAPITable> table;
  const abi::IID iid = abi::kIMAPITable;
  REQUIRE(folder->OpenProperty(tag::kContainerContents, &iid, 0, 0, table.out_as<abi::IUnknown>()) == abi::S_OK_);
  HostBuffer<abi::SPropTagArray> columns;
  REQUIRE(table->QueryColumns(0, columns.out()) == abi::S_OK_);
  CHECK(columns->cValues == 17);
  Rows rows;
  REQUIRE(table->QueryRows(10, abi::TBL_NOADVANCE, rows.out()) == abi::S_OK_);
  REQUIRE(rows.size() == 3);
  for (std::size_t i = 0; i < 17; ++i) {  // contents-tables: every required column has a value
    INFO(columns->aulPropTag[i]);
    CHECK(rows.At(0, i).ulPropTag == columns->aulPropTag[i]);
  }
  REQUIRE(table->SetColumns(Tags{tag::kSubject, TagOf(0x6999, PropType::kLong), TagOf(0, PropType::kNull)}, 0) ==
          abi::S_OK_);
  REQUIRE(table->QueryRows(2, 0, rows.out()) == abi::S_OK_);
  CHECK(TextOf(rows.At(1, 0)) == "Brandt");
  CHECK(rows.At(1, 1).Value.err == abi::MAPI_E_NOT_FOUND);
  abi::ULONG row = 0, numerator = 0, denominator = 0;
  REQUIRE(table->QueryPosition(&row, &numerator, &denominator) == abi::S_OK_);
  CHECK(row == 2);
  CHECK(denominator == 3);
  abi::BOOKMARK here = 0;
  REQUIRE(table->CreateBookmark(&here) == abi::S_OK_);
  abi::LONG sought = 0;
  REQUIRE(table->SeekRow(abi::BOOKMARK_BEGINNING, -5, &sought) == abi::S_OK_);
  CHECK(sought == 0);
  REQUIRE(table->SeekRow(here, 0, &sought) == abi::S_OK_);
  REQUIRE(table->QueryRows(-1, 0, rows.out()) == abi::S_OK_);
  REQUIRE(rows.size() == 1);
  CHECK(TextOf(rows.At(0, 0)) == "Brandt");
  REQUIRE(table->QueryRows(5, 0, rows.out()) == abi::S_OK_);
  CHECK(rows.size() == 1);
  REQUIRE(table->QueryRows(5, 0, rows.out()) == abi::S_OK_);
  CHECK(rows.size() == 0);
  CHECK(table->FreeBookmark(here) == abi::S_OK_);
  CHECK(table->SeekRow(here, 0, nullptr) == abi::MAPI_E_INVALID_BOOKMARK);
  abi::SSortOrderSet order{1, 0, 0, {{tag::kSubject, abi::TABLE_SORT_DESCEND}}};
  REQUIRE(table->SortTable(&order, 0) == abi::S_OK_);
  REQUIRE(table->QueryRows(1, 0, rows.out()) == abi::S_OK_);
  CHECK(TextOf(rows.At(0, 0)) == "Curie");
  HostBuffer<abi::SSortOrderSet> sorted;
  REQUIRE(table->QuerySortOrder(sorted.out()) == abi::S_OK_);
  CHECK(sorted->aSort[0].ulOrder == abi::TABLE_SORT_DESCEND);
  order.aSort[0].ulPropTag = TagOf(0x6999, PropType::kLong);
  CHECK(table->SortTable(&order, 0) == abi::MAPI_E_TOO_COMPLEX);
  CHECK(table->QueryRows(0, 0, rows.out()) == abi::MAPI_E_INVALID_PARAMETER);
}

TEST_CASE("MAPI, tables: restrictions and rows that are looked for", "[mapi]") {
  Profile profile;
  Session session;
  const auto folder = session.Contacts();
  Ref<abi::IMAPITable> table;
  REQUIRE(folder->GetContentsTable(0, table.out()) == abi::S_OK_);
  REQUIRE(table->SetColumns(Tags{tag::kSubject}, 0) == abi::S_OK_);
  const auto shown = [&table] {
    Rows rows;
    REQUIRE(table->QueryRows(10, 0, rows.out()) == abi::S_OK_);
    std::string names;
    for (std::size_t i = 0; i < rows.size(); ++i) names += TextOf(rows.At(i, 0)) + " ";
    return names;
  };
  abi::SPropValue text = TextValue(tag::kSubject, L"b");
  abi::SRestriction begins{abi::RES_CONTENT, {}};
  begins.res.resContent = {abi::FL_PREFIX | abi::FL_IGNORECASE, tag::kSubject, &text};
  REQUIRE(table->Restrict(&begins, 0) == abi::S_OK_);
  CHECK(shown() == "Brandt ");
  abi::SRestriction none{abi::RES_NOT, {}};
  none.res.resNot = {0, &begins};
  REQUIRE(table->Restrict(&none, 0) == abi::S_OK_);
  CHECK(shown() == "Adler Curie ");
  abi::SPropValue contact = TextValue(tag::kMessageClass, L"ipm.contact");
  abi::SRestriction parts[] = {none, {abi::RES_PROPERTY, {}}, {abi::RES_EXIST, {}}}, both{abi::RES_AND, {}};
  parts[1].res.resProperty = {abi::RELOP_EQ, tag::kMessageClass, &contact};
  parts[2].res.resExist = {0, TagOf(IdOfName({PropSet::kAddress, 0x8083, {}}), PropType::kUnicode), 0};
  both.res.resAnd = {3, parts};
  REQUIRE(table->Restrict(&both, 0) == abi::S_OK_);
  CHECK(shown() == "Adler Curie ");
  parts[1].res.resProperty.relop = abi::RELOP_NE;
  REQUIRE(table->Restrict(&both, 0) == abi::S_OK_);
  CHECK(shown().empty());
  REQUIRE(table->Restrict(nullptr, 0) == abi::S_OK_);
  CHECK(shown() == "Adler Brandt Curie ");

  abi::SPropValue mail =
      TextValue(TagOf(IdOfName({PropSet::kAddress, 0x8083, {}}), PropType::kUnicode), L"Curie@example.org");
  abi::SRestriction is{abi::RES_PROPERTY, {}};
  is.res.resProperty = {abi::RELOP_EQ, mail.ulPropTag, &mail};
  REQUIRE(table->FindRow(&is, abi::BOOKMARK_BEGINNING, 0) == abi::S_OK_);
  CHECK(shown() == "Curie ");
  REQUIRE(table->FindRow(&begins, abi::BOOKMARK_END, abi::DIR_BACKWARD) == abi::S_OK_);
  CHECK(shown() == "Brandt Curie ");
  CHECK(table->FindRow(&begins, abi::BOOKMARK_END, 0) == abi::MAPI_E_NOT_FOUND);
  is.res.resProperty.ulPropTag = TagOf(0x6999, PropType::kUnicode);
  CHECK(table->FindRow(&is, abi::BOOKMARK_BEGINNING, 0) == abi::MAPI_E_TOO_COMPLEX);
  std::vector<abi::SRestriction> deep(100, abi::SRestriction{abi::RES_NOT, {}});
  for (std::size_t i = 0; i + 1 < deep.size(); ++i) deep[i].res.resNot = {0, &deep[i + 1]};
  CHECK(table->Restrict(deep.data(), 0) == abi::MAPI_E_TOO_COMPLEX);
}

TEST_CASE("MAPI, notifications: what is saved here and elsewhere appears in open tables", "[mapi]") {
  Profile profile;
  Ref<Sink> rows(new Sink), objects(new Sink), one(new Sink);
  {
    Session session;
    const auto folder = session.Contacts();
    std::atomic<int> failed{0};
    Ref<abi::IMAPITable> table;
    REQUIRE(folder->GetContentsTable(0, table.out()) == abi::S_OK_);
    REQUIRE(table->SetColumns(Tags{tag::kSubject}, 0) == abi::S_OK_);
    abi::ULONG_PTR connection = 0, whole = 0, of_adler = 0;
    CHECK(table->Advise(abi::fnevObjectCreated, rows.get(), &connection) == abi::MAPI_E_NO_SUPPORT);
    REQUIRE(table->Advise(abi::fnevTableModified, rows.get(), &connection) == abi::S_OK_);
    REQUIRE(session.store->Advise(0, nullptr, abi::fnevObjectCreated | abi::fnevObjectDeleted, objects.get(), &whole) ==
            abi::S_OK_);
    std::map<std::string, std::string> ids;
    for (const auto& [subject, id] : session.Items(*folder.get())) ids[subject] = id;
    REQUIRE(session.logon->Advise(Size(ids["Adler"]), Entry(ids["Adler"]), abi::fnevObjectModified, one.get(),
                                  &of_adler) == abi::S_OK_);
    // A client reads the table while it is being told.
    rows->also = [open = table.get(), &failed] {  // its Release, too, waits until it has been told
      Rows ignored;
      if (open->SeekRow(abi::BOOKMARK_BEGINNING, 0, nullptr) != abi::S_OK_) ++failed;
      if (open->QueryRows(10, 0, ignored.out()) != abi::S_OK_) ++failed;
    };

    // The own edit is told without the server; that it was made starts a sync, which brings what was made elsewhere.
    Must(profile.pair.elsewhere().CreateContact(profile.pair.remote_folder,
                                                {{"last_name", "Drake"}, {"display_name", "Drake"}}));
    const auto adler = session.Open<abi::IMessage>(ids["Adler"], abi::MAPI_MODIFY);
    const abi::SPropValue name = TextValue(tag::kDisplayName, L"Adler-Meyer");
    REQUIRE(adler->SetProps(1, &name, nullptr) == abi::S_OK_);
    REQUIRE(adler->SaveChanges(abi::KEEP_OPEN_READWRITE) == abi::S_OK_);
    rows->WaitFor("changed Adler-Meyer");
    one->WaitFor("modified message");
    rows->WaitFor("added Drake");
    objects->WaitFor("created message");
    // That the server took the edit is no change by somebody else.
    const abi::SPropValue again = TextValue(tag::kDisplayName, L"Adler-Schulze");
    REQUIRE(adler->SetProps(1, &again, nullptr) == abi::S_OK_);
    CHECK(adler->SaveChanges(0) == abi::S_OK_);
    rows->WaitFor("changed Adler-Schulze");

    abi::SBinary id{Size(ids["Brandt"]), reinterpret_cast<abi::BYTE*>(ids["Brandt"].data())};
    abi::ENTRYLIST list{1, &id};
    REQUIRE(folder->DeleteMessages(&list, 0, nullptr, 0) == abi::S_OK_);
    rows->WaitFor("deleted");
    objects->WaitFor("deleted message");
    abi::ULONG count = 0;
    CHECK(table->GetRowCount(0, &count) == abi::S_OK_);
    CHECK(count == 3);
    CHECK(failed == 0);
    CHECK(session.store->Unadvise(whole) == abi::S_OK_);
    CHECK(session.store->Unadvise(whole) == abi::MAPI_E_NOT_FOUND);
    CHECK(session.logon->Unadvise(of_adler) == abi::S_OK_);
  }  // the table goes with its sink
  for (Ref<Sink>* sink : {&rows, &objects, &one}) {
    (*sink)->WaitUntilAlone();
    CHECK(sink->Reset() == 0);
  }
}

TEST_CASE("MAPI, mails: read, marked, moved into a folder that is made here, and deleted", "[mapi]") {
  Profile profile;
  profile.TakeBack();
  for (const char* subject : {"Re: Plan", "Lunch"})
    Must(profile.pair.elsewhere().ImportMail(
        "default0/INBOX",
        "From: Ada <ada@example.org>\r\nTo: Anna <anna@example.org>, Bert <bert@example.org>\r\nSubject: " +
            std::string(subject) + "\r\nDate: Sun, 29 Nov 2026 10:00:00 +0000\r\nMessage-Id: <" +
            std::string(subject).substr(0, 2) + "@example.org>\r\n\r\none\ntwo\r\n",
        0));
  profile.pair.Settle();
  profile.Lend();
  {
    Session session;
    const auto mails = session.Folder("E-Mail");
    const auto inbox = session.Open<abi::IMAPIFolder>(session.ChildOf(*mails.get(), "INBOX"));
    std::map<std::string, std::string> ids;
    for (const auto& [subject, id] : session.Items(*inbox.get())) ids[subject] = id;
    REQUIRE(ids.size() == 2);
    const auto plan = session.Open<abi::IMessage>(ids["Re: Plan"]);
    CHECK(TextProp(*plan.get(), tag::kNormalizedSubject) == "Plan");
    CHECK(TextProp(*plan.get(), TagOf(0x0C1A, PropType::kUnicode)) == "Ada");
    CHECK(TextProp(*plan.get(), TagOf(0x0065, PropType::kUnicode)) == "ada@example.org");
    CHECK(TextProp(*plan.get(), tag::kDisplayTo) == "Anna; Bert");
    CHECK(TextProp(*plan.get(), tag::kMessageClass) == "IPM.Note");
    CHECK_THAT(TextProp(*plan.get(), tag::kBody), Catch::StartsWith("one\r\ntwo"));
    const auto flags = [](abi::IMessage& message) {
      HostBuffer<abi::SPropValue> props;
      abi::ULONG count = 0;
      CHECK(message.GetProps(Tags{tag::kMessageFlags}, 0, &count, props.out()) == abi::S_OK_);
      return props[0].Value.l;
    };
    CHECK(flags(*plan.get()) == 0);
    CHECK(plan->SetReadFlag(abi::SUPPRESS_RECEIPT | abi::CLEAR_READ_FLAG) == abi::MAPI_E_INVALID_PARAMETER);
    CHECK(plan->SetReadFlag(0) == abi::S_OK_);
    CHECK(flags(*plan.get()) == 1);

    Ref<abi::IMAPIFolder> kept, again;
    wchar_t name[] = L"Kept";
    REQUIRE(inbox->CreateFolder(abi::FOLDER_GENERIC, name, nullptr, nullptr, abi::MAPI_UNICODE, kept.out()) ==
            abi::S_OK_);
    CHECK(inbox->CreateFolder(abi::FOLDER_GENERIC, name, nullptr, nullptr, abi::MAPI_UNICODE, again.out()) ==
          abi::MAPI_E_COLLISION);
    CHECK(inbox->CreateFolder(abi::FOLDER_GENERIC, name, nullptr, nullptr, abi::MAPI_UNICODE | abi::OPEN_IF_EXISTS,
                              again.out()) == abi::S_OK_);
    const abi::SPropValue renamed = TextValue(tag::kDisplayName, L"Saved");
    HostBuffer<abi::SPropProblemArray> problems;
    CHECK(kept->SetProps(1, &renamed, problems.out()) == abi::S_OK_);
    CHECK(problems.get() == nullptr);
    const std::string folder_id = session.ChildOf(*inbox.get(), "Saved");
    abi::SBinary id{Size(ids["Re: Plan"]), reinterpret_cast<abi::BYTE*>(ids["Re: Plan"].data())};
    abi::ENTRYLIST list{1, &id};
    CHECK(inbox->CopyMessages(&list, nullptr, kept.get(), 0, nullptr, abi::MESSAGE_MOVE) == abi::S_OK_);
    REQUIRE(session.Items(*kept.get()).size() == 1);
    CHECK(session.Items(*kept.get())[0].second == ids["Re: Plan"]);  // the same mail, by the same id
    CHECK(inbox->DeleteFolder(Size(folder_id), Entry(folder_id), 0, nullptr, 0) == abi::MAPI_E_HAS_MESSAGES);
    CHECK(inbox->SetReadFlags(nullptr, 0, nullptr, 0) == abi::S_OK_);
    CHECK(inbox->EmptyFolder(0, nullptr, 0) == abi::S_OK_);
    CHECK(session.Items(*inbox.get()).empty());
    abi::ULONG type = kNoType;
    Ref<abi::IUnknown> gone;
    CHECK(session.store->OpenEntry(Size(folder_id), Entry(folder_id), nullptr, 0, &type, gone.out()) ==
          abi::MAPI_E_NOT_FOUND);
  }
  profile.TakeBack();
  profile.pair.Settle();
  for (const auto& mail : Must(profile.pair.elsewhere().ListMails("default0/INBOX"))) CHECK(mail.subject != "Lunch");
}

TEST_CASE("MAPI, logging on: versions, ids that are none, a store that is open already or elsewhere", "[mapi]") {
  Profile profile;
  abi::ULONG version = 0;
  Ref<abi::IMSProvider> old;
  const auto init = [&](abi::ULONG mapi, abi::ULONG* out) {
    return MSProviderInit(nullptr, nullptr, HostAllocateBuffer, HostAllocateMore, HostFreeBuffer, 0, mapi, out,
                          old.out());
  };
  CHECK(init(0x00010000, &version) == abi::MAPI_E_VERSION);
  CHECK(init(abi::kSpiVersion, nullptr) == abi::MAPI_E_INVALID_PARAMETER);
  Session one;
  Session two;  // another profile, the same account
  CHECK(one.provider.get() != two.provider.get());
  HostBuffer<abi::SPropValue> props;
  abi::ULONG count = 0, type = 0, same = 0;
  REQUIRE(one.store->GetProps(Tags{tag::kStoreEntryId, tag::kIpmSubtreeEntryId}, 0, &count, props.out()) == abi::S_OK_);
  const std::string id = BytesOf(props[0]), subtree = BytesOf(props[1]);
  CHECK(one.provider->CompareStoreIDs(Size(id), Entry(id), Size(id), Entry(id), 0, &same) == abi::S_OK_);
  CHECK(same == 1);
  CHECK(one.store->CompareEntryIDs(Size(id), Entry(id), Size(subtree), Entry(subtree), 0, &same) == abi::S_OK_);
  CHECK(same == 0);
  Ref<abi::IMSLogon> logon;
  Ref<abi::IMsgStore> store;
  const auto log_on = [&](const std::string& entry, const abi::IID* iid = nullptr) {
    return one.provider->Logon(&one.support, 0, nullptr, Size(entry), Entry(entry), 0, iid, nullptr, nullptr, nullptr,
                               logon.out(), store.out());
  };
  CHECK(log_on(id) == abi::S_OK_);
  CHECK(log_on(id.substr(1)) == abi::MAPI_E_INVALID_ENTRYID);
  CHECK(log_on(id.substr(0, id.size() - 1) + "x" + '\0') == abi::MAPI_E_LOGON_FAILED);
  CHECK(log_on(id, &abi::kIMessage) == abi::MAPI_E_NO_INTERFACE);
  logon.Reset();
  Ref<abi::IUnknown> object;
  for (std::string bad : {id, std::string("abc"), subtree.substr(0, 30), subtree + "x"})
    CHECK(one.store->OpenEntry(Size(bad), Entry(bad), nullptr, 0, &type, object.out()) == abi::MAPI_E_INVALID_ENTRYID);
  std::string gone = subtree;
  gone.back() = 77;
  CHECK(one.store->OpenEntry(Size(gone), Entry(gone), nullptr, 0, &type, object.out()) == abi::MAPI_E_NOT_FOUND);
  CHECK(one.store->OpenEntry(0, nullptr, nullptr, 0x1000, &type, object.out()) == abi::MAPI_E_UNKNOWN_FLAGS);
  CHECK(one.store->OpenEntry(0, nullptr, nullptr, 0, nullptr, object.out()) == abi::MAPI_E_INVALID_PARAMETER);
  CHECK(one.store->GetProps(nullptr, 0, nullptr, props.out()) == abi::MAPI_E_INVALID_PARAMETER);
  CHECK(one.store->GetProps(nullptr, 4, &count, props.out()) == abi::MAPI_E_UNKNOWN_FLAGS);
}

TEST_CASE("MAPI, memory: each allocation of the host's fails once, and nothing is left of what was begun", "[mapi]") {
  Profile profile;
  Session session;
  const auto folder = session.Contacts();
  const auto items = session.Items(*folder.get());
  const auto message = session.Open<abi::IMessage>(items[0].second);
  Ref<abi::IMAPITable> table;
  REQUIRE(folder->GetContentsTable(0, table.out()) == abi::S_OK_);
  const std::size_t live = LiveBlocks();
  const auto try_all = [live](auto call) {
    for (std::size_t n = 1; n < 1'000; ++n) {
      FailAllocation(n);
      const abi::HRESULT result = call();
      FailAllocation(0);
      REQUIRE(LiveBlocks() == live);
      if (!abi::Failed(result)) return n;
      REQUIRE(result == abi::MAPI_E_NOT_ENOUGH_MEMORY);
    }
    return std::size_t{0};
  };
  abi::ULONG count = 0;
  CHECK(try_all([&] {
          HostBuffer<abi::SPropValue> props;
          return message->GetProps(nullptr, abi::MAPI_UNICODE, &count, props.out());
        }) > 10);
  CHECK(count > 20);
  CHECK(try_all([&] {
          table->SeekRow(abi::BOOKMARK_BEGINNING, 0, nullptr);
          Rows rows;
          return table->QueryRows(3, 0, rows.out());
        }) > 10);
  CHECK(try_all([&] {
          HostBuffer<abi::SPropTagArray> tags;
          return message->GetPropList(0, tags.out());
        }) == 2);
}

TEST_CASE("MAPI, an account that is held is reached by other processes, and its closing waits for none of them",
          "[mapi]") {
  Profile profile;
  std::atomic<bool> hold{false};
  std::promise<void> held, go_on;
  profile.pair.before_answer = [&](const oxserver::HttpRequest&) {
    if (!hold.exchange(false)) return;
    held.set_value();
    go_on.get_future().wait();
  };
  std::optional<Result<SyncReport>> report;
  std::thread other;
  {
    Session session;
    const auto contacts = session.Contacts();
    const auto items = session.Items(*contacts.get());
    REQUIRE(items.size() == 3);
    auto client = Must(ControlClient::Connect(ControlSocket(profile.Data() / Profile::kName)));
    MustDo(client->Delete(*ItemId::FromView(items[0].second.substr(items[0].second.size() - 16))));
    CHECK(session.Items(*contacts.get()).size() == 2);
    hold = true;
    other = std::thread([&report, client = std::move(client)] { report = client->Sync({}); });
    held.get_future().wait();
  }
  other.join();
  go_on.set_value();
  profile.pair.before_answer = nullptr;
  REQUIRE(report);
  CHECK_FALSE(report->has_value());
  profile.TakeBack();
  profile.pair.Settle();
  CHECK(profile.pair.ServerNames().size() == 2);
}
