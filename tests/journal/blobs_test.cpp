#include <rocksdb/db.h>

#include "tests/journal/blob_dsl.h"

using namespace outpost;
using namespace outpost::test;

TEST_CASE("blobs: content of every size comes back as it went, before and after a reopen", "[journal][blobs]") {
  Bench bench;
  std::vector<std::pair<PinnedBlob, std::string>> put;
  for (const std::size_t size : {0, 1, 4096, 65535, 65536, 65537, 131072, 200'000, 3'000'001})
    for (const std::size_t piece : {std::size_t{1000}, std::size_t{65536}, std::size_t{5'000'000}}) {
      const std::string content = Content(size, size);
      auto pinned = PutInPieces(bench.journal->blobs(), content, piece);
      REQUIRE(Bench::Outcome(pinned) == "ok");
      CHECK(pinned.value().ref().size == size);
      CHECK(std::filesystem::exists(FileOf(bench, pinned.value().ref())) == (size >= 65536));
      put.emplace_back(std::move(pinned).value(), content);
      if (piece != 1000) CHECK(put.back().first.ref() == put[put.size() - 2].first.ref());
    }
  for (int opened = 0; opened < 2; ++opened) {
    for (const auto& [pinned, content] : put) {
      INFO(content.size() << " bytes");
      CHECK((ReadBlob(bench.journal->blobs(), pinned.ref()).value() == content));
      CHECK((ReadBlob(*BlobsOf(*bench.journal->View()), pinned.ref(), 777).value() == content));
    }
    const BlobReport report = CheckBlobs(bench);
    CHECK(report.blobs == 9);
    CHECK(report.unreferenced == 9);
    CHECK(report.sound());
    if (opened == 0) {
      std::vector<std::pair<PinnedBlob, std::string>> unpinned;  // pins go before their journal
      for (auto& [pinned, content] : put) unpinned.emplace_back(PinnedBlob(pinned.ref(), nullptr), content);
      put = std::move(unpinned);
      bench.Reopen();
    }
  }
}

TEST_CASE("blobs: the id is what schemas/blobs.md says", "[journal][blobs]") {
  Bench bench;
  const std::string content = Content(1, 70'000);
  const Digest first = Sha256Of(content.substr(0, 65536));
  const Digest second = Sha256Of(content.substr(65536));
  std::string preimage = "outpost blob 1\n";
  AppendBe64(preimage, 70'000);
  preimage += std::string(AsText(first)) + std::string(AsText(second));
  const BlobRef ref = bench.journal->blobs().Put(AsBytes(content)).value().ref();
  CHECK(ref.id == Sha256Of(preimage));
  const std::string file = ReadFile(FileOf(bench, ref)).value();
  CHECK(file.size() == 70'000 + 64 + journal::kBlobTrailerBytes);
  CHECK((file.substr(0, 70'000) == content));
  CHECK((file.substr(70'000, 64) == std::string(AsText(first)) + std::string(AsText(second))));
  std::string empty = "outpost blob 1\n";
  AppendBe64(empty, 0);
  CHECK(bench.journal->blobs().Put({}).value().ref().id == Sha256Of(empty));
}

TEST_CASE("blobs: the same content is stored once", "[journal][blobs]") {
  Bench bench;
  BlobStore& blobs = bench.journal->blobs();
  for (const std::size_t size : {100u, 300'000u}) {
    const std::string content = Content(size, size);
    const auto once = blobs.Put(AsBytes(content)).value();
    const auto again = PutInPieces(blobs, content, 999).value();
    CHECK(once.ref() == again.ref());
  }
  CHECK(BlobFilesIn(bench).size() == 1);
  CHECK(CheckBlobs(bench).blobs == 2);
}

TEST_CASE("blobs: a damaged one that is put again is whole again", "[journal][blobs]") {
  Bench bench;
  const std::string content = Content(5, 200'000);
  const BlobRef ref = bench.journal->blobs().Put(AsBytes(content)).value().ref();
  std::filesystem::resize_file(FileOf(bench, ref), 150'000);
  CHECK(bench.journal->blobs().Open(ref).error().code == Code::kCorrupt);
  REQUIRE(bench.journal->blobs().Put(AsBytes(content)));
  CHECK((ReadBlob(bench.journal->blobs(), ref).value() == content));
}

TEST_CASE("blobs: a reader goes where it is sent", "[journal][blobs]") {
  Bench bench;
  SeededRandom random(3);
  for (const std::size_t size : {50'000u, 500'000u}) {
    const std::string content = Content(size, size);
    const auto pinned = bench.journal->blobs().Put(AsBytes(content)).value();
    const auto reader = bench.journal->blobs().Open(pinned.ref()).value();
    CHECK(reader->size() == size);
    for (int i = 0; i < 200; ++i) {
      const std::uint64_t at = random.Below(size + 1);
      std::vector<std::uint8_t> out(random.Below(150'000));
      REQUIRE(reader->Seek(at));
      const std::size_t bytes = reader->Read(out).value();
      REQUIRE(bytes == std::min<std::uint64_t>(out.size(), size - at));
      REQUIRE((AsText(Bytes(out).first(bytes)) == std::string_view(content).substr(at, bytes)));
    }
    CHECK(reader->Seek(size + 1).error().code == Code::kInvalid);
  }
}

TEST_CASE("blobs: a writer that goes without finishing leaves nothing", "[journal][blobs]") {
  Bench bench;
  for (const std::size_t size : {0u, 10u, 65536u, 1'000'000u}) {
    const auto writer = bench.journal->blobs().Create().value();
    REQUIRE(writer->Write(AsBytes(Content(size, size))));
  }
  CHECK(BlobFilesIn(bench).empty());
  CHECK(CheckBlobs(bench).blobs == 0);
}

TEST_CASE("blobs: what is not there is not found, a false size is named", "[journal][blobs]") {
  Bench bench;
  const auto pinned = bench.journal->blobs().Put(AsBytes(Content(1, 100'000))).value();
  BlobRef ref = pinned.ref();
  ++ref.size;
  CHECK(bench.journal->blobs().Open(ref).error().code == Code::kCorrupt);
  --ref.size;
  ref.id[0] ^= 1;
  for (const std::uint64_t size : {10u, 100'000u}) {
    ref.size = size;
    const auto opened = bench.journal->blobs().Open(ref);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == Code::kNotFound);
    CHECK(opened.error().context == "blob " + ToHex(ref.id) + " is not here");
    CHECK(bench.journal->blobs().Pin(ref).error().code == Code::kNotFound);
  }
}

TEST_CASE("blobs: a full disk is refused before anything is written, and reading goes on", "[journal][blobs]") {
  Bench bench;
  const std::string content = Content(1, 100'000);
  const BlobRef ref = bench.journal->blobs().Put(AsBytes(content)).value().ref();
  bench.Close();
  bench.options.reserve_bytes = ~std::uint64_t{0};
  bench.Open();
  const auto writer = bench.journal->blobs().Create();
  REQUIRE_FALSE(writer);
  CHECK(writer.error().code == Code::kUnavailable);
  CHECK(writer.error().context.find("are kept in reserve") != std::string::npos);
  CHECK((ReadBlob(bench.journal->blobs(), ref).value() == content));
}

TEST_CASE("blobs: a journal that is read-only takes none and gives all", "[journal][blobs]") {
  Bench bench;
  const BlobRef large = bench.journal->blobs().Put(AsBytes(Content(1, 100'000))).value().ref();
  const BlobRef small = bench.journal->blobs().Put(AsBytes(Content(2, 100))).value().ref();
  bench.MustAppend({PhotoChange(Item(1), large), PhotoChange(Item(2), small)});
  bench.MustAppend(Changes(3, 1));
  bench.Close();
  for (const auto& entry : std::filesystem::directory_iterator(journal::DatabasePath(bench.options.folder)))
    if (entry.path().extension() == ".log" && entry.file_size() > 0)
      std::filesystem::resize_file(entry.path(), entry.file_size() - 7);
  bench.Open();
  REQUIRE(bench.journal->stats().read_only);
  CHECK(bench.journal->blobs().Create().error().code == Code::kCorrupt);
  CHECK(SweepBlobs(*bench.journal, {}).error().code == Code::kCorrupt);
  CHECK(ReadBlob(bench.journal->blobs(), large).value().size() == 100'000);
  CHECK(ReadBlob(bench.journal->blobs(), small).value().size() == 100);
}

TEST_CASE("blobs: a follower reads them, of a journal of the time before them too", "[journal][blobs][follower]") {
  Bench bench;
  const std::string large = Content(1, 100'000);
  const std::string small = Content(2, 1000);
  const BlobRef large_ref = bench.journal->blobs().Put(AsBytes(large)).value().ref();
  const BlobRef small_ref = bench.journal->blobs().Put(AsBytes(small)).value().ref();
  bench.MustAppend({PhotoChange(Item(1), large_ref), PhotoChange(Item(2), small_ref)});
  auto follower = JournalFollower::Open(bench.options.folder, bench.folder.beside("scratch")).value();
  {
    const auto view = follower->View().value();
    CHECK((ReadBlob(*BlobsOf(*view), large_ref).value() == large));
    CHECK((ReadBlob(*BlobsOf(*view), small_ref).value() == small));
    const BlobReport report = VerifyBlobs(*view, {}).value();
    CHECK(report.blobs == 2);
    CHECK(report.references == 2);
    CHECK(report.unreferenced == 0);
    CHECK(report.sound());
  }
  bench.Close();
  {
    rocksdb::DB* raw = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const char* name : {"default", "events", "state", "meta", "blobs"})
      families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    const auto path = journal::DatabasePath(bench.options.folder).string();
    REQUIRE(rocksdb::DB::Open(rocksdb::DBOptions(), path, families, &handles, &raw).ok());
    REQUIRE(raw->DropColumnFamily(handles.back()).ok());
    for (auto* handle : handles) raw->DestroyColumnFamilyHandle(handle);
    delete raw;
  }
  follower = JournalFollower::Open(bench.options.folder, bench.folder.beside("scratch of the next")).value();
  {
    const auto view = follower->View();
    REQUIRE(Bench::Outcome(view) == "ok");
    CHECK(BlobsOf(*view.value())->Open(small_ref).error().code == Code::kNotFound);
    CHECK((ReadBlob(*BlobsOf(*view.value()), large_ref).value() == large));
    const BlobReport report = VerifyBlobs(*view.value(), {}).value();
    CHECK(report.missing == 1);
    REQUIRE(report.missing_blobs.size() == 1);
    CHECK(report.missing_blobs[0].ref == small_ref);
    CHECK(report.missing_blobs[0].seq == 2);
  }
  bench.Open();
  CHECK(bench.journal->stats().read_only_reason == "");
  REQUIRE(bench.journal->blobs().Put(AsBytes(small)));
  REQUIRE(bench.journal->Flush());
  const auto view = follower->View();
  REQUIRE(Bench::Outcome(view) == "ok");
  CHECK((ReadBlob(*BlobsOf(*view.value()), small_ref).value() == small));
}

TEST_CASE("blobs: of an encrypted journal neither id nor content is seen on disk, and a follower with the key reads",
          "[journal][blobs]") {
  Bench bench{[] {
    JournalOptions options;
    options.key = {KeySource::Kind::kStored, Secret(std::string(kCipherKeyBytes, 'k'))};
    return options;
  }()};
  std::string large = Content(1, 100'000);
  large.replace(70'000, 8, "a canary");
  const BlobRef ref = bench.journal->blobs().Put(AsBytes(large)).value().ref();
  const BlobRef small = bench.journal->blobs().Put(AsBytes(std::string_view("a canary"))).value().ref();
  const BlobRef orphan = bench.journal->blobs().Put(AsBytes(Content(2, 100'000))).value().ref();
  bench.MustAppend({PhotoChange(Item(1), ref), PhotoChange(Item(2), small)});
  CHECK(SweepBlobs(*bench.journal, {}).value().removed == 1);
  CHECK(bench.journal->blobs().Open(orphan).error().code == Code::kNotFound);
  bench.Reopen();
  CHECK((ReadBlob(bench.journal->blobs(), ref).value() == large));
  CHECK(ReadBlob(bench.journal->blobs(), small).value() == "a canary");
  CHECK(CheckBlobs(bench).sound());
  CHECK(CheckBlobs(bench).blobs == 2);
  const auto follower =
      JournalFollower::Open(bench.options.folder, bench.folder.beside("scratch"), bench.options.key).value();
  CHECK((ReadBlob(*BlobsOf(*follower->View().value()), ref).value() == large));
  const auto files = BlobFilesIn(bench);
  REQUIRE(files.size() == 1);
  CHECK(files[0].filename() != ToHex(ref.id));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(bench.options.folder))
    if (entry.is_regular_file()) CHECK(ReadFile(entry.path()).value().find("a canary") == std::string::npos);
}

TEST_CASE("blobs: events and items say which they refer to", "[journal][blobs]") {
  const BlobRef one{Sha256Of("one"), 1};
  const BlobRef two{Sha256Of("two"), 2};
  ChangeBody body;
  body.patch[FieldId{101}] = Value(std::string("Ada"));
  body.patch[FieldId{173}] = one;
  body.patch[FieldId{174}] = two;
  CHECK(BlobRefsOf(body) == std::vector<BlobRef>{one, two});
  Event event;
  event.header.kind = Kind::kLocalChanged;
  event.body = Encode(body);
  CHECK(BlobRefsOf(event).value() == std::vector<BlobRef>{one, two});
  event.body.resize(event.body.size() / 2);
  CHECK(BlobRefsOf(event).error().code == Code::kCorrupt);
  event.header.kind = Kind::kOutcome;
  CHECK(BlobRefsOf(event).value().empty());
  Event restated;
  restated.header.kind = Kind::kItemRestated;
  restated.header.item = Item(1);
  ItemState item;
  item.base[173] = one;
  item.pending.push_back({1, {}, Kind::kLocalChanged, {173}, {{173, two}}});
  item.parked.push_back({2, {}, {}, {{173, one}}});
  CHECK(BlobRefsOf(item) == std::vector<BlobRef>{one, two, one});
  restated.body = EncodeItem(item);
  CHECK(BlobRefsOf(restated).value() == BlobRefsOf(item));
}
