#include <algorithm>

#include "mapi-adapter/codec/item_properties.h"
#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/item_source.h"
#include "mapi-adapter/provider/store_folders.h"
#include "mapi-adapter/provider/table.h"

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

class FolderSource final : public RowSource {
 public:
  explicit FolderSource(std::vector<std::vector<Prop>> rows) : rows_(std::move(rows)) {}
  std::size_t size() const override { return rows_.size(); }
  Result<std::vector<std::vector<Prop>>> Rows(std::size_t from, std::size_t count, std::span<const PropTag>) override {
    const auto first = rows_.begin() + static_cast<std::ptrdiff_t>(from);
    return std::vector(first, first + static_cast<std::ptrdiff_t>(count));
  }
  // Folders stand as the tree has them, by name.
  Result<void> Sort(std::span<const abi::SSortOrder> order) override {
    const bool by_name = order.empty() || (order.size() == 1 && IdOf(order[0].ulPropTag) == IdOf(tag::kDisplayName) &&
                                           order[0].ulOrder == abi::TABLE_SORT_ASCEND);
    if (by_name) return Ok();
    return Error{Code::kInvalid, Retry::kNever, "folders are sorted by name only"};
  }

 private:
  std::vector<std::vector<Prop>> rows_;
};

class ItemSource final : public RowSource {
 public:
  ItemSource(std::shared_ptr<const OpenStore> store, ContentsTable table)
      : store_(std::move(store)), table_(std::move(table)) {}
  std::size_t size() const override { return table_.size(); }

  Result<std::vector<std::vector<Prop>>> Rows(std::size_t from, std::size_t count,
                                              std::span<const PropTag> columns) override {
    const std::vector<FieldId> fields = FieldsOfColumns(table_.spec().content, columns);
    std::vector<ColumnId> asked(fields.begin(), fields.end());
    asked.push_back(column::kType);
    OUTPOST_TRY(const std::vector<TableRow> rows, table_.Rows(from, count, asked));
    std::vector<std::vector<Prop>> out;
    for (const TableRow& row : rows) {
      FieldMap head;
      for (std::size_t i = 0; i < fields.size(); ++i)
        if (!IsNull(row.values[i])) head[fields[i]] = row.values[i];
      const auto* name = std::get_if<std::string>(&row.values.back());
      const auto type = name != nullptr ? ItemTypeFromName(*name) : std::nullopt;
      out.push_back(PropsOfItem(*store_, type.value_or(table_.spec().content), row.id, table_.spec().folder, head));
    }
    return out;
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
  // 0: none. What is made of several fields goes by what a person knows the item by.
  static ColumnId ColumnFor(ItemType content, PropTag tag) {
    const PropTag labels[] = {tag::kSubject, tag::kNormalizedSubject, tag::kDisplayName};
    if (std::find(std::begin(labels), std::end(labels), tag) != std::end(labels)) return field::LabelOf(content);
    const char* name = tag == tag::kLastModificationTime ? "last_modified"
                       : tag == tag::kCreationTime       ? "creation_date"
                                                         : nullptr;
    if (name != nullptr) {
      const Field* field = FindField(FieldOwner(content), name);
      return field != nullptr ? field->id : ColumnId{0};
    }
    return FieldOfProp(content, tag);
  }

  std::shared_ptr<const OpenStore> store_;
  ContentsTable table_;
};

}  // namespace

Result<abi::IMAPITable*> MakeHierarchyTable(const std::shared_ptr<const OpenStore>& store, const ItemId& folder,
                                            bool deep) {
  OUTPOST_TRY(const std::vector<StoreFolder> all, StoreFolders(*store));
  std::vector<std::vector<Prop>> rows;
  for (const StoreFolder& child : FoldersIn(all, folder, deep)) {
    OUTPOST_TRY(std::vector<Prop> row, PropsOfFolder(*store, child));
    rows.push_back(std::move(row));
  }
  return MakeTable(store, std::make_unique<FolderSource>(std::move(rows)), kFolderColumns);
}

Result<abi::IMAPITable*> MakeContentsTable(const std::shared_ptr<const OpenStore>& store, const ItemId& folder) {
  OUTPOST_TRY(const std::vector<StoreFolder> all, StoreFolders(*store));
  const auto found = FolderNamed(all, folder);
  if (!found) return Error{Code::kNotFound, Retry::kNever, "no folder " + folder.Hex()};
  if (found->content == ItemType::kNone)
    return MakeTable(store, std::make_unique<FolderSource>(std::vector<std::vector<Prop>>{}), kItemColumns);
  TableSpec spec;
  spec.folder = folder;
  spec.content = found->content;
  OUTPOST_TRY(ContentsTable table, ContentsTable::Open(store->account->View(), std::move(spec)));
  return MakeTable(store, std::make_unique<ItemSource>(store, std::move(table)), kItemColumns);
}

}  // namespace outpost::mapi
