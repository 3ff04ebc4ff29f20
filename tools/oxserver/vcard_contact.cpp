#include "tools/oxserver/vcard_contact.h"

#include <algorithm>

#include "base/system/crypto.h"
#include "tools/oxserver/columns.h"
#include "tools/oxserver/photos.h"
#include "tools/oxserver/text.h"

namespace outpost::oxserver {
namespace {

struct Simple {
  std::string_view property;
  const char* field;
};
// Properties whose whole text is one field.
constexpr Simple kSimple[] = {{"FN", "display_name"},
                              {"TITLE", "position"},
                              {"ROLE", "profession"},
                              {"NICKNAME", "nickname"},
                              {"UID", "uid"},
                              {"X-PHONETIC-FIRST-NAME", "yomiFirstName"},
                              {"X-PHONETIC-LAST-NAME", "yomiLastName"},
                              {"X-PHONETIC-ORG", "yomiCompany"},
                              {"X-SPOUSE", "spouse_name"},
                              {"X-MS-SPOUSE", "spouse_name"},
                              {"X-EVOLUTION-SPOUSE", "spouse_name"},
                              {"X-KADDRESSBOOK-X-SPOUSESNAME", "spouse_name"},
                              {"X-MANAGER", "manager_name"},
                              {"X-MS-MANAGER", "manager_name"},
                              {"X-EVOLUTION-MANAGER", "manager_name"},
                              {"X-KADDRESSBOOK-X-MANAGERSNAME", "manager_name"},
                              {"X-ASSISTANT", "assistant_name"},
                              {"X-MS-ASSISTANT", "assistant_name"},
                              {"X-EVOLUTION-ASSISTANT", "assistant_name"},
                              {"X-EVOLUTION-FILE-AS", "file_as"},
                              {"X-KADDRESSBOOK-X-ASSISTANTSNAME", "assistant_name"},
                              {"X-OFFICE", "room_number"},
                              {"X-OX-ROOM-NUMBER", "room_number"},
                              {"X-OX-YOMI-COMPANY", "yomiCompany"},
                              {"X-OX-USERFIELD-01", "userfield01"},
                              {"X-OX-USERFIELD-02", "userfield02"},
                              {"X-OX-USERFIELD-03", "userfield03"},
                              {"X-OX-USERFIELD-04", "userfield04"}};

constexpr std::string_view kMessengers[] = {"IMPP",    "X-AIM",         "X-ICQ",   "X-JABBER",
                                            "X-MSN",   "X-YAHOO",       "X-SKYPE", "X-SKYPE-USERNAME",
                                            "X-GTALK", "X-GOOGLE-TALK", "X-QQ",    "X-MS-IMADDRESS"};
constexpr std::string_view kAnniversaries[] = {"ANNIVERSARY", "X-ANNIVERSARY", "X-MS-ANNIVERSARY",
                                               "X-EVOLUTION-ANNIVERSARY", "X-KADDRESSBOOK-X-ANNIVERSARY"};
// Of the card, not of the person.
constexpr std::string_view kNoContent[] = {"PRODID",
                                           "REV",
                                           "SOURCE",
                                           "NAME",
                                           "PROFILE",
                                           "X-ABLABEL",
                                           "X-ABADR",
                                           "X-ABUID",
                                           "X-ABSHOWAS",
                                           "CLIENTPIDMAP",
                                           "SORT-STRING",
                                           "KIND",
                                           "X-MS-OL-DEFAULT-POSTAL-ADDRESS"};

template <class List>
bool IsOneOf(std::string_view name, const List& list) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

bool IsMail(std::string_view text) {
  const auto at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos &&
         text.find_first_of(" \t\r\n<>,;") == std::string_view::npos;
}

class Mapper {
 public:
  explicit Mapper(const Card& card) : card_(card) {}

  ContactDraft Run() {
    for (const auto& property : card_.properties) Map(property);
    for (auto& [name, value] : draft_.fields) Shorten(name, value);
    return std::move(draft_);
  }

 private:
  void Map(const CardProperty& p) {
    for (const auto& simple : kSimple) {
      if (simple.property == p.name) return void(Offer({simple.field}, Text(p), p));
    }
    if (p.name == "N") return Name(p);
    if (p.name == "ORG") return Organisation(p);
    if (p.name == "TEL" || p.name == "X-MS-TEL") return Telephone(p);
    if (p.name == "EMAIL") return Mail(p);
    if (p.name == "ADR") return Address(p);
    if (p.name == "LABEL")
      return void(Offer({p.HasType("home")   ? "addressHome"
                         : p.HasType("work") ? "addressBusiness"
                                             : "addressOther"},
                        Text(p), p));
    if (p.name == "PHOTO") return Photo(p);
    if (p.name == "URL") return void(Offer({"url"}, Text(p), p));
    if (p.name == "NOTE") return Note(p);
    if (p.name == "BDAY") return Date("birthday", p);
    if (IsOneOf(p.name, kAnniversaries)) return Date("anniversary", p);
    if (p.name == "CATEGORIES") return void(Offer({"categories"}, Text(p), p));
    if (p.name == "CLASS") return void(EqualNoCase(p.value, "PRIVATE") ? Set("private_flag", "true") : true);
    if (IsOneOf(p.name, kMessengers)) return Messenger(p);
    if (p.name == "X-ABDATE" && LabelOf(p).find("anniversary") != std::string::npos) return Date("anniversary", p);
    if (p.name == "X-ABRELATEDNAMES" || p.name == "RELATED") return Related(p);
    if (!IsOneOf(p.name, kNoContent)) LeaveOut(p, "has no field");
  }

