#include <functional>

#include "tests/mapi/session.h"

// What Microsoft's documentation asks of a store's objects, a case for each: named by the page that asks for it
// (office-developer-client-docs, docs/outlook/mapi).
using namespace outpost;
using namespace outpost::mapi;
using namespace outpost::mapi::host;
using namespace outpost::test;

namespace {

constexpr abi::ULONG kUnknownFlag = 0x00800000;
constexpr PropTag kNowhere = TagOf(0x6777, PropType::kLong);  // that nobody has set

// A client that looks at a folder of three contacts.
struct Ready {
  Profile profile;
  Session session;
  Ref<abi::IMAPIFolder> contacts = session.Contacts();

  Ref<abi::IMAPITable> Table(std::initializer_list<abi::ULONG> columns = {tag::kSubject}) {
    Ref<abi::IMAPITable> table;
    REQUIRE(contacts->GetContentsTable(0, table.out()) == abi::S_OK_);
    REQUIRE(table->SetColumns(Tags(columns), 0) == abi::S_OK_);
    return table;
  }
  std::string IdOf(const std::string& name) {
    for (const auto& [subject, id] : session.Items(*contacts.get()))
      if (subject == name) return id;
    FAIL("no item " << name);
    return {};
  }
  Ref<abi::IMessage> Adler(abi::ULONG flags = 0) { return session.Open<abi::IMessage>(IdOf("Adler"), flags); }
};

// First column of rows that are asked for.
std::string Read(abi::IMAPITable& table, abi::LONG count, abi::ULONG flags = 0) {
  Rows rows;
  REQUIRE(table.QueryRows(count, flags, rows.out()) == abi::S_OK_);
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) out += (i == 0 ? "" : " ") + TextOf(rows.At(i, 0));
  return out;
}
abi::ULONG PositionIn(abi::IMAPITable& table) {
  abi::ULONG row = 0, numerator = 0, denominator = 0;
  REQUIRE(table.QueryPosition(&row, &numerator, &denominator) == abi::S_OK_);
  return row;
}
std::vector<PropTag> TagsIn(const HostBuffer<abi::SPropTagArray>& tags) {
  return {tags->aulPropTag, tags->aulPropTag + tags->cValues};
}
bool Has(const std::vector<PropTag>& tags, PropTag tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}
std::int32_t NumberOf(abi::IMAPIProp& object, PropTag tag) {
  HostBuffer<abi::SPropValue> props;
  abi::ULONG count = 0;
  REQUIRE(object.GetProps(Tags{tag}, 0, &count, props.out()) == abi::S_OK_);
  return props[0].Value.l;
}
std::string IdIn(abi::IMAPIProp& object) {
  HostBuffer<abi::SPropValue> props;
  abi::ULONG count = 0;
  REQUIRE(object.GetProps(Tags{tag::kEntryId}, 0, &count, props.out()) == abi::S_OK_);
  return BytesOf(props[0]);
}

// Conditions as callers write them; they own what they point to.
struct Prefix {
  explicit Prefix(const wchar_t* text) : value(TextValue(tag::kSubject, text)) {
    restriction.rt = abi::RES_CONTENT;
    restriction.res.resContent = {abi::FL_PREFIX | abi::FL_IGNORECASE, tag::kSubject, &value};
  }
  Prefix(const Prefix&) = delete;
  abi::SPropValue value;
  abi::SRestriction restriction{};
};

struct Order {
  explicit Order(std::vector<abi::SSortOrder> by) : bytes(sizeof(abi::SSortOrderSet) + by.size() * sizeof by[0]) {
    auto* set = get();
    *set = {};
    set->cSorts = static_cast<abi::ULONG>(by.size());
    std::copy(by.begin(), by.end(), set->aSort);
  }
  abi::SSortOrderSet* get() { return reinterpret_cast<abi::SSortOrderSet*>(bytes.data()); }
  std::vector<std::uint64_t> bytes;
};

struct OneEntry {
  explicit OneEntry(std::string id_) : id(std::move(id_)) {
    binary = {Size(id), reinterpret_cast<abi::BYTE*>(id.data())};
    list = {1, &binary};
  }
  OneEntry(const OneEntry&) = delete;
  std::string id;
  abi::SBinary binary{};
  abi::ENTRYLIST list{};
};

Ref<abi::IMAPIFolder> MakeFolder(abi::IMAPIFolder& in, const wchar_t* name, const wchar_t* comment = nullptr) {
  Ref<abi::IMAPIFolder> made;
  REQUIRE(in.CreateFolder(abi::FOLDER_GENERIC, const_cast<wchar_t*>(name), const_cast<wchar_t*>(comment), nullptr,
                          abi::MAPI_UNICODE, made.out()) == abi::S_OK_);
  return made;
}
Ref<abi::IMessage> MakeContact(abi::IMAPIFolder& in, const wchar_t* name) {
  Ref<abi::IMessage> made;
  REQUIRE(in.CreateMessage(nullptr, 0, made.out()) == abi::S_OK_);
  const abi::SPropValue value = TextValue(tag::kDisplayName, name);
  REQUIRE(made->SetProps(1, &value, nullptr) == abi::S_OK_);
  REQUIRE(made->SaveChanges(abi::KEEP_OPEN_READWRITE) == abi::S_OK_);
  return made;
}

}  // namespace

TEST_CASE("MAPI, imapitable-setcolumns: there must be a column, in their order, and PR_NULL keeps a place", "[mapi]") {
  Ready ready;
  const auto table = ready.Table();
  CHECK(table->SetColumns(nullptr, 0) == abi::MAPI_E_INVALID_PARAMETER);
  CHECK(table->SetColumns(Tags{tag::kSubject}, kUnknownFlag) == abi::MAPI_E_UNKNOWN_FLAGS);
  CHECK(table->SetColumns(Tags{tag::kSubject}, abi::TBL_BATCH) == abi::S_OK_);
  REQUIRE(table->SetColumns(Tags{tag::kMessageClass, TagOf(0, PropType::kNull), tag::kSubject}, 0) == abi::S_OK_);
  Rows rows;
  REQUIRE(table->QueryRows(1, 0, rows.out()) == abi::S_OK_);
  CHECK(TextOf(rows.At(0, 0)) == "IPM.Contact");
  CHECK(rows.At(0, 1).ulPropTag == TagOf(0, PropType::kNull));
  CHECK(TextOf(rows.At(0, 2)) == "Adler");
}

TEST_CASE("MAPI, imapitable-queryrows: no rows cannot be asked for, unknown flags neither", "[mapi]") {
  Ready ready;
  const auto table = ready.Table();
  Rows rows;
  CHECK(table->QueryRows(0, 0, rows.out()) == abi::MAPI_E_INVALID_PARAMETER);
  CHECK(table->QueryRows(1, 0, nullptr) == abi::MAPI_E_INVALID_PARAMETER);
  CHECK(table->QueryRows(1, kUnknownFlag, rows.out()) == abi::MAPI_E_UNKNOWN_FLAGS);
}

TEST_CASE("MAPI, imapitable-queryrows: a negative count reads the rows before the cursor, in forward order", "[mapi]") {
  Ready ready;
  const auto table = ready.Table();
  REQUIRE(table->SeekRow(abi::BOOKMARK_END, 0, nullptr) == abi::S_OK_);
  CHECK(Read(*table.get(), -2) == "Brandt Curie");
  CHECK(PositionIn(*table.get()) == 3);  // behind the last row returned
  CHECK(Read(*table.get(), -2, abi::TBL_NOADVANCE) == "Brandt Curie");
  CHECK(PositionIn(*table.get()) == 1);  // at the first row returned
}

TEST_CASE("MAPI, imapitable-queryrows: no rows at the beginning backward, nor at the end forward", "[mapi]") {
  Ready ready;
  const auto table = ready.Table();
  CHECK(Read(*table.get(), -1).empty());
  CHECK(Read(*table.get(), 100) == "Adler Brandt Curie");
  CHECK(Read(*table.get(), 1).empty());
}

