#include "journal/disk.h"

#include "tests/journal/journal_dsl.h"

using namespace outpost;
using namespace outpost::test;
using journal::DiskOf;

TEST_CASE("disk: a witness is rewritten in place and keeps what another open wrote", "[journal][disk]") {
  const Folder folder;
  const auto disk = DiskOf(nullptr);
  const auto path = folder.beside("TAIL");
  CHECK(journal::WitnessFile::Open(disk, path).error().code == Code::kNotFound);
  REQUIRE(journal::WriteDurably(disk, path, "nothing"));
  {
    const auto witness = journal::WitnessFile::Open(disk, path).value();
    CHECK(witness->Write("first.."));
    CHECK(witness->Write("second!"));
    CHECK(witness->Sync());
  }
  CHECK(journal::ReadWhole(disk, path).value() == "second!");
  CHECK(journal::WitnessFile::Open(disk, path).value()->Write("S"));
  CHECK(journal::ReadWhole(disk, path).value() == "Second!");
}

TEST_CASE("disk: a file is replaced as a whole, and nothing is left beside it", "[journal][disk]") {
  const Folder folder;
  const auto disk = DiskOf(nullptr);
  const auto path = folder.beside("FORMAT");
  CHECK_FALSE(journal::Exists(disk, path).value());
  CHECK(journal::ReadWhole(disk, path).error().code == Code::kNotFound);
  REQUIRE(journal::WriteDurably(disk, path, std::string(100'000, 'a')));
  REQUIRE(journal::WriteDurably(disk, path, std::string("b\0c", 3)));
  CHECK(journal::ReadWhole(disk, path).value() == std::string("b\0c", 3));
  CHECK(journal::Exists(disk, path).value());
  CHECK(std::distance(std::filesystem::directory_iterator(path.parent_path()), {}) == 1);
  const auto nowhere = journal::WriteDurably(disk, folder.beside("none") / "FORMAT", "x");
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().context.find("none/FORMAT.new") != std::string::npos);
}
