#include "base/system/cipher.h"

#include <catch2/catch.hpp>
#include <thread>

#include "base/random.h"

using namespace outpost;

namespace {

std::string Raw(std::string_view hex) { return ParseHex(hex).value(); }

std::span<std::uint8_t> Writable(std::string& text) {
  return {reinterpret_cast<std::uint8_t*>(text.data()), text.size()};
}

// NIST SP 800-38A, F.5.5.
const std::string kCtrKey = Raw("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
const std::string kCtrPlain =
    Raw("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
const std::string kCtrCipher =
    Raw("601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
        "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6");

Aes256Ctr::Counter NistCounter() {
  Aes256Ctr::Counter counter;
  for (std::size_t i = 0; i < counter.size(); ++i) counter[i] = static_cast<std::uint8_t>(0xf0 + i);
  return counter;
}

// The test cases of the GCM specification (McGrew, Viega) for AES-256.
struct SealCase {
  std::string key, nonce, bound, plain, sealed;
};
const SealCase kSealCases[] = {
    {std::string(32, '\0'), std::string(12, '\0'), "", "", Raw("530f8afbc74536b9a963b4f1c4cb738b")},
    {std::string(32, '\0'), std::string(12, '\0'), "", std::string(16, '\0'),
     Raw("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")},
    {Raw("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"), Raw("cafebabefacedbaddecaf888"),
     Raw("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
     Raw("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
         "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"),
     Raw("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
         "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
         "76fc6ece0f4e1768cddf8853bb2d551b")},
};

std::string ScryptHex(std::string_view passphrase, std::string_view salt, const ScryptCost& cost) {
  return ToHex(Scrypt(AsBytes(passphrase), AsBytes(salt), cost, 64).value().bytes());
}

}  // namespace

TEST_CASE("cipher: AES-256-CTR of NIST SP 800-38A, both ways", "[base][cipher]") {
  const Aes256Ctr cipher(AsBytes(kCtrKey), NistCounter());
  std::string text = kCtrPlain;
  REQUIRE(cipher.Apply(0, Writable(text)));
  CHECK(ToHex(AsBytes(text)) == ToHex(AsBytes(kCtrCipher)));
  REQUIRE(cipher.Apply(0, Writable(text)));
  CHECK(text == kCtrPlain);
}

TEST_CASE("cipher: a piece of the counter stream is the same from wherever it is entered", "[base][cipher]") {
  const Aes256Ctr cipher(AsBytes(kCtrKey), NistCounter());
  for (std::size_t from = 0; from < kCtrPlain.size(); ++from)
    for (std::size_t size = 0; from + size <= kCtrPlain.size(); ++size) {
      std::string piece = kCtrPlain.substr(from, size);
      REQUIRE(cipher.Apply(from, Writable(piece)));
      REQUIRE(piece == kCtrCipher.substr(from, size));
    }
}

TEST_CASE("cipher: the counter carries over all its bytes", "[base][cipher]") {
  Aes256Ctr::Counter last;
  last.fill(0xff);
  const Aes256Ctr wraps(AsBytes(kCtrKey), last);
  const Aes256Ctr zero(AsBytes(kCtrKey));
  std::string after(40, '\0'), start(40, '\0');
  REQUIRE(wraps.Apply(16, Writable(after)));
  REQUIRE(zero.Apply(0, Writable(start)));
  CHECK(after == start);
  std::string far(40, '\0'), near(40, '\0');
  REQUIRE(zero.Apply(std::uint64_t{16} << 32, Writable(far)));
  Aes256Ctr::Counter high{};
  high[11] = 1;
  REQUIRE(Aes256Ctr(AsBytes(kCtrKey), high).Apply(0, Writable(near)));
  CHECK(far == near);
}

TEST_CASE("cipher: one stream serves many threads at once", "[base][cipher][threads]") {
  const Aes256Ctr cipher(AsBytes(kCtrKey));
  std::string stream(1 << 16, '\0');
  REQUIRE(cipher.Apply(0, Writable(stream)));
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < wrong.size(); ++t)
    threads.emplace_back([&, t] {
      SeededRandom random(t);
      for (int i = 0; i < 2000; ++i) {
        const std::size_t from = random.Below(stream.size());
        std::string piece(random.Below(stream.size() - from), '\0');
        if (!cipher.Apply(from, Writable(piece)) || piece != stream.substr(from, piece.size())) ++wrong[t];
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
}

TEST_CASE("cipher: AES-256-GCM of its specification, both ways", "[base][cipher]") {
  for (const SealCase& one : kSealCases) {
    const std::string sealed = Seal(AsBytes(one.key), AsBytes(one.nonce), one.bound, AsBytes(one.plain));
    CHECK(ToHex(AsBytes(sealed)) == ToHex(AsBytes(one.sealed)));
    const auto opened = Unseal(AsBytes(one.key), AsBytes(one.nonce), one.bound, sealed);
    REQUIRE(opened);
    CHECK(AsText(opened->bytes()) == one.plain);
  }
}

TEST_CASE("cipher: a seal opens for no other key, nonce or binding, and not after a changed bit", "[base][cipher]") {
  const SealCase& one = kSealCases[2];
  const auto opens = [](const SealCase& tried) {
    return Unseal(AsBytes(tried.key), AsBytes(tried.nonce), tried.bound, tried.sealed).has_value();
  };
  REQUIRE(opens(one));
  for (std::string SealCase::*part : {&SealCase::key, &SealCase::nonce, &SealCase::bound, &SealCase::sealed})
    for (std::size_t bit = 0; bit < (one.*part).size() * 8; ++bit) {
      SealCase changed = one;
      char& byte = (changed.*part)[bit / 8];
      byte = static_cast<char>(byte ^ (1 << bit % 8));
      REQUIRE_FALSE(opens(changed));
    }
  SealCase cut = one;
  while (!cut.sealed.empty()) {
    cut.sealed.pop_back();
    REQUIRE_FALSE(opens(cut));
  }
}

TEST_CASE("cipher: scrypt of RFC 7914", "[base][cipher]") {
  CHECK(ScryptHex("", "", {4, 1, 1}) ==
        "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
        "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
  CHECK(ScryptHex("password", "NaCl", {10, 8, 16}) ==
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
        "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
  CHECK(ScryptHex("pleaseletmein", "SodiumChloride", {14, 8, 1}) ==
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
        "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
}

TEST_CASE("cipher: scrypt takes its usual cost, and refuses what would hang or fill the machine", "[base][cipher]") {
  CHECK(Scrypt(AsBytes("x"), AsBytes("y"), ScryptCost{}, 32).value().bytes().size() == 32);
  CHECK(IsBounded({18, 8, 1}));
  for (const ScryptCost& cost :
       {ScryptCost{0, 8, 1}, ScryptCost{21, 1, 1}, ScryptCost{19, 8, 1}, ScryptCost{15, 0, 1},
        ScryptCost{15, 0xffffffff, 1}, ScryptCost{15, 8, 0}, ScryptCost{15, 8, 17}, ScryptCost{0xffffffff, 8, 1}}) {
    const auto refused = Scrypt(AsBytes("x"), AsBytes("y"), cost, 32);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::kInvalid);
  }
}

TEST_CASE("cipher: random bytes differ, and a secret moved from is empty", "[base][cipher]") {
  const Secret one = RandomSecret(32).value();
  Secret other = RandomSecret(32).value();
  CHECK(AsText(one.bytes()) != AsText(other.bytes()));
  CHECK(one.bytes().size() == 32);
  const Secret taken = std::move(other);
  CHECK(other.empty());
  CHECK(taken.bytes().size() == 32);
}

TEST_CASE("cipher: what is wiped is gone", "[base][cipher]") {
  std::string text = "a key";
  Wipe(Writable(text));
  CHECK(text == std::string(5, '\0'));
}