TEST_CASE("MAPI, imapitable-getstatus: a dynamic table shows what came since, also where nobody asked to be told",
          "[mapi]") {
  Ready ready;
  const auto table = ready.Table();
  CHECK(Read(*table.get(), 2) == "Adler Brandt");
  MakeContact(*ready.contacts.get(), L"Abel");
  abi::ULONG count = 0;
  REQUIRE(table->GetRowCount(0, &count) == abi::S_OK_);
  CHECK(count == 4);
  CHECK(Read(*table.get(), 5) == "Curie");  // the cursor is where it was, at its row
  REQUIRE(table->SeekRow(abi::BOOKMARK_BEGINNING, 0, nullptr) == abi::S_OK_);
  MakeContact(*ready.contacts.get(), L"Aaron");
  CHECK(Read(*table.get(), 5) == "Aaron Abel Adler Brandt Curie");
}

TEST_CASE("MAPI, imapitable-queryrows: what a row has not is PT_ERROR and MAPI_E_NOT_FOUND", "[mapi]") {
  Ready ready;
  const auto table = ready.Table({kNowhere, tag::kSubject});
  Rows rows;
  REQUIRE(table->QueryRows(1, 0, rows.out()) == abi::S_OK_);
  CHECK(rows.At(0, 0).ulPropTag == TagOf(IdOf(kNowhere), PropType::kError));
  CHECK(rows.At(0, 0).Value.err == abi::MAPI_E_NOT_FOUND);
  CHECK(TextOf(rows.At(0, 1)) == "Adler");
}

TEST_CASE("MAPI, imapitable-querycolumns: the default set, the one that was set, and all there may be", "[mapi]") {
  Ready ready;
  Ref<abi::IMAPITable> table;
  REQUIRE(ready.contacts->GetContentsTable(0, table.out()) == abi::S_OK_);
  HostBuffer<abi::SPropTagArray> tags;
  REQUIRE(table->QueryColumns(0, tags.out()) == abi::S_OK_);
  const auto usual = TagsIn(tags);
  CHECK(usual.size() > 10);
  REQUIRE(table->SetColumns(Tags{tag::kSubject}, 0) == abi::S_OK_);
  REQUIRE(table->QueryColumns(0, tags.out()) == abi::S_OK_);
  CHECK(TagsIn(tags) == std::vector<PropTag>{tag::kSubject});
  REQUIRE(table->QueryColumns(abi::TBL_ALL_COLUMNS, tags.out()) == abi::S_OK_);
  const auto all = TagsIn(tags);
  for (const PropTag tag : usual) CHECK(Has(all, tag));
  CHECK(Has(all, TagOf(0x3A11, PropType::kUnicode)));  // a surname is none of the default ones
  CHECK(table->QueryColumns(kUnknownFlag, tags.out()) == abi::MAPI_E_UNKNOWN_FLAGS);
}

TEST_CASE("MAPI, contents-tables: the columns that each must have are in the default set", "[mapi]") {
  Ready ready;
  Ref<abi::IMAPITable> table;
  REQUIRE(ready.contacts->GetContentsTable(0, table.out()) == abi::S_OK_);
  HostBuffer<abi::SPropTagArray> tags;
  REQUIRE(table->QueryColumns(0, tags.out()) == abi::S_OK_);
  const auto columns = TagsIn(tags);
  for (const PropTag tag : {tag::kEntryId, tag::kInstanceKey, tag::kMessageClass, tag::kMessageFlags, tag::kMessageSize,
                            tag::kMessageStatus, tag::kObjectType, tag::kDisplayTo, tag::kDisplayCc, tag::kHasAttach,
                            tag::kParentEntryId, tag::kRecordKey, tag::kStoreEntryId, tag::kStoreRecordKey,
                            tag::kMappingSignature, tag::kLastModificationTime}) {
    INFO(tag);
    CHECK(Has(columns, tag));
  }
  Rows rows;
  REQUIRE(table->QueryRows(1, 0, rows.out()) == abi::S_OK_);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    INFO(columns[i]);
    CHECK(rows.At(0, i).ulPropTag == columns[i]);  // and every row has them
  }
}

TEST_CASE("MAPI, hierarchy-tables: the columns that each must have are in the default set", "[mapi]") {
  Ready ready;
  const auto root = ready.session.Open<abi::IMAPIFolder>("");
  Ref<abi::IMAPITable> table;
  REQUIRE(root->GetHierarchyTable(abi::CONVENIENT_DEPTH, table.out()) == abi::S_OK_);
  HostBuffer<abi::SPropTagArray> tags;
  REQUIRE(table->QueryColumns(0, tags.out()) == abi::S_OK_);
  const auto columns = TagsIn(tags);
  for (const PropTag tag : {tag::kComment, tag::kDepth, tag::kDisplayName, tag::kDisplayType, tag::kEntryId,
                            tag::kInstanceKey, tag::kObjectType, tag::kStatus, tag::kFolderType, tag::kSubfolders}) {
    INFO(tag);
    CHECK(Has(columns, tag));
  }
}

TEST_CASE("MAPI, imapicontainer-gethierarchytable: one level, or with CONVENIENT_DEPTH all, each with its depth",
          "[mapi]") {
  Ready ready;
  const auto root = ready.session.Open<abi::IMAPIFolder>("");
  Ref<abi::IMAPITable> table;
  abi::ULONG flat = 0, deep = 0;
  REQUIRE(root->GetHierarchyTable(0, table.out()) == abi::S_OK_);
  REQUIRE(table->GetRowCount(0, &flat) == abi::S_OK_);
  CHECK(flat == 1);
  REQUIRE(root->GetHierarchyTable(abi::CONVENIENT_DEPTH, table.out()) == abi::S_OK_);
  REQUIRE(table->GetRowCount(0, &deep) == abi::S_OK_);
  CHECK(deep > 4);
  REQUIRE(table->SetColumns(Tags{tag::kDepth}, 0) == abi::S_OK_);
  Rows rows;
  REQUIRE(table->QueryRows(2, 0, rows.out()) == abi::S_OK_);
  CHECK(rows.At(0, 0).Value.l == 1);
  CHECK(rows.At(1, 0).Value.l == 2);
  CHECK(root->GetHierarchyTable(kUnknownFlag, table.out()) == abi::MAPI_E_UNKNOWN_FLAGS);
  CHECK(root->GetHierarchyTable(0, nullptr) == abi::MAPI_E_INVALID_PARAMETER);
}

TEST_CASE("MAPI, imapitable-seekrow: beyond an end it stops there, and says how far it came and which way", "[mapi]") {
  Ready ready;
  const auto table = ready.Table();
  abi::LONG sought = 0;
  REQUIRE(table->SeekRow(abi::BOOKMARK_BEGINNING, 100, &sought) == abi::S_OK_);
  CHECK(sought == 3);
  CHECK(PositionIn(*table.get()) == 3);
  REQUIRE(table->SeekRow(abi::BOOKMARK_CURRENT, -100, &sought) == abi::S_OK_);
  CHECK(sought == -3);
  CHECK(PositionIn(*table.get()) == 0);
  REQUIRE(table->SeekRow(abi::BOOKMARK_END, -1, nullptr) == abi::S_OK_);
  CHECK(Read(*table.get(), 1) == "Curie");
  CHECK(table->SeekRow(77, 0, nullptr) == abi::MAPI_E_INVALID_BOOKMARK);
}

TEST_CASE("MAPI, imapitable-seekrowapprox: 0 is the beginning, a whole the place behind the last row", "[mapi]") {
  Ready ready;
  const auto table = ready.Table();
  REQUIRE(table->SeekRowApprox(5, 5) == abi::S_OK_);
  CHECK(PositionIn(*table.get()) == 3);
  REQUIRE(table->SeekRowApprox(0, 5) == abi::S_OK_);
  CHECK(PositionIn(*table.get()) == 0);
  REQUIRE(table->SeekRowApprox(50, 100) == abi::S_OK_);
  CHECK(PositionIn(*table.get()) == 1);
  CHECK(table->SeekRowApprox(1, 0) == abi::MAPI_E_INVALID_PARAMETER);
}

