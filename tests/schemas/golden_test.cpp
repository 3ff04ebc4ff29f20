#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <sstream>

#include "base/system/files.h"
#include "tests/schemas/samples.h"

using namespace outpost;
using namespace outpost::test;
namespace fs = std::filesystem;

// tests/golden/event/CASE.hex holds two lines, header and body in hexadecimal; CASE.txt what they say (Describe).
// Adding a case is adding two files. These bytes lie on disks: a case is never changed.

namespace {

std::map<std::string, Event> Cases() {
  std::map<std::string, Event> cases;
  for (const auto& entry : fs::directory_iterator(fs::path(OUTPOST_GOLDEN) / "event")) {
    if (entry.path().extension() != ".hex") continue;
    std::istringstream lines(ReadFile(entry.path()).value());
    std::string header, body;
    lines >> header >> body;
    INFO(entry.path());
    REQUIRE(ParseHex(header));
    REQUIRE(ParseHex(body));
    Event event;
    event.header = DecodeHeader(*ParseHex(header)).value();
    event.body = *ParseHex(body);
    CHECK(EncodeHeader(event.header) == *ParseHex(header));
    cases.emplace(entry.path().stem().string(), std::move(event));
  }
  return cases;
}

}  // namespace

TEST_CASE("golden: stored events still say what they said", "[schemas][golden]") {
  const auto cases = Cases();
  CHECK(cases.size() >= 5);
  for (const auto& [name, event] : cases) {
    INFO(name);
    const Result<std::string> expected = ReadFile(fs::path(OUTPOST_GOLDEN) / "event" / (name + ".txt"));
    REQUIRE(expected);
    CHECK(Describe(event) == expected.value());
  }
}

TEST_CASE("golden: stored events encode to the bytes they were stored as", "[schemas][golden]") {
  const auto cases = Cases();
  for (const auto& [name, event] : cases) {
    INFO(name);
    CHECK(Recode(event.header.kind, event.body).value() == event.body);
  }
}

TEST_CASE("golden: no text without its bytes", "[schemas][golden]") {
  for (const auto& entry : fs::directory_iterator(fs::path(OUTPOST_GOLDEN) / "event")) {
    const fs::path path = entry.path();
    INFO(path);
    CHECK((path.extension() == ".hex" || path.extension() == ".txt"));
    CHECK(fs::exists(fs::path(path).replace_extension(path.extension() == ".hex" ? ".txt" : ".hex")));
  }
}
