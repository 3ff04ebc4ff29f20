#include "tools/outpost/item_table.h"

#include "engine/mail_body.h"
#include "journal/item_fold.h"
#include "projection/contents_table.h"
#include "projection/stored_order.h"
#include "schemas/series.h"
#include "tools/outpost/output.h"
#include "tools/outpost/where.h"

namespace outpost::cli {
namespace {

constexpr std::size_t kPageRows = 256;
// Read of every row beside what is asked for.
constexpr ColumnId kAlways[] = {column::kType, column::kRemoteId, column::kState};
constexpr std::size_t kAlwaysRead = std::size(kAlways) + 1;  // and the folder, which is a field of the type

Error OfFlag(const char* flag, const Error& error) {
  return {error.code, error.retry, std::string(flag) + ": " + error.context};
}

std::vector<std::string> SplitNames(const std::string& text) {
  std::vector<std::string> names(1);
  for (const char c : text) {
    if (c == ',')
      names.emplace_back();
    else if (c != ' ')
      names.back() += c;
  }
  return names;
}

Result<std::vector<Column>> ParseColumns(const char* flag, ItemType content, const std::string& text) {
  std::vector<Column> columns;
  for (const std::string& name : SplitNames(text)) {
    const auto column = FindColumn(content, name);
    if (!column) return OfFlag(flag, column.error());
    columns.push_back(column.value());
  }
  return columns;
}

Result<std::vector<SortColumn>> ParseSort(ItemType content, const std::string& text) {
  std::vector<SortColumn> sort;
  for (std::string name : SplitNames(text)) {
    const auto colon = name.find(':');
    const std::string order = colon == std::string::npos ? "asc" : name.substr(colon + 1);
    if (order != "asc" && order != "desc")
      return Error{Code::kInvalid, Retry::kNever, "--sort: \"" + name + "\" ends in neither :asc nor :desc"};
    const auto column = FindColumn(content, name.substr(0, colon));
    if (!column) return OfFlag("--sort", column.error());
    sort.push_back({column.value().id, order == "desc"});
  }
  return sort;
}

// What people look for first in a folder of that type.
std::string UsualColumns(ItemType content) {
  switch (content) {
    case ItemType::kAppointment:
      return "label,start_date,end_date,location";
    case ItemType::kTask:
      return "label,end_time,status";
    case ItemType::kMail:
      return "from,label,received_date,size";
    default:
      return "label,company,email1";
  }
}

Json ShownValue(Form form, const Column& column, const Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr) return ToJson(value);
  if (column.kind == FieldKind::kDecimal) return static_cast<double>(*number) / 100;
  if (form == Form::kText && column.kind == FieldKind::kTime) return TimeText(*number);
  if (form == Form::kText && column.kind == FieldKind::kDate) return DayText(*number);
  return *number;
}

// `of` says folders, content and what holds in any case.
Result<TableSpec> ParseSpec(const TableSpec& of, const TableArguments& arguments) {
  TableSpec spec = of;
  spec.bodies = BodiesOfMails();
  if (!arguments.group.empty()) {
    OUTPOST_TRY(const auto group, ParseColumns("--group", spec.content, arguments.group));
    for (const Column& column : group) spec.sort.push_back({column.id, false});
    spec.grouped = spec.sort.size();
  }
  if (!arguments.sort.empty()) {
    OUTPOST_TRY(const auto sort, ParseSort(spec.content, arguments.sort));
    spec.sort.insert(spec.sort.end(), sort.begin(), sort.end());
  }
  if (spec.grouped == 0 && spec.sort == StoredSortOf(spec.content)) spec.sort.clear();
  std::vector<Restriction> all = arguments.also;
  if (spec.where) all.push_back(*std::move(spec.where));
  if (!arguments.where.empty()) {
    OUTPOST_TRY(auto where, ParseWhere(spec.content, arguments.where));
    all.push_back(std::move(where));
  }
  if (!arguments.search.empty()) all.push_back(SearchFor(arguments.search));
  spec.where.reset();
  if (!all.empty()) spec.where = Restriction::And(std::move(all));
  return spec;
}

Json::Object Members(Form form, const std::vector<Column>& columns, std::span<const Value> values) {
  Json::Object members;
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (!IsNull(values[i])) members.emplace_back(std::string(columns[i].name), ShownValue(form, columns[i], values[i]));
  return members;
}

Result<void> ShowGroups(const Common& common, ContentsTable& table, const std::vector<Column>& columns) {
  std::vector<std::string> shown;
  std::vector<ColumnId> ids;
  for (const Column& column : columns) {
    shown.emplace_back(column.name);
    ids.push_back(column.id);
  }
  shown.insert(shown.end(), {"count", "first"});
  ListOutput list(common.form(), shown);
  OUTPOST_TRY(const auto groups, table.Groups());
  for (const TableGroup& group : groups) {
    OUTPOST_TRY(const auto rows, table.Rows(group.first, 1, ids));
    auto members = Members(common.form(), columns, rows.front().values);
    Json::Object row;
    if (common.json)
      row.emplace_back("group", std::move(members));
    else
      row = std::move(members);
    row.emplace_back("count", group.count);
    row.emplace_back("first", group.first);
    list.Row(std::move(row));
  }
  list.End("items");
  return Ok();
}

// Whole items, as all other lists have them.
Result<void> ShowItems(const Common& common, ContentsTable& table, const StateReader& state, const FolderPaths& paths,
                       std::size_t first, std::size_t last) {
  ListOutput list(common.form(), {});
  for (std::size_t at = first; at < last; ++at) {
    OUTPOST_TRY(const ItemId id, table.ItemAt(at));
    OUTPOST_TRY(const auto item, LoadItem(state, id));
    if (item) list.Row(ItemJson(*item, paths));
  }
  list.End("items");
  return Ok();
}

Result<void> ShowRows(const Common& common, ContentsTable& table, const std::vector<Column>& columns,
                      const FolderPaths& paths, std::size_t first, std::size_t last) {
  std::vector<std::string> shown{"id", "state"};
  std::vector<ColumnId> ids(std::begin(kAlways), std::end(kAlways));
  ids.push_back(field::FolderOf(table.spec().content));
  for (const Column& column : columns) {
    if (column.id != column::kId && column.id != column::kState) shown.emplace_back(column.name);
    ids.push_back(column.id);
  }
  ListOutput list(common.form(), shown);
  for (std::size_t at = first; at < last; at += kPageRows) {
    OUTPOST_TRY(const auto rows, table.Rows(at, std::min(kPageRows, last - at), ids));
    for (const TableRow& row : rows) {
      const auto text = [&](std::size_t i) { return std::get<std::string>(row.values[i]); };
      auto members = Members(common.form(), columns, std::span(row.values).subspan(kAlwaysRead));
      const auto* folder = std::get_if<ItemId>(&row.values[kAlwaysRead - 1]);
      Json::Object out{{"id", row.id.Hex()},
                       {"folder", paths.Of(folder != nullptr ? *folder : ItemId{})},
                       {"type", text(0)},
                       {"remote_id", TextOrNull(text(1))},
                       {"state", text(2)}};
      if (common.json)
        out.emplace_back("fields", std::move(members));
      else
        for (auto& member : members) out.push_back(std::move(member));
      list.Row(std::move(out));
    }
  }
  list.End("items");
  return Ok();
}

}  // namespace