TEST_CASE("MAPI, imapitable-queryposition: the row, and a fraction of the table", "[mapi]") {
  Ready ready;
  const auto table = ready.Table();
  abi::ULONG row = 9, numerator = 9, denominator = 9;
  REQUIRE(table->SeekRow(abi::BOOKMARK_BEGINNING, 2, nullptr) == abi::S_OK_);
  REQUIRE(table->QueryPosition(&row, &numerator, &denominator) == abi::S_OK_);
  CHECK(row == 2);
  CHECK(numerator * 3 == denominator * 2);
  CHECK(table->QueryPosition(nullptr, &numerator, &denominator) == abi::MAPI_E_INVALID_PARAMETER);
}

TEST_CASE("MAPI, imapitable-findrow: every table finds a row by PR_INSTANCE_KEY", "[mapi]") {
  Ready ready;
  const auto table = ready.Table({tag::kInstanceKey, tag::kSubject});
  Rows rows;
  REQUIRE(table->QueryRows(3, 0, rows.out()) == abi::S_OK_);
  REQUIRE(table->SetColumns(Tags{tag::kSubject}, 0) == abi::S_OK_);
  std::string key = BytesOf(rows.At(1, 0));
  abi::SPropValue value{};
  value.ulPropTag = tag::kInstanceKey;
  value.Value.bin = {Size(key), reinterpret_cast<abi::BYTE*>(key.data())};
  abi::SRestriction is{abi::RES_PROPERTY, {}};
  is.res.resProperty = {abi::RELOP_EQ, tag::kInstanceKey, &value};
  REQUIRE(table->FindRow(&is, abi::BOOKMARK_BEGINNING, 0) == abi::S_OK_);
  CHECK(Read(*table.get(), 1, abi::TBL_NOADVANCE) == "Brandt");
  REQUIRE(table->FindRow(&is, abi::BOOKMARK_END, abi::DIR_BACKWARD) == abi::S_OK_);
  CHECK(Read(*table.get(), 1) == "Brandt");
  CHECK(table->FindRow(&is, abi::BOOKMARK_CURRENT, 0) == abi::MAPI_E_NOT_FOUND);
  key.back() ^= 1;
  CHECK(table->FindRow(&is, abi::BOOKMARK_BEGINNING, 0) == abi::MAPI_E_NOT_FOUND);

  // Of folders too.
  const auto root = ready.session.Open<abi::IMAPIFolder>("");
  Ref<abi::IMAPITable> folders;
  REQUIRE(root->GetHierarchyTable(abi::CONVENIENT_DEPTH, folders.out()) == abi::S_OK_);
  REQUIRE(folders->SetColumns(Tags{tag::kInstanceKey, tag::kDisplayName}, 0) == abi::S_OK_);
  REQUIRE(folders->QueryRows(3, 0, rows.out()) == abi::S_OK_);
  key = BytesOf(rows.At(2, 0));
  value.Value.bin = {Size(key), reinterpret_cast<abi::BYTE*>(key.data())};
  REQUIRE(folders->FindRow(&is, abi::BOOKMARK_BEGINNING, 0) == abi::S_OK_);
  CHECK(PositionIn(*folders.get()) == 2);
}

TEST_CASE("MAPI, imapitable-findrow: forward begins at the bookmark, backward with the row before it", "[mapi]") {
  Ready ready;
  const auto table = ready.Table();
  Prefix brandt(L"b");
  abi::SRestriction all{abi::RES_EXIST, {}};
  all.res.resExist = {0, tag::kSubject, 0};
  REQUIRE(table->FindRow(&brandt.restriction, abi::BOOKMARK_BEGINNING, 0) == abi::S_OK_);
  CHECK(PositionIn(*table.get()) == 1);
  REQUIRE(table->FindRow(&brandt.restriction, abi::BOOKMARK_CURRENT, 0) == abi::S_OK_);  // the row itself
  CHECK(PositionIn(*table.get()) == 1);
  CHECK(table->FindRow(&brandt.restriction, abi::BOOKMARK_CURRENT, abi::DIR_BACKWARD) == abi::MAPI_E_NOT_FOUND);
  REQUIRE(table->FindRow(&all, abi::BOOKMARK_CURRENT, abi::DIR_BACKWARD) == abi::S_OK_);
  CHECK(PositionIn(*table.get()) == 0);
  CHECK(table->FindRow(&all, abi::BOOKMARK_BEGINNING, abi::DIR_BACKWARD) == abi::MAPI_E_NOT_FOUND);
  CHECK(table->FindRow(&all, abi::BOOKMARK_END, 0) == abi::MAPI_E_NOT_FOUND);
  CHECK(table->FindRow(&all, 77, 0) == abi::MAPI_E_INVALID_BOOKMARK);
  CHECK(table->FindRow(nullptr, abi::BOOKMARK_BEGINNING, 0) == abi::MAPI_E_INVALID_PARAMETER);
}

TEST_CASE("MAPI, imapitable-sorttable: bookmarks go, the cursor is at the beginning, a failure changes nothing",
          "[mapi]") {
  Ready ready;
  const auto table = ready.Table();
  abi::BOOKMARK bookmark = 0;
  REQUIRE(table->SeekRow(abi::BOOKMARK_BEGINNING, 1, nullptr) == abi::S_OK_);
  REQUIRE(table->CreateBookmark(&bookmark) == abi::S_OK_);
  Order down({{tag::kSubject, abi::TABLE_SORT_DESCEND}}), none({}), nowhere({{kNowhere, abi::TABLE_SORT_ASCEND}});
  REQUIRE(table->SortTable(down.get(), 0) == abi::S_OK_);
  CHECK(table->SeekRow(bookmark, 0, nullptr) == abi::MAPI_E_INVALID_BOOKMARK);
  CHECK(PositionIn(*table.get()) == 0);
  CHECK(Read(*table.get(), 3) == "Curie Brandt Adler");
  CHECK(table->SortTable(nowhere.get(), 0) == abi::MAPI_E_TOO_COMPLEX);
  REQUIRE(table->SeekRow(abi::BOOKMARK_BEGINNING, 0, nullptr) == abi::S_OK_);
  CHECK(Read(*table.get(), 3) == "Curie Brandt Adler");
  HostBuffer<abi::SSortOrderSet> order;
  REQUIRE(table->QuerySortOrder(order.out()) == abi::S_OK_);
  REQUIRE(order->cSorts == 1);
  CHECK(order->aSort[0].ulPropTag == tag::kSubject);
  REQUIRE(table->SortTable(none.get(), 0) == abi::S_OK_);  // in no particular one
  REQUIRE(table->QuerySortOrder(order.out()) == abi::S_OK_);
  CHECK(order->cSorts == 0);
  CHECK(table->SortTable(nullptr, 0) == abi::MAPI_E_INVALID_PARAMETER);
}

TEST_CASE("MAPI, imapitable-restrict: rows are those that match, from the beginning; NULL ends it", "[mapi]") {
  Ready ready;
  const auto table = ready.Table();
  abi::BOOKMARK bookmark = 0;
  abi::ULONG count = 0;
  REQUIRE(table->SeekRow(abi::BOOKMARK_END, 0, nullptr) == abi::S_OK_);
  REQUIRE(table->CreateBookmark(&bookmark) == abi::S_OK_);
  Prefix brandt(L"b");
  REQUIRE(table->Restrict(&brandt.restriction, 0) == abi::S_OK_);
  CHECK(PositionIn(*table.get()) == 0);
  CHECK(table->SeekRow(bookmark, 0, nullptr) == abi::MAPI_E_INVALID_BOOKMARK);
  REQUIRE(table->GetRowCount(0, &count) == abi::S_OK_);
  CHECK(count == 1);
  REQUIRE(table->Restrict(nullptr, 0) == abi::S_OK_);
  REQUIRE(table->GetRowCount(0, &count) == abi::S_OK_);
  CHECK(count == 3);
}