  std::string Text(const CardProperty& p) const { return std::string(Trimmed(CardText(card_, p.value))); }

  bool Set(const char* field, std::string value) {
    if (value.empty()) return true;
    return draft_.fields.emplace(field, std::move(value)).second;
  }

  // Into the first of `fields` that is free; else it is left out.
  bool Offer(std::initializer_list<const char*> fields, const std::string& value, const CardProperty& p) {
    for (const char* field : fields) {
      if (Set(field, value)) return true;
      if (draft_.fields[field] == value) return true;
    }
    LeaveOut(p, "no field is free");
    return false;
  }

  void LeaveOut(const CardProperty& p, const char* why) {
    std::string text = p.name + " " + why;
    if (std::find(draft_.left_out.begin(), draft_.left_out.end(), text) == draft_.left_out.end())
      draft_.left_out.push_back(std::move(text));
  }

  // The label that Apple's and Google's exports put beside a property of the same group, in lower case.
  std::string LabelOf(const CardProperty& p) const {
    if (p.group.empty()) return {};
    for (const auto& other : card_.properties) {
      if (other.name == "X-ABLABEL" && other.group == p.group) return Lower(other.value);
    }
    return {};
  }

  void Name(const CardProperty& p) {
    static constexpr const char* kParts[] = {"last_name", "first_name", "second_name", "title", "suffix"};
    const auto parts = CardComponents(card_, p.value);
    for (std::size_t i = 0; i < std::min(parts.size(), std::size(kParts)); ++i) Set(kParts[i], parts[i]);
  }

  void Organisation(const CardProperty& p) {
    const auto parts = CardComponents(card_, p.value);
    if (!parts.empty()) Offer({"company"}, parts[0], p);
    std::string department;
    for (std::size_t i = 1; i < parts.size(); ++i) {
      if (!parts[i].empty()) department += (department.empty() ? "" : ", ") + parts[i];
    }
    if (!department.empty()) Offer({"department"}, department, p);
  }

  void Telephone(const CardProperty& p) {
    std::string number = Text(p);
    if (EqualNoCase(number.substr(0, 4), "tel:")) number.erase(0, 4);
    const auto has = [&](std::string_view type) { return p.HasType(type); };
    const std::string label = LabelOf(p);
    if (has("fax")) {
      if (has("home")) return void(Offer({"fax_home", "fax_other"}, number, p));
      if (has("work")) return void(Offer({"fax_business", "fax_other"}, number, p));
      return void(Offer({"fax_other"}, number, p));
    }
    if (has("x-assistant") || has("assistant") || label.find("assistant") != std::string::npos)
      return void(Offer({"telephone_assistant", "telephone_other"}, number, p));
    if (has("cell") || has("mobile"))
      return void(Offer({"cellular_telephone1", "cellular_telephone2", "telephone_other"}, number, p));
    if (has("pager")) return void(Offer({"telephone_pager"}, number, p));
    if (has("car")) return void(Offer({"telephone_car"}, number, p));
    if (has("isdn")) return void(Offer({"telephone_isdn"}, number, p));
    if (has("textphone") || has("tty-tdd")) return void(Offer({"telephone_ttytdd"}, number, p));
    if (has("callback") || has("x-callback")) return void(Offer({"telephone_callback"}, number, p));
    if (has("x-radio") || has("radio")) return void(Offer({"telephone_radio"}, number, p));
    if (has("main") || has("x-company") || has("company"))
      return void(Offer({"telephone_company", "telephone_other"}, number, p));
    if (has("work")) return void(Offer({"telephone_business1", "telephone_business2", "telephone_other"}, number, p));
    if (has("home")) return void(Offer({"telephone_home1", "telephone_home2", "telephone_other"}, number, p));
    if (has("x-ip")) return void(Offer({"telephone_ip", "telephone_other"}, number, p));
    if (has("x-primary")) return void(Offer({"telephone_primary"}, number, p));
    Offer({"telephone_other", "telephone_primary"}, number, p);
  }

