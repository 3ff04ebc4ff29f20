#include <algorithm>
#include <functional>

#include "mapi-adapter/codec/item_properties.h"
#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/item_source.h"
#include "mapi-adapter/provider/list_source.h"
#include "mapi-adapter/provider/restrictions.h"
#include "mapi-adapter/provider/store_folders.h"
#include "mapi-adapter/provider/table.h"
#include "schemas/series.h"

namespace outpost::mapi {
namespace {

// What a table has before its columns are set: those that Microsoft's pages on these tables ask for.
const std::vector<PropTag> kFolderColumns{
    tag::kEntryId,      tag::kDisplayName,   tag::kDisplayType,   tag::kObjectType, tag::kDepth,
    tag::kInstanceKey,  tag::kFolderType,    tag::kSubfolders,    tag::kStatus,     tag::kComment,
    tag::kContentCount, tag::kContentUnread, tag::kContainerClass};
const std::vector<PropTag> kItemColumns{
    tag::kEntryId,          tag::kInstanceKey,         tag::kSubject,    tag::kMessageClass, tag::kMessageFlags,
    tag::kMessageSize,      tag::kMessageStatus,       tag::kObjectType, tag::kDisplayTo,    tag::kDisplayCc,
    tag::kHasAttach,        tag::kParentEntryId,       tag::kRecordKey,  tag::kStoreEntryId, tag::kStoreRecordKey,
    tag::kMappingSignature, tag::kLastModificationTime};

// Of a condition that names one row by its key, that key. Source: imapitable-findrow, which asks for it of every table.
std::optional<std::string> KeyIn(const abi::SRestriction& restriction) {
  const auto& property = restriction.res.resProperty;
  if (restriction.rt != abi::RES_PROPERTY || property.relop != abi::RELOP_EQ || property.lpProp == nullptr)
    return std::nullopt;
  constexpr PropTag kKeys[] = {tag::kInstanceKey, tag::kEntryId, tag::kRecordKey};
  if (std::find(std::begin(kKeys), std::end(kKeys), property.ulPropTag) == std::end(kKeys)) return std::nullopt;
  const auto prop = ReadProp(*property.lpProp);
  const auto* key = prop ? std::get_if<Blob>(&prop->value) : nullptr;
  return key != nullptr ? std::optional(key->bytes) : std::nullopt;
}

class ItemSource final : public RowSource {
 public:
  ItemSource(std::shared_ptr<const OpenStore> store, ContentsTable table)
      : store_(std::move(store)), table_(std::move(table)), always_(table_.spec().where) {}
  std::size_t size() const override { return table_.size(); }
  Result<std::vector<TableChange>> Advance() override { return table_.Advance(store_->account->View()); }
  Result<std::optional<std::size_t>> PositionOf(const ItemId& item) override { return table_.PositionOf(item); }

  Result<std::vector<std::vector<Prop>>> Rows(std::size_t from, std::size_t count,
                                              std::span<const PropTag> columns) override {
    const std::vector<FieldId> fields = FieldsOfColumns(table_.spec().content, columns);
    std::vector<ColumnId> asked(fields.begin(), fields.end());
    asked.push_back(column::kType);
    OUTPOST_TRY(const std::vector<TableRow> rows, table_.Rows(from, count, asked));
    const auto view = store_->account->View();
    std::vector<std::vector<Prop>> out;
    for (const TableRow& row : rows) {
      FieldMap head;
      for (std::size_t i = 0; i < fields.size(); ++i)
        if (!IsNull(row.values[i])) head[fields[i]] = row.values[i];
      const auto* name = std::get_if<std::string>(&row.values.back());
      const auto type = name != nullptr ? ItemTypeFromName(*name) : std::nullopt;
      const ItemType known = type.value_or(table_.spec().content);
      OUTPOST_TRY(const PropContext context, ContextOf(*view, known, row.id, head));
      out.push_back(PropsOfItem(*store_, known, row.id, table_.spec().folder, head, context));
    }
    return out;
  }