TEST_CASE("MAPI, imapitable-freebookmark: one that was freed is none, those of every table stay", "[mapi]") {
  Ready ready;
  const auto table = ready.Table();
  abi::BOOKMARK bookmark = 0;
  REQUIRE(table->SeekRow(abi::BOOKMARK_BEGINNING, 2, nullptr) == abi::S_OK_);
  REQUIRE(table->CreateBookmark(&bookmark) == abi::S_OK_);
  CHECK(bookmark > abi::BOOKMARK_END);
  REQUIRE(table->SeekRow(bookmark, -1, nullptr) == abi::S_OK_);
  CHECK(PositionIn(*table.get()) == 1);
  CHECK(table->FreeBookmark(bookmark) == abi::S_OK_);
  CHECK(table->FreeBookmark(bookmark) == abi::MAPI_E_INVALID_BOOKMARK);
  CHECK(table->SeekRow(bookmark, 0, nullptr) == abi::MAPI_E_INVALID_BOOKMARK);
  CHECK(table->FreeBookmark(abi::BOOKMARK_END) == abi::S_OK_);
  CHECK(table->SeekRow(abi::BOOKMARK_END, 0, nullptr) == abi::S_OK_);
  CHECK(table->CreateBookmark(nullptr) == abi::MAPI_E_INVALID_PARAMETER);
}

TEST_CASE("MAPI, imapitable-getstatus: all is done at once, so there is nothing to wait for or to stop", "[mapi]") {
  Ready ready;
  const auto table = ready.Table();
  abi::ULONG status = 9, type = 9;
  REQUIRE(table->GetStatus(&status, &type) == abi::S_OK_);
  CHECK(status == abi::TBLSTAT_COMPLETE);
  CHECK(type == abi::TBLTYPE_DYNAMIC);
  CHECK(table->WaitForCompletion(0, 0, &status) == abi::S_OK_);
  CHECK(status == abi::TBLSTAT_COMPLETE);
  CHECK(table->Abort() == abi::S_OK_);
  CHECK(table->GetStatus(nullptr, &type) == abi::MAPI_E_INVALID_PARAMETER);
}

TEST_CASE("MAPI, imapitable-advise: a sink must be given, and only what is told can be asked for", "[mapi]") {
  Ready ready;
  const auto table = ready.Table();
  auto* sink = new Sink;
  abi::ULONG_PTR connection = 0;
  CHECK(table->Advise(abi::fnevTableModified, nullptr, &connection) == abi::MAPI_E_INVALID_PARAMETER);
  CHECK(table->Advise(abi::fnevObjectCreated, sink, &connection) == abi::MAPI_E_NO_SUPPORT);
  REQUIRE(table->Advise(abi::fnevTableModified, sink, &connection) == abi::S_OK_);
  CHECK(connection != 0);
  CHECK(table->Unadvise(connection) == abi::S_OK_);
  CHECK(table->Unadvise(connection) == abi::MAPI_E_NOT_FOUND);
  sink->WaitUntilAlone();
  sink->Release();
}

TEST_CASE("MAPI, imapiprop-getprops: at least one tag, no unknown flag, in the order that was asked for", "[mapi]") {
  Ready ready;
  const auto adler = ready.Adler();
  HostBuffer<abi::SPropValue> props;
  abi::ULONG count = 9;
  CHECK(adler->GetProps(Tags{}, 0, &count, props.out()) == abi::MAPI_E_INVALID_PARAMETER);
  CHECK(adler->GetProps(nullptr, kUnknownFlag, &count, props.out()) == abi::MAPI_E_UNKNOWN_FLAGS);
  CHECK(adler->GetProps(nullptr, 0, nullptr, props.out()) == abi::MAPI_E_INVALID_PARAMETER);
  CHECK(adler->GetProps(nullptr, 0, &count, nullptr) == abi::MAPI_E_INVALID_PARAMETER);
  REQUIRE(adler->GetProps(Tags{kNowhere, tag::kSubject, tag::kObjectType}, 0, &count, props.out()) ==
          abi::MAPI_W_ERRORS_RETURNED);
  REQUIRE(count == 3);
  CHECK(TypeOf(props[0].ulPropTag) == PropType::kError);
  CHECK(props[0].Value.err == abi::MAPI_E_NOT_FOUND);
  CHECK(TextOf(props[1]) == "Adler");
  CHECK(props[2].Value.l == static_cast<abi::LONG>(abi::MAPI_MESSAGE));
}

TEST_CASE("MAPI, imapiprop-getprops: types are those asked for; of PT_UNSPECIFIED texts MAPI_UNICODE says", "[mapi]") {
  Ready ready;
  const auto adler = ready.Adler();
  const PropTag any = TagOf(IdOf(tag::kSubject), PropType::kUnspecified),
                narrow = TagOf(IdOf(tag::kSubject), PropType::kString8);
  HostBuffer<abi::SPropValue> props;
  abi::ULONG count = 0;
  REQUIRE(adler->GetProps(Tags{any, narrow, tag::kSubject}, 0, &count, props.out()) == abi::S_OK_);
  CHECK(props[0].ulPropTag == narrow);
  CHECK(props[1].ulPropTag == narrow);
  CHECK(std::string(props[1].Value.lpszA) == "Adler");
  CHECK(props[2].ulPropTag == tag::kSubject);
  REQUIRE(adler->GetProps(Tags{any}, abi::MAPI_UNICODE, &count, props.out()) == abi::S_OK_);
  CHECK(props[0].ulPropTag == tag::kSubject);
  // Of another type there is none.
  CHECK(adler->GetProps(Tags{TagOf(IdOf(tag::kSubject), PropType::kLong)}, 0, &count, props.out()) ==
        abi::MAPI_W_ERRORS_RETURNED);
}

TEST_CASE("MAPI, imapiprop-getproplist: what GetProps has, and what only OpenProperty opens", "[mapi]") {
  Ready ready;
  const auto adler = ready.Adler();
  HostBuffer<abi::SPropTagArray> list;
  HostBuffer<abi::SPropValue> props;
  abi::ULONG count = 0;
  for (abi::IMAPIProp* object : std::initializer_list<abi::IMAPIProp*>{adler.get(), ready.contacts.get()}) {
    REQUIRE(object->GetPropList(abi::MAPI_UNICODE, list.out()) == abi::S_OK_);
    REQUIRE(object->GetProps(nullptr, abi::MAPI_UNICODE, &count, props.out()) == abi::S_OK_);
    const auto tags = TagsIn(list);
    for (abi::ULONG i = 0; i < count; ++i) CHECK(Has(tags, props[i].ulPropTag));
    const auto objects = static_cast<abi::ULONG>(
        std::count_if(tags.begin(), tags.end(), [](PropTag tag) { return TypeOf(tag) == PropType::kObject; }));
    CHECK(objects > 0);
    CHECK(tags.size() == count + objects);
  }
  REQUIRE(adler->GetPropList(0, list.out()) == abi::S_OK_);
  for (const PropTag tag : TagsIn(list)) CHECK(TypeOf(tag) != PropType::kUnicode);
  CHECK(adler->GetPropList(kUnknownFlag, list.out()) == abi::MAPI_E_UNKNOWN_FLAGS);
  CHECK(adler->GetPropList(0, nullptr) == abi::MAPI_E_INVALID_PARAMETER);
}

TEST_CASE("MAPI, imapiprop-deleteprops: at least one tag; what is computed is a problem of its own", "[mapi]") {
  Ready ready;
  const auto adler = ready.Adler(abi::MAPI_MODIFY);
  HostBuffer<abi::SPropProblemArray> problems;
  CHECK(adler->DeleteProps(nullptr, problems.out()) == abi::MAPI_E_INVALID_PARAMETER);
  CHECK(adler->DeleteProps(Tags{}, problems.out()) == abi::MAPI_E_INVALID_PARAMETER);
  REQUIRE(adler->DeleteProps(Tags{TagOf(0x3A06, PropType::kUnicode), tag::kEntryId}, problems.out()) == abi::S_OK_);
  REQUIRE(problems->cProblem == 1);
  CHECK(problems->aProblem[0].ulIndex == 1);
  CHECK(problems->aProblem[0].ulPropTag == tag::kEntryId);
  CHECK(problems->aProblem[0].scode == abi::MAPI_E_COMPUTED);
  CHECK(ready.Adler()->DeleteProps(Tags{tag::kSubject}, nullptr) == abi::MAPI_E_NO_ACCESS);  // opened to be read
}

