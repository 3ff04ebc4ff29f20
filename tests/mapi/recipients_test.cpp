#include "tests/mapi/session.h"

// Who a mail is for, and who takes part in a meeting.
using namespace outpost;
using namespace outpost::mapi;
using namespace outpost::mapi::host;
using namespace outpost::test;

namespace {

// A list as ModifyRecipients takes it: rows of properties.
class AddressList {
 public:
  void Add(std::initializer_list<abi::SPropValue> values) { rows_.emplace_back(values); }
  abi::ADRLIST* get() {
    bytes_.assign((sizeof(abi::ADRLIST) + rows_.size() * sizeof(abi::ADRENTRY)) / sizeof(std::uint64_t) + 1, 0);
    auto* list = reinterpret_cast<abi::ADRLIST*>(bytes_.data());
    list->cEntries = static_cast<abi::ULONG>(rows_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i)
      list->aEntries[i] = {0, static_cast<abi::ULONG>(rows_[i].size()), rows_[i].data()};
    return list;
  }

 private:
  std::vector<std::vector<abi::SPropValue>> rows_;
  std::vector<std::uint64_t> bytes_;  // room for it, well aligned
};

// "TYPE NAME ADDRESS; " of each.
std::string People(abi::IMessage& message) {
  Ref<abi::IMAPITable> table;
  REQUIRE(message.GetRecipientTable(0, table.out()) == abi::S_OK_);
  REQUIRE(table->SetColumns(Tags{tag::kRecipientType, tag::kDisplayName, tag::kSmtpAddress, tag::kRowId}, 0) ==
          abi::S_OK_);
  Rows rows;
  REQUIRE(table->QueryRows(100, 0, rows.out()) == abi::S_OK_);
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i)
    out += std::to_string(rows.At(i, 0).Value.l) + " " + TextOf(rows.At(i, 1)) + " " + TextOf(rows.At(i, 2)) + "; ";
  return out;
}

}  // namespace