  Result<void> Restrict(const abi::SRestriction* restriction) override {
    TableSpec spec = table_.spec();
    spec.where = always_;
    if (restriction != nullptr) {
      OUTPOST_TRY(Restriction where, RestrictionOf(spec.content, *restriction));
      spec.where = always_ ? Restriction::And({*always_, std::move(where)}) : std::move(where);
    }
    OUTPOST_TRY(table_, ContentsTable::Open(store_->account->View(), std::move(spec)));
    return Ok();
  }
  Result<std::optional<std::size_t>> Find(const abi::SRestriction& restriction, std::size_t from,
                                          bool backward) override {
    using Direction = ContentsTable::Direction;
    if (const auto key = KeyIn(restriction)) {
      const auto entry = ParseEntryId(*store_, *key);
      if (!entry || entry->kind != StoreEntry::Kind::kMessage) return std::optional<std::size_t>();
      OUTPOST_TRY(const std::optional<std::size_t> at, table_.PositionOf(entry->id));
      return at && (backward ? *at <= from : *at >= from) ? at : std::nullopt;
    }
    OUTPOST_TRY(const Restriction where, RestrictionOf(table_.spec().content, restriction));
    if (table_.size() == 0 || (!backward && from >= table_.size())) return std::optional<std::size_t>();
    return table_.FindRow(where, std::min(from, table_.size() - 1),
                          backward ? Direction::kBackward : Direction::kForward);
  }
  Result<void> Sort(std::span<const abi::SSortOrder> order) override {
    TableSpec spec = table_.spec();
    spec.sort.clear();
    for (const abi::SSortOrder& by : order) {
      const ColumnId column = ColumnFor(spec.content, by.ulPropTag);
      if (column == 0)
        return Error{Code::kInvalid, Retry::kNever, "no order by property " + std::to_string(by.ulPropTag)};
      spec.sort.push_back({column, by.ulOrder == abi::TABLE_SORT_DESCEND});
    }
    OUTPOST_TRY(table_, ContentsTable::Open(store_->account->View(), std::move(spec)));
    return Ok();
  }

 private:
  std::shared_ptr<const OpenStore> store_;
  ContentsTable table_;
  const std::optional<Restriction> always_;  // whatever else is asked for
};

}  // namespace

std::vector<PropTag> ItemColumns() { return kItemColumns; }

Result<abi::IMAPITable*> MakeHierarchyTable(const std::shared_ptr<const OpenStore>& store, const ItemId& folder,
                                            bool deep) {
  const auto read = [store, folder, deep]() -> Result<std::vector<std::vector<Prop>>> {
    OUTPOST_TRY(const std::vector<StoreFolder> all, StoreFolders(*store));
    std::vector<std::vector<Prop>> rows;
    for (const StoreFolder& child : FoldersIn(all, folder, deep)) {
      OUTPOST_TRY(std::vector<Prop> row, PropsOfFolder(*store, child));
      rows.push_back(std::move(row));
    }
    return rows;
  };
  OUTPOST_TRY(std::vector<std::vector<Prop>> rows, read());
  return MakeTable(store, MakeListSource(std::move(rows), read), kFolderColumns);
}

Result<abi::IMAPITable*> MakeContentsTable(const std::shared_ptr<const OpenStore>& store, const ItemId& folder) {
  OUTPOST_TRY(const std::vector<StoreFolder> all, StoreFolders(*store));
  const auto found = FolderNamed(all, folder);
  if (!found) return Error{Code::kNotFound, Retry::kNever, "no folder " + folder.Hex()};
  if (found->content == ItemType::kNone)
    return MakeTable(store, MakeListSource({}, [] { return Result<PropRows>(PropRows{}); }), kItemColumns);
  TableSpec spec;
  spec.folder = folder;
  spec.content = found->content;
  if (const FieldId day = ReplacedDayOf(spec.content); day != 0)  // in Outlook it is within its series
    spec.where = Restriction::Not(Restriction::Leaf(Restriction::Kind::kExists, day, {}));
  OUTPOST_TRY(ContentsTable table, ContentsTable::Open(store->account->View(), std::move(spec)));
  return MakeTable(store, std::make_unique<ItemSource>(store, std::move(table)), kItemColumns);
}

}  // namespace outpost::mapi