TEST_CASE("MAPI, imapiprop-savechanges: KEEP_OPEN_READWRITE keeps it open, any other way it is closed", "[mapi]") {
  Ready ready;
  const auto adler = ready.Adler(abi::MAPI_MODIFY);
  CHECK(adler->SaveChanges(kUnknownFlag) == abi::MAPI_E_UNKNOWN_FLAGS);
  const abi::SPropValue value = TextValue(TagOf(0x3A06, PropType::kUnicode), L"Ada");
  REQUIRE(adler->SetProps(1, &value, nullptr) == abi::S_OK_);
  REQUIRE(adler->SaveChanges(abi::KEEP_OPEN_READWRITE) == abi::S_OK_);
  REQUIRE(adler->SetProps(1, &value, nullptr) == abi::S_OK_);
  REQUIRE(adler->SaveChanges(abi::KEEP_OPEN_READONLY) == abi::S_OK_);
  CHECK(adler->SetProps(1, &value, nullptr) == abi::MAPI_E_NO_ACCESS);
  CHECK(TextProp(*adler.get(), TagOf(0x3A06, PropType::kUnicode)) == "Ada");  // still to be read
}

TEST_CASE("MAPI, imapiprop-openproperty: an interface that a property has not, and none at all", "[mapi]") {
  Ready ready;
  const auto adler = ready.Adler();
  Ref<abi::IUnknown> object;
  CHECK(adler->OpenProperty(tag::kBody, nullptr, 0, 0, object.out()) == abi::MAPI_E_INVALID_PARAMETER);
  CHECK(adler->OpenProperty(tag::kBody, &abi::kIMAPITable, 0, 0, object.out()) == abi::MAPI_E_NO_INTERFACE);
  CHECK(adler->OpenProperty(tag::kMessageAttachments, &abi::kIStream, 0, 0, object.out()) == abi::MAPI_E_NO_INTERFACE);
  REQUIRE(adler->OpenProperty(tag::kMessageAttachments, &abi::kIMAPITable, 0, 0, object.out()) == abi::S_OK_);
  CHECK(object);
  CHECK(adler->OpenProperty(tag::kBody, &abi::kIStream, 0, 0, nullptr) == abi::MAPI_E_INVALID_PARAMETER);
}

TEST_CASE("MAPI, imapiprop-copyprops: something must be named, and nothing goes to itself", "[mapi]") {
  Ready ready;
  const auto adler = ready.Adler(abi::MAPI_MODIFY), brandt = ready.session.Open<abi::IMessage>(ready.IdOf("Brandt"));
  CHECK(brandt->CopyProps(nullptr, 0, nullptr, &abi::kIMessage, adler.get(), 0, nullptr) ==
        abi::MAPI_E_INVALID_PARAMETER);
  CHECK(brandt->CopyProps(Tags{tag::kDisplayName}, 0, nullptr, &abi::kIMessage, brandt.get(), 0, nullptr) ==
        abi::MAPI_E_NO_ACCESS);
  CHECK(brandt->CopyProps(Tags{tag::kDisplayName}, 0, nullptr, &abi::kIMAPIFolder, adler.get(), 0, nullptr) ==
        abi::MAPI_E_NO_INTERFACE);
  REQUIRE(brandt->CopyProps(Tags{tag::kDisplayName}, 0, nullptr, &abi::kIMessage, adler.get(), 0, nullptr) ==
          abi::S_OK_);
  CHECK(TextProp(*adler.get(), tag::kDisplayName) == "Brandt");
}

TEST_CASE("MAPI, imapifolder-createfolder: its name, its comment, and a name that is taken", "[mapi]") {
  Ready ready;
  const auto made = MakeFolder(*ready.contacts.get(), L"Below", L"what it is for");
  CHECK(TextProp(*made.get(), tag::kDisplayName) == "Below");
  CHECK(TextProp(*made.get(), tag::kComment) == "what it is for");
  CHECK(NumberOf(*made.get(), tag::kObjectType) == static_cast<std::int32_t>(abi::MAPI_FOLDER));
  wchar_t name[] = L"Below";
  Ref<abi::IMAPIFolder> again;
  CHECK(ready.contacts->CreateFolder(abi::FOLDER_GENERIC, name, nullptr, nullptr, abi::MAPI_UNICODE, again.out()) ==
        abi::MAPI_E_COLLISION);
  REQUIRE(ready.contacts->CreateFolder(abi::FOLDER_GENERIC, name, nullptr, nullptr,
                                       abi::MAPI_UNICODE | abi::OPEN_IF_EXISTS, again.out()) == abi::S_OK_);
  CHECK(IdIn(*again.get()) == IdIn(*made.get()));
  CHECK(ready.contacts->CreateFolder(abi::FOLDER_GENERIC, nullptr, nullptr, nullptr, 0, again.out()) ==
        abi::MAPI_E_INVALID_PARAMETER);
}

TEST_CASE("MAPI, imapifolder-createfolder: of a kind that the support mask does not promise none is made", "[mapi]") {
  Ready ready;
  constexpr abi::ULONG kSearch = 2, kSearchOk = 0x4;  // FOLDER_SEARCH, STORE_SEARCH_OK
  wchar_t name[] = L"Found";
  Ref<abi::IMAPIFolder> made;
  CHECK(ready.contacts->CreateFolder(kSearch, name, nullptr, nullptr, abi::MAPI_UNICODE, made.out()) ==
        abi::MAPI_E_NO_SUPPORT);
  CHECK((static_cast<abi::ULONG>(NumberOf(*ready.session.store.get(), tag::kStoreSupportMask)) & kSearchOk) == 0);
}

TEST_CASE("MAPI, imapifolder-deletefolder: one with messages or folders goes with the flags for them only", "[mapi]") {
  Ready ready;
  const auto outer = MakeFolder(*ready.contacts.get(), L"Outer");
  const std::string id = IdIn(*outer.get());
  MakeContact(*outer.get(), L"Within");
  CHECK(ready.contacts->DeleteFolder(Size(id), Entry(id), 0, nullptr, 0) == abi::MAPI_E_HAS_MESSAGES);
  MakeFolder(*outer.get(), L"Inner");
  CHECK(ready.contacts->DeleteFolder(Size(id), Entry(id), 0, nullptr, abi::DEL_MESSAGES) == abi::MAPI_E_HAS_FOLDERS);
  CHECK(ready.contacts->DeleteFolder(Size(id), Entry(id), 0, nullptr, kUnknownFlag) == abi::MAPI_E_UNKNOWN_FLAGS);
  CHECK(ready.contacts->DeleteFolder(Size(id), Entry(id), 0, nullptr, abi::DEL_MESSAGES | abi::DEL_FOLDERS) ==
        abi::S_OK_);
  CHECK(ready.contacts->DeleteFolder(Size(id), Entry(id), 0, nullptr, 0) == abi::MAPI_E_NOT_FOUND);
  const std::string item = ready.IdOf("Adler");
  CHECK(ready.contacts->DeleteFolder(Size(item), Entry(item), 0, nullptr, 0) == abi::MAPI_E_INVALID_ENTRYID);
}

TEST_CASE("MAPI, imapifolder-emptyfolder: messages and folders go, the folder stays", "[mapi]") {
  Ready ready;
  const auto outer = MakeFolder(*ready.contacts.get(), L"Outer");
  MakeContact(*outer.get(), L"Within");
  MakeFolder(*outer.get(), L"Inner");
  CHECK(outer->EmptyFolder(0, nullptr, kUnknownFlag) == abi::MAPI_E_UNKNOWN_FLAGS);
  CHECK(outer->EmptyFolder(0, nullptr, 0) == abi::S_OK_);
  CHECK(NumberOf(*outer.get(), tag::kContentCount) == 0);
  CHECK(ready.session.Items(*outer.get()).empty());
  Ref<abi::IMAPITable> folders;
  abi::ULONG count = 9;
  REQUIRE(outer->GetHierarchyTable(0, folders.out()) == abi::S_OK_);
  REQUIRE(folders->GetRowCount(0, &count) == abi::S_OK_);
  CHECK(count == 0);
}