  void Mail(const CardProperty& p) {
    const std::string address = Text(p);
    if (p.HasType("tlx")) return void(Offer({"telephone_telex"}, address, p));
    if (!IsMail(address)) return LeaveOut(p, "is no mail address");
    if (p.HasType("home")) return void(Offer({"email2", "email1", "email3"}, address, p));
    if (p.HasType("other")) return void(Offer({"email3", "email1", "email2"}, address, p));
    Offer({"email1", "email2", "email3"}, address, p);
  }

  void Address(const CardProperty& p) {
    auto parts = CardComponents(card_, p.value);
    parts.resize(7);
    std::string street;
    for (std::size_t i = 0; i < 3; ++i) {
      if (!parts[i].empty()) street += (street.empty() ? "" : "\n") + parts[i];
    }
    const char* kind = p.HasType("home") ? "home" : p.HasType("work") ? "business" : "other";
    for (const char* place : {kind, "other", "business", "home"}) {
      const std::string suffix = std::string("_") + place;
      const auto taken = [&](const char* field) { return draft_.fields.count(field + suffix) != 0; };
      if (taken("street") || taken("city") || taken("state") || taken("postal_code") || taken("country")) continue;
      const std::pair<const char*, std::string> values[] = {{"street", street},
                                                            {"city", parts[3]},
                                                            {"state", parts[4]},
                                                            {"postal_code", parts[5]},
                                                            {"country", parts[6]}};
      for (const auto& [field, value] : values) Set((field + suffix).c_str(), value);
      return;
    }
    LeaveOut(p, "no field is free");
  }

  void Note(const CardProperty& p) {
    auto& note = draft_.fields["note"];
    note += (note.empty() ? "" : "\n") + Text(p);
    if (note.empty()) draft_.fields.erase("note");
  }

  void Date(const char* field, const CardProperty& p) {
    const auto date = DateText(Trimmed(p.value));
    if (date.empty())
      LeaveOut(p, "names no day");
    else
      Set(field, date);
  }

  void Messenger(const CardProperty& p) { Offer({"instant_messenger1", "instant_messenger2"}, Text(p), p); }

  // Within the card, in base64; what is elsewhere is not fetched.
  void Photo(const CardProperty& p) {
    std::string_view text = p.value;
    const bool encoded = std::any_of(p.params.begin(), p.params.end(), [](const auto& param) {
      return param.first == "ENCODING" && (param.second == "B" || param.second == "BASE64");
    });
    const auto data = text.starts_with("data:") ? text.find("base64,") : std::string_view::npos;
    if (data != std::string_view::npos) text.remove_prefix(data + 7);
    const auto bytes = encoded || data != std::string_view::npos ? FromBase64(text) : std::nullopt;
    const auto type = bytes ? ImageTypeOf(*bytes) : std::nullopt;
    if (!type) return LeaveOut(p, "is no image that is taken");
    if (static_cast<std::int64_t>(bytes->size()) > kPhotoBytesMax) return LeaveOut(p, "is too large");
    Offer({"image1"}, Base64Of(AsBytes(*bytes)), p);
    Set("image1_content_type", std::string(*type));
  }

  void Related(const CardProperty& p) {
    const std::string label = LabelOf(p);
    const auto is = [&](std::string_view type) { return p.HasType(type) || label.find(type) != std::string::npos; };
    if (is("spouse")) return void(Offer({"spouse_name"}, Text(p), p));
    if (is("manager")) return void(Offer({"manager_name"}, Text(p), p));
    if (is("assistant")) return void(Offer({"assistant_name"}, Text(p), p));
    LeaveOut(p, "has no field");
  }

  void Shorten(const std::string& name, std::string& value) {
    const int position = ContactColumns().ByName(name);
    const std::uint32_t limit = position < 0 ? 0 : ContactColumns().At(position).max_characters;
    if (limit == 0 || CountCharacters(value) <= limit) return;
    value = std::string(FirstCharacters(value, limit));
    draft_.left_out.push_back(name + " was cut to " + std::to_string(limit) + " characters");
  }

  const Card& card_;
  ContactDraft draft_;
};

}  // namespace

ContactDraft ToContact(const Card& card) { return Mapper(card).Run(); }

std::string DateText(std::string_view value) {
  std::string digits;
  for (const char c : value.substr(0, value.find('T'))) {
    if (c >= '0' && c <= '9')
      digits += c;
    else if (c != '-')
      return {};
  }
  if (digits.size() != 8 || value[0] == '-') return {};
  const auto number = [&](std::size_t at, std::size_t count) {
    return ParseNumber(std::string_view(digits).substr(at, count)).value_or(0);
  };
  std::int64_t year = number(0, 4);
  const std::int64_t month = number(4, 2), day = number(6, 2);
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const std::int64_t days_in_month[] = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1 || day > days_in_month[month - 1]) return {};
  // Days since 1970 by counting years from March, so that the leap day is the last of its year.
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era_day = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t days = year * 365 + year / 4 - year / 100 + year / 400 + era_day - 719468;
  return std::to_string(days * 86'400'000);
}

}  // namespace outpost::oxserver
