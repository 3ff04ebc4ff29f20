#include "tests/journal/recording_fs.h"

#include <array>

namespace outpost::test {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using Kind = DiskOp::Kind;

std::string DiskOp::Text() const {
  static constexpr std::array<const char*, 11> kVerbs{"create",      "append to",     "write into", "truncate",
                                                      "sync",        "rename",        "link",       "delete",
                                                      "make folder", "delete folder", "sync folder"};
  std::string text = std::string(kVerbs.at(static_cast<std::size_t>(kind))) + " '" + path + "'";
  if (!target.empty()) text += " as '" + target + "'";
  if (!bytes.empty()) text += ", " + std::to_string(bytes.size()) + " bytes";
  if (number != 0) text += ", at " + std::to_string(number);
  return text;
}

class RecordingFs::Writable final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  Writable(RecordingFs& fs, DiskOp named, std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), fs_(fs), named_(std::move(named)) {}
  IOStatus Append(const rocksdb::Slice& data, const IOOptions&, IODebugContext*) override {
    return fs_.Append(Op(Kind::kAppend), *target(), data);
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions&, const rocksdb::DataVerificationInfo&,
                  IODebugContext*) override {
    return fs_.Append(Op(Kind::kAppend), *target(), data);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return fs_.Do(Op(Kind::kTruncate, size), [&] { return target()->Truncate(size, options, debug); });
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    return fs_.Do(Op(Kind::kSync), [] { return IOStatus::OK(); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return Sync(options, debug); }
  // Starts writing, promises nothing.
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  DiskOp Op(Kind kind, std::uint64_t number = 0) const {
    DiskOp op = named_;
    op.kind = kind;
    op.number = number;
    return op;
  }
  RecordingFs& fs_;
  const DiskOp named_;
};

class RecordingFs::InPlace final : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  InPlace(RecordingFs& fs, DiskOp named, std::unique_ptr<rocksdb::FSRandomRWFile> file)
      : FSRandomRWFileOwnerWrapper(std::move(file)), fs_(fs), named_(std::move(named)) {}
  IOStatus Write(std::uint64_t offset, const rocksdb::Slice& data, const IOOptions& options,
                 IODebugContext* debug) override {
    DiskOp op = named_;
    op.kind = Kind::kWriteAt;
    op.number = offset;
    op.bytes = data.ToString();
    return fs_.Do(std::move(op), [&] { return target()->Write(offset, data, options, debug); });
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    DiskOp op = named_;
    op.kind = Kind::kSync;
    return fs_.Do(std::move(op), [] { return IOStatus::OK(); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return Sync(options, debug); }

 private:
  RecordingFs& fs_;
  const DiskOp named_;
};

class RecordingFs::Directory final : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(RecordingFs& fs, std::string path, std::unique_ptr<rocksdb::FSDirectory> directory)
      : FSDirectoryWrapper(std::move(directory)), fs_(fs), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return fs_.Do({Kind::kSyncFolder, 0, path_, {}, 0, {}}, [] { return IOStatus::OK(); });
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  RecordingFs& fs_;
  const std::string path_;
};

RecordingFs::RecordingFs(std::filesystem::path root)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), root_(root.lexically_normal().string()) {}

void RecordingFs::SetGate(Gate gate) {
  const std::lock_guard lock(mutex_);
  gate_ = std::move(gate);
}

std::size_t RecordingFs::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

IOStatus RecordingFs::Ask(const DiskOp& op) {
  auto status = gate_ ? gate_(op) : IOStatus::OK();
  refused_ += status.ok() ? 0 : 1;
  return status;
}

std::size_t RecordingFs::size() const {
  const std::lock_guard lock(mutex_);
  return ops_.size();
}

std::string RecordingFs::Within(const std::string& path) const {
  const auto normal = std::filesystem::path(path).lexically_normal();
  if (normal.filename().string().starts_with("LOG")) return {};  // an encrypted one is a file like all others
  const std::string plain = normal.string();
  return plain.starts_with(root_ + "/") ? plain.substr(root_.size() + 1) : std::string();
}

std::uint64_t RecordingFs::FileOf(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto it = names_.find(path);
  return it == names_.end() ? 0 : it->second;
}

IOStatus RecordingFs::Do(DiskOp op, const Act& act) {
  const std::lock_guard lock(mutex_);
  if (auto refused = Ask(op); !refused.ok()) return refused;
  auto status = act();
  if (!status.ok()) return status;
  Note(op);
  ops_.push_back(std::move(op));
  return status;
}

IOStatus RecordingFs::Append(DiskOp op, rocksdb::FSWritableFile& file, const rocksdb::Slice& data) {
  const std::lock_guard lock(mutex_);
  op.bytes = data.ToString();
  const auto refused = Ask(op);
  if (!refused.ok() && !refused.IsNoSpace()) return refused;
  if (!refused.ok()) op.bytes.resize(op.bytes.size() / 2);
  const auto status = file.Append(op.bytes, IOOptions(), nullptr);
  if (status.ok()) ops_.push_back(std::move(op));
  return refused.ok() ? status : refused;
}

void RecordingFs::Note(const DiskOp& op) {
  if (op.kind == Kind::kCreate) names_[op.path] = op.file;
  if (op.kind == Kind::kRename || op.kind == Kind::kLink) names_[op.target] = op.file;
  if (op.kind == Kind::kRename || op.kind == Kind::kDelete) names_.erase(op.path);
}

IOStatus RecordingFs::NewWritableFile(const std::string& name, const FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) {
  DiskOp op{Kind::kCreate, FileOf(Within(name)), Within(name), {}, 0, {}};
  if (op.path.empty()) return target()->NewWritableFile(name, options, result, debug);
  if (op.file == 0) {
    const std::lock_guard lock(mutex_);
    op.file = ++last_file_;
  }
  auto status = Do(op, [&] { return target()->NewWritableFile(name, options, result, debug); });
  if (status.ok()) *result = std::make_unique<Writable>(*this, std::move(op), std::move(*result));
  return status;
}

IOStatus RecordingFs::ReopenWritableFile(const std::string& name, const FileOptions& options,
                                         std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) {
  DiskOp op{Kind::kAppend, FileOf(Within(name)), Within(name), {}, 0, {}};
  if (!op.path.empty() && op.file == 0) return NewWritableFile(name, options, result, debug);
  auto status = target()->ReopenWritableFile(name, options, result, debug);
  if (status.ok() && op.file != 0) *result = std::make_unique<Writable>(*this, std::move(op), std::move(*result));
  return status;
}

IOStatus RecordingFs::NewRandomRWFile(const std::string& name, const FileOptions& options,
                                      std::unique_ptr<rocksdb::FSRandomRWFile>* result, IODebugContext* debug) {
  auto status = target()->NewRandomRWFile(name, options, result, debug);
  DiskOp op{Kind::kWriteAt, FileOf(Within(name)), Within(name), {}, 0, {}};
  if (status.ok() && op.file != 0) *result = std::make_unique<InPlace>(*this, std::move(op), std::move(*result));
  return status;
}

IOStatus RecordingFs::NewDirectory(const std::string& name, const IOOptions& options,
                                   std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext* debug) {
  auto status = target()->NewDirectory(name, options, result, debug);
  const bool is_root = std::filesystem::path(name).lexically_normal().string() == root_;
  if (status.ok() && (is_root || !Within(name).empty()))
    *result = std::make_unique<Directory>(*this, Within(name), std::move(*result));
  return status;
}

IOStatus RecordingFs::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  const std::uint64_t file = FileOf(Within(name));
  if (file == 0) return target()->DeleteFile(name, options, debug);
  return Do({Kind::kDelete, file, Within(name), {}, 0, {}}, [&] { return target()->DeleteFile(name, options, debug); });
}

