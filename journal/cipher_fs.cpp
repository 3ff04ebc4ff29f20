#include "journal/cipher_fs.h"

#include <rocksdb/env_encryption.h>

#include <cstring>

#include "journal/cipher_log.h"

namespace outpost::journal {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;
using rocksdb::Status;

constexpr std::string_view kMagic = "OPEF";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kIdAt = 8;
constexpr std::size_t kSaltAt = kIdAt + std::tuple_size_v<KeyId>;
constexpr std::size_t kProofAt = kSaltAt + DataKey::kSaltBytes;
constexpr std::size_t kProofBytes = 16;
constexpr std::size_t kUsedBytes = kProofAt + kProofBytes;

std::string ProofOf(const DataKey& key, std::string_view start) {
  return std::string(AsText(key.Proof("head", start.substr(0, kProofAt))).substr(0, kProofBytes));
}

class CipherStream final : public rocksdb::BlockAccessCipherStream {
 public:
  explicit CipherStream(const Secret& key) : cipher_(key.bytes()) {}
  std::size_t BlockSize() override { return kCipherBlockBytes; }
  Status Encrypt(std::uint64_t offset, char* data, std::size_t size) override {
    if (cipher_.Apply(offset, {reinterpret_cast<std::uint8_t*>(data), size})) return Status::OK();
    return Status::MemoryLimit("no memory for the cipher");
  }
  Status Decrypt(std::uint64_t offset, char* data, std::size_t size) override { return Encrypt(offset, data, size); }

 protected:
  void AllocateScratch(std::string&) override {}
  Status EncryptBlock(std::uint64_t block, char* data, char*) override {
    return Encrypt(block * kCipherBlockBytes, data, kCipherBlockBytes);
  }
  Status DecryptBlock(std::uint64_t block, char* data, char*) override { return EncryptBlock(block, data, nullptr); }

 private:
  const Aes256Ctr cipher_;
};

// RocksDB is not made for exceptions: a broken invariant becomes an error of the call.
template <class Body>
Status WithoutExceptions(Body body) {
  try {
    return body();
  } catch (const std::exception& broken) {
    return Status::IOError("encryption failed", broken.what());
  }
}

class CipherProvider final : public rocksdb::EncryptionProvider {
 public:
  explicit CipherProvider(std::shared_ptr<const DataKey> key) : key_(std::move(key)) {}
  const char* Name() const override { return "OutpostCipher"; }
  std::size_t GetPrefixLength() const override { return kPrefixBytes; }

  Status CreateNewPrefix(const std::string& name, char* prefix, std::size_t size) const override {
    return WithoutExceptions([&] {
      std::uint8_t salt[DataKey::kSaltBytes];
      if (size != kPrefixBytes || !FillRandom(salt)) return Status::IOError("no salt for the new file", name);
      std::string start(kMagic);
      AppendBe32(start, kVersion);
      start.append(AsText(key_->id())).append(AsText(salt));
      start.append(ProofOf(*key_, start));
      start.resize(kPrefixBytes);
      std::memcpy(prefix, start.data(), kPrefixBytes);
      return Status::OK();
    });
  }

  Status CreateCipherStream(const std::string& name, const rocksdb::EnvOptions&, Slice& prefix,
                            std::unique_ptr<rocksdb::BlockAccessCipherStream>* result) override {
    return WithoutExceptions([&] {
      const std::string_view start(prefix.data(), prefix.size());
      if (const auto checked = CheckPrefix(*key_, start); !checked)
        return Status::Corruption(name + " " + checked.error().context);
      *result = std::make_unique<CipherStream>(key_->ForFile(AsBytes(start.substr(kSaltAt, DataKey::kSaltBytes))));
      return Status::OK();
    });
  }

  Status AddCipher(const std::string&, const char*, std::size_t, bool) override {
    return Status::NotSupported("the key comes from KEY");
  }

