// Promises 1 and 3 with the plug pulled (user-pains.md 8, 14).
#include <cstdlib>
#include <set>

#include "tests/engine/pair.h"
#include "tests/support/process.h"

using namespace outpost;
using namespace outpost::test;

namespace {

constexpr std::size_t kEdits = 200;

// A run of 200 edits and their shipping, killed after commit `kill_at` (0: not), then healed. Answers how many commits
// it lived to see.
std::uint64_t KilledAt(std::uint64_t kill_at) {
  Pair pair;
  std::vector<oxserver::FieldMap> contacts;
  for (int i = 0; i < 80; ++i) contacts.push_back({{"last_name", "old" + std::to_string(100 + i)}});
  Must(pair.elsewhere().CreateContacts(pair.remote_folder, contacts));
  pair.Settle();
  pair.Close();
  const std::string child = std::string(OUTPOST_BIN) + "/../tests/crash_child";
  const std::string account = (pair.folder() / "account").string();
  const auto ran = Run({{child, account, std::to_string(kill_at), "0", std::to_string(kEdits)}, "", {}});

  std::set<std::string> acknowledged;
  std::istringstream lines(ran.output);
  std::uint64_t commits = kill_at;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("commits ", 0) == 0)
      commits = std::stoull(line.substr(8));
    else
      acknowledged.insert("edit " + line);
  }
  // How many appends share a commit differs from run to run: one may end before the last commits of another.
  const bool ended = kill_at == 0 || commits < kill_at;
  CHECK(ran.code == (ended ? 0 : 128 + 9));
  pair.Reopen();
  pair.Settle();
  // Every acknowledged creation is on the server, once.
  const auto names = pair.ServerNames();
  for (std::size_t number = 0; number < kEdits; number += 4) {
    const std::string name = "edit " + std::to_string(number);
    const auto times = std::count(names.begin(), names.end(), name);
    CHECK(times <= 1);
    if (acknowledged.contains(name)) CHECK(times == 1);
  }
  const auto audit = Must(Audit(*pair.account().View()));
  CHECK(audit.edits >=
        acknowledged.size() -
            std::min<std::size_t>(acknowledged.size(), kEdits / 4));  // a deletion of what is deleted is none
  CHECK(audit.pending == 0);
  pair.CheckWhole();
  return commits;
}

}  // namespace

TEST_CASE("SIGKILL at a commit of a 200-edit run leaves no edit without outcome after healing", "[engine][crash]") {
  const bool all = std::getenv("OUTPOST_TEST_ALL") != nullptr;
  const std::uint64_t commits = KilledAt(0);
  REQUIRE(commits > kEdits / 2);
  // The edits come one commit each; then batches and rounds, whose commits are all tried.
  const std::uint64_t batches_from = commits - 12;
  for (std::uint64_t commit = 1; commit <= commits - 1;
       commit += all || commit >= batches_from ? 1 : batches_from / 3) {
    INFO("killed after commit " << commit << " of " << commits);
    KilledAt(commit);
  }
}
