#include "journal/key_file.h"

#include <catch2/catch.hpp>

#include "base/random.h"
#include "base/system/crypto.h"

using namespace outpost;
using namespace outpost::journal;

namespace {

// The same bytes by another program: Python's hmac and hashlib, OpenSSL's GCM.
const std::string kStoredKey = *ParseHex(
    "4f504b590000000100000001404142434445464748494a4b4c4d4e4f7a18c0b77a03f42e2f0fde3278f7a283c522334146dd275e"
    "6474ca321acd765591e1f0b582486db4f2eb85588d50aacd");
const std::string kPassphraseKey = *ParseHex(
    "4f504b590000000100000002404142434445464748494a4b4c4d4e4f0000000a0000000800000001a0a1a2a3a4a5a6a7a8a9aaab"
    "acadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbaa0dd7c72df1aa3b295aa06c02ed0e7c2d0ce961"
    "f84390419679a485bf23bb1a5f164fa8b4a76268892f7fde0f8e44dbb5b3c911334fcc1c27aa26108c746980");
constexpr const char* kPassphrase = "correct horse \xC3\x9C";

std::string Counting(int from, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<char>(from + i));
  return bytes;
}

KeySource Stored(std::string_view key) { return {KeySource::Kind::kStored, Secret(key)}; }
KeySource Passphrase(std::string_view text) { return {KeySource::Kind::kPassphrase, Secret(text)}; }

Result<KeyFile> Parse(std::string_view bytes) { return ParseKeyFile(bytes, "journal/KEY"); }

// `bytes` with the checksum that belongs to them in place of their own.
std::string Checked(std::string bytes) {
  bytes.resize(bytes.size() - 16);
  return bytes.append(AsText(Sha256Of(bytes)).substr(0, 16));
}

}  // namespace

TEST_CASE("key: what is taken from a data key is fixed for good", "[journal][key]") {
  KeyId id{};
  const DataKey key(id, Secret(Counting(0, 32)));
  CHECK(ToHex(key.ForFile(AsBytes(Counting(0x80, 32))).bytes()) ==
        "2451e79d3f281ac7fcb09f93e906a8910185c35487fb26faad060d9941c7eb23");
  const Digest content = Sha256Of("blob");
  CHECK(ToHex(key.NameOf(content)) == "60d8674a8a8b96066bb9c198346ed121caecab8df6b6d38956e5bb1af718d540");
}

TEST_CASE("key: files of both guards, made elsewhere, open and are written the same", "[journal][key]") {
  for (const auto& [bytes, source] :
       {std::pair(kStoredKey, Stored(Counting(0, 32))), std::pair(kPassphraseKey, Passphrase(kPassphrase))}) {
    const auto file = Parse(bytes);
    REQUIRE(file);
    CHECK(EncodeKeyFile(file.value()) == bytes);
    const auto key = Unguard(file.value(), source, "journal/KEY");
    REQUIRE(key);
    CHECK(AsText(key.value()->secret().bytes()) == Counting(0, 32));
    CHECK(AsText(key.value()->id()) == Counting(0x40, 16));
  }
}

TEST_CASE("key: every changed bit and every other length of KEY is refused by name", "[journal][key]") {
  for (const std::string& whole : {kStoredKey, kPassphraseKey}) {
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
      std::string changed = whole;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
      const auto refused = Parse(changed);
      REQUIRE_FALSE(refused);
      // Of the version's bits most make a later version.
      REQUIRE((refused.error().code == Code::kCorrupt || (bit >= 32 && bit < 64)));
      REQUIRE(refused.error().context.find("journal/KEY") != std::string::npos);
    }
    for (std::size_t size = 0; size < whole.size(); ++size)
      REQUIRE(Parse(whole.substr(0, size)).error().code == Code::kCorrupt);
    CHECK(Parse(whole + "x").error().code == Code::kCorrupt);
    CHECK(Parse(Checked(whole + "x")).error().code == Code::kCorrupt);
  }
}

TEST_CASE("key: costs that would hang or fill the machine are refused, though the checksum fits", "[journal][key]") {
  struct Absurd {
    std::size_t at;
    std::uint32_t number;
    const char* named;
  };
  for (const Absurd& one : {Absurd{28, 63, "2^63"}, Absurd{28, 0, "2^0"}, Absurd{32, 0x7fffffff, "r = 2147483647"},
                            Absurd{36, 100'000, "p = 100000"}}) {
    std::string number;
    AppendBe32(number, one.number);
    const auto refused = Parse(Checked(std::string(kPassphraseKey).replace(one.at, 4, number)));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::kCorrupt);
    CHECK(refused.error().context.find(one.named) != std::string::npos);
  }
}

TEST_CASE("key: a weaker cost or another id under the same passphrase does not open", "[journal][key]") {
  for (const std::size_t at : {27u, 31u, 40u}) {
    std::string changed = kPassphraseKey;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto file = Parse(Checked(changed));
    REQUIRE(file);
    CHECK(Unguard(file.value(), Passphrase(kPassphrase), "journal/KEY").error().code == Code::kRejected);
  }
}

TEST_CASE("key: a new one opens by what it was made with and by nothing else", "[journal][key]") {
  const Secret raw = RandomSecret(kCipherKeyBytes).value();
  for (const KeySource& source : {KeySource{KeySource::Kind::kStored, raw}, Passphrase("open sesame")}) {
    const auto made = MakeKey(source).value();
    const auto file = Parse(EncodeKeyFile(made.file)).value();
    const auto key = Unguard(file, source, "journal/KEY");
    REQUIRE(key);
    CHECK(AsText(key.value()->secret().bytes()) == AsText(made.key->secret().bytes()));
    for (const KeySource& wrong : {KeySource{}, Stored(std::string(32, 'k')), Passphrase("open sesam")})
      CHECK(Unguard(file, wrong, "journal/KEY").error().code == Code::kRejected);
  }
}

TEST_CASE("key: the same passphrase seals each journal's own key, and each time otherwise", "[journal][key]") {
  const auto one = MakeKey(Passphrase("p")).value();
  const auto other = MakeKey(Passphrase("p")).value();
  CHECK(AsText(one.key->secret().bytes()) != AsText(other.key->secret().bytes()));
  CHECK(one.key->id() != other.key->id());
  const auto again = SealKey(*one.key, Secret("p")).value();
  CHECK(again.salt != one.file.salt);
  CHECK(again.nonce != one.file.nonce);
  CHECK(again.sealed != one.file.sealed);
}

TEST_CASE("key: sources of a length that cannot be are refused before anything is done", "[journal][key]") {
  for (const KeySource& source : {Stored("short"), Stored(std::string(33, 'k')), Passphrase(""),
                                  Passphrase(std::string(kPassphraseBytesMax + 1, 'p'))})
    CHECK(MakeKey(source).error().code == Code::kInvalid);
}