 private:
  const std::shared_ptr<const DataKey> key_;
};

// A file opened again for writing, which RocksDB's own takes for empty: an encrypted append asks for its size and would
// use the key stream from the start once more.
class SizedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  SizedFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::uint64_t size)
      : FSWritableFileOwnerWrapper(std::move(file)), size_(size) {}
  using FSWritableFileOwnerWrapper::Append;
  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    auto status = target()->Append(data, options, debug);
    if (status.ok()) size_ += data.size();
    return status;
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    auto status = target()->Truncate(size, options, debug);
    if (status.ok()) size_ = size;
    return status;
  }
  std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }

 private:
  std::uint64_t size_;
};

// RocksDB's encrypting file system is made for files that are whole. Above it, what a crash and a second process bring:
// files that end within their prefix or are zero from there on, and files opened again.
class CipherFs final : public rocksdb::FileSystemWrapper {
 public:
  CipherFs(Disk plain, std::shared_ptr<CipherProvider> provider)
      : FileSystemWrapper(rocksdb::NewEncryptedFS(plain, provider)),
        plain_(std::move(plain)),
        provider_(std::move(provider)) {}
  const char* Name() const override { return "OutpostCipherFs"; }

  IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result, IODebugContext* debug) override;
  IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) override;
  IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name, const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) override {
    auto status = RenameFile(old_name, name, options.io_options, debug);
    return status.ok() ? NewWritableFile(name, options, result, debug) : status;
  }
  IOStatus GetFileSize(const std::string& name, const IOOptions& options, std::uint64_t* size,
                       IODebugContext* debug) override {
    auto status = plain_->GetFileSize(name, options, size, debug);
    if (status.ok()) *size = WithoutPrefix(*size);
    return status;
  }
  IOStatus GetChildrenFileAttributes(const std::string& folder, const IOOptions& options,
                                     std::vector<rocksdb::FileAttributes>* result, IODebugContext* debug) override {
    auto status = plain_->GetChildrenFileAttributes(folder, options, result, debug);
    if (status.ok())
      for (auto& file : *result) file.size_bytes = WithoutPrefix(file.size_bytes);
    return status;
  }
  // RocksDB's messages can hold keys of rows: its LOG is a file like all others.
  IOStatus NewLogger(const std::string& name, const IOOptions& options, std::shared_ptr<rocksdb::Logger>* result,
                     IODebugContext* debug) override {
    rocksdb::FileOptions file_options;
    file_options.io_options = options;
    std::unique_ptr<rocksdb::FSWritableFile> file;
    auto status = NewWritableFile(name, file_options, &file, debug);
    if (status.ok()) *result = std::make_shared<CipherLog>(std::move(file));
    return status;
  }

 private:
  class PendingFile;

  static std::uint64_t WithoutPrefix(std::uint64_t size) { return size > kPrefixBytes ? size - kPrefixBytes : 0; }
  bool HasPrefix(const std::string& name) const {
    std::uint64_t size = 0;
    return plain_->GetFileSize(name, IOOptions(), &size, nullptr).ok() && size >= kPrefixBytes;
  }

  // Of a file with a damaged start: whether a power cut left it so, before its first sync, as long as it was to become.
  bool IsZeroFromItsStart(const std::string& name) const {
    std::string bytes;
    if (!rocksdb::ReadFileToString(plain_.get(), name, &bytes).ok() || bytes.size() < kUsedBytes) return false;
    return bytes.find_first_not_of('\0', kUsedBytes - 1) == std::string::npos;
  }

  const Disk plain_;
  const std::shared_ptr<CipherProvider> provider_;
};

// A log that another process has just made is opened by a secondary before it has its prefix, and read further later.
class CipherFs::PendingFile final : public rocksdb::FSSequentialFile {
 public:
  PendingFile(CipherFs& fs, std::string name, const rocksdb::FileOptions& options)
      : fs_(fs), name_(std::move(name)), options_(options) {}
  IOStatus Read(std::size_t size, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* debug) override {
    *result = Slice();
    if (!file_) {
      if (!fs_.HasPrefix(name_)) return IOStatus::OK();
      auto status = fs_.target()->NewSequentialFile(name_, options_, &file_, debug);
      if (status.IsCorruption() && fs_.IsZeroFromItsStart(name_)) return IOStatus::OK();
      if (!status.ok()) return status;
    }
    return file_->Read(size, options, result, scratch, debug);
  }
  IOStatus Skip(std::uint64_t size) override { return file_ ? file_->Skip(size) : IOStatus::OK(); }

