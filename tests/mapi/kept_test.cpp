#include <atomic>
#include <fstream>
#include <thread>

#include "base/bytes.h"
#include "mapi-adapter/codec/kept_properties.h"
#include "tests/mapi/session.h"

// Properties that are no fields here: kept byte for byte, on items and folders, and named by names.
using namespace outpost;
using namespace outpost::mapi;
using namespace outpost::mapi::host;
using namespace outpost::test;

namespace {

struct NameOf {
  abi::GUID set{0x12345678, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
  std::wstring text;
  abi::MAPINAMEID name{};
  explicit NameOf(std::wstring of) : text(std::move(of)) {
    name.lpguid = &set;
    name.ulKind = abi::MNID_STRING;
    name.Kind.lpwstrName = text.data();
  }
  explicit NameOf(abi::LONG number) {
    name.lpguid = &set;
    name.ulKind = abi::MNID_ID;
    name.Kind.lID = number;
  }
  NameOf(const NameOf&) = delete;
  NameOf& operator=(const NameOf&) = delete;
};

// The id that the object's store has for the name; 0 where it says it has none.
std::uint16_t IdFor(abi::IMAPIProp& object, NameOf& of, abi::ULONG flags = abi::MAPI_CREATE) {
  abi::MAPINAMEID* names[] = {&of.name};
  HostBuffer<abi::SPropTagArray> ids;
  const abi::HRESULT result = object.GetIDsFromNames(1, names, flags, ids.out());
  REQUIRE_FALSE(abi::Failed(result));
  REQUIRE(ids->cValues == 1);
  const bool known = TypeOf(ids->aulPropTag[0]) == PropType::kUnspecified;
  CHECK(result == (known ? abi::S_OK_ : abi::MAPI_W_ERRORS_RETURNED));
  CHECK((known || ids->aulPropTag[0] == TagOf(0, PropType::kError)));
  return IdOf(ids->aulPropTag[0]);
}

abi::SPropValue ValueOf(PropTag tag) {
  abi::SPropValue value{};
  value.ulPropTag = tag;
  return value;
}
abi::SPropValue BinaryValue(PropTag tag, std::string& bytes) {
  abi::SPropValue value = ValueOf(tag);
  value.Value.bin = {static_cast<abi::ULONG>(bytes.size()), reinterpret_cast<abi::BYTE*>(bytes.data())};
  return value;
}

void SetAll(abi::IMAPIProp& object, std::initializer_list<abi::SPropValue> values) {
  HostBuffer<abi::SPropProblemArray> problems;
  REQUIRE(object.SetProps(static_cast<abi::ULONG>(values.size()), values.begin(), problems.out()) == abi::S_OK_);
  CHECK(problems.get() == nullptr);
}

std::string ItemNamed(Session& session, abi::IMAPIFolder& folder, const std::string& name) {
  for (const auto& [subject, id] : session.Items(folder))
    if (subject == name) return id;
  FAIL("no item " << name);
  return {};
}

std::string RemoteIdOf(Profile& profile, const std::string& name) {
  for (const auto& row : Must(profile.pair.elsewhere().ListContacts(profile.pair.remote_folder, {"id", "last_name"})))
    if (row.at("last_name") == name) return row.at("id");
  FAIL("no contact " << name << " on the server");
  return {};
}

Value KeptOf(const ItemState& item) { return item.HeadValue(FindField(item.type, "properties")->id); }

}  // namespace

TEST_CASE("MAPI, imapiprop-setprops: what is no field is kept, each type as it was given, and syncs with nobody",
          "[mapi]") {
  Profile profile;
  std::string big(100'000, 'x'), small("\0\1\2", 3);
  std::uint16_t color_id = 0;
  {
    Session session;
    const auto folder = session.Contacts();
    const auto adler = session.Open<abi::IMessage>(ItemNamed(session, *folder.get(), "Adler"), abi::MAPI_MODIFY);
    NameOf color(L"Farbe \u00FC"), number(77), large(78), several(79);
    color_id = IdFor(*adler.get(), color);
    CHECK(color_id >= 0x8000);
    const std::uint16_t number_id = IdFor(*adler.get(), number), large_id = IdFor(*adler.get(), large),
                        several_id = IdFor(*adler.get(), several);
    abi::SPropValue i8 = ValueOf(TagOf(number_id, PropType::kI8)), real = ValueOf(TagOf(0x6801, PropType::kDouble)),
                    single = ValueOf(TagOf(0x6802, PropType::kFloat)),
                    little = ValueOf(TagOf(0x6803, PropType::kShort)),
                    truth = ValueOf(TagOf(0x6804, PropType::kBoolean)), guid = ValueOf(TagOf(0x6805, PropType::kClsid)),
                    texts = ValueOf(TagOf(several_id, PropType::kMvUnicode)),
                    blobs = ValueOf(TagOf(0x6806, PropType::kMvBinary));
    i8.Value.li = INT64_MIN + 5;
    real.Value.dbl = 1.5;
    single.Value.flt = 2.5f;
    little.Value.i = -3;
    truth.Value.b = 1;
    guid.Value.lpguid = &color.set;
    wchar_t one[] = L"one", two[] = L"two";
    wchar_t* both[] = {one, two};
    texts.Value.MVszW = {2, both};
    abi::SBinary parts[] = {{3, reinterpret_cast<abi::BYTE*>(small.data())}, {0, nullptr}};
    blobs.Value.MVbin = {2, parts};
    SetAll(*adler.get(), {TextValue(TagOf(color_id, PropType::kUnicode), L"gr\u00FCn \U0001F600"), i8, real, single,
                          little, truth, guid, texts, blobs, BinaryValue(TagOf(large_id, PropType::kBinary), big),
                          BinaryValue(TagOf(0x6800, PropType::kBinary), small)});
    CHECK(TextProp(*adler.get(), TagOf(color_id, PropType::kUnicode)) == "gr\xFCn ?");  // before it is saved
    REQUIRE(adler->SaveChanges(0) == abi::S_OK_);

    const auto again = session.Open<abi::IMessage>(ItemNamed(session, *folder.get(), "Adler"), abi::MAPI_MODIFY);
    HostBuffer<abi::SPropValue> props;
    abi::ULONG count = 0;
    REQUIRE(again->GetProps(Tags{i8.ulPropTag, real.ulPropTag, single.ulPropTag, little.ulPropTag, truth.ulPropTag,
                                 guid.ulPropTag, texts.ulPropTag, blobs.ulPropTag,
                                 TagOf(large_id, PropType::kUnspecified), TagOf(0x6800, PropType::kBinary),
                                 TagOf(color_id, PropType::kString8), TagOf(color_id, PropType::kUnicode)},
                            0, &count, props.out()) == abi::S_OK_);
    CHECK(props[0].Value.li == INT64_MIN + 5);
    CHECK(props[1].Value.dbl == 1.5);
    CHECK(props[2].Value.flt == 2.5f);
    CHECK(props[3].Value.i == -3);
    CHECK(props[4].Value.b == 1);
    CHECK(*props[5].Value.lpguid == color.set);
    REQUIRE(props[6].Value.MVszW.cValues == 2);
    CHECK(std::wstring(props[6].Value.MVszW.lppszW[1]) == L"two");
    REQUIRE(props[7].Value.MVbin.cValues == 2);
    CHECK(std::memcmp(props[7].Value.MVbin.lpbin[0].lpb, small.data(), 3) == 0);
    CHECK(props[7].Value.MVbin.lpbin[1].cb == 0);
    CHECK(BytesOf(props[8]) == big);
    CHECK(BytesOf(props[9]) == small);
    CHECK(std::string(props[10].Value.lpszA) == "gr\xFCn ??");
    CHECK(std::wstring(props[11].Value.lpszW) == L"gr\u00FCn \U0001F600");
    // Another type takes the place of the first; what is deleted is gone.
    SetAll(*again.get(), {LongValue(TagOf(0x6800, PropType::kLong), 9)});
    REQUIRE(again->DeleteProps(Tags{TagOf(large_id, PropType::kUnspecified)}, nullptr) == abi::S_OK_);
    REQUIRE(again->SaveChanges(0) == abi::S_OK_);
    const auto last = session.Open<abi::IMessage>(ItemNamed(session, *folder.get(), "Adler"));
    CHECK(last->GetProps(Tags{TagOf(0x6800, PropType::kLong), TagOf(large_id, PropType::kBinary)}, 0, &count,
                         props.out()) == abi::MAPI_W_ERRORS_RETURNED);
    CHECK(props[0].Value.l == 9);
    CHECK(props[1].Value.err == abi::MAPI_E_NOT_FOUND);

    // A column of a table like any other.
    Ref<abi::IMAPITable> table;
    REQUIRE(folder->GetContentsTable(0, table.out()) == abi::S_OK_);
    REQUIRE(table->SetColumns(Tags{tag::kSubject, TagOf(color_id, PropType::kUnicode)}, 0) == abi::S_OK_);
    Rows rows;
    REQUIRE(table->QueryRows(10, 0, rows.out()) == abi::S_OK_);
    CHECK(TextOf(rows.At(0, 1)) == "gr\xFCn ?");
    CHECK(TextOf(rows.At(1, 1)) == "(error)");
  }
  profile.TakeBack();
  const ItemState kept = profile.pair.Item(*profile.pair.ByRemoteId(RemoteIdOf(profile, "Adler")));
  CHECK(KindOf(KeptOf(kept)) == ValueKind::kBytes);
  CHECK(kept.pending.empty());
  profile.pair.Settle();
  CHECK(KeptOf(profile.pair.Item(kept.id)) == KeptOf(kept));
  profile.pair.CheckWhole();
  // With the table of names all that is lost is which id a name had.
  profile.Lend();
  std::ofstream(profile.Data() / Profile::kName / "mapi-names") << "nothing that anybody wrote";
  Session session;
  const auto adler = session.Open<abi::IMessage>(ItemNamed(session, *session.Contacts().get(), "Adler"));
  NameOf before(L"something else"), color(L"Farbe \u00FC");
  CHECK(IdFor(*adler.get(), before) == color_id);
  CHECK(TextProp(*adler.get(), TagOf(IdFor(*adler.get(), color), PropType::kUnicode)) == "gr\xFCn ?");
}

TEST_CASE("MAPI, imapiprop-setprops: what is kept survives what the server says of the item, and two who save at once",
          "[mapi]") {
  Profile profile;
  {
    Session session;
    const auto folder = session.Contacts();
    const std::string id = ItemNamed(session, *folder.get(), "Brandt");
    const auto one = session.Open<abi::IMessage>(id, abi::MAPI_MODIFY);
    const auto other = session.Open<abi::IMessage>(id, abi::MAPI_MODIFY);
    SetAll(*one.get(), {LongValue(TagOf(0x6801, PropType::kLong), 1)});
    SetAll(*other.get(), {LongValue(TagOf(0x6802, PropType::kLong), 2)});
    CHECK(one->SaveChanges(0) == abi::S_OK_);
    CHECK(other->SaveChanges(0) == abi::MAPI_E_OBJECT_CHANGED);
    CHECK(other->SaveChanges(abi::FORCE_SAVE) == abi::S_OK_);
  }
  profile.TakeBack();
  const std::string remote = RemoteIdOf(profile, "Brandt");
  profile.pair.Settle();
  MustDo(profile.pair.elsewhere().UpdateContact(profile.pair.remote_folder, remote, {{"company", "Acme"}}));
  profile.pair.Settle();
  profile.Lend();
  Session session;
  const auto brandt = session.Open<abi::IMessage>(ItemNamed(session, *session.Contacts().get(), "Brandt"));
  CHECK(TextProp(*brandt.get(), TagOf(0x3A16, PropType::kUnicode)) == "Acme");
  HostBuffer<abi::SPropValue> props;
  abi::ULONG count = 0;
  REQUIRE(brandt->GetProps(Tags{TagOf(0x6801, PropType::kLong), TagOf(0x6802, PropType::kLong)}, 0, &count,
                           props.out()) == abi::S_OK_);
  CHECK(props[0].Value.l == 1);
  CHECK(props[1].Value.l == 2);
}

TEST_CASE("MAPI, imapiprop-setprops: problems are said one by one, errors and PR_NULL passed over, objects refused",
          "[mapi]") {
  Profile profile;
  Session session;
  const auto folder = session.Contacts();
  const auto curie = session.Open<abi::IMessage>(ItemNamed(session, *folder.get(), "Curie"), abi::MAPI_MODIFY);
  HostBuffer<abi::SPropProblemArray> problems;
  abi::SPropValue error = ValueOf(TagOf(0x6999, PropType::kError)), null = ValueOf(TagOf(0, PropType::kNull)),
                  object = ValueOf(tag::kContainerContents), none = ValueOf(TagOf(0x6999, PropType::kMvLong));
  const abi::SPropValue ignored[] = {error, null};
  CHECK(curie->SetProps(2, ignored, problems.out()) == abi::S_OK_);
  CHECK(problems.get() == nullptr);
  CHECK(curie->SetProps(1, &object, nullptr) == abi::MAPI_E_INVALID_PARAMETER);
  CHECK(curie->SetProps(1, &none, nullptr) == abi::MAPI_E_INVALID_PARAMETER);
  CHECK(curie->SetProps(0, &none, nullptr) == abi::MAPI_E_INVALID_PARAMETER);
  const abi::SPropValue bad[] = {LongValue(TagOf(0xFF00, PropType::kLong), 1), LongValue(tag::kMessageSize, 1),
                                 LongValue(TagOf(0x6999, PropType::kUnspecified), 1),
                                 LongValue(TagOf(0x6998, PropType::kLong), 1)};
  for (abi::IMAPIProp* target :
       {static_cast<abi::IMAPIProp*>(curie.get()), static_cast<abi::IMAPIProp*>(folder.get())}) {
    const bool is_folder = target == folder.get();
    REQUIRE(target->SetProps(4, bad, problems.out()) == abi::S_OK_);
    REQUIRE(problems.get() != nullptr);
    REQUIRE(problems->cProblem == (is_folder ? 2 : 3));
    CHECK(problems->aProblem[0].scode == abi::MAPI_E_UNEXPECTED_ID);  // no name has it
    if (!is_folder) CHECK(problems->aProblem[1].scode == abi::MAPI_E_COMPUTED);
    CHECK(problems->aProblem[is_folder ? 1 : 2].scode == abi::MAPI_E_INVALID_TYPE);
    CHECK(problems->aProblem[is_folder ? 1 : 2].ulIndex == 2);
  }
  REQUIRE(curie->DeleteProps(Tags{tag::kEntryId, TagOf(0xFF00, PropType::kLong), TagOf(0x6998, PropType::kLong)},
                             problems.out()) == abi::S_OK_);
  REQUIRE(problems.get() != nullptr);
  CHECK(problems->cProblem == 2);
}

TEST_CASE("MAPI, imapifolderimapicontainer: folders keep what is set on them, at once and over restarts", "[mapi]") {
  Profile profile;
  NameOf view(L"view");
  std::string state("\0view state", 11);
  std::uint16_t id = 0;
  std::string signature;
  abi::ULONG count = 0;
  {
    Session session;
    const auto folder = session.Contacts();
    id = IdFor(*folder.get(), view);
    SetAll(*folder.get(), {BinaryValue(TagOf(id, PropType::kBinary), state), TextValue(tag::kComment, L"people"),
                           LongValue(TagOf(0x36FF, PropType::kLong), 5)});
    CHECK(TextProp(*session.Contacts().get(), tag::kComment) == "people");
    CHECK(folder->DeleteProps(Tags{TagOf(0x36FF, PropType::kLong)}, nullptr) == abi::S_OK_);
    HostBuffer<abi::SPropValue> of_folder;
    REQUIRE(folder->GetProps(Tags{tag::kMappingSignature}, 0, &count, of_folder.out()) == abi::S_OK_);
    signature = BytesOf(of_folder[0]);
    // The subtree itself is no item: that is said, not swallowed.
    const auto root = session.Open<abi::IMAPIFolder>("");
    const abi::SPropValue comment = TextValue(tag::kComment, L"x");
    HostBuffer<abi::SPropProblemArray> problems;
    CHECK(root->SetProps(1, &comment, problems.out()) == abi::S_OK_);
    REQUIRE(problems.get() != nullptr);
    CHECK(problems->aProblem[0].scode == abi::MAPI_E_NO_ACCESS);
  }
  profile.TakeBack();
  profile.pair.Settle();
  CHECK(profile.pair.Item(profile.pair.Contacts()).pending.empty());
  profile.pair.CheckWhole();
  profile.Lend();
  Session session;
  const auto folder = session.Contacts();
  NameOf other(L"other");
  CHECK(IdFor(*folder.get(), view, 0) == id);
  CHECK(IdFor(*folder.get(), other, 0) == 0);
  HostBuffer<abi::SPropValue> props;
  REQUIRE(folder->GetProps(Tags{TagOf(id, PropType::kBinary), tag::kComment, tag::kMappingSignature}, 0, &count,
                           props.out()) == abi::S_OK_);
  CHECK(BytesOf(props[0]) == state);
  CHECK(TextOf(props[1]) == "people");
  CHECK(BytesOf(props[2]) == signature);
  CHECK(folder->GetProps(Tags{TagOf(0x36FF, PropType::kLong)}, 0, &count, props.out()) == abi::MAPI_W_ERRORS_RETURNED);
}

TEST_CASE("MAPI, imapiprop-getnamesfromids: names by id, by set, by kind", "[mapi]") {
  Profile profile;
  Session session;
  const auto folder = session.Contacts();
  NameOf text(L"\u00DCber"), number(1'000);
  const std::uint16_t text_id = IdFor(*folder.get(), text), number_id = IdFor(*folder.get(), number);
  CHECK(IdFor(*session.store.get(), text) == text_id);  // one mapping for all objects of the store
  const auto names = [&](abi::SPropTagArray* tags, const abi::GUID* set, abi::ULONG flags) {
    HostBuffer<abi::SPropTagArray> listed;
    HostBuffer<abi::MAPINAMEID*> found;
    abi::ULONG count = 0;
    abi::SPropTagArray** where = tags != nullptr ? &tags : listed.out();
    CHECK_FALSE(abi::Failed(folder->GetNamesFromIDs(where, set, flags, &count, found.out())));
    if (tags == nullptr) CHECK(listed->cValues == count);
    std::string out;
    for (abi::ULONG i = 0; i < count; ++i)
      out += found[i] == nullptr                    ? "- "
             : found[i]->ulKind == abi::MNID_STRING ? "text "
                                                    : std::to_string(found[i]->Kind.lID) + " ";
    return out;
  };
  const std::vector<abi::ULONG> ids{3, TagOf(number_id, PropType::kLong), TagOf(0xFFF0, PropType::kLong),
                                    TagOf(text_id, PropType::kUnspecified)};
  auto* asked = reinterpret_cast<abi::SPropTagArray*>(const_cast<abi::ULONG*>(ids.data()));
  CHECK(names(asked, nullptr, 0) == "1000 - text ");
  CHECK(names(asked, nullptr, abi::MAPI_NO_STRINGS) == "1000 - - ");
  CHECK(names(nullptr, &text.set, 0) == "text 1000 ");
  CHECK(names(nullptr, &text.set, abi::MAPI_NO_IDS) == "text ");
  CHECK(names(nullptr, &text.set, abi::MAPI_NO_IDS | abi::MAPI_NO_STRINGS).empty());
  abi::ULONG count = 0;
  HostBuffer<abi::MAPINAMEID*> found;
  REQUIRE(folder->GetNamesFromIDs(&asked, nullptr, 0, &count, found.out()) == abi::MAPI_W_ERRORS_RETURNED);
  CHECK(std::wstring(found[2]->Kind.lpwstrName) == L"\u00DCber");
  CHECK(*found[2]->lpguid == text.set);
  HostBuffer<abi::SPropTagArray> all;
  CHECK(folder->GetIDsFromNames(0, nullptr, abi::MAPI_CREATE, all.out()) == abi::MAPI_E_INVALID_PARAMETER);
  CHECK(folder->GetIDsFromNames(0, nullptr, 4, all.out()) == abi::MAPI_E_UNKNOWN_FLAGS);
  REQUIRE(folder->GetIDsFromNames(0, nullptr, 0, all.out()) == abi::S_OK_);
  CHECK(all->cValues == KnownNames().size() + 2);
  // Numbers of PS_MAPI are ids.
  NameOf mapi(abi::LONG{0x37});
  mapi.set = abi::OleGuid(0x00020328);
  CHECK(IdFor(*folder.get(), mapi) == 0x37);
}

TEST_CASE("MAPI, imapiprop-savechanges: many threads that save properties of one item by force lose none", "[mapi]") {
  constexpr int kThreads = 4, kEach = 8;
  Profile profile;
  Session session;
  const auto folder = session.Contacts();
  const std::string id = ItemNamed(session, *folder.get(), "Adler");
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        Ref<abi::IMessage> message;
        abi::ULONG type = 0;
        const abi::SPropValue value =
            LongValue(TagOf(static_cast<std::uint16_t>(0x6800 + thread * kEach + i), PropType::kLong), i);
        if (session.store->OpenEntry(Size(id), Entry(id), nullptr, abi::MAPI_MODIFY, &type,
                                     message.out_as<abi::IUnknown>()) != abi::S_OK_ ||
            message->SetProps(1, &value, nullptr) != abi::S_OK_ || message->SaveChanges(abi::FORCE_SAVE) != abi::S_OK_)
          ++failed;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 0);
  const auto message = session.Open<abi::IMessage>(id);
  HostBuffer<abi::SPropTagArray> tags;
  REQUIRE(message->GetPropList(0, tags.out()) == abi::S_OK_);
  int kept = 0;
  for (abi::ULONG i = 0; i < tags->cValues; ++i) {
    const std::uint16_t tag = IdOf(tags->aulPropTag[i]);
    kept += tag >= 0x6800 && tag < 0x6800 + kThreads * kEach ? 1 : 0;
  }
  CHECK(kept == kThreads * kEach);
}
