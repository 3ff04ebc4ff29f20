#include "journal/table_guard.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace outpost::journal {
namespace {

// RocksDB's block-based table of format 1 to 5: a footer of checksum type, handles of metaindex and index (varints,
// padded), version and magic; the metaindex names the handle of the properties. A block ends with how many restarts it
// has (little-endian), whose top bit says that a hash index lies before them.
constexpr std::size_t kFooterBytes = 53;
constexpr std::string_view kMagic = "\xf7\xcf\xf4\x85\xb7\x41\xe2\x88";
constexpr std::string_view kPropertiesName = "rocksdb.properties";
constexpr std::uint64_t kMetaindexBytesMax = 64u << 10;

struct Handle {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

std::optional<std::uint64_t> TakeVarint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

std::optional<Handle> TakeHandle(std::string_view bytes) {
  const auto offset = TakeVarint(bytes), size = TakeVarint(bytes);
  if (!offset || !size) return std::nullopt;
  return Handle{*offset, *size};
}

// A table whose end, where footer, metaindex and nearly always the properties are, is read at once.
class TableEnd {
 public:
  TableEnd(const rocksdb::RandomAccessFile& file, std::uint64_t size)
      : file_(file), begin_(size - std::min<std::uint64_t>(size, kEndBytes)) {
    end_ = Ask(begin_, static_cast<std::size_t>(size - begin_));
  }
  // Empty where so much cannot be read.
  std::string At(std::uint64_t offset, std::size_t size) const {
    if (offset < begin_ || offset - begin_ > end_.size() || size > end_.size() - (offset - begin_))
      return Ask(offset, size);
    return end_.substr(static_cast<std::size_t>(offset - begin_), size);
  }

 private:
  static constexpr std::uint64_t kEndBytes = 4096;
  std::string Ask(std::uint64_t offset, std::size_t size) const {
    std::string bytes(size, '\0');
    rocksdb::Slice read;
    if (!file_.Read(offset, size, &read, bytes.data()).ok() || read.size() != size) return {};
    return read.ToString();
  }

  const rocksdb::RandomAccessFile& file_;
  std::uint64_t begin_;
  std::string end_;
};

}  // namespace

bool EndsProcess(rocksdb::Env* env, const std::filesystem::path& table) {
  if (env == nullptr) env = rocksdb::Env::Default();
  std::uint64_t size = 0;
  std::unique_ptr<rocksdb::RandomAccessFile> file;
  if (!env->GetFileSize(table.string(), &size).ok() || size < kFooterBytes ||
      !env->NewRandomAccessFile(table.string(), &file, rocksdb::EnvOptions()).ok())
    return false;
  const TableEnd end(*file, size);
  const std::string footer = end.At(size - kFooterBytes, kFooterBytes);
  if (!footer.ends_with(kMagic)) return false;
  const auto metaindex = TakeHandle(std::string_view(footer).substr(1));
  if (!metaindex || metaindex->size > kMetaindexBytesMax || metaindex->offset > size) return false;
  const std::string names = end.At(metaindex->offset, static_cast<std::size_t>(metaindex->size));
  const std::size_t name = names.find(kPropertiesName);
  if (name == std::string::npos) return false;
  const auto properties = TakeHandle(std::string_view(names).substr(name + kPropertiesName.size()));
  if (!properties || properties->size == 0 || properties->size > size || properties->offset > size) return false;
  const std::string last = end.At(properties->offset + properties->size - 1, 1);
  return !last.empty() && static_cast<std::uint8_t>(last[0]) >= 0x80;
}

std::string FindProcessEnder(rocksdb::Env* env, const std::filesystem::path& folder) {
  if (env == nullptr) env = rocksdb::Env::Default();
  std::vector<std::string> names;
  env->GetChildren(folder.string(), &names).PermitUncheckedError();
  std::sort(names.begin(), names.end());
  for (const std::string& name : names)
    if (name.ends_with(".sst") && EndsProcess(env, folder / name)) return name;
  return {};
}

}  // namespace outpost::journal