 private:
  CipherFs& fs_;
  const std::string name_;
  const rocksdb::FileOptions options_;
  std::unique_ptr<rocksdb::FSSequentialFile> file_;
};

IOStatus CipherFs::NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                     std::unique_ptr<rocksdb::FSSequentialFile>* result, IODebugContext* debug) {
  std::uint64_t size = 0;
  auto status = plain_->GetFileSize(name, options.io_options, &size, debug);
  if (status.ok() && size < kPrefixBytes) {
    *result = std::make_unique<PendingFile>(*this, name, options);
    return IOStatus::OK();
  }
  status = target()->NewSequentialFile(name, options, result, debug);
  // RocksDB expects no damage of this file (built with assertions it ends the process) and makes a missing one anew;
  // nothing hangs on its content.
  if (status.IsCorruption() && name.ends_with("/IDENTITY")) return IOStatus::NotFound(status.ToString());
  if (status.IsCorruption() && IsZeroFromItsStart(name)) {
    *result = std::make_unique<PendingFile>(*this, name, options);
    return IOStatus::OK();
  }
  return status;
}

IOStatus CipherFs::ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) {
  std::uint64_t size = 0;
  if (!plain_->GetFileSize(name, options.io_options, &size, debug).ok() || size < kPrefixBytes)
    return NewWritableFile(name, options, result, debug);
  std::unique_ptr<rocksdb::FSRandomAccessFile> start;
  auto status = plain_->NewRandomAccessFile(name, options, &start, debug);
  if (!status.ok()) return status;
  std::string bytes(kPrefixBytes, '\0');
  Slice prefix;
  status = start->Read(0, kPrefixBytes, options.io_options, &prefix, bytes.data(), debug);
  if (!status.ok()) return status;
  std::unique_ptr<rocksdb::BlockAccessCipherStream> stream;
  status = rocksdb::status_to_io_status(provider_->CreateCipherStream(name, options, prefix, &stream));
  if (!status.ok()) return status;
  std::unique_ptr<rocksdb::FSWritableFile> file;
  status = plain_->ReopenWritableFile(name, options, &file, debug);
  if (!status.ok()) return status;
  *result = std::make_unique<rocksdb::EncryptedWritableFile>(std::make_unique<SizedFile>(std::move(file), size),
                                                             std::move(stream), kPrefixBytes);
  return IOStatus::OK();
}

}  // namespace

bool LooksEncrypted(std::string_view start) { return start.starts_with(kMagic); }

Result<void> CheckPrefix(const DataKey& key, std::string_view start) {
  const auto refuse = [](Code code, std::string why) { return Error{code, Retry::kNever, std::move(why)}; };
  if (start.size() < kUsedBytes || !LooksEncrypted(start))
    return refuse(Code::kCorrupt, "is not encrypted, or its start is damaged");
  if (const std::uint32_t version = ReadBe32(start, 4); version > kVersion)
    return refuse(Code::kNewerFormat, "is encrypted in version " + std::to_string(version) + ", this program knows " +
                                          std::to_string(kVersion));
  if (start.substr(kIdAt, key.id().size()) != AsText(key.id()))
    return refuse(Code::kCorrupt, "is encrypted under the wrong key: the file names key " +
                                      ToHex(AsBytes(start.substr(kIdAt, key.id().size()))) + ", KEY is " +
                                      ToHex(key.id()));
  if (start.substr(kProofAt, kProofBytes) != ProofOf(key, start))
    return refuse(Code::kCorrupt, "has a damaged start, or was written under a wrong key");
  return Ok();
}

Disk EncryptedDisk(Disk plain, std::shared_ptr<const DataKey> key) {
  return std::make_shared<CipherFs>(std::move(plain), std::make_shared<CipherProvider>(std::move(key)));
}

}  // namespace outpost::journal
