#include "tools/oxserver/object_rows.h"

#include <array>

#include "tools/oxserver/folder_view.h"

namespace outpost::oxserver {
namespace {

const ColumnTable& ColumnsFor(FolderModule module) {
  if (module == FolderModule::kTasks) return TaskColumns();
  return module == FolderModule::kCalendar ? CalendarColumns() : ContactColumns();
}

// Values that are not among an object's fields. True where the column is one of them.
bool AppendOwnValue(std::string& out, const World& world, const Object& object, int column, const Zone& zone) {
  switch (column) {
    case kColId:
      AppendId(out, world, object.id);
      return true;
    case kColCreatedBy:
      AppendNumber(out, object.created_by);
      return true;
    case kColModifiedBy:
      AppendNumber(out, object.modified_by);
      return true;
    case kColCreationDate:
      AppendNumber(out, zone.ToTime(object.created));
      return true;
    case kColLastModified:
      AppendNumber(out, zone.ToTime(object.modified));
      return true;
    case kColLastModifiedUtc:
      AppendNumber(out, object.modified);
      return true;
    case kColFolder:
      out += '"';
      AppendNumber(out, object.folder);
      out += '"';
      return true;
    case kColUid:
      AppendQuoted(out, object.uid);
      return true;
    case kColPrivateFlag:
      out += object.is_private ? "true" : "false";
      return true;
    case kColAttachments:
      if (object.fields.Get(ColumnsFor(object.module).ById(kColAttachments))) return false;
      out += '0';
      return true;
    case kColUserId:
      if (object.user == 0)
        out += "null";
      else
        AppendNumber(out, object.user);
      return true;
    default:
      return false;
  }
}

void AppendField(std::string& out, Kind kind, std::string_view literal, bool full_time, const Zone& zone) {
  const bool instant = kind == Kind::kTime || (kind == Kind::kDateOrTime && !full_time);
  if (const auto number = instant ? ParseNumber(literal) : std::nullopt)
    AppendNumber(out, zone.ToTime(*number));
  else
    out += literal;
}

}  // namespace

bool IsFullTime(const ObjectModule& module, const Object& object) {
  const int position = module.columns->ById(kColFullTime);
  return position >= 0 && object.fields.Get(position) == "true";
}

Api<ObjectRows> ObjectRows::Make(const ObjectModule& module, const World& world, const Request& request) {
  OUTPOST_TRY(auto ids, ParseColumns(request.params));
  return ObjectRows(module, world, *request.zone, std::move(ids));
}

ObjectRows::ObjectRows(const ObjectModule& module, const World& world, const Zone& zone, std::vector<int> ids)
    : module_(&module), world_(&world), zone_(&zone), ids_(std::move(ids)) {
  for (const int id : ids_) positions_.push_back(module.columns->ById(id));
}

void ObjectRows::AppendRow(std::string& out, const Object& object) const {
  std::array<std::string_view, 256> literals{};
  object.fields.ForEach(
      [&](int position, std::string_view literal) { literals[static_cast<std::size_t>(position)] = literal; });
  const int full_time_at = module_->columns->ById(kColFullTime);
  const bool full_time = full_time_at >= 0 && literals[static_cast<std::size_t>(full_time_at)] == "true";
  out += '[';
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (i > 0) out += ',';
    const int position = positions_[i];
    if (position < 0) {
      out += "null";
      continue;
    }
    const auto literal = literals[static_cast<std::size_t>(position)];
    if (!literal.empty())
      AppendField(out, module_->columns->At(position).kind, literal, full_time, *zone_);
    else if (!AppendOwnValue(out, *world_, object, ids_[i], *zone_) &&
             !(module_->derived != nullptr && module_->derived(out, *world_, object, ids_[i], *zone_)))
      out += "null";
  }
  out += ']';
}

void AppendValue(std::string& out, const ObjectModule& module, const World& world, const Object& object, int position,
                 const Zone& zone) {
  const Column& column = module.columns->At(position);
  if (AppendOwnValue(out, world, object, column.id, zone)) return;
  if (const auto literal = object.fields.Get(position))
    AppendField(out, column.kind, *literal, IsFullTime(module, object), zone);
  else if (module.derived == nullptr || !module.derived(out, world, object, column.id, zone))
    out += "null";
}

void AppendObject(std::string& out, const ObjectModule& module, const World& world, const Object& object,
                  const Zone& zone) {
  out += '{';
  const char* separator = "";
  int position = 0;
  for (const Column& column : *module.columns) {
    std::string value;
    AppendValue(value, module, world, object, position++, zone);
    if (value == "null") continue;
    out += separator;
    AppendQuoted(out, column.name);
    out += ':' + value;
    separator = ",";
  }
  out += '}';
}

void AppendId(std::string& out, const World& world, std::int64_t id) {
  const bool number = world.options.ids == IdStyle::kNumbers || (world.options.ids == IdStyle::kMixed && id % 2 == 0);
  if (!number) out += '"';
  AppendNumber(out, id);
  if (!number) out += '"';
}

}  // namespace outpost::oxserver
