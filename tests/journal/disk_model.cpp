#include "tests/journal/disk_model.h"

#include <algorithm>
#include <fstream>

#include "base/check.h"

namespace outpost::test {
namespace {

std::string ParentOf(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }

void Apply(const std::vector<std::pair<std::string, std::optional<std::uint64_t>>>& change,
           std::map<std::string, std::uint64_t>& names) {
  for (const auto& [path, file] : change) {
    if (file) names[path] = *file;
    if (!file) names.erase(path);
  }
}

}  // namespace

const char* LossName(Loss loss) { return loss == Loss::kDropped ? "dropped" : loss == Loss::kTorn ? "torn" : "kept"; }

void DiskModel::Apply(const DiskOp& op) {
  using Kind = DiskOp::Kind;
  File& file = files_[op.file];
  switch (op.kind) {
    case Kind::kCreate:
      file.rewritten = file.rewritten || !file.durable.empty();
      file.now.clear();
      return Rename({ParentOf(op.path), {{op.path, op.file}}});
    case Kind::kAppend:
      file.now += op.bytes;
      return;
    case Kind::kWriteAt:
      file.now.resize(std::max<std::size_t>(file.now.size(), op.number + op.bytes.size()));
      file.now.replace(op.number, op.bytes.size(), op.bytes);
      file.rewritten = true;
      return;
    case Kind::kTruncate:
      file.now.resize(op.number);
      file.rewritten = true;
      return;
    case Kind::kSync:
      if (file.rewritten) file.durable.clear();
      file.durable.append(file.now, file.durable.size());
      file.rewritten = false;
      return;
    case Kind::kRename:
      return Rename({ParentOf(op.target), {{op.path, std::nullopt}, {op.target, op.file}}});
    case Kind::kLink:
      return Rename({ParentOf(op.target), {{op.target, op.file}}});
    case Kind::kMakeFolder:
      return Rename({ParentOf(op.path), {{op.path, 0}}});
    case Kind::kDelete:
    case Kind::kDeleteFolder:
      return Rename({ParentOf(op.path), {{op.path, std::nullopt}}});
    case Kind::kSyncFolder:
      return SyncFolder(op.path);
  }
}

void DiskModel::Rename(Change change) {
  test::Apply(change.names, now_);
  pending_.push_back(std::move(change));
}

void DiskModel::SyncFolder(const std::string& folder) {
  std::erase_if(durable_, [&](const auto& name) { return ParentOf(name.first) == folder; });
  for (const auto& [path, file] : now_)
    if (ParentOf(path) == folder) durable_[path] = file;
  std::erase_if(pending_, [&](const Change& change) { return change.folder == folder; });
}

DiskModel::Names DiskModel::NamesAfter(Loss loss, Random& random) const {
  if (loss == Loss::kKept) return now_;
  Names names = durable_;
  const std::size_t done = loss == Loss::kTorn ? random.Below(pending_.size() + 1) : 0;
  for (std::size_t i = 0; i < done; ++i) test::Apply(pending_[i].names, names);
  return names;
}

std::string DiskModel::ContentAfter(const File& file, Loss loss, Random& random) {
  if (loss == Loss::kKept) return file.now;
  if (loss == Loss::kDropped) return file.durable;
  if (file.rewritten) {
    const std::size_t cut = random.Below(file.now.size() + 1);
    return file.now.substr(0, cut) + (cut < file.durable.size() ? file.durable.substr(cut) : "");
  }
  std::string torn = file.now;
  torn.resize(file.durable.size() + random.Below(file.now.size() - file.durable.size() + 1));
  if (random.Chance(1, 3)) torn.resize(file.now.size(), '\0');
  return torn;
}

void DiskModel::Materialise(const std::filesystem::path& folder, Loss loss, Random& random) const {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const Names names = NamesAfter(loss, random);
  for (const auto& [path, file] : names) {
    const std::string parent = ParentOf(path);
    if (!parent.empty() && !names.contains(parent)) continue;  // a folder that never was takes its files with it
    if (file == 0) {
      std::filesystem::create_directory(folder / path);
      continue;
    }
    const std::string content = ContentAfter(files_.at(file), loss, random);
    std::ofstream out(folder / path, std::ios::binary);
    out.write(content.data(), static_cast<std::streamsize>(content.size())).flush();
    OUTPOST_CHECK(out.good());
  }
}

}  // namespace outpost::test