TEST_CASE("MAPI, imessage-modifyrecipients: people of a meeting are added, changed and removed, and invited",
          "[mapi]") {
  Profile profile;
  constexpr std::int64_t kHour = 3'600'000;
  const std::int64_t day = *DayFromText("2030-03-25");
  {
    Session session;
    const auto calendar = session.Folder("Calendar");
    Ref<abi::IMessage> meeting;
    REQUIRE(calendar->CreateMessage(nullptr, 0, meeting.out()) == abi::S_OK_);
    const abi::SPropValue values[] = {TextValue(tag::kSubject, L"Talk"),
                                      TimeValue(NamedTag(PropSet::kAppointment, 0x820D), day + 9 * kHour),
                                      TimeValue(NamedTag(PropSet::kAppointment, 0x820E), day + 10 * kHour)};
    REQUIRE(meeting->SetProps(3, values, nullptr) == abi::S_OK_);
    AddressList first;
    first.Add({TextValue(tag::kDisplayName, L"Bert"), TextValue(tag::kSmtpAddress, L"BERT@example.com"),
               LongValue(tag::kRecipientType, 1)});
    first.Add({TextValue(tag::kDisplayName, L"Carl"), TextValue(tag::kAddrType, L"SMTP"),
               TextValue(tag::kEmailAddress, L"carl@example.org"), LongValue(tag::kRecipientType, 1)});
    first.Add({TextValue(tag::kDisplayName, L"Dora"), TextValue(tag::kEmailAddress, L"dora@example.org")});
    REQUIRE(meeting->ModifyRecipients(abi::MODRECIP_ADD, first.get()) == abi::S_OK_);
    CHECK(People(*meeting.get()) == "1 Bert BERT@example.com; 1 Carl carl@example.org; 1 Dora dora@example.org; ");
    AddressList change, remove, none;
    change.Add({LongValue(tag::kRowId, 1), TextValue(tag::kDisplayName, L"Carla"),
                TextValue(tag::kEmailAddress, L"carla@example.org")});
    remove.Add({LongValue(tag::kRowId, 2)});
    none.Add({LongValue(tag::kRowId, 77), TextValue(tag::kDisplayName, L"x")});
    REQUIRE(meeting->ModifyRecipients(abi::MODRECIP_MODIFY, change.get()) == abi::S_OK_);
    REQUIRE(meeting->ModifyRecipients(abi::MODRECIP_REMOVE, remove.get()) == abi::S_OK_);
    CHECK(meeting->ModifyRecipients(abi::MODRECIP_MODIFY, none.get()) == abi::MAPI_E_INVALID_PARAMETER);
    CHECK(meeting->ModifyRecipients(abi::MODRECIP_REMOVE, none.get()) == abi::MAPI_E_INVALID_PARAMETER);
    CHECK(meeting->ModifyRecipients(0x10, remove.get()) == abi::MAPI_E_UNKNOWN_FLAGS);
    CHECK(meeting->ModifyRecipients(0, nullptr) == abi::MAPI_E_INVALID_PARAMETER);
    REQUIRE(meeting->SaveChanges(0) == abi::S_OK_);
    const auto contact =
        session.Open<abi::IMessage>(session.Items(*session.Contacts().get())[0].second, abi::MAPI_MODIFY);
    CHECK(contact->ModifyRecipients(0, first.get()) == abi::MAPI_E_NO_SUPPORT);
    CHECK(People(*contact.get()).empty());
  }
  profile.TakeBack();
  profile.pair.Settle();
  const auto view = profile.pair.account().View();
  std::vector<std::string> people;
  MustDo(ForEachItem(*view, Must(FindFolder(*view, "Calendar")).id, [&people](const ItemState& item) {
    const Value value = item.HeadValue(FindField(ItemType::kAppointment, "participants")->id);
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) people = *texts;
    CHECK(item.on_server);
    return true;
  }));
  std::erase(people, "user:3");  // the owner, whom the server adds
  std::sort(people.begin(), people.end());
  CHECK(people == std::vector<std::string>{"Carla <carla@example.org>", "user:4"});
  profile.Lend();
  // Opened again, those of the server have their names and addresses.
  Session session;
  const auto calendar = session.Folder("Calendar");
  const auto meeting = session.Open<abi::IMessage>(session.Items(*calendar.get())[0].second, abi::MAPI_MODIFY);
  const std::string seen = People(*meeting.get());
  CHECK_THAT(seen, Catch::Contains("bert@example.com") && Catch::Contains("1 Carla carla@example.org; "));
  AddressList only;
  only.Add({TextValue(tag::kDisplayName, L"Emil"), TextValue(tag::kEmailAddress, L"emil@example.org")});
  REQUIRE(meeting->ModifyRecipients(0, only.get()) == abi::S_OK_);
  CHECK(People(*meeting.get()) == "1 Emil emil@example.org; ");
}

TEST_CASE("MAPI, imessage-getrecipienttable: a mail's recipients by kind, which nobody changes", "[mapi]") {
  Profile profile;
  profile.TakeBack();
  Must(profile.pair.elsewhere().ImportMail("default0/INBOX",
                                           "From: Ada <ada@example.org>\r\nTo: Anna <anna@example.org>, "
                                           "bert@example.org\r\nCc: Carl <carl@example.org>\r\nSubject: Hi\r\n"
                                           "Date: Sun, 29 Nov 2026 10:00:00 +0000\r\n\r\nx\r\n",
                                           0));
  profile.pair.Settle();
  profile.Lend();
  Session session;
  const auto mails = session.Folder("E-Mail");
  const auto inbox = session.Open<abi::IMAPIFolder>(session.ChildOf(*mails.get(), "INBOX"));
  const auto mail = session.Open<abi::IMessage>(session.Items(*inbox.get())[0].second, abi::MAPI_MODIFY);
  CHECK(People(*mail.get()) ==
        "1 Anna anna@example.org; 1 bert@example.org bert@example.org; 2 Carl carl@example.org; ");
  Ref<abi::IMAPITable> table;
  REQUIRE(mail->OpenProperty(tag::kMessageRecipients, &abi::kIMAPITable, 0, 0, table.out_as<abi::IUnknown>()) ==
          abi::S_OK_);
  abi::ULONG count = 0;
  CHECK(table->GetRowCount(0, &count) == abi::S_OK_);
  CHECK(count == 3);
  AddressList list;
  CHECK(mail->ModifyRecipients(0, list.get()) == abi::MAPI_E_NO_ACCESS);
}
