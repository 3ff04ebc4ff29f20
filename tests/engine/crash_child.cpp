// A person who edits and syncs until the process is killed after its N-th commit: `crash_child ACCOUNT-FOLDER N FIRST
// LAST`. Says the number of each edit on its own line once it was acknowledged. N 0: lives to the end, and says how
// many commits there were.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "base/system/system_clock.h"
#include "engine/account.h"
#include "projection/folders.h"
#include "projection/items.h"
#include "replicator/net/network.h"

using namespace outpost;

namespace {

FieldId Field(const char* name) { return FindField(ItemType::kContact, name)->id; }

// Edit `number`: a new contact, or a changed or deleted one of those there were at the start.
Result<void> Edit(Account& account, const ItemId& folder, const std::vector<ItemId>& items, std::size_t number) {
  const ItemId& item = items[number % items.size()];
  const std::string text = "edit " + std::to_string(number);
  switch (number % 4) {
    case 0: {
      OUTPOST_TRYV(account.Create(ItemType::kContact, folder, {{Field("last_name"), text}}));
      return Ok();
    }
    case 1:
      return account.Set(item, {{Field("nickname"), text}});
    case 2:
      return account.Set(item, {{Field("company"), text}});
    default: {
      auto deleted = account.Delete(item);
      return deleted || deleted.error().code == Code::kNotFound ? Ok() : deleted;
    }
  }
}

int Live(const char* folder_path, std::uint64_t kill_at, std::size_t first, std::size_t last) {
  SystemClock clock;
  SystemRandom random;
  Network network;
  AccountOptions options;
  options.folder = folder_path;
  options.password = "secret";
  auto account = Account::Open(options, {clock, random, NullLog(), &network});
  if (!account) return 1;
  std::atomic<std::uint64_t> commits{0};
  const auto dies = account.value()->journal().Subscribe([&](Sequence) {
    if (++commits == kill_at) ::kill(::getpid(), SIGKILL);
  });
  const auto folder = FindFolder(*account.value()->View(), "Contacts");
  if (!folder) return 1;
  std::vector<ItemId> items;
  const auto listed = ForEachItem(*account.value()->View(), folder.value().id, [&](const ItemState& item) {
    if (item.on_server) items.push_back(item.id);
    return true;
  });
  if (!listed || items.empty()) return 1;
  for (std::size_t number = first; number < last; ++number) {
    if (!Edit(*account.value(), folder.value().id, items, number)) return 1;
    std::printf("%zu\n", number);
    std::fflush(stdout);
  }
  for (int run = 0; run < 5; ++run) {
    const auto report = account.value()->Sync({});
    if (!report || report.value().link != LinkState::kOnline || report.value().pending != 0) continue;
    std::printf("commits %llu\n", static_cast<unsigned long long>(commits.load()));
    return 0;
  }
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  return Live(argv[1], std::strtoull(argv[2], nullptr, 10), std::strtoul(argv[3], nullptr, 10),
              std::strtoul(argv[4], nullptr, 10));
}
