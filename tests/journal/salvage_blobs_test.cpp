// Salvage of a journal whose events refer to blobs: files and rows come along, and what is wrong with them stays known.
#include "journal/item_fold.h"
#include "journal/salvage.h"
#include "tests/journal/blob_dsl.h"
#include "tests/journal/flip.h"

using namespace outpost;
using namespace outpost::test;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kSizes[] = {150'000, 70'000, 66'000, 9'000, 3'000, 40};

// A closed journal of items that each show a photo, large or small; and what else lies with blobs.
struct Album {
  Folder folder;
  KeySource key;
  fs::path from = folder.path(), to = folder.beside("new");
  std::vector<BlobRef> photos;
  ManualClock clock{Millis(1'700'000'000'000)};
  ItemFold fold{1, {}};

  explicit Album(KeySource opened_by) : key(std::move(opened_by)) {
    const auto journal = Open(from, true);
    for (std::uint64_t i = 0; i < std::size(kSizes); ++i) {
      const auto pinned = journal->blobs().Put(AsBytes(Content(i, kSizes[i]))).value();
      photos.push_back(pinned.ref());
      Batch batch{PhotoChange(Item(i), pinned.ref())};
      batch.push_back(Change(Item(100 + i), std::string(400, 'x')));
      REQUIRE(journal->AppendAndWait(batch, {}, Durability::kSynced));
      // Tables of their own, for events, rows and small blobs.
      if (i % 2 == 1) REQUIRE(journal->MakeCheckpoint(folder.beside(("copy" + std::to_string(i)).c_str())));
    }
  }

  std::unique_ptr<Journal> Open(const fs::path& at, bool create) {
    JournalOptions options;
    options.folder = at;
    options.create = create;
    options.reserve_bytes = 0;
    options.key = key;
    auto opened = Journal::Open(options, {&fold}, fold, clock, NullLog());
    REQUIRE(Bench::Outcome(opened) == "ok");
    return std::move(opened).value();
  }

  std::vector<fs::path> Files() const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(journal::BlobsPath(from)))
      if (entry.is_regular_file()) files.push_back(entry.path());
    return files;
  }

  // The salvaged journal, whole and open.
  std::unique_ptr<Journal> Salvaged() {
    const auto report = Salvage({from, to, "album", key, nullptr}, {&fold}, clock);
    REQUIRE(Bench::Outcome(report) == "ok");
    auto journal = Open(to, false);
    CHECK(journal->stats().read_only_reason == "");
    CHECK(VerifyEvents(*journal->View()).value().problem == "");
    CHECK(VerifyRebuild(*journal->View(), {&fold}).value().equal());
    return journal;
  }

  // How many photos read back as they were put; the others are errors, never other bytes.
  std::size_t Whole(Journal& journal) const {
    std::size_t whole = 0;
    for (std::size_t i = 0; i < photos.size(); ++i) {
      const auto content = ReadBlob(journal.blobs(), photos[i]);
      whole += content ? 1 : 0;
      if (content) CHECK((content.value() == Content(i, kSizes[i])));
    }
    return whole;
  }
};

KeySource Stored() { return {KeySource::Kind::kStored, Secret(std::string(kCipherKeyBytes, 'k'))}; }

std::vector<fs::path> TablesOf(const fs::path& folder) {
  std::vector<fs::path> tables;
  for (const auto& entry : fs::directory_iterator(journal::DatabasePath(folder)))
    if (entry.path().extension() == ".sst") tables.push_back(entry.path());
  std::sort(tables.begin(), tables.end());
  return tables;
}

}  // namespace

TEST_CASE("salvage: all blobs come along, files and rows, plain and encrypted, but for what was half-written",
          "[salvage][blobs]") {
  for (const KeySource& key : {KeySource{}, Stored()}) {
    Album album(key);
    REQUIRE(WriteFileDurably(journal::BlobsPath(album.from) / "tmp-7", "half"));
    fs::remove(album.from / "TAIL");
    fs::remove(journal::DatabasePath(album.from) / "CURRENT");
    if (key.kind != KeySource::Kind::kNone) CHECK(fs::exists(album.from / "KEY"));
    const auto journal = album.Salvaged();
    CHECK(album.Whole(*journal) == album.photos.size());
    const auto report = VerifyBlobs(*journal->View(), {}).value();
    CHECK(report.sound());
    CHECK(report.references == album.photos.size());
    CHECK_FALSE(fs::exists(journal::BlobsPath(album.to) / "tmp-7"));
    CHECK(SweepBlobs(*journal, {}).value().removed == 0);
    CHECK(album.Whole(*journal) == album.photos.size());
  }
}

TEST_CASE("salvage: with a table gone every blob of an event or item that is left is there", "[salvage][blobs]") {
  const std::size_t tables = TablesOf(Album({}).from).size();
  REQUIRE(tables >= 6);
  for (std::size_t gone = 0; gone < tables; ++gone) {
    Album album({});
    fs::remove(TablesOf(album.from)[gone]);
    const auto journal = album.Salvaged();
    INFO("table " << gone << " of " << tables);
    CHECK(album.Whole(*journal) >= album.photos.size() - 2);
    const auto report = VerifyBlobs(*journal->View(), {}).value();
    CHECK(report.bad == 0);
    // Those of a table of small blobs are gone, and said to be.
    CHECK(report.missing == album.photos.size() - album.Whole(*journal));
    // What the rows saved counts as much as what events say.
    REQUIRE(SweepBlobs(*journal, {}));
    CHECK(VerifyBlobs(*journal->View(), {}).value().missing == report.missing);
  }
}

TEST_CASE("salvage: a damaged blob stays damaged and named, a lost one missing, all others are whole",
          "[salvage][blobs]") {
  for (const KeySource& key : {KeySource{}, Stored()}) {
    Album album(key);
    const auto files = album.Files();
    REQUIRE(files.size() == 3);
    Flip(files[0], fs::file_size(files[0]) / 2);
    fs::remove(files[1]);
    const auto before = ReadFile(files[0]).value();
    const auto journal = album.Salvaged();
    CHECK(album.Whole(*journal) == album.photos.size() - 2);
    const auto report = VerifyBlobs(*journal->View(), {}).value();
    CHECK(report.bad == 1);
    CHECK(report.missing == 1);
    CHECK(ReadFile(files[0]).value() == before);
  }
}
