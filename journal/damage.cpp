#include "journal/damage.h"

#include <rocksdb/env.h>
#include <rocksdb/metadata.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>

#include "journal/table_guard.h"

namespace outpost::journal {
namespace {

std::string NewestLog(const Rocks& rocks) {
  std::vector<std::string> names;
  std::string newest;
  if (!rocks.db().GetEnv()->GetChildren(rocks.db().GetName(), &names).ok()) return newest;
  for (const std::string& name : names)
    if (name.ends_with(".log")) newest = std::max(newest, name);  // numbers of equal width
  return newest;
}

// A footer that names another format leaves every checksum right, and the rows unreadable.
rocksdb::Status ReadRows(rocksdb::SstFileReader& table) {
  const std::unique_ptr<rocksdb::Iterator> rows(table.NewIterator(rocksdb::ReadOptions()));
  for (rows->SeekToFirst(); rows->Valid();) rows->Next();
  return rows->status();
}

}  // namespace

std::string DamagedTable(rocksdb::Env* env, const std::filesystem::path& folder) {
  rocksdb::Options options;
  if (env != nullptr) options.env = env;
  std::vector<std::string> names;
  options.env->GetChildren(folder.string(), &names).PermitUncheckedError();
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    if (!name.ends_with(".sst")) continue;
    if (EndsProcess(options.env, folder / name)) return name + ": its properties are damaged";
    rocksdb::SstFileReader table(options);
    auto status = table.Open((folder / name).string());
    if (status.ok()) status = table.VerifyChecksum();
    if (status.ok()) status = ReadRows(table);
    if (!status.ok()) return name + ": " + status.ToString();
  }
  return {};
}

std::string FileNamedIn(std::string_view text) {
  for (const std::string_view ending : {".sst", ".log"}) {
    const std::size_t at = text.find(ending);
    if (at == std::string_view::npos) continue;
    std::size_t begin = at;
    while (begin > 0 && text[begin - 1] >= '0' && text[begin - 1] <= '9') --begin;
    if (begin < at) return std::string(text.substr(begin, at + ending.size() - begin));
  }
  return {};
}

std::string FileOfRow(const Rocks& rocks, rocksdb::ColumnFamilyHandle* family, std::string_view key) {
  rocksdb::ColumnFamilyMetaData tables;
  rocks.db().GetColumnFamilyMetaData(family, &tables);
  const rocksdb::SstFileMetaData* found = nullptr;
  for (const auto& level : tables.levels)
    for (const auto& file : level.files)
      if (file.smallestkey <= key && key <= file.largestkey &&
          (found == nullptr || found->largest_seqno < file.largest_seqno))
        found = &file;
  if (found == nullptr) return NewestLog(rocks);
  return std::filesystem::path(found->name).filename().string();
}

}  // namespace outpost::journal
