#include "engine/data_dir.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "base/system/files.h"
#include "engine/secrets.h"

using namespace outpost;

namespace {

struct Folder {
  std::filesystem::path path = MakeTemporaryFolder("outpost-data-").value();
  ~Folder() { std::filesystem::remove_all(path); }
};

std::string NameFor(const std::string& url, const std::string& user = "anna") {
  const auto place = PlaceFor("/data", url, user);
  return place ? place.value().name : "error: " + std::string(CodeName(place.error().code));
}

}  // namespace

TEST_CASE("data directory: an account is called USER@HOST, with the port where it is not the usual one", "[data]") {
  CHECK(NameFor("https://ox.example.com/usm-json") == "anna@ox.example.com");
  CHECK(NameFor("OX.Example.COM") == "anna@ox.example.com");
  CHECK(NameFor("https://ox.example.com:443/ajax") == "anna@ox.example.com");
  CHECK(NameFor("http://ox.example.com:80") == "anna@ox.example.com");
  CHECK(NameFor("http://127.0.0.1:8080/ajax") == "anna@127.0.0.1:8080");
  CHECK(NameFor("https://[::1]:444/ajax") == "anna@[::1]:444");
  CHECK(NameFor("https://[::1]/ajax") == "anna@[::1]");
  CHECK(NameFor("host?query#part") == "anna@host");
}

TEST_CASE("data directory: URLs that name no host, or more than one should tell, are refused", "[data]") {
  for (const char* url : {"", "https://", "https:///ajax", "ftp://host", "https://anna:secret@host",
                          "host:", "host:99999", "host:8o", "a b"}) {
    INFO(url);
    CHECK(NameFor(url) == "error: invalid");
  }
  CHECK(NameFor("host", "") == "error: invalid");
  CHECK(NameFor("host", std::string(300, 'u')) == "error: invalid");
}

TEST_CASE("data directory: no user name leads out of it, and each name comes back", "[data]") {
  Folder data;
  for (const std::string user :
       {"../../etc", "a/b", "..", ".hidden", "100%", "%41", "anna@example.com", "J\xC3\xBCrgen"}) {
    const auto place = PlaceFor(data.path, "host", user).value();
    INFO(place.folder);
    CHECK(place.folder.parent_path() == data.path);
    REQUIRE(MakeFolder(place.folder));
    CHECK(FindAccount(data.path, user + "@host").value().folder == place.folder);
    std::filesystem::remove_all(place.folder);
  }
}

TEST_CASE("data directory: the only account needs no name, several need one", "[data]") {
  Folder data;
  CHECK(ListAccounts(data.path / "absent").value().empty());
  CHECK(FindAccount(data.path, "").error().code == Code::kNotFound);
  REQUIRE(MakeFolder(PlaceFor(data.path, "host", "bert").value().folder));
  REQUIRE(WriteFileDurably(data.path / "note@file", "no folder"));
  CHECK(FindAccount(data.path, "").value().name == "bert@host");
  REQUIRE(MakeFolder(PlaceFor(data.path, "host", "anna").value().folder));
  const auto ambiguous = FindAccount(data.path, "");
  REQUIRE_FALSE(ambiguous);
  CHECK(ambiguous.error().code == Code::kInvalid);
  CHECK(ambiguous.error().context.find("anna@host, bert@host") != std::string::npos);
  CHECK(FindAccount(data.path, "anna@host").value().name == "anna@host");
  CHECK(FindAccount(data.path, "carl@host").error().code == Code::kNotFound);
}

TEST_CASE("data directory: the stored password is readable by its owner only", "[data]") {
  Folder data;
  CHECK(LoadSecret(data.path).error().code == Code::kNotFound);
  REQUIRE(StoreSecret(data.path, "p\xC3\xA4ss word"));
  CHECK(LoadSecret(data.path).value() == "p\xC3\xA4ss word");
  struct stat info {};
  REQUIRE(::stat((data.path / "secret").c_str(), &info) == 0);
  CHECK((info.st_mode & 0077) == 0);
}