TEST_CASE("MAPI, imapifolder-setmessagestatus: bits by a mask, the old ones are told, PR_MSG_STATUS has them",
          "[mapi]") {
  Ready ready;
  const std::string id = ready.IdOf("Adler");
  abi::ULONG status = 9, old = 9;
  REQUIRE(ready.contacts->GetMessageStatus(Size(id), Entry(id), 0, &status) == abi::S_OK_);
  CHECK(status == 0);
  constexpr abi::ULONG kHighlighted = 0x1, kTagged = 0x2, kDeleteMarked = 0x8;
  REQUIRE(ready.contacts->SetMessageStatus(Size(id), Entry(id), kTagged | kDeleteMarked, kTagged | kHighlighted,
                                           &old) == abi::S_OK_);
  CHECK(old == 0);
  REQUIRE(ready.contacts->SetMessageStatus(Size(id), Entry(id), kHighlighted, kHighlighted, &old) == abi::S_OK_);
  CHECK(old == kTagged);
  REQUIRE(ready.contacts->GetMessageStatus(Size(id), Entry(id), 0, &status) == abi::S_OK_);
  CHECK(status == (kTagged | kHighlighted));
  CHECK(NumberOf(*ready.Adler().get(), tag::kMessageStatus) == static_cast<std::int32_t>(status));
  const auto table = ready.Table({tag::kMessageStatus});
  Rows rows;
  REQUIRE(table->QueryRows(2, 0, rows.out()) == abi::S_OK_);
  CHECK(rows.At(0, 0).Value.l == static_cast<abi::LONG>(status));
  CHECK(rows.At(1, 0).Value.l == 0);
  std::string none = id;
  none.back() ^= 1;
  CHECK(ready.contacts->GetMessageStatus(Size(none), Entry(none), 0, &status) == abi::MAPI_E_NOT_FOUND);
  CHECK(ready.contacts->SetMessageStatus(3, Entry(id), 0, 0, &old) == abi::MAPI_E_INVALID_ENTRYID);
}

TEST_CASE("MAPI, imapifolder-deletemessages: what is not there leaves the call partly done", "[mapi]") {
  Ready ready;
  OneEntry adler(ready.IdOf("Adler")), rubbish("rubbish");
  CHECK(ready.contacts->DeleteMessages(nullptr, 0, nullptr, 0) == abi::MAPI_E_INVALID_PARAMETER);
  CHECK(ready.contacts->DeleteMessages(&rubbish.list, 0, nullptr, 0) == abi::MAPI_W_PARTIAL_COMPLETION);
  CHECK(ready.contacts->DeleteMessages(&adler.list, 0, nullptr, 0) == abi::S_OK_);
  CHECK(ready.session.Items(*ready.contacts.get()).size() == 2);
}

TEST_CASE("MAPI, imapifolder-setreadflags: flags that contradict each other", "[mapi]") {
  Ready ready;
  OneEntry adler(ready.IdOf("Adler"));
  CHECK(ready.contacts->SetReadFlags(&adler.list, 0, nullptr, abi::CLEAR_READ_FLAG | abi::SUPPRESS_RECEIPT) ==
        abi::MAPI_E_INVALID_PARAMETER);
  CHECK(ready.contacts->SetReadFlags(&adler.list, 0, nullptr, kUnknownFlag) == abi::MAPI_E_UNKNOWN_FLAGS);
  CHECK(ready.contacts->SetReadFlags(nullptr, 0, nullptr, 0) == abi::S_OK_);  // all of the folder
}

TEST_CASE("MAPI, imapifolder-createmessage: a message is the folder's with its SaveChanges, and has its id then",
          "[mapi]") {
  Ready ready;
  Ref<abi::IMessage> made;
  CHECK(ready.contacts->CreateMessage(nullptr, kUnknownFlag, made.out()) == abi::MAPI_E_UNKNOWN_FLAGS);
  CHECK(ready.contacts->CreateMessage(nullptr, 0, nullptr) == abi::MAPI_E_INVALID_PARAMETER);
  REQUIRE(ready.contacts->CreateMessage(&abi::kIMessage, abi::MAPI_DEFERRED_ERRORS, made.out()) == abi::S_OK_);
  CHECK(ready.session.Items(*ready.contacts.get()).size() == 3);
  CHECK(TextProp(*made.get(), tag::kEntryId) == "(error)");
  const abi::SPropValue name = TextValue(tag::kDisplayName, L"Zeta");
  REQUIRE(made->SetProps(1, &name, nullptr) == abi::S_OK_);
  REQUIRE(made->SaveChanges(abi::KEEP_OPEN_READONLY) == abi::S_OK_);
  CHECK(IdIn(*made.get()) == ready.IdOf("Zeta"));
}

TEST_CASE("MAPI, imsgstore-openentry: no id is the root folder; the type is told; what is none is refused", "[mapi]") {
  Ready ready;
  abi::IMsgStore& store = *ready.session.store.get();
  Ref<abi::IUnknown> object;
  abi::ULONG type = 0;
  REQUIRE(store.OpenEntry(0, nullptr, nullptr, 0, &type, object.out()) == abi::S_OK_);
  CHECK(type == abi::MAPI_FOLDER);
  const std::string id = ready.IdOf("Adler");
  REQUIRE(store.OpenEntry(Size(id), Entry(id), &abi::kIMAPIProp, 0, &type, object.out()) == abi::S_OK_);
  CHECK(type == abi::MAPI_MESSAGE);
  CHECK(store.OpenEntry(Size(id), Entry(id), &abi::kIMAPIFolder, 0, &type, object.out()) == abi::MAPI_E_NO_INTERFACE);
  CHECK(store.OpenEntry(Size(id), Entry(id), nullptr, kUnknownFlag, &type, object.out()) == abi::MAPI_E_UNKNOWN_FLAGS);
  CHECK(store.OpenEntry(5, Entry(id), nullptr, 0, &type, object.out()) == abi::MAPI_E_INVALID_ENTRYID);
  CHECK(store.OpenEntry(5, nullptr, nullptr, 0, &type, object.out()) == abi::MAPI_E_INVALID_PARAMETER);
  std::string gone = id;
  gone.back() ^= 1;
  CHECK(store.OpenEntry(Size(gone), Entry(gone), nullptr, 0, &type, object.out()) == abi::MAPI_E_NOT_FOUND);
}

TEST_CASE("MAPI, imsgstore-openentry: to be read unless it says otherwise, which PR_ACCESS_LEVEL tells", "[mapi]") {
  Ready ready;
  CHECK(NumberOf(*ready.Adler().get(), tag::kAccessLevel) == 0);
  CHECK(NumberOf(*ready.Adler(abi::MAPI_MODIFY).get(), tag::kAccessLevel) == 1);
  CHECK(NumberOf(*ready.Adler(abi::MAPI_BEST_ACCESS).get(), tag::kAccessLevel) == 1);
}

TEST_CASE("MAPI, imsgstore-compareentryids: the same or not, and unknown flags", "[mapi]") {
  Ready ready;
  abi::IMsgStore& store = *ready.session.store.get();
  const std::string one = ready.IdOf("Adler"), other = ready.IdOf("Brandt");
  abi::ULONG same = 9;
  REQUIRE(store.CompareEntryIDs(Size(one), Entry(one), Size(one), Entry(one), 0, &same) == abi::S_OK_);
  CHECK(same == 1);
  REQUIRE(store.CompareEntryIDs(Size(one), Entry(one), Size(other), Entry(other), 0, &same) == abi::S_OK_);
  CHECK(same == 0);
  CHECK(store.CompareEntryIDs(Size(one), Entry(one), Size(one), Entry(one), kUnknownFlag, &same) ==
        abi::MAPI_E_UNKNOWN_FLAGS);
}

TEST_CASE("MAPI, imsgstoreimapiprop: the properties that every store must have, which nobody sets", "[mapi]") {
  Ready ready;
  abi::IMsgStore& store = *ready.session.store.get();
  HostBuffer<abi::SPropValue> props;
  abi::ULONG count = 0;
  REQUIRE(store.GetProps(Tags{tag::kDisplayName, tag::kEntryId, tag::kMdbProvider, tag::kObjectType, tag::kRecordKey,
                              tag::kStoreEntryId, tag::kStoreRecordKey, tag::kStoreSupportMask, tag::kIpmSubtreeEntryId,
                              tag::kValidFolderMask, tag::kMappingSignature},
                         abi::MAPI_UNICODE, &count, props.out()) == abi::S_OK_);
  CHECK(props[3].Value.l == static_cast<abi::LONG>(abi::MAPI_STORE));
  CHECK(BytesOf(props[1]) == BytesOf(props[5]));
  CHECK(BytesOf(props[4]) == BytesOf(props[6]));
  // pidtagstoresupportmask: clients cannot change it.
  const abi::SPropValue mask = LongValue(tag::kStoreSupportMask, 0);
  HostBuffer<abi::SPropProblemArray> problems;
  REQUIRE(store.SetProps(1, &mask, problems.out()) == abi::S_OK_);
  REQUIRE(problems->cProblem == 1);
  CHECK(problems->aProblem[0].scode == abi::MAPI_E_COMPUTED);
}

