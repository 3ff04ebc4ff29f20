#include "base/system/crypto.h"

#include <catch2/catch.hpp>

using namespace outpost;

TEST_CASE("crypto: SHA-256 of the examples of FIPS 180", "[base]") {
  CHECK(ToHex(Sha256Of("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(ToHex(Sha256Of("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(ToHex(Sha256Of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(ToHex(Sha256Of(std::string(1'000'000, 'a'))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("crypto: pieces hash as their sum, and a hasher is as new after Finish", "[base]") {
  Sha256 hasher;
  CHECK(hasher.Add("a").Add("").Add("bc").Finish() == Sha256Of("abc"));
  CHECK(hasher.Finish() == Sha256Of(""));
  CHECK(hasher.Add("abc").Finish() == Sha256Of("abc"));
}

TEST_CASE("crypto: HMAC-SHA-256 of RFC 4231", "[base]") {
  CHECK(ToHex(HmacSha256(AsBytes(std::string(20, '\x0b')), "Hi There")) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(ToHex(HmacSha256(AsBytes("Jefe"), "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(
      ToHex(HmacSha256(AsBytes(std::string(131, '\xaa')), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("crypto: HMAC takes an empty key and an empty text", "[base]") {
  CHECK(ToHex(HmacSha256({}, "")) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}
