#include "tests/mapi/session.h"

// Copies: of properties into other messages, and of messages into folders of this store and of others.
using namespace outpost;
using namespace outpost::mapi;
using namespace outpost::mapi::host;
using namespace outpost::test;

namespace {

constexpr PropTag kPlain = TagOf(0x6801, PropType::kUnicode);
constexpr PropTag kCompany = TagOf(0x3A16, PropType::kUnicode);

std::uint16_t NamedId(abi::IMAPIProp& object, const wchar_t* text) {
  abi::GUID set{0x0C0B1, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
  abi::MAPINAMEID name{&set, abi::MNID_STRING, {}};
  name.Kind.lpwstrName = const_cast<wchar_t*>(text);
  abi::MAPINAMEID* names[] = {&name};
  HostBuffer<abi::SPropTagArray> ids;
  REQUIRE(object.GetIDsFromNames(1, names, abi::MAPI_CREATE, ids.out()) == abi::S_OK_);
  return IdOf(ids->aulPropTag[0]);
}
PropTag NamedText(abi::IMAPIProp& object, const wchar_t* text) {
  return TagOf(NamedId(object, text), PropType::kUnicode);
}

std::string ItemCalled(Session& session, abi::IMAPIFolder& folder, const std::string& name) {
  for (const auto& [subject, id] : session.Items(folder))
    if (subject == name) return id;
  FAIL("no item " << name);
  return {};
}

void AddFile(abi::IMessage& message, const wchar_t* name, std::string bytes) {
  Ref<abi::IAttach> file;
  abi::ULONG number = 0;
  REQUIRE(message.CreateAttach(nullptr, 0, &number, file.out_as<void>()) == abi::S_OK_);
  abi::SPropValue data{};
  data.ulPropTag = tag::kAttachData;
  data.Value.bin = {Size(bytes), reinterpret_cast<abi::BYTE*>(bytes.data())};
  const abi::SPropValue values[] = {TextValue(tag::kAttachLongFilename, name), data};
  HostBuffer<abi::SPropProblemArray> problems;
  REQUIRE(file->SetProps(2, values, problems.out()) == abi::S_OK_);
  CHECK(problems.get() == nullptr);
  REQUIRE(file->SaveChanges(0) == abi::S_OK_);
}

std::string Files(abi::IMessage& message) {
  Ref<abi::IMAPITable> table;
  REQUIRE(message.GetAttachmentTable(0, table.out()) == abi::S_OK_);
  REQUIRE(table->SetColumns(Tags{tag::kAttachLongFilename, tag::kAttachSize}, 0) == abi::S_OK_);
  Rows rows;
  REQUIRE(table->QueryRows(100, 0, rows.out()) == abi::S_OK_);
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i)
    out += TextOf(rows.At(i, 0)) + " " + std::to_string(rows.At(i, 1).Value.l) + " ";
  return out;
}

// Adler with a company, two properties of somebody's own, and a file of 100,000 bytes.
void Furnish(Session& session, abi::IMAPIFolder& folder) {
  const auto adler = session.Open<abi::IMessage>(ItemCalled(session, folder, "Adler"), abi::MAPI_MODIFY);
  const abi::SPropValue values[] = {TextValue(kCompany, L"Acme"), TextValue(kPlain, L"plain"),
                                    TextValue(NamedText(*adler.get(), L"mine"), L"own")};
  REQUIRE(adler->SetProps(3, values, nullptr) == abi::S_OK_);
  AddFile(*adler.get(), L"a.bin", std::string(100'000, 'a'));
  REQUIRE(adler->SaveChanges(0) == abi::S_OK_);
}

}  // namespace

TEST_CASE("MAPI, imapiprop-copyto: a message's properties and files go to another one, but for what is excluded",
          "[mapi]") {
  Profile profile;
  Session session;
  const auto folder = session.Contacts();
  Furnish(session, *folder.get());
  const auto adler = session.Open<abi::IMessage>(ItemCalled(session, *folder.get(), "Adler"));
  const auto brandt = session.Open<abi::IMessage>(ItemCalled(session, *folder.get(), "Brandt"), abi::MAPI_MODIFY);
  const PropTag mine = NamedText(*adler.get(), L"mine");
  // By what a contact is called, too.
  const PropTag list_name = TagOf(IdOfName({PropSet::kAddress, 0x8053, {}}), PropType::kUnicode);
  HostBuffer<abi::SPropProblemArray> problems;
  const auto copy = [&](const abi::SPropTagArray* excluded, abi::ULONG flags) {
    return adler->CopyTo(0, nullptr, excluded, 0, nullptr, &abi::kIMessage, brandt.get(), flags, problems.out());
  };
  const abi::SPropValue already = TextValue(kPlain, L"there before");
  REQUIRE(brandt->SetProps(1, &already, nullptr) == abi::S_OK_);
  REQUIRE(copy(Tags{tag::kDisplayName, TagOf(IdOf(tag::kSubject), PropType::kUnspecified), tag::kNormalizedSubject,
                    list_name, tag::kMessageAttachments},
               abi::MAPI_NOREPLACE) == abi::S_OK_);
  CHECK(TextProp(*brandt.get(), kPlain) == "there before");
  CHECK(TextProp(*brandt.get(), mine) == "own");
  CHECK(TextProp(*brandt.get(), kCompany) == "Acme");
  CHECK(TextProp(*brandt.get(), tag::kDisplayName) == "Brandt");
  CHECK(Files(*brandt.get()).empty());
  REQUIRE(copy(Tags{tag::kDisplayName, tag::kSubject, tag::kNormalizedSubject, list_name}, 0) == abi::S_OK_);
  CHECK(TextProp(*brandt.get(), kPlain) == "plain");
  CHECK(Files(*brandt.get()) == "a.bin 100000 ");
  for (abi::ULONG i = 0; problems.get() != nullptr && i < problems->cProblem; ++i)
    CHECK(problems->aProblem[i].scode == abi::MAPI_E_COMPUTED);
  REQUIRE(brandt->SaveChanges(0) == abi::S_OK_);
  const auto again = session.Open<abi::IMessage>(ItemCalled(session, *folder.get(), "Brandt"));
  CHECK(TextProp(*again.get(), mine) == "own");
  CHECK(Files(*again.get()) == "a.bin 100000 ");

  // imapiprop-copyprops: those that are named, and no other.
  const auto curie = session.Open<abi::IMessage>(ItemCalled(session, *folder.get(), "Curie"), abi::MAPI_MODIFY);
  REQUIRE(adler->CopyProps(Tags{kPlain}, 0, nullptr, &abi::kIMessage, curie.get(), 0, problems.out()) == abi::S_OK_);
  CHECK(problems.get() == nullptr);
  CHECK(TextProp(*curie.get(), kPlain) == "plain");
  CHECK(TextProp(*curie.get(), mine) == "(error)");
  CHECK(Files(*curie.get()).empty());
  CHECK(copy(Tags{}, 0) == abi::MAPI_E_INVALID_PARAMETER);
  CHECK(copy(nullptr, 0x1000) == abi::MAPI_E_UNKNOWN_FLAGS);
  CHECK(adler->CopyTo(0, nullptr, nullptr, 0, nullptr, nullptr, curie.get(), 0, nullptr) ==
        abi::MAPI_E_INVALID_PARAMETER);
  CHECK(adler->CopyTo(0, nullptr, nullptr, 0, nullptr, &abi::kIMAPIFolder, curie.get(), 0, nullptr) ==
        abi::MAPI_E_NO_INTERFACE);
  CHECK(adler->CopyTo(1, &abi::kIMessage, nullptr, 0, nullptr, &abi::kIMessage, curie.get(), 0, nullptr) ==
        abi::MAPI_E_NO_INTERFACE);
  CHECK(adler->CopyTo(0, nullptr, nullptr, 0, nullptr, &abi::kIMessage, adler.get(), 0, nullptr) ==
        abi::MAPI_E_NO_ACCESS);
}

TEST_CASE("MAPI, imapifolder-copymessages: a copy is another item with the same fields and files, on the server too",
          "[mapi]") {
  Profile profile;
  {
    Session session;
    const auto folder = session.Contacts();
    Furnish(session, *folder.get());
    std::string id = ItemCalled(session, *folder.get(), "Adler");
    abi::SBinary entry{Size(id), reinterpret_cast<abi::BYTE*>(id.data())};
    abi::ENTRYLIST list{1, &entry};
    REQUIRE(folder->CopyMessages(&list, nullptr, folder.get(), 0, nullptr, 0) == abi::S_OK_);
    CHECK(folder->CopyMessages(&list, nullptr, folder.get(), 0, nullptr, 0x1000) == abi::MAPI_E_UNKNOWN_FLAGS);
    CHECK(folder->CopyMessages(&list, nullptr, session.Folder("Tasks").get(), 0, nullptr, 0) ==
          abi::MAPI_W_PARTIAL_COMPLETION);
    int copies = 0;
    for (const auto& [subject, item] : session.Items(*folder.get())) {
      if (subject != "Adler") continue;
      ++copies;
      const auto message = session.Open<abi::IMessage>(item);
      CHECK(TextProp(*message.get(), kCompany) == "Acme");
      CHECK(TextProp(*message.get(), kPlain) == "plain");
      CHECK(Files(*message.get()) == "a.bin 100000 ");
    }
    CHECK(copies == 2);
  }
  profile.TakeBack();
  profile.pair.Settle();
  CHECK(profile.pair.ServerNames() == std::vector<std::string>{"Adler", "Adler", "Brandt", "Curie"});
  profile.pair.CheckWhole();
}

TEST_CASE("MAPI, imapifolder-copymessages: into another store a message is made with all it has, named by its names",
          "[mapi]") {
  Profile other, profile;  // the later one is where providers look
  profile.TakeBack();
  const std::int64_t day = *DayFromText("2030-03-25"), hour = 3'600'000;
  const ItemId calendar_id = Must(FindFolder(*profile.pair.account().View(), "Calendar")).id;
  Must(profile.pair.account().Create(ItemType::kAppointment, calendar_id,
                                     {{field::kAppointmentTitle, std::string("Weekly")},
                                      {field::kAppointmentStart, day + 9 * hour},
                                      {field::kAppointmentEnd, day + 10 * hour},
                                      {field::kAppointmentRecurrenceType, std::int64_t{2}},
                                      {field::kAppointmentDays, std::int64_t{2}},
                                      {field::kAppointmentOccurrences, std::int64_t{3}}}));
  profile.Lend();
  std::filesystem::rename(other.Data() / Profile::kName, profile.Data() / "bert@127.0.0.1");
  {
    // With two accounts a store is named.
    Session anna(Profile::kName), bert("bert@127.0.0.1");
    const auto from = anna.Contacts(), to = bert.Contacts();
    NamedId(*to.get(), L"taken already");  // so that the same name has another id there
    Furnish(anna, *from.get());
    std::string id = ItemCalled(anna, *from.get(), "Adler");
    abi::SBinary entry{Size(id), reinterpret_cast<abi::BYTE*>(id.data())};
    abi::ENTRYLIST list{1, &entry};
    REQUIRE(from->CopyMessages(&list, nullptr, to.get(), 0, nullptr, abi::MESSAGE_MOVE) == abi::S_OK_);
    for (const auto& [subject, item] : anna.Items(*from.get())) CHECK(subject != "Adler");
    int met = 0;
    for (const auto& [subject, item] : bert.Items(*to.get())) {
      const auto message = bert.Open<abi::IMessage>(item);
      if (TextProp(*message.get(), kCompany) != "Acme") continue;
      ++met;
      CHECK(NamedText(*message.get(), L"mine") != NamedText(*from.get(), L"mine"));
      CHECK(TextProp(*message.get(), NamedText(*message.get(), L"mine")) == "own");
      CHECK(TextProp(*message.get(), kPlain) == "plain");
      CHECK(Files(*message.get()) == "a.bin 100000 ");
    }
    CHECK(met == 1);

    // A series is several items there, which no message makes: it stays where it is.
    const auto calendar = anna.Folder("Calendar"), there = bert.Folder("Calendar");
    std::string series = ItemCalled(anna, *calendar.get(), "Weekly");
    abi::SBinary series_entry{Size(series), reinterpret_cast<abi::BYTE*>(series.data())};
    abi::ENTRYLIST all{1, &series_entry};
    CHECK(calendar->CopyMessages(&all, nullptr, there.get(), 0, nullptr, abi::MESSAGE_MOVE) ==
          abi::MAPI_W_PARTIAL_COMPLETION);
    CHECK(anna.Items(*calendar.get()).size() == 1);
    CHECK(bert.Items(*there.get()).empty());
  }
  std::filesystem::rename(profile.Data() / "bert@127.0.0.1", other.Data() / Profile::kName);
}

TEST_CASE("MAPI, imapifolder-copymessages: a mail whose source cannot be read stays where it is", "[mapi]") {
  Profile other, profile;
  profile.TakeBack();
  Must(profile.pair.elsewhere().ImportMail(
      "default0/INBOX",
      "From: ada@example.org\r\nSubject: Report\r\nMessage-Id: <r@example.org>\r\n\r\n" + std::string(100'000, 'r') +
          "\r\n",
      0));
  profile.pair.Settle();
  profile.Lend();
  std::filesystem::rename(other.Data() / Profile::kName, profile.Data() / "bert@127.0.0.1");
  const auto moved = [&profile](bool intact) {
    Session anna(Profile::kName), bert("bert@127.0.0.1");
    const auto mails = anna.Folder("E-Mail"), tasks = bert.Folder("Tasks");
    const auto inbox = anna.Open<abi::IMAPIFolder>(anna.ChildOf(*mails.get(), "INBOX"));
    std::string id = ItemCalled(anna, *inbox.get(), "Report");
    if (!intact) {  // its subject is there still, and to be seen
      const auto report = anna.Open<abi::IMessage>(id);
      HostBuffer<abi::SPropValue> props;
      abi::ULONG count = 0;
      CHECK(report->GetProps(Tags{tag::kSubject, tag::kBody}, abi::MAPI_UNICODE, &count, props.out()) ==
            abi::MAPI_W_ERRORS_RETURNED);
      CHECK(TextOf(props[0]) == "Report");
      CHECK(props[1].Value.err == abi::MAPI_E_CALL_FAILED);
      Ref<abi::IUnknown> body;
      CHECK(report->OpenProperty(tag::kBody, &abi::kIStream, 0, 0, body.out()) == abi::MAPI_E_CALL_FAILED);
    }
    abi::SBinary entry{Size(id), reinterpret_cast<abi::BYTE*>(id.data())};
    abi::ENTRYLIST list{1, &entry};
    const abi::HRESULT result =
        inbox->CopyMessages(&list, nullptr, tasks.get(), 0, nullptr, intact ? 0 : abi::MESSAGE_MOVE);
    CHECK(anna.Items(*inbox.get()).size() == 1);
    CHECK(bert.Items(*tasks.get()).size() == 1);
    return result;
  };
  CHECK(moved(true) == abi::S_OK_);
  std::size_t gone = 0;
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::recursive_directory_iterator(profile.Data() / Profile::kName))
    if (file.is_regular_file() && file.path().string().find("/blobs/") != std::string::npos)
      files.push_back(file.path());
  for (const auto& file : files) gone += std::filesystem::remove(file) ? 1 : 0;
  REQUIRE(gone > 0);
  CHECK(moved(false) == abi::MAPI_W_PARTIAL_COMPLETION);
  std::filesystem::rename(profile.Data() / "bert@127.0.0.1", other.Data() / Profile::kName);
}
