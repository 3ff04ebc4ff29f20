#include "journal/witness.h"

#include <cstring>

#include "base/system/crypto.h"

namespace outpost::journal {
namespace {
constexpr std::string_view kMagic = "OPTL";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kSigned = 48;
constexpr std::size_t kSize = 64;

std::string CheckOf(std::string_view bytes) { return std::string(AsText(Sha256Of(bytes)).substr(0, kSize - kSigned)); }
}  // namespace

std::string EncodeWitness(const Witness& witness) {
  std::string bytes(kMagic);
  AppendBe32(bytes, kVersion);
  AppendBe64(bytes, witness.last);
  bytes.append(AsText(witness.chain));
  bytes.append(CheckOf(bytes));
  return bytes;
}

std::optional<Witness> ParseWitness(std::string_view bytes) {
  if (bytes.size() != kSize || !bytes.starts_with(kMagic) || ReadBe32(bytes, 4) != kVersion) return std::nullopt;
  if (bytes.substr(kSigned) != CheckOf(bytes.substr(0, kSigned))) return std::nullopt;
  Witness witness;
  witness.last = ReadBe64(bytes, 8);
  std::memcpy(witness.chain.data(), bytes.data() + 16, witness.chain.size());
  return witness;
}

}  // namespace outpost::journal