TEST_CASE("MAPI, imsgstore-advise: a sink must be given, a connection ends once", "[mapi]") {
  Ready ready;
  abi::IMsgStore& store = *ready.session.store.get();
  auto* sink = new Sink;
  abi::ULONG_PTR connection = 0;
  CHECK(store.Advise(0, nullptr, abi::fnevObjectCreated, nullptr, &connection) == abi::MAPI_E_INVALID_PARAMETER);
  CHECK(store.Advise(3, Entry("xxx"), abi::fnevObjectCreated, sink, &connection) == abi::MAPI_E_INVALID_ENTRYID);
  REQUIRE(store.Advise(0, nullptr, abi::fnevObjectCreated, sink, &connection) == abi::S_OK_);
  CHECK(store.Unadvise(connection) == abi::S_OK_);
  CHECK(store.Unadvise(connection) == abi::MAPI_E_NOT_FOUND);
  sink->WaitUntilAlone();
  sink->Release();
}

TEST_CASE("MAPI, required-properties-for-all-messages: each has them", "[mapi]") {
  Ready ready;
  const auto adler = ready.Adler();
  for (const PropTag tag : {tag::kEntryId, tag::kParentEntryId, tag::kRecordKey, tag::kSearchKey, tag::kMessageClass,
                            tag::kMessageFlags, tag::kMessageSize, tag::kMessageStatus, tag::kObjectType, tag::kAccess,
                            tag::kAccessLevel, tag::kCreationTime, tag::kLastModificationTime, tag::kHasAttach,
                            tag::kMappingSignature, tag::kStoreEntryId, tag::kStoreRecordKey}) {
    HostBuffer<abi::SPropValue> props;
    abi::ULONG count = 0;
    INFO(tag);
    CHECK(adler->GetProps(Tags{tag}, 0, &count, props.out()) == abi::S_OK_);
  }
}

TEST_CASE("MAPI, msproviderinit: another object with each call, which must be of a version that it knows", "[mapi]") {
  Ready ready;
  Ref<abi::IMSProvider> one, other;
  abi::ULONG version = 0;
  const auto init = [&version](abi::ULONG of, Ref<abi::IMSProvider>& provider) {
    return MSProviderInit(nullptr, nullptr, HostAllocateBuffer, HostAllocateMore, HostFreeBuffer, 0, of, &version,
                          provider.out());
  };
  REQUIRE(init(abi::kSpiVersion, one) == abi::S_OK_);
  REQUIRE(init(abi::kSpiVersion, other) == abi::S_OK_);
  CHECK(one.get() != other.get());
  CHECK(init(1, other) == abi::MAPI_E_VERSION);
  CHECK_FALSE(other);
}

TEST_CASE("MAPI, imsprovider-comparestoreids: of one store, of two, and of none", "[mapi]") {
  Ready ready;
  const std::string one = StoreIdOf("anna@example.org"), other = StoreIdOf("bert@example.org");
  abi::ULONG same = 9;
  abi::IMSProvider& provider = *ready.session.provider.get();
  REQUIRE(provider.CompareStoreIDs(Size(one), Entry(one), Size(one), Entry(one), 0, &same) == abi::S_OK_);
  CHECK(same == 1);
  REQUIRE(provider.CompareStoreIDs(Size(one), Entry(one), Size(other), Entry(other), 0, &same) == abi::S_OK_);
  CHECK(same == 0);
  CHECK(provider.CompareStoreIDs(Size(one), Entry(one), Size(one), Entry(one), 0, nullptr) ==
        abi::MAPI_E_INVALID_PARAMETER);
}

TEST_CASE("MAPI, imslogon-openstatusentry: the store's status object, whose properties are required", "[mapi]") {
  Ready ready;
  Ref<abi::IMAPIStatus> status;
  abi::ULONG type = 0;
  REQUIRE(ready.session.logon->OpenStatusEntry(nullptr, 0, &type, status.out_as<void>()) == abi::S_OK_);
  CHECK(type == abi::MAPI_STATUS);
  for (const PropTag tag : {tag::kDisplayName, tag::kObjectType, tag::kProviderDisplay, tag::kProviderDllName,
                            tag::kResourceFlags, tag::kResourceMethods, tag::kResourceType, tag::kStatusCode}) {
    HostBuffer<abi::SPropValue> props;
    abi::ULONG count = 0;
    INFO(tag);
    CHECK(status->GetProps(Tags{tag}, abi::MAPI_UNICODE, &count, props.out()) == abi::S_OK_);
  }
  // imapistatus-settingsdialog, imapistatus-changepassword: what PR_RESOURCE_METHODS does not promise.
  const auto methods = static_cast<abi::ULONG>(NumberOf(*status.get(), tag::kResourceMethods));
  CHECK(methods == (abi::STATUS_VALIDATE_STATE | abi::STATUS_FLUSH_QUEUES));
  CHECK(status->SettingsDialog(0, 0) == abi::MAPI_E_NO_SUPPORT);
  CHECK(status->ChangePassword(nullptr, nullptr, 0) == abi::MAPI_E_NO_SUPPORT);
}

TEST_CASE("MAPI, IStream: at the end there is nothing to read, before the beginning nobody goes", "[mapi]") {
  Ready ready;
  const auto adler = ready.Adler(abi::MAPI_MODIFY);
  Ref<abi::IStream> stream;
  REQUIRE(adler->OpenProperty(tag::kBody, &abi::kIStream, 0, abi::MAPI_CREATE | abi::MAPI_MODIFY,
                              stream.out_as<abi::IUnknown>()) == abi::S_OK_);
  abi::ULONG done = 9;
  std::uint64_t place = 9;
  REQUIRE(stream->Write("a\0b\0", 4, &done) == abi::S_OK_);
  CHECK(done == 4);
  char bytes[8];
  REQUIRE(stream->Read(bytes, sizeof bytes, &done) == abi::S_OK_);
  CHECK(done == 0);
  CHECK(stream->Seek(-5, abi::STREAM_SEEK_END, &place) == abi::STG_E_INVALIDFUNCTION);
  REQUIRE(stream->Seek(-2, abi::STREAM_SEEK_END, &place) == abi::S_OK_);
  CHECK(place == 2);
  REQUIRE(stream->Read(bytes, sizeof bytes, &done) == abi::S_OK_);
  CHECK(done == 2);
  abi::STATSTG stat{};
  REQUIRE(stream->Stat(&stat, 1) == abi::S_OK_);
  CHECK(stat.cbSize == 4);
  CHECK(stream->Stat(nullptr, 1) == abi::STG_E_INVALIDPOINTER);
}

TEST_CASE("MAPI, iattachimapiprop: an attachment has the properties that each must have", "[mapi]") {
  Ready ready;
  const auto adler = ready.Adler(abi::MAPI_MODIFY);
  Ref<abi::IAttach> attachment;
  abi::ULONG number = 9;
  REQUIRE(adler->CreateAttach(nullptr, 0, &number, attachment.out_as<void>()) == abi::S_OK_);
  char data[] = "text";
  abi::SPropValue values[] = {TextValue(tag::kAttachLongFilename, L"a.txt"), {}};
  values[1].ulPropTag = tag::kAttachData;
  values[1].Value.bin = {4, reinterpret_cast<abi::BYTE*>(data)};
  REQUIRE(attachment->SetProps(2, values, nullptr) == abi::S_OK_);
  CHECK(NumberOf(*attachment.get(), tag::kAttachNumber) == static_cast<std::int32_t>(number));
  CHECK(NumberOf(*attachment.get(), tag::kAttachMethod) == static_cast<std::int32_t>(abi::ATTACH_BY_VALUE));
  CHECK(NumberOf(*attachment.get(), tag::kAttachSize) >= 4);
  CHECK(NumberOf(*attachment.get(), tag::kAttachRenderingPosition) == -1);
  CHECK(NumberOf(*attachment.get(), tag::kObjectType) == static_cast<std::int32_t>(abi::MAPI_ATTACH));
  // imessage-deleteattach: one that is not there.
  CHECK(adler->DeleteAttach(number + 1, 0, nullptr, 0) == abi::MAPI_E_NOT_FOUND);
  CHECK(adler->OpenAttach(number + 1, nullptr, 0, attachment.out_as<void>()) == abi::MAPI_E_NOT_FOUND);
}

