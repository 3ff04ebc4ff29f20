#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "base/system/files.h"

using namespace outpost;

// docs/requirements.md claims tests; each claim must be of one that there is.
TEST_CASE("requirements: every test that the page names is there", "[base]") {
  const std::filesystem::path source(OUTPOST_SOURCE);
  const std::string page = ReadFile(source / "docs" / "requirements.md").value();
  std::string tests;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source / "tests"))
    if (entry.is_regular_file() && entry.path().extension() == ".cpp") tests += ReadFile(entry.path()).value();
  std::size_t named = 0;
  for (auto at = page.find("`\""); at != std::string::npos; at = page.find("`\"", at + 2)) {
    const auto end = page.find("\"`", at + 2);
    REQUIRE(end != std::string::npos);
    const std::string name = page.substr(at + 2, end - at - 2);
    at = end;
    if (name == "…") continue;
    INFO(name);
    ++named;
    CHECK(tests.find("\"" + name) != std::string::npos);
  }
  CHECK(named > 60);
}
