// Writes the field tables from fields.tsv: `generate_fields fields.tsv OUTDIR` makes fields_table.inc (for
// schemas/fields.cpp) and ox_columns.inc (for replicator/ox/). Runs at build time. A row that does not fit fails the
// build, named by its line.
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

const std::map<std::string, std::string> kTypes{
    {"folder", "kFolder"},      {"contact", "kContact"}, {"appointment", "kAppointment"}, {"task", "kTask"},
    {"mail", "kMail"},          {"person", "kPerson"},   {"attachment", "kAttachment"},   {"rule", "kRule"},
    {"signature", "kSignature"}};
const std::map<std::string, std::string> kKinds{{"text", "kText"},   {"int", "kInt"},   {"bool", "kBool"},
                                                {"date", "kDate"},   {"time", "kTime"}, {"texts", "kTexts"},
                                                {"bytes", "kBytes"}, {"id", "kId"},     {"decimal", "kDecimal"}};
const std::map<std::string, std::string> kMerges{
    {"replace", "kReplace"}, {"set", "kSet"},       {"by-entity", "kByEntity"}, {"by-bit", "kByBit"},
    {"once", "kOnce"},       {"server", "kServer"}, {"immutable", "kImmutable"}};
// "later": the server has a place for it that this version does not use yet; until then the value is kept here.
const std::map<std::string, std::string> kSyncs{
    {"yes", "kBoth"}, {"server", "kServer"}, {"no", "kLocal"}, {"later", "kLocal"}};

struct Row {
  int line;
  std::map<std::string, std::string> cells;
};

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

// The rows by id, each field once: a field may have several rows, one for each MAPI property it becomes; the first
// counts here.
std::map<int, Row> Read(const char* path) {
  std::ifstream in(path);
  if (!in) Fail(0, "cannot be opened");
  std::string line;
  std::getline(in, line);
  const auto names = Split(line);
  std::map<int, Row> rows;
  for (int number = 2; std::getline(in, line); ++number) {
    const auto cells = Split(line);
    if (cells.size() != names.size()) Fail(number, "has " + std::to_string(cells.size()) + " cells");
    Row row{number, {}};
    for (std::size_t i = 0; i < names.size(); ++i) row.cells[names[i]] = cells[i];
    const int id = std::stoi(row.cells["id"]);
    const auto [at, is_new] = rows.emplace(id, row);
    for (const char* same : {"type", "name", "kind"})
      if (!is_new && at->second.cells[same] != row.cells[same])
        Fail(number, "repeats an id with another " + std::string(same));
  }
  return rows;
}

const std::string& Lookup(const std::map<std::string, std::string>& names, Row& row, const char* column) {
  const auto found = names.find(row.cells[column]);
  if (found == names.end()) Fail(row.line, "unknown " + std::string(column) + " '" + row.cells[column] + "'");
  return found->second;
}

void Write(std::map<int, Row>& rows, const std::string& folder) {
  std::ofstream fields(folder + "/fields_table.inc");
  std::ofstream columns(folder + "/ox_columns.inc");
  std::map<std::string, int> groups;  // "type group" -> id of its first field
  for (auto& [id, row] : rows) {
    const std::string& group = row.cells["group"];
    int group_id = 0;
    if (group != "-") group_id = groups.emplace(row.cells["type"] + " " + group, id).first->second;
    const std::string& length = row.cells["max_length"];
    fields << "{" << id << ", ItemType::" << Lookup(kTypes, row, "type") << ", \"" << row.cells["name"]
           << "\", FieldKind::" << Lookup(kKinds, row, "kind") << ", " << (length == "-" ? "0" : length) << ", "
           << group_id << ", \"" << group << "\", Merge::" << Lookup(kMerges, row, "merge")
           << ", Sync::" << Lookup(kSyncs, row, "sync") << "},\n";
    if (row.cells["ox_column"] != "-")
      columns << "{" << id << ", " << row.cells["ox_column"] << ", \"" << row.cells["name"] << "\", \""
              << row.cells["ox_type"] << "\"},\n";
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) Fail(0, "usage: generate_fields fields.tsv OUTDIR");
  auto rows = Read(argv[1]);
  Write(rows, argv[2]);
  return 0;
}
