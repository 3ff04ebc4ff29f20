// Writes from fields.tsv what properties the fields of items are: `generate_properties fields.tsv OUTDIR` makes
// property_rows.inc and property_names.inc for property.cpp. Runs at build time. A row that does not fit fails the
// build, named by its line.
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

const std::map<std::string, std::string> kSets{{"PSETID_Address", "kAddress"}, {"PSETID_Appointment", "kAppointment"},
                                               {"PSETID_Task", "kTask"},       {"PSETID_Common", "kCommon"},
                                               {"PSETID_Meeting", "kMeeting"}, {"PS_PUBLIC_STRINGS", "kPublicStrings"}};
const std::map<std::string, std::string> kTypes{{"PT_UNICODE", "kUnicode"},      {"PT_LONG", "kLong"},
                                                {"PT_BOOLEAN", "kBoolean"},      {"PT_SYSTIME", "kSysTime"},
                                                {"PT_BINARY", "kBinary"},        {"PT_DOUBLE", "kDouble"},
                                                {"PT_MV_UNICODE", "kMvUnicode"}, {"PT_MV_LONG", "kMvLong"},
                                                {"PT_MV_BINARY", "kMvBinary"},   {"PT_OBJECT", "kObject"}};
const std::map<std::string, std::string> kItems{
    {"contact", "kContact"}, {"task", "kTask"}, {"appointment", "kAppointment"}, {"mail", "kMail"}};

[[noreturn]] void Fail(int line, const std::string& why) {
  std::cerr << "fields.tsv:" << line << ": " << why << "\n";
  std::exit(1);
}

std::vector<std::string> Split(const std::string& line) {
  std::vector<std::string> cells;
  std::string cell;
  std::istringstream in(line);
  while (std::getline(in, cell, '\t')) cells.push_back(cell);
  return cells;
}

const std::string& Known(const std::map<std::string, std::string>& names, const std::string& name, int line) {
  const auto found = names.find(name);
  if (found == names.end()) Fail(line, "'" + name + "' is not known");
  return found->second;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) Fail(0, "usage: generate_properties fields.tsv OUTDIR");
  std::ifstream in(argv[1]);
  std::string line;
  if (!std::getline(in, line)) Fail(0, "cannot be read");
  std::map<std::string, std::size_t> column;
  for (const std::string& name : Split(line)) column.emplace(name, column.size());
  std::ofstream rows(std::string(argv[2]) + "/property_rows.inc"), names(std::string(argv[2]) + "/property_names.inc");
  std::map<std::string, std::size_t> known;
  for (int number = 2; std::getline(in, line); ++number) {
    const auto cells = Split(line);
    const auto cell = [&](const char* name) { return cells.at(column.at(name)); };
    const auto item = kItems.find(cell("type"));
    if (item == kItems.end() || cell("mapi_id") == "-") continue;
    std::string id = cell("mapi_id");
    if (const std::string set = cell("mapi_propset"); set != "-") {
      const auto [at, is_new] = known.emplace(set + " " + id, known.size());
      const bool text = id.rfind("name:", 0) == 0;
      if (is_new)
        names << "{PropSet::" << Known(kSets, set, number) << ", " << (text ? "0" : id) << ", \""
              << (text ? id.substr(5) : "") << "\"},\n";
      id = std::to_string(0x8000 + at->second);
    }
    rows << "{" << cell("id") << ", ItemType::" << item->second << ", " << id
         << ", PropType::" << Known(kTypes, cell("mapi_type"), number) << "},\n";
  }
  return 0;
}
