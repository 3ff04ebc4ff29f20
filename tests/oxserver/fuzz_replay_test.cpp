#include <catch2/catch.hpp>
#include <filesystem>

#include "base/random.h"
#include "base/system/files.h"
#include "tests/oxserver/fuzz_bodies.h"

using namespace outpost;

namespace {

// Each file of the corpus as it is, cut at every length, and with bytes changed.
template <class Body>
void Replay(const char* folder, Body body) {
  SeededRandom random(11);
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(OUTPOST_SOURCE) + "/tests/oxserver/corpus/" + folder)) {
    const std::string text = ReadFile(entry.path()).value();
    ++files;
    for (std::size_t length = 0; length <= text.size(); ++length) body(std::string_view(text).substr(0, length));
    for (int i = 0; i < 300; ++i) {
      std::string changed = text;
      for (std::uint64_t n = 1 + random.Below(4); n > 0 && !changed.empty(); --n) {
        changed[random.Below(changed.size())] = static_cast<char>(random.Below(256));
      }
      body(changed);
    }
  }
  CHECK(files >= 3);
}

}  // namespace

TEST_CASE("bad input: broken vCards never get further than a failure", "[oxserver][fuzz]") {
  Replay("vcard", oxserver::test::FuzzVcard);
}
TEST_CASE("bad input: broken requests are answered", "[oxserver][fuzz]") {
  Replay("request", oxserver::test::FuzzRequest);
}