IOStatus RecordingFs::Truncate(const std::string& name, std::size_t size, const IOOptions& options,
                               IODebugContext* debug) {
  const std::uint64_t file = FileOf(Within(name));
  if (file == 0) return target()->Truncate(name, size, options, debug);
  return Do({Kind::kTruncate, file, Within(name), {}, size, {}},
            [&] { return target()->Truncate(name, size, options, debug); });
}

IOStatus RecordingFs::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                 IODebugContext* debug) {
  const std::uint64_t file = FileOf(Within(from));
  if (file == 0) return target()->RenameFile(from, to, options, debug);
  return Do({Kind::kRename, file, Within(from), Within(to), 0, {}},
            [&] { return target()->RenameFile(from, to, options, debug); });
}

IOStatus RecordingFs::LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                               IODebugContext* debug) {
  const std::uint64_t file = FileOf(Within(from));
  if (file == 0) return target()->LinkFile(from, to, options, debug);
  return Do({Kind::kLink, file, Within(from), Within(to), 0, {}},
            [&] { return target()->LinkFile(from, to, options, debug); });
}

IOStatus RecordingFs::CreateDir(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  if (Within(name).empty()) return target()->CreateDir(name, options, debug);
  return Do({Kind::kMakeFolder, 0, Within(name), {}, 0, {}}, [&] { return target()->CreateDir(name, options, debug); });
}

IOStatus RecordingFs::CreateDirIfMissing(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  const bool missing = !target()->FileExists(name, options, debug).ok();
  return missing ? CreateDir(name, options, debug) : IOStatus::OK();
}

IOStatus RecordingFs::DeleteDir(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  if (Within(name).empty()) return target()->DeleteDir(name, options, debug);
  return Do({Kind::kDeleteFolder, 0, Within(name), {}, 0, {}},
            [&] { return target()->DeleteDir(name, options, debug); });
}

}  // namespace outpost::test
