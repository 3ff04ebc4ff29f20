#include "tools/oxserver/contact_rows.h"

#include <array>

#include "tools/oxserver/folder_view.h"

namespace outpost::oxserver {
namespace {

// Values that are not among a contact's fields. True where the column is one of them.
bool AppendOwnValue(std::string& out, const World& world, const Contact& c, int column, const Zone& zone) {
  switch (column) {
    case kColId:
      AppendContactId(out, world, c.id);
      return true;
    case kColCreatedBy:
      AppendNumber(out, c.created_by);
      return true;
    case kColModifiedBy:
      AppendNumber(out, c.modified_by);
      return true;
    case kColCreationDate:
      AppendNumber(out, zone.ToTime(c.created));
      return true;
    case kColLastModified:
      AppendNumber(out, zone.ToTime(c.modified));
      return true;
    case kColLastModifiedUtc:
      AppendNumber(out, c.modified);
      return true;
    case kColFolder:
      out += '"';
      AppendNumber(out, c.folder);
      out += '"';
      return true;
    case kColUid:
      AppendQuoted(out, c.uid);
      return true;
    case kColPrivateFlag:
      out += c.is_private ? "true" : "false";
      return true;
    case kColAttachments:
      out += '0';
      return true;
    case kColUserId:
      if (c.user == 0)
        out += "null";
      else
        AppendNumber(out, c.user);
      return true;
    default:
      return false;
  }
}

void AppendField(std::string& out, Kind kind, std::string_view literal, const Zone& zone) {
  const auto number = kind == Kind::kTime ? ParseNumber(literal) : std::nullopt;
  if (number)
    AppendNumber(out, zone.ToTime(*number));
  else
    out += literal;
}

}  // namespace

Api<ContactRows> ContactRows::Make(const World& world, const Request& request) {
  OUTPOST_TRY(auto ids, ParseColumns(request.params));
  return ContactRows(world, *request.zone, std::move(ids));
}

ContactRows::ContactRows(const World& world, const Zone& zone, std::vector<int> ids)
    : world_(&world), zone_(&zone), ids_(std::move(ids)) {
  for (const int id : ids_) positions_.push_back(ContactColumnById(id));
}

void ContactRows::AppendRow(std::string& out, const Contact& contact) const {
  std::array<std::string_view, 256> literals{};
  contact.fields.ForEach(
      [&](int position, std::string_view literal) { literals[static_cast<std::size_t>(position)] = literal; });
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
      AppendField(out, ContactColumns()[static_cast<std::size_t>(position)].kind, literal, *zone_);
    else if (!AppendOwnValue(out, *world_, contact, ids_[i], *zone_))
      out += "null";
  }
  out += ']';
}

void AppendContactValue(std::string& out, const World& world, const Contact& contact, int position, const Zone& zone) {
  const Column& column = ContactColumns()[static_cast<std::size_t>(position)];
  if (AppendOwnValue(out, world, contact, column.id, zone)) return;
  if (const auto literal = contact.fields.Get(position))
    AppendField(out, column.kind, *literal, zone);
  else
    out += "null";
}

void AppendContactObject(std::string& out, const World& world, const Contact& contact, const Zone& zone) {
  out += '{';
  const char* separator = "";
  const auto columns = ContactColumns();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::string value;
    AppendContactValue(value, world, contact, static_cast<int>(i), zone);
    if (value == "null") continue;
    out += separator;
    AppendQuoted(out, columns[i].name);
    out += ':' + value;
    separator = ",";
  }
  out += '}';
}

void AppendContactId(std::string& out, const World& world, std::int64_t id) {
  const bool number = world.options.ids == IdStyle::kNumbers || (world.options.ids == IdStyle::kMixed && id % 2 == 0);
  if (!number) out += '"';
  AppendNumber(out, id);
  if (!number) out += '"';
}

}  // namespace outpost::oxserver
