#include "tools/oxserver/columns.h"

namespace outpost::oxserver {
namespace {

using enum Kind;
using enum Access;

// http-api.md documents no lengths; these are those of the stored server's schema, in characters.
constexpr auto kContact = std::to_array<Column>({
    {1, "id", kId, kServer, 0},
    {2, "created_by", kNumber, kServer, 0},
    {3, "modified_by", kNumber, kServer, 0},
    {4, "creation_date", kTime, kServer, 0},
    {5, "last_modified", kTime, kServer, 0},
    {6, "last_modified_utc", kTimestamp, kServer, 0},
    {20, "folder_id", kId, kClient, 0},
    {100, "categories", kText, kClient, 1024},
    {101, "private_flag", kBoolean, kClient, 0},
    {102, "color_label", kNumber, kClient, 0},
    {103, "number_of_links", kNumber, kServer, 0},
    {104, "number_of_attachments", kNumber, kServer, 0},
    {105, "lastModifiedOfNewestAttachmentUTC", kTimestamp, kServer, 0},
    {223, "uid", kText, kOnCreate, 255},
    {500, "display_name", kText, kClient, 320},
    {501, "first_name", kText, kClient, 128},
    {502, "last_name", kText, kClient, 128},
    {503, "second_name", kText, kClient, 128},
    {504, "suffix", kText, kClient, 64},
    {505, "title", kText, kClient, 64},
    {506, "street_home", kText, kClient, 256},
    {507, "postal_code_home", kText, kClient, 64},
    {508, "city_home", kText, kClient, 64},
    {509, "state_home", kText, kClient, 64},
    {510, "country_home", kText, kClient, 64},
    {511, "birthday", kDate, kClient, 0},
    {512, "marital_status", kText, kClient, 64},
    {513, "number_of_children", kText, kClient, 64},
    {514, "profession", kText, kClient, 64},
    {515, "nickname", kText, kClient, 64},
    {516, "spouse_name", kText, kClient, 64},
    {517, "anniversary", kDate, kClient, 0},
    {518, "note", kText, kClient, 5680},
    {519, "department", kText, kClient, 128},
    {520, "position", kText, kClient, 128},
    {521, "employee_type", kText, kClient, 64},
    {522, "room_number", kText, kClient, 64},
    {523, "street_business", kText, kClient, 256},
    {524, "user_id", kNumber, kServer, 0},
    {525, "postal_code_business", kText, kClient, 64},
    {526, "city_business", kText, kClient, 128},
    {527, "state_business", kText, kClient, 64},
    {528, "country_business", kText, kClient, 64},
    {529, "number_of_employees", kText, kClient, 64},
    {530, "sales_volume", kText, kClient, 64},
    {531, "tax_id", kText, kClient, 64},
    {532, "commercial_register", kText, kClient, 64},
    {533, "branches", kText, kClient, 64},
    {534, "business_category", kText, kClient, 64},
    {535, "info", kText, kClient, 64},
    {536, "manager_name", kText, kClient, 64},
    {537, "assistant_name", kText, kClient, 64},
    {538, "street_other", kText, kClient, 256},
    {539, "city_other", kText, kClient, 64},
    {540, "postal_code_other", kText, kClient, 64},
    {541, "country_other", kText, kClient, 64},
    {542, "telephone_business1", kText, kClient, 64},
    {543, "telephone_business2", kText, kClient, 128},
    {544, "fax_business", kText, kClient, 64},
    {545, "telephone_callback", kText, kClient, 64},
    {546, "telephone_car", kText, kClient, 64},
    {547, "telephone_company", kText, kClient, 64},
    {548, "telephone_home1", kText, kClient, 64},
    {549, "telephone_home2", kText, kClient, 64},
    {550, "fax_home", kText, kClient, 64},
    {551, "cellular_telephone1", kText, kClient, 64},
    {552, "cellular_telephone2", kText, kClient, 64},
    {553, "telephone_other", kText, kClient, 64},
    {554, "fax_other", kText, kClient, 64},
    {555, "email1", kText, kClient, 256},
    {556, "email2", kText, kClient, 256},
    {557, "email3", kText, kClient, 256},
    {558, "url", kText, kClient, 128},
    {559, "telephone_isdn", kText, kClient, 64},
    {560, "telephone_pager", kText, kClient, 64},
    {561, "telephone_primary", kText, kClient, 64},
    {562, "telephone_radio", kText, kClient, 64},
    {563, "telephone_telex", kText, kClient, 64},
    {564, "telephone_ttytdd", kText, kClient, 64},
    {565, "instant_messenger1", kText, kClient, 64},
    {566, "instant_messenger2", kText, kClient, 64},
    {567, "telephone_ip", kText, kClient, 64},
    {568, "telephone_assistant", kText, kClient, 64},
    {569, "company", kText, kClient, 512},
    {570, "image1", kText, kClient, 0},
    {571, "userfield01", kText, kClient, 64},
    {572, "userfield02", kText, kClient, 64},
    {573, "userfield03", kText, kClient, 64},
    {574, "userfield04", kText, kClient, 64},
    {575, "userfield05", kText, kClient, 64},
    {576, "userfield06", kText, kClient, 64},
    {577, "userfield07", kText, kClient, 64},
    {578, "userfield08", kText, kClient, 64},
    {579, "userfield09", kText, kClient, 64},
    {580, "userfield10", kText, kClient, 64},
    {581, "userfield11", kText, kClient, 64},
    {582, "userfield12", kText, kClient, 64},
    {583, "userfield13", kText, kClient, 64},
    {584, "userfield14", kText, kClient, 64},
    {585, "userfield15", kText, kClient, 64},
    {586, "userfield16", kText, kClient, 64},
    {587, "userfield17", kText, kClient, 64},
    {588, "userfield18", kText, kClient, 64},
    {589, "userfield19", kText, kClient, 64},
    {590, "userfield20", kText, kClient, 64},
    {592, "distribution_list", kArray, kClient, 0},
    {594, "number_of_distribution_list", kNumber, kServer, 0},
    {596, "number_of_images", kNumber, kServer, 0},
    {597, "image_last_modified", kTime, kServer, 0},
    {598, "state_other", kText, kClient, 64},
    {599, "file_as", kText, kClient, 320},
    {601, "image1_content_type", kText, kClient, 32},
    {602, "mark_as_distributionlist", kBoolean, kClient, 0},
    {605, "default_address", kNumber, kClient, 0},
    {606, "image1_url", kText, kServer, 0},
    {608, "useCount", kNumber, kClient, 0},
    {610, "yomiFirstName", kText, kClient, 128},
    {611, "yomiLastName", kText, kClient, 128},
    {612, "yomiCompany", kText, kClient, 512},
    {613, "addressHome", kText, kClient, 512},
    {614, "addressBusiness", kText, kClient, 512},
    {615, "addressOther", kText, kClient, 512},
});
static_assert(kContact.size() < 255, "positions are stored in one byte");

}  // namespace

ColumnTable::ColumnTable(std::span<const Column> columns) : columns_(columns) {
  by_id_.fill(-1);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    by_id_[static_cast<std::size_t>(columns[i].id)] = static_cast<std::int16_t>(i);
    by_name_.emplace(columns[i].name, static_cast<int>(i));
  }
}

int ColumnTable::ById(int id) const {
  return id >= 0 && static_cast<std::size_t>(id) < by_id_.size() ? by_id_[static_cast<std::size_t>(id)] : -1;
}

int ColumnTable::ByName(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? -1 : found->second;
}

const ColumnTable& ContactColumns() {
  static const ColumnTable kTable = [] {
    ColumnTable table(kContact);
    // The column table of OX's documentation prints this spelling, its models the other: both are understood.
    table.AddName("martial_status", 512);
    return table;
  }();
  return kTable;
}

}  // namespace outpost::oxserver
