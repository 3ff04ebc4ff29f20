#include <catch2/catch.hpp>

#include "base/random.h"
#include "tests/schemas/samples.h"

using namespace outpost;
using namespace outpost::test;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void Feed(const std::string& bytes) { LLVMFuzzerTestOneInput(AsBytes(bytes).data(), bytes.size()); }

std::vector<std::string> ValidBytes() {
  std::vector<std::string> valid;
  for (const Event& event : SampleEvents()) {
    valid.push_back(event.body);
    valid.push_back(EncodeHeader(event.header));
  }
  valid.push_back(EncodeItem(SampleItem()));
  return valid;
}

}  // namespace

TEST_CASE("hostile: valid bytes pass through every decoder, also the wrong ones", "[schemas][hostile]") {
  for (const std::string& bytes : ValidBytes()) CHECK_NOTHROW(Feed(bytes));
}

TEST_CASE("hostile: every truncation decodes or errs", "[schemas][hostile]") {
  for (const std::string& bytes : ValidBytes())
    for (std::size_t size = 0; size < bytes.size(); ++size) REQUIRE_NOTHROW(Feed(bytes.substr(0, size)));
}

TEST_CASE("hostile: every flipped bit and every extreme byte decodes or errs", "[schemas][hostile]") {
  for (const std::string& bytes : ValidBytes())
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      std::string changed = bytes;
      for (int bit = 0; bit < 8; ++bit) {
        changed[at] = static_cast<char>(bytes[at] ^ (1 << bit));
        REQUIRE_NOTHROW(Feed(changed));
      }
      for (const char extreme : {'\0', '\x7f', '\x80', '\xff'}) {
        changed[at] = extreme;
        REQUIRE_NOTHROW(Feed(changed));
      }
    }
}

TEST_CASE("hostile: bytes are read wherever they lie in memory", "[schemas][hostile]") {
  const std::string row = EncodeItem(SampleItem());
  for (std::size_t shift = 0; shift < 16; ++shift) {
    const std::string shifted = std::string(shift, 'x') + row;
    CHECK(EncodeItem(DecodeItem({}, std::string_view(shifted).substr(shift)).value()) == row);
    for (const Event& event : SampleEvents()) {
      const std::string body = std::string(shift, 'x') + event.body;
      CHECK(Recode(event.header.kind, std::string_view(body).substr(shift)).value() == event.body);
    }
  }
}

TEST_CASE("hostile: bytes behind the end, and noise", "[schemas][hostile]") {
  SeededRandom random(1);
  for (const std::string& bytes : ValidBytes()) REQUIRE_NOTHROW(Feed(bytes + bytes));
  for (int i = 0; i < 2000; ++i) {
    std::string noise(random.Below(200), '\0');
    for (char& c : noise) c = static_cast<char>(random.Next());
    REQUIRE_NOTHROW(Feed(noise));
  }
}

TEST_CASE("hostile: a damaged patch is named as damage, not read on", "[schemas][hostile]") {
  const std::string body = Encode(ChangeBody{{{101, std::string("Ada")}, {103, std::string("Lovelace")}}, {}, 0});
  const Result<ChangeBody> cut = DecodeChange(body.substr(0, body.size() / 2));
  REQUIRE_FALSE(cut);
  CHECK(cut.error().code == Code::kCorrupt);
  CHECK_FALSE(DecodeChange(""));
  CHECK_FALSE(DecodeHeader(""));
  CHECK_FALSE(DecodeItem({}, ""));
  CHECK_FALSE(DecodeHeader(EncodeItem(SampleItem())));
  CHECK_FALSE(DecodeItem({}, EncodeHeader(SampleEvents()[0].header)));
}