std::string TableArguments::asked() const {
  if (!columns.empty()) return "--columns";
  if (!sort.empty()) return "--sort";
  if (!where.empty()) return "--where";
  if (!search.empty()) return "--search";
  if (!group.empty()) return "--group";
  return offset ? "--offset" : limit ? "--limit" : "";
}

Result<void> ShowTable(const Common& common, const std::shared_ptr<const JournalView>& view, const TableSpec& of,
                       const FolderPaths& paths, const TableArguments& arguments, SearchIndex* index) {
  if (of.content == ItemType::kNone) return Error{Code::kInvalid, Retry::kNever, "the folder holds no items"};
  if (!arguments.group.empty() && (!arguments.columns.empty() || arguments.offset || arguments.limit))
    return Error{Code::kInvalid, Retry::kNever, "--group shows groups; --columns, --offset and --limit are of items"};
  OUTPOST_TRY(TableSpec spec, ParseSpec(of, arguments));
  OUTPOST_TRY(const auto columns, ParseColumns(arguments.group.empty() ? "--columns" : "--group", of.content,
                                               !arguments.group.empty()     ? arguments.group
                                               : !arguments.columns.empty() ? arguments.columns
                                                                            : UsualColumns(of.content)));
  std::optional<SearchHits> only;
  // An index that cannot be read is one that is not there.
  if (!arguments.search.empty())
    if (auto items = ItemsToSearch(*view, index, arguments.search)) only = std::move(items).value();
  OUTPOST_TRY(ContentsTable table, ContentsTable::Open(view, std::move(spec), only));
  if (!arguments.group.empty()) return ShowGroups(common, table, columns);
  const std::size_t first = std::min(arguments.offset.value_or(0), table.size());
  const std::size_t last = first + std::min(arguments.limit.value_or(table.size()), table.size() - first);
  if (common.json && arguments.columns.empty()) return ShowItems(common, table, *view, paths, first, last);
  return ShowRows(common, table, columns, paths, first, last);
}

}  // namespace outpost::cli