TEST_CASE("MAPI, imapicontainer-getcontentstable: associated messages have a table of their own", "[mapi]") {
  Ready ready;
  Ref<abi::IMessage> view;
  REQUIRE(ready.contacts->CreateMessage(nullptr, abi::MAPI_ASSOCIATED, view.out()) == abi::S_OK_);
  const abi::SPropValue values[] = {TextValue(tag::kMessageClass, L"IPM.Configuration.Views"),
                                    TextValue(tag::kSubject, L"Mine"), LongValue(TagOf(0x6900, PropType::kLong), 7)};
  HostBuffer<abi::SPropProblemArray> problems;
  REQUIRE(view->SetProps(3, values, problems.out()) == abi::S_OK_);
  CHECK(problems.get() == nullptr);
  Ref<abi::IStream> stream;
  REQUIRE(view->OpenProperty(TagOf(0x7C07, PropType::kBinary), &abi::kIStream, 0, abi::MAPI_CREATE | abi::MAPI_MODIFY,
                             stream.out_as<abi::IUnknown>()) == abi::S_OK_);
  abi::ULONG done = 0;
  const std::string big(20'000, 'v');
  REQUIRE(stream->Write(big.data(), Size(big), &done) == abi::S_OK_);
  stream.Reset();
  CHECK(NumberOf(*ready.contacts.get(), tag::kAssocContentCount) == 0);  // transacted, as any message
  REQUIRE(view->SaveChanges(abi::KEEP_OPEN_READWRITE) == abi::S_OK_);
  CHECK(NumberOf(*ready.contacts.get(), tag::kAssocContentCount) == 1);
  CHECK(ready.session.Items(*ready.contacts.get()).size() == 3);  // and in no other table
  CHECK(NumberOf(*ready.contacts.get(), tag::kContentCount) == 3);

  Ref<abi::IMAPITable> table;
  REQUIRE(ready.contacts->GetContentsTable(abi::MAPI_ASSOCIATED, table.out()) == abi::S_OK_);
  abi::SPropValue name = TextValue(tag::kMessageClass, L"IPM.Configuration.Views");
  abi::SRestriction is{abi::RES_PROPERTY, {}};
  is.res.resProperty = {abi::RELOP_EQ, tag::kMessageClass, &name};
  REQUIRE(table->Restrict(&is, 0) == abi::S_OK_);
  REQUIRE(table->SetColumns(Tags{tag::kSubject, tag::kEntryId, tag::kMessageFlags}, 0) == abi::S_OK_);
  Rows rows;
  REQUIRE(table->QueryRows(10, 0, rows.out()) == abi::S_OK_);
  REQUIRE(rows.size() == 1);
  CHECK(TextOf(rows.At(0, 0)) == "Mine");
  CHECK((rows.At(0, 2).Value.l & 0x40) != 0);  // MSGFLAG_ASSOCIATED
  const std::string id = BytesOf(rows.At(0, 1));
  CHECK(id == IdIn(*view.get()));

  const auto again = ready.session.Open<abi::IMessage>(id, abi::MAPI_MODIFY);
  CHECK(NumberOf(*again.get(), TagOf(0x6900, PropType::kLong)) == 7);
  CHECK(NumberOf(*again.get(), tag::kObjectType) == static_cast<std::int32_t>(abi::MAPI_MESSAGE));
  HostBuffer<abi::SPropValue> props;
  abi::ULONG count = 0;
  REQUIRE(again->GetProps(Tags{TagOf(0x7C07, PropType::kBinary)}, 0, &count, props.out()) == abi::S_OK_);
  CHECK(BytesOf(props[0]) == big);
  // imapiprop-savechanges: somebody else saved it since it was opened.
  const abi::SPropValue eight = LongValue(TagOf(0x6900, PropType::kLong), 8);
  REQUIRE(view->SetProps(1, &eight, nullptr) == abi::S_OK_);
  REQUIRE(view->SaveChanges(abi::KEEP_OPEN_READWRITE) == abi::S_OK_);
  REQUIRE(again->SetProps(1, &eight, nullptr) == abi::S_OK_);
  CHECK(again->SaveChanges(abi::KEEP_OPEN_READWRITE) == abi::MAPI_E_OBJECT_CHANGED);
  CHECK(again->SaveChanges(abi::KEEP_OPEN_READWRITE | abi::FORCE_SAVE) == abi::S_OK_);
  // The folder's own properties do not show it.
  HostBuffer<abi::SPropTagArray> list;
  REQUIRE(ready.contacts->GetPropList(abi::MAPI_UNICODE, list.out()) == abi::S_OK_);
  for (const PropTag tag : TagsIn(list)) CHECK(IdOf(tag) < 0x9000);

  OneEntry entry(id);
  CHECK(ready.contacts->DeleteMessages(&entry.list, 0, nullptr, 0) == abi::S_OK_);
  CHECK(ready.contacts->DeleteMessages(&entry.list, 0, nullptr, 0) == abi::MAPI_W_PARTIAL_COMPLETION);
  CHECK(view->SaveChanges(abi::FORCE_SAVE) == abi::MAPI_E_OBJECT_DELETED);
  CHECK(NumberOf(*ready.contacts.get(), tag::kAssocContentCount) == 0);
}

TEST_CASE(
    "MAPI, imapifolder-createmessage: associated messages stay on this PC, over restarts and what the server says",
    "[mapi]") {
  Profile profile;
  std::string id;
  {
    Session session;
    const auto contacts = session.Contacts();
    const auto root = session.Open<abi::IMAPIFolder>("");
    Ref<abi::IMessage> view;
    CHECK(root->CreateMessage(nullptr, abi::MAPI_ASSOCIATED, view.out()) == abi::MAPI_E_NO_ACCESS);
    REQUIRE(contacts->CreateMessage(nullptr, abi::MAPI_ASSOCIATED, view.out()) == abi::S_OK_);
    const abi::SPropValue subject = TextValue(tag::kSubject, L"Mine");
    REQUIRE(view->SetProps(1, &subject, nullptr) == abi::S_OK_);
    REQUIRE(view->SaveChanges(abi::KEEP_OPEN_READONLY) == abi::S_OK_);
    id = IdIn(*view.get());
    // imapifolder-emptyfolder: without DEL_ASSOCIATED they stay.
    const auto below = MakeFolder(*contacts.get(), L"Below");
    REQUIRE(below->CreateMessage(nullptr, abi::MAPI_ASSOCIATED, view.out()) == abi::S_OK_);
    REQUIRE(view->SaveChanges(0) == abi::S_OK_);
    CHECK(below->EmptyFolder(0, nullptr, 0) == abi::S_OK_);
    CHECK(NumberOf(*below.get(), tag::kAssocContentCount) == 1);
    CHECK(below->EmptyFolder(0, nullptr, abi::DEL_ASSOCIATED) == abi::S_OK_);
    CHECK(NumberOf(*below.get(), tag::kAssocContentCount) == 0);
  }
  profile.TakeBack();
  profile.pair.Settle();
  CHECK(profile.pair.ServerNames() == std::vector<std::string>{"Adler", "Brandt", "Curie"});
  profile.pair.CheckWhole();
  profile.Lend();
  Session session;
  CHECK(TextProp(*session.Open<abi::IMessage>(id).get(), tag::kSubject) == "Mine");
  CHECK(NumberOf(*session.Contacts().get(), tag::kAssocContentCount) == 1);
}
