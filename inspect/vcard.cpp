#include "inspect/vcard.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/system/crypto.h"
#include "inspect/address.h"
#include "inspect/narrator.h"
#include "schemas/series.h"

namespace outpost {
namespace {

constexpr std::size_t kLineBytesMax = 75;

// A field that is one property; `types` as vCard 3.0 writes them.
struct SimpleProperty {
  const char* field;
  const char* property;
  const char* types;
};
constexpr SimpleProperty kSimpleProperties[] = {{"position", "TITLE", ""},
                                                {"profession", "ROLE", ""},
                                                {"nickname", "NICKNAME", ""},
                                                {"telephone_business1", "TEL", "WORK,VOICE,PREF"},
                                                {"telephone_business2", "TEL", "WORK,VOICE"},
                                                {"telephone_home1", "TEL", "HOME,VOICE,PREF"},
                                                {"telephone_home2", "TEL", "HOME,VOICE"},
                                                {"cellular_telephone1", "TEL", "CELL,PREF"},
                                                {"cellular_telephone2", "TEL", "CELL"},
                                                {"fax_business", "TEL", "FAX,WORK"},
                                                {"fax_home", "TEL", "FAX,HOME"},
                                                {"fax_other", "TEL", "FAX"},
                                                {"telephone_assistant", "TEL", "X-ASSISTANT"},
                                                {"telephone_callback", "TEL", "X-CALLBACK"},
                                                {"telephone_car", "TEL", "CAR"},
                                                {"telephone_company", "TEL", "X-COMPANY"},
                                                {"telephone_isdn", "TEL", "ISDN"},
                                                {"telephone_radio", "TEL", "X-RADIO"},
                                                {"telephone_pager", "TEL", "PAGER"},
                                                {"telephone_ttytdd", "TEL", "TEXTPHONE"},
                                                {"telephone_primary", "TEL", "X-PRIMARY"},
                                                {"telephone_ip", "TEL", "X-IP"},
                                                {"telephone_other", "TEL", "VOICE"},
                                                {"telephone_telex", "EMAIL", "TLX"},
                                                {"email1", "EMAIL", "WORK,PREF"},
                                                {"email2", "EMAIL", "HOME"},
                                                {"email3", "EMAIL", "OTHER"},
                                                {"url", "URL", ""},
                                                {"instant_messenger1", "IMPP", "WORK,PREF"},
                                                {"instant_messenger2", "IMPP", "HOME"},
                                                {"note", "NOTE", ""},
                                                {"room_number", "X-OX-ROOM-NUMBER", ""},
                                                {"manager_name", "X-MANAGER", ""},
                                                {"assistant_name", "X-ASSISTANT", ""},
                                                {"spouse_name", "X-SPOUSE", ""},
                                                {"yomiFirstName", "X-PHONETIC-FIRST-NAME", ""},
                                                {"yomiLastName", "X-PHONETIC-LAST-NAME", ""},
                                                {"yomiCompany", "X-OX-YOMI-COMPANY", ""},
                                                {"file_as", "X-EVOLUTION-FILE-AS", ""},
                                                {"userfield01", "X-OX-USERFIELD-01", ""},
                                                {"userfield02", "X-OX-USERFIELD-02", ""},
                                                {"userfield03", "X-OX-USERFIELD-03", ""},
                                                {"userfield04", "X-OX-USERFIELD-04", ""}};

struct Place {
  const char* suffix;
  const char* types;
};
constexpr Place kPlaces[] = {{"_business", "WORK"}, {"_home", "HOME"}, {"_other", "X-OTHER"}};

std::string Escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' || c == ',' || c == ';') out += '\\';
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (c == '\n' || c == '\r')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

// "TEL;TYPE=WORK,PREF" as the version writes it: 4.0 has the preferred one apart, and no VOICE of its own.
std::string Named(const char* property, std::string_view types, VCardVersion version) {
  std::string out(property);
  if (types.empty()) return out;
  if (version == VCardVersion::k3) return out + ";TYPE=" + std::string(types);
  bool preferred = false;
  std::string list;
  for (std::size_t at = 0; at <= types.size();) {
    const std::size_t comma = std::min(types.find(',', at), types.size());
    std::string type(types.substr(at, comma - at));
    std::transform(type.begin(), type.end(), type.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    if (type == "pref")
      preferred = true;
    else
      list += (list.empty() ? "" : ",") + type;
    at = comma + 1;
  }
  // More than one stands in quotes there, as one list.
  if (!list.empty()) out += ";TYPE=" + (list.find(',') != std::string::npos ? "\"" + list + "\"" : list);
  return preferred ? out + ";PREF=1" : out;
}

class CardBuilder {
 public:
  CardBuilder(const ItemState& item, VCardVersion version) : item_(item), version_(version) {}

  std::string Build(const std::optional<std::string>& photo) {
    Line("BEGIN:VCARD");
    Line(version_ == VCardVersion::k3 ? "VERSION:3.0" : "VERSION:4.0");
    const std::string uid = Text("uid");
    if (!uid.empty()) Line("UID:" + Escaped(uid));
    if (item_.type == ItemType::kList) return List();
    Names();
    for (const SimpleProperty& one : kSimpleProperties)
      if (const std::string text = Text(one.field); !text.empty())
        Line(Named(one.property, one.types, version_) + ":" + Escaped(text));
    Addresses();
    Days();
    Rest();
    if (photo) Photo(*photo);
    Line("END:VCARD");
    return std::move(card_);
  }

 private:
  void Line(const std::string& line) { card_ += FoldedLine(line); }
  Value ValueOf(std::string_view name) const {
    const Field* field = FindField(ItemType::kContact, name);
    return field != nullptr ? item_.HeadValue(field->id) : Value{};
  }
  std::string Text(std::string_view name) const {
    const Value value = ValueOf(name);
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr ? *text : std::string();
  }

  void Names() {
    const std::string shown = Text("display_name");
    Line("FN:" + Escaped(shown.empty() ? NameOf(item_) : shown));
    Line("N:" + Escaped(Text("last_name")) + ";" + Escaped(Text("first_name")) + ";" + Escaped(Text("second_name")) +
         ";" + Escaped(Text("title")) + ";" + Escaped(Text("suffix")));
    const std::string company = Text("company"), department = Text("department");
    if (!company.empty() || !department.empty())
      Line("ORG:" + Escaped(company) + (department.empty() ? "" : ";" + Escaped(department)));
  }

  void Addresses() {
    for (const Place& place : kPlaces) {
      std::string address;
      bool any = false;
      for (const char* part : {"street", "city", "state", "postal_code", "country"}) {
        const std::string text = Text(std::string(part) + place.suffix);
        any = any || !text.empty();
        address += ";" + Escaped(text);
      }
      if (any) Line(Named("ADR", place.types, version_) + ":;" + address);
    }
  }

  void Days() {
    for (const auto& [name, property] : {std::pair("birthday", "BDAY"), std::pair("anniversary", "ANNIVERSARY")}) {
      const Value value = ValueOf(name);
      const auto* day = std::get_if<std::int64_t>(&value);
      if (day == nullptr) continue;
      std::string text = DayText(*day);
      const bool basic = version_ == VCardVersion::k4;
      if (basic) std::erase(text, '-');
      const bool named = version_ == VCardVersion::k4 || std::string_view(property) == "BDAY";
      Line(std::string(named ? "" : "X-") + property + ":" + text);
    }
  }

  void Rest() {
    const Value categories = ValueOf("categories");
    if (const auto* texts = std::get_if<std::vector<std::string>>(&categories); texts != nullptr && !texts->empty()) {
      std::string list;
      for (const std::string& one : *texts) list += (list.empty() ? "" : ",") + Escaped(one);
      Line("CATEGORIES:" + list);
    }
    if (ValueOf("private_flag") == Value(true) && version_ == VCardVersion::k3) Line("CLASS:PRIVATE");
  }

  void Photo(const std::string& bytes) {
    const std::string type = bytes.starts_with("\x89PNG")        ? "png"
                             : bytes.starts_with("GIF8")         ? "gif"
                             : bytes.starts_with("BM")           ? "bmp"
                             : bytes.starts_with("\xff\xd8\xff") ? "jpeg"
                                                                 : "";
    if (type.empty()) return;
    std::string upper = type;
    for (char& c : upper) c = static_cast<char>(c - 32);
    Line((version_ == VCardVersion::k3 ? "PHOTO;ENCODING=b;TYPE=" + upper + ":"
                                       : "PHOTO:data:image/" + type + ";base64,") +
         Base64Of(AsBytes(bytes)));
  }

  std::string List() {
    Line("KIND:group");
    Line("FN:" + Escaped(NameOf(item_)));
    const Value members = ValueOf("distribution_list");
    if (const auto* texts = std::get_if<std::vector<std::string>>(&members))
      for (const std::string& member : *texts) {
        const auto open = member.rfind('<'), close = member.rfind('>');
        const bool named = open != std::string::npos && close != std::string::npos && open < close;
        const std::string address = named ? member.substr(open + 1, close - open - 1) : member;
        if (IsOneAddress(address)) Line("MEMBER:mailto:" + address);
      }
    Line("END:VCARD");
    return std::move(card_);
  }

  const ItemState& item_;
  VCardVersion version_;
  std::string card_;
};

}  // namespace

std::string FoldedLine(std::string_view line) {
  std::string out;
  std::size_t most = kLineBytesMax;
  while (line.size() > most) {
    std::size_t end = most;
    while (end > 1 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
    out.append(line.substr(0, end)).append("\r\n ");
    line.remove_prefix(end);
    most = kLineBytesMax - 1;  // the blank counts
  }
  return out.append(line).append("\r\n");
}

std::optional<std::string> ToVCard(const ItemState& contact, VCardVersion version,
                                   const std::optional<std::string>& photo) {
  if (FieldOwner(contact.type) != ItemType::kContact) return std::nullopt;
  if (contact.type == ItemType::kList && version == VCardVersion::k3) return std::nullopt;
  return CardBuilder(contact, version).Build(photo);
}

}  // namespace outpost
