#include "bench/journal_world.h"

#include <sys/statfs.h>
#include <unistd.h>

#include <map>

#include "base/system/files.h"
#include "base/system/process.h"

namespace outpost::bench {
namespace {

constexpr std::size_t kNoteBytes = 250;  // with the other fields an event of about 400 bytes

class NoHeads final : public ItemHeads {
 public:
  Result<Sequence> HeadOf(const ItemId&, const StateReader&) const override { return Sequence{0}; }
};

FieldId ContactField(const char* name) { return FindField(ItemType::kContact, name)->id; }

}  // namespace

Result<std::unique_ptr<Journal>> World::Open(const JournalOptions& options) {
  return Journal::Open(options, folds.all(), folds.items, clock, NullLog());
}

Result<std::unique_ptr<Journal>> World::OpenAlone(const JournalOptions& options) {
  static const NoHeads none{};
  return Journal::Open(options, {}, none, clock, NullLog());
}

Result<BenchFolder> BenchFolder::Make() {
  static unsigned count = 0;
  OUTPOST_TRY(const std::string own, OwnProgram());
  const std::string name = "bench-data-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
  const auto path = std::filesystem::path(own).parent_path() / name;
  OUTPOST_TRYV(MakeFolder(path));
  return BenchFolder(path);
}

BenchFolder::~BenchFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

std::string DiskOf(const std::filesystem::path& folder) {
  static const std::map<std::uint64_t, const char*> names{{0xef53, "ext4"},
                                                          {0x58465342, "xfs"},
                                                          {0x9123683e, "btrfs"},
                                                          {0x794c7630, "overlayfs"},
                                                          {0x01021994, "tmpfs: nothing is ever synced here"}};
  struct statfs info {};
  if (::statfs(folder.c_str(), &info) != 0) return "unknown";
  const auto type = static_cast<std::uint64_t>(info.f_type);
  const auto name = names.find(type);
  return name != names.end() ? name->second : std::to_string(type);
}

NewEvent ContactEvent(Kind kind, const ItemId& item, std::uint64_t number, const char* prefix) {
  static const FieldId last_name = ContactField("last_name"), first_name = ContactField("first_name"),
                       email = ContactField("email1"), note = ContactField("note");
  ChangeBody body;
  body.patch[last_name] = prefix + std::to_string(number);
  body.patch[first_name] = std::string("First");
  body.patch[email] = "person" + std::to_string(number) + "@example.org";
  body.patch[note] = std::string(kNoteBytes, static_cast<char>('a' + number % 26));
  if (kind == Kind::kRemoteCreated) body.remote_id = std::to_string(number);
  body.version = static_cast<std::int64_t>(number);
  return {kind, Origin::kServer, ItemType::kContact, item, {}, Encode(body)};
}

std::vector<ItemId> MakeItems(const Clock& clock, std::size_t count) {
  SeededRandom random(1);
  std::vector<ItemId> items;
  items.reserve(count);
  for (std::size_t i = 0; i < count; ++i) items.push_back(MakeId<ItemId>(clock.WallNow(), random));
  return items;
}

Result<double> AppendAll(Journal& journal, const Clock& clock, const std::vector<ItemId>& items, Kind kind,
                         const char* prefix, std::size_t batch, Durability durability) {
  std::vector<Batch> batches;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i % batch == 0) batches.emplace_back();
    batches.back().push_back(ContactEvent(kind, items[i], i, prefix));
  }
  const auto start = clock.MonotonicNow();
  for (Batch& one : batches) OUTPOST_TRYV(journal.AppendAndWait(std::move(one), {}, durability));
  return SecondsSince(clock, start);
}

double SecondsSince(const Clock& clock, std::chrono::microseconds start) {
  return static_cast<double>((clock.MonotonicNow() - start).count()) / 1e6;
}

}  // namespace outpost::bench
