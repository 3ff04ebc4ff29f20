#include "journal/key_file.h"

#include <algorithm>
#include <cstring>

#include "base/system/crypto.h"

namespace outpost::journal {
namespace {

constexpr std::string_view kMagic = "OPKY";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeadBytes = 28;  // magic, version, guard, key id
constexpr std::size_t kSealedBytes = kCipherKeyBytes + kSealTagBytes;
constexpr std::size_t kChecksumBytes = 16;
constexpr std::size_t kStoredBytes = kHeadBytes + 32 + kChecksumBytes;
constexpr std::size_t kPassphraseBytes = kHeadBytes + 12 + 32 + kSealNonceBytes + kSealedBytes + kChecksumBytes;

Error Damaged(const std::filesystem::path& path, const std::string& why) {
  return {Code::kCorrupt, Retry::kNever, path.string() + " is damaged: " + why};
}

Error Rejected(const std::filesystem::path& path, const std::string& why) {
  return {Code::kRejected, Retry::kNever, "the journal in " + path.parent_path().string() + " " + why};
}

std::string ChecksumOf(std::string_view bytes) {
  return std::string(AsText(Sha256Of(bytes)).substr(0, kChecksumBytes));
}

std::string HeadOf(const KeyFile& file) {
  std::string bytes(kMagic);
  AppendBe32(bytes, kVersion);
  AppendBe32(bytes, static_cast<std::uint32_t>(file.guard));
  bytes.append(AsText(file.id));
  return bytes;
}

// All that a change of which must make the seal fail: no weaker cost and no other journal's id can be slipped in.
std::string BoundOf(const KeyFile& file) {
  std::string bytes = HeadOf(file);
  for (const std::uint32_t number : {file.cost.log2_n, file.cost.r, file.cost.p}) AppendBe32(bytes, number);
  bytes.append(AsText(file.salt));
  return bytes;
}

template <std::size_t size>
void Read(std::string_view bytes, std::size_t at, std::array<std::uint8_t, size>& out) {
  std::memcpy(out.data(), bytes.data() + at, size);
}

Result<void> ReadPassphrasePart(std::string_view bytes, KeyFile& file, const std::filesystem::path& path) {
  file.cost = {ReadBe32(bytes, kHeadBytes), ReadBe32(bytes, kHeadBytes + 4), ReadBe32(bytes, kHeadBytes + 8)};
  if (!IsBounded(file.cost))
    return Damaged(path, "it asks for scrypt with N = 2^" + std::to_string(file.cost.log2_n) +
                             ", r = " + std::to_string(file.cost.r) + ", p = " + std::to_string(file.cost.p) +
                             ", beyond what this program does for any journal");
  Read(bytes, kHeadBytes + 12, file.salt);
  Read(bytes, kHeadBytes + 44, file.nonce);
  file.sealed = bytes.substr(kHeadBytes + 56, kSealedBytes);
  return Ok();
}

}  // namespace

std::string EncodeKeyFile(const KeyFile& file) {
  std::string bytes;
  if (file.guard == KeyGuard::kStored) {
    bytes = HeadOf(file).append(AsText(file.check));
  } else {
    bytes = BoundOf(file).append(AsText(file.nonce)).append(file.sealed);
  }
  return bytes.append(ChecksumOf(bytes));
}

Result<KeyFile> ParseKeyFile(std::string_view bytes, const std::filesystem::path& path) {
  if (bytes.size() < kHeadBytes + kChecksumBytes || !bytes.starts_with(kMagic))
    return Damaged(path, "its " + std::to_string(bytes.size()) + " bytes are no key file");
  if (const std::uint32_t version = ReadBe32(bytes, 4); version > kVersion)
    return Error{
        Code::kNewerFormat, Retry::kNever,
        path.string() + " has version " + std::to_string(version) + ", this program knows " + std::to_string(kVersion)};
  const std::string_view text = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (bytes.substr(text.size()) != ChecksumOf(text)) return Damaged(path, "it does not match its checksum");
  KeyFile file;
  file.guard = static_cast<KeyGuard>(ReadBe32(bytes, 8));
  Read(bytes, 12, file.id);
  if (file.guard == KeyGuard::kStored && bytes.size() == kStoredBytes) {
    Read(bytes, kHeadBytes, file.check);
  } else if (file.guard == KeyGuard::kPassphrase && bytes.size() == kPassphraseBytes) {
    OUTPOST_TRYV(ReadPassphrasePart(bytes, file, path));
  } else {
    return Damaged(path, "guard " + std::to_string(ReadBe32(bytes, 8)) + " with " + std::to_string(bytes.size()) +
                             " bytes is none of those there are");
  }
  return file;
}

Result<void> CheckSource(const KeySource& source) {
  const std::size_t size = source.secret.bytes().size();
  const auto invalid = [](std::string why) { return Error{Code::kInvalid, Retry::kNever, std::move(why)}; };
  if (source.kind == KeySource::Kind::kStored && size != kCipherKeyBytes)
    return invalid("the key given for a journal has " + std::to_string(size) + " bytes, it must have " +
                   std::to_string(kCipherKeyBytes));
  if (source.kind == KeySource::Kind::kPassphrase && (size == 0 || size > kPassphraseBytesMax))
    return invalid("a passphrase has 1 to " + std::to_string(kPassphraseBytesMax) + " bytes; the one given has " +
                   std::to_string(size));
  return Ok();
}

Result<NewKey> MakeKey(const KeySource& source) {
  OUTPOST_TRYV(CheckSource(source));
  KeyId id;
  OUTPOST_TRYV(FillRandom(id));
  NewKey made;
  if (source.kind == KeySource::Kind::kPassphrase) {
    OUTPOST_TRY(auto secret, RandomSecret(kCipherKeyBytes));
    made.key = std::make_shared<DataKey>(id, std::move(secret));
    OUTPOST_TRY(made.file, SealKey(*made.key, source.secret));
    return made;
  }
  made.key = std::make_shared<DataKey>(id, source.secret);
  made.file.guard = KeyGuard::kStored;
  made.file.id = id;
  made.file.check = made.key->Proof("check", HeadOf(made.file));
  return made;
}

Result<KeyFile> SealKey(const DataKey& key, const Secret& passphrase) {
  OUTPOST_TRYV(CheckSource({KeySource::Kind::kPassphrase, passphrase}));
  KeyFile file;
  file.guard = KeyGuard::kPassphrase;
  file.id = key.id();
  OUTPOST_TRYV(FillRandom(file.salt));
  OUTPOST_TRYV(FillRandom(file.nonce));
  OUTPOST_TRY(const auto wrapping, Scrypt(passphrase.bytes(), file.salt, file.cost, kCipherKeyBytes));
  file.sealed = Seal(wrapping.bytes(), file.nonce, BoundOf(file), key.secret().bytes());
  return file;
}

Result<std::shared_ptr<const DataKey>> Unguard(const KeyFile& file, const KeySource& source,
                                               const std::filesystem::path& path) {
  const bool passphrase = file.guard == KeyGuard::kPassphrase;
  const std::string needs =
      passphrase ? "is encrypted and opens by its passphrase" : "is encrypted and opens by the key in the secret store";
  if (source.kind == KeySource::Kind::kNone) return Rejected(path, needs + "; none was given");
  if ((source.kind == KeySource::Kind::kPassphrase) != passphrase)
    return Rejected(path, needs + "; " + (passphrase ? "a key" : "a passphrase") + " was given");
  OUTPOST_TRYV(CheckSource(source));
  if (!passphrase) {
    auto key = std::make_shared<const DataKey>(file.id, source.secret);
    if (key->Proof("check", HeadOf(file)) != file.check)
      return Rejected(path, "is encrypted under another key than the one given");
    return std::shared_ptr<const DataKey>(std::move(key));
  }
  OUTPOST_TRY(const auto wrapping, Scrypt(source.secret.bytes(), file.salt, file.cost, kCipherKeyBytes));
  auto opened = Unseal(wrapping.bytes(), file.nonce, BoundOf(file), file.sealed);
  if (!opened) return Rejected(path, "is encrypted under another passphrase than the one given");
  return std::shared_ptr<const DataKey>(std::make_shared<DataKey>(file.id, std::move(*opened)));
}

}  // namespace outpost::journal
