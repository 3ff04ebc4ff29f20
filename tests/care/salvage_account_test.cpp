// A salvaged account has what its journal still knew, the server fills the rest, and nothing is sent twice.
#include "care/salvage_account.h"

#include "tests/care/care.h"

using namespace outpost;
using namespace outpost::test;

namespace {

namespace fs = std::filesystem;

// An account whose journal lies in several tables, with edits that wait.
class Hurt : public BackedUp {
 public:
  Hurt() {
    for (int i = 0; i < 60; ++i)
      remote.push_back(Must(elsewhere().CreateContact(
          remote_folder, {{"last_name", "n" + std::to_string(100 + i)}, {"note", std::string(500, 'n')}})));
    Settle();
    Flush("one");
    for (int i = 0; i < 10; ++i) Set(*ByRemoteId(remote[static_cast<std::size_t>(i)]), "nickname", std::string("Nick"));
    Settle();
    Flush("two");
    CreateLocally("waiting");
    Set(*ByRemoteId(remote[20]), "company", std::string("waiting too"));
    names = ClientNames();
  }
  std::vector<std::string> remote;
  std::vector<std::string> names;

  fs::path database() const { return JournalFolder(folder() / "account") / "db"; }
  // A flush as the years bring them.
  void Flush(const char* name) { MustDo(account().MakeCheckpoint(folder() / name)); }

  // The account is the salvaged one from here on.
  AccountSalvage Salvage() {
    SystemClock clock;
    SeededRandom random(7);
    auto report = Must(SalvageAccount(folder() / "account", folder() / "saved", {}, clock, random, NullLog(), nullptr));
    fs::rename(folder() / "account", folder() / "hurt");
    fs::rename(folder() / "saved", folder() / "account");
    Reopen();
    return report;
  }
  std::vector<fs::path> Tables() const {
    std::vector<fs::path> tables;
    for (const auto& entry : fs::directory_iterator(database()))
      if (entry.path().extension() == ".sst") tables.push_back(entry.path());
    std::sort(tables.begin(), tables.end());
    return tables;
  }
  void CheckHealed() {
    Settle();
    CHECK(ServerNames() == names);
    CHECK(ClientNames() == names);
    CHECK(Must(elsewhere().GetContact(remote_folder, remote[20])).at("company") == "waiting too");
    for (int i = 0; i < 10; ++i)
      CHECK(HeadText(*ByRemoteId(remote[static_cast<std::size_t>(i)]), "nickname") == "Nick");
    CHECK(Must(VerifyEvents(*account().View())).chain_ok);
  }
};

void FlipMiddle(const fs::path& file) {
  std::string bytes = Must(ReadFile(file));
  bytes[bytes.size() / 3] = static_cast<char>(bytes[bytes.size() / 3] ^ 2);
  REQUIRE(WriteFileDurably(file, bytes));
}

}  // namespace

TEST_CASE("salvage: an account without its manifest loses nothing; edits that waited are sent once",
          "[care][salvage]") {
  Hurt hurt;
  hurt.Close();
  fs::remove(hurt.database() / "CURRENT");
  const auto report = hurt.Salvage();
  CHECK(report.found.missing == 0);
  CHECK(report.pending == 2);
  CHECK(hurt.ClientNames() == hurt.names);
  hurt.CheckHealed();
}

TEST_CASE("salvage: whichever table is damaged or gone, the account is whole again after a sync", "[care][salvage]") {
  const auto which = GENERATE(0, 1, 2, 3, 4, 5);
  const auto gone = GENERATE(false, true);
  Hurt hurt;
  hurt.Close();
  const auto tables = hurt.Tables();
  const auto table = tables[static_cast<std::size_t>(which) % tables.size()];
  INFO(table.filename() << (gone ? " gone" : " flipped"));
  if (gone)
    fs::remove(table);
  else
    FlipMiddle(table);
  const auto report = hurt.Salvage();
  for (const auto& way : report.found.ways) UNSCOPED_INFO(way);
  CHECK(report.pending == 2);  // they are in the log, which is whole
  hurt.CheckHealed();
}

TEST_CASE("salvage: what is there already is left alone, a whole account is salvaged as it is", "[care][salvage]") {
  Hurt hurt;
  hurt.Close();
  SystemClock clock;
  SeededRandom random(7);
  REQUIRE(MakeFolder(hurt.folder() / "taken"));
  CHECK(SalvageAccount(hurt.folder() / "account", hurt.folder() / "taken", {}, clock, random, NullLog(), nullptr)
            .error()
            .code == Code::kConflict);
  const auto report = hurt.Salvage();
  CHECK(report.found.missing == 0);
  CHECK(report.found.ways.size() == 1);
  hurt.CheckHealed();
}
