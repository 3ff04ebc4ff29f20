#include "journal/unlock.h"

#include "base/system/files.h"
#include "journal/cipher_fs.h"
#include "journal/key_file.h"
#include "journal/layout.h"

namespace outpost {
namespace journal {
namespace {

Result<std::optional<KeyFile>> ReadKeyFile(const std::filesystem::path& folder, const Disk& plain) {
  const auto path = KeyPath(folder);
  OUTPOST_TRY(const bool there, Exists(plain, path));
  if (!there) return std::optional<KeyFile>();
  OUTPOST_TRY(const auto bytes, ReadWhole(plain, path));
  OUTPOST_TRY(auto file, ParseKeyFile(bytes, path));
  return std::optional<KeyFile>(std::move(file));
}

// The file that each database has from its birth on; empty where there is none.
Result<std::string> ReadCurrent(const std::filesystem::path& folder, const Disk& plain) {
  const auto path = DatabasePath(folder) / "CURRENT";
  OUTPOST_TRY(const bool there, Exists(plain, path));
  if (!there) return std::string();
  return ReadWhole(plain, path);
}

Unlocked With(std::shared_ptr<const DataKey> key, const Disk& plain) {
  Unlocked files{std::move(key), nullptr, nullptr};
  files.disk = EncryptedDisk(plain, files.key);
  files.env = rocksdb::NewCompositeEnv(files.disk);
  return files;
}

}  // namespace

Result<Unlocked> Unlock(const std::filesystem::path& folder, bool exists, const Disk& plain, const KeySource& source) {
  OUTPOST_TRY(const auto file, ReadKeyFile(folder, plain));
  OUTPOST_TRY(const std::string current, ReadCurrent(folder, plain));
  if (file) {
    OUTPOST_TRY(auto key, Unguard(*file, source, KeyPath(folder)));
    if (!current.empty())
      if (auto checked = CheckPrefix(*key, current); !checked)
        return Error{checked.error().code, Retry::kNever,
                     (DatabasePath(folder) / "CURRENT").string() + " " + checked.error().context};
    return With(std::move(key), plain);
  }
  if (LooksEncrypted(current))
    return Error{
        Code::kCorrupt, Retry::kNever,
        KeyPath(folder).string() + " is gone, and the database beside it is encrypted: without KEY it cannot be read"};
  if (exists && source.kind != KeySource::Kind::kNone)
    return Error{Code::kRejected, Retry::kNever,
                 "the journal in " + folder.string() +
                     " is not encrypted, but a key was given; to have it encrypted, sync it, remove the account and "
                     "add it again "
                     "with a key"};
  return Unlocked{nullptr, plain, nullptr};
}

Result<Unlocked> MakeUnlocked(const std::filesystem::path& folder, const Disk& plain, const KeySource& source) {
  const auto path = KeyPath(folder);
  OUTPOST_TRY(const bool there, Exists(plain, path));
  if (there) return Error{Code::kConflict, Retry::kBackoff, path.string() + " was made by another process meanwhile"};
  OUTPOST_TRY(auto made, MakeKey(source));
  OUTPOST_TRYV(WriteDurably(plain, path, EncodeKeyFile(made.file)));
  return With(std::move(made.key), plain);
}

}  // namespace journal

Result<std::optional<KeyGuard>> EncryptionOf(const std::filesystem::path& folder) {
  OUTPOST_TRY(const auto file, journal::ReadKeyFile(folder, journal::DiskOf(nullptr)));
  return file ? std::optional<KeyGuard>(file->guard) : std::nullopt;
}

Result<void> ChangePassphrase(const std::filesystem::path& folder, const Secret& old, const Secret& fresh) {
  const auto plain = journal::DiskOf(nullptr);
  const auto path = journal::KeyPath(folder);
  OUTPOST_TRY(const bool exists, journal::HasJournal(folder, plain));
  if (!exists) return Error{Code::kNotFound, Retry::kNever, "no journal in " + folder.string()};
  OUTPOST_TRYV(journal::CheckSource({KeySource::Kind::kPassphrase, fresh}));
  OUTPOST_TRY(const auto lock, FileLock::Take(journal::LockPath(folder)));
  OUTPOST_TRY(const auto file, journal::ReadKeyFile(folder, plain));
  if (!file || file->guard != KeyGuard::kPassphrase)
    return Error{Code::kRejected, Retry::kNever, "the journal in " + folder.string() + " has no passphrase to change"};
  OUTPOST_TRY(const auto key, journal::Unguard(*file, {KeySource::Kind::kPassphrase, old}, path));
  OUTPOST_TRY(const auto sealed, journal::SealKey(*key, fresh));
  return journal::WriteDurably(plain, path, journal::EncodeKeyFile(sealed));
}

}  // namespace outpost
