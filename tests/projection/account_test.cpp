#include "projection/account.h"

#include <catch2/catch.hpp>

#include "projection/tables.h"
#include "tests/projection/memory_account.h"

using namespace outpost;
using namespace outpost::test;

TEST_CASE("account: settings are the last ones set, and empty text takes one back", "[projection]") {
  MemoryAccount account;
  account.AccountWide(Kind::kAccountSet, Encode(SettingsBody{{{"policy", "server-wins"}, {"batch", "50"}}}));
  account.AccountWide(Kind::kAccountSet, Encode(SettingsBody{{{"policy", "client-wins"}}}));
  CHECK(ReadSettings(account).value() ==
        std::map<std::string, std::string>{{"batch", "50"}, {"policy", "client-wins"}});
  account.AccountWide(Kind::kAccountSet, Encode(SettingsBody{{{"policy", ""}}}));
  CHECK_FALSE(ReadSetting(account, "policy").value());
  CHECK(ReadSetting(account, "batch").value() == "50");
}

TEST_CASE("account: batches are counted when opened, closed and resumed", "[projection]") {
  MemoryAccount account;
  account.AccountWide(Kind::kBatchOpened, Encode(BatchOpenedBody{}));
  account.AccountWide(Kind::kBatchOpened, Encode(BatchOpenedBody{}));
  account.AccountWide(Kind::kBatchClosed, Encode(BatchClosedBody{{}, true}));
  const auto totals = ReadTotals(account).value();
  CHECK(totals.at("batches") == 2);
  CHECK(totals.at("batches_closed") == 1);
  CHECK(totals.at("batches_resumed") == 1);
  CHECK(ReadTotal(account, "never_counted").value() == 0);
}

TEST_CASE("account: a damaged sum is named, not guessed", "[projection]") {
  MemoryAccount account;
  account.state.Put(kTotalsTable, total::kEdits, "xyz");
  CHECK(ReadTotal(account, total::kEdits).error().code == Code::kCorrupt);
  CHECK(ReadTotals(account).error().code == Code::kCorrupt);
}
