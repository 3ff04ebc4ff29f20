#include "engine/settings.h"

#include <condition_variable>
#include <mutex>

#include "engine/live.h"
#include "engine/search_folders.h"
#include "projection/account.h"
#include "replicator/tuning.h"
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

const std::string kKey = "sha256//" + std::string(43, 'A') + "=";

bool MayHold(std::string_view name, std::string_view value) { return CheckSetting(name, value).has_value(); }

}  // namespace

TEST_CASE("settings: numbers keep to their limits, both ends included", "[engine][settings]") {
  for (const auto& known : KnownSettings()) {
    if (known.most == 0) continue;
    INFO(known.name);
    CHECK(MayHold(known.name, std::to_string(known.least)));
    CHECK(MayHold(known.name, std::to_string(known.most)));
    CHECK(MayHold(known.name, ""));
    CHECK(MayHold(known.name, known.usual));
    CHECK_FALSE(MayHold(known.name, std::to_string(std::uint64_t{known.most} + 1)));
    if (known.least > 0) CHECK_FALSE(MayHold(known.name, std::to_string(known.least - 1)));
    for (const char* bad : {"x", "-1", " 7", "7 ", "7.5", "0x7", "99999999999999999999"})
      CHECK_FALSE(MayHold(known.name, bad));
    CHECK(SettingNumber(known.name, std::to_string(known.most)) == known.most);
    CHECK(SettingNumber(known.name, "nonsense") == SettingNumber(known.name, ""));
  }
}

TEST_CASE("settings: what is used where nothing is set is what the table says", "[engine][settings]") {
  CHECK(SettingNumber(setting::kBatchIntents, "") == tuning::kBatchIntents);
  CHECK(SettingNumber(setting::kPage, "") == tuning::kPageItems);
  CHECK(SettingNumber(setting::kConsentCount, "") == tuning::kInferredDeletionsMax);
  CHECK(SettingNumber(setting::kConsentPercent, "") == tuning::kInferredDeletionsPercent);
  CHECK(SettingNumber(setting::kConsentOwn, "") == tuning::kOwnDeletionsMax);
  CHECK(std::chrono::hours(24) * *SettingNumber(setting::kKeepDays, "") == RetentionPolicy{}.keep);
  CHECK(*SettingNumber(setting::kHistoryPercent, "") / 100.0 == RetentionPolicy{}.history_factor);
  CHECK(SettingNumber(setting::kBandwidth, "") == std::nullopt);
  CHECK(SettingNumber(setting::kPage, "100000") == 500);  // stored by another version
}

TEST_CASE("settings: texts are of their kind", "[engine][settings]") {
  for (const char* good : {"", "system", "http://proxy:3128", "http://anna@proxy.example:1", "http://[::1]:65535"})
    CHECK(MayHold(setting::kProxy, good));
  for (const char* bad :
       {"proxy:3128", "http://proxy", "http://proxy:0", "http://proxy:65536", "http://:80", "http://@proxy:80",
        "https://proxy:80", "socks5://proxy:80", "http://proxy:80/path", "http://pro xy:80", "http://proxy:80\n",
        "none", "http://anna:pw@proxy:80", "anna:pw@proxy:80"})
    CHECK_FALSE(MayHold(setting::kProxy, bad));
  CHECK(MayHold(setting::kPinnedKey, kKey));
  for (const std::string& bad : {kKey.substr(1), kKey + "=", kKey + ";" + kKey, "sha1//" + kKey.substr(8),
                                 std::string("sha256//"), kKey.substr(0, 50) + "*="})
    CHECK_FALSE(MayHold(setting::kPinnedKey, bad));
  CHECK(MayHold(setting::kCaFile, "/etc/ssl/own.pem"));
  CHECK_FALSE(MayHold(setting::kCaFile, "own.pem"));
  CHECK(MayHold(setting::kServer, "https://ox.example.com/usm-json"));
  CHECK_FALSE(MayHold(setting::kServer, ""));
  CHECK_FALSE(MayHold(setting::kServer, "https://anna:pw@ox.example.com"));
  CHECK_FALSE(MayHold(setting::kUser, ""));
  CHECK_FALSE(MayHold(setting::kPolicy, "nobody"));
  CHECK_FALSE(MayHold("spoon", "1"));
}

TEST_CASE("settings: a refusal names the setting and its limit, and never repeats the value", "[engine][settings]") {
  const auto refused = [](std::string_view name, std::string_view value) {
    const auto checked = CheckSetting(name, value);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == Code::kInvalid);
    CHECK(checked.error().context.find(name) == 0);
    CHECK(checked.error().context.find("hidden-pw") == std::string::npos);
    return checked.error().context;
  };
  CHECK(refused(setting::kPoll, "hidden-pw").find("5 to 86400") != std::string::npos);
  CHECK(refused(setting::kProxy, "http://anna:hidden-pw@proxy:3128").find("proxy-password") != std::string::npos);
  CHECK(refused(setting::kProxy, "hidden-pw").find("HOST:PORT") != std::string::npos);
  refused(setting::kServer, "https://anna:hidden-pw@host");
  refused(setting::kPinnedKey, "hidden-pw");
  refused(setting::kCaFile, "hidden-pw");
  refused(setting::kPolicy, "hidden-pw");
}

TEST_CASE("settings: the account stores none of a set in which one is refused", "[engine][settings]") {
  Pair pair;
  const auto events = pair.account().View()->last();
  const auto put = pair.account().PutSettings({{{"poll", "60"}, {"proxy", "http://anna:pw@proxy:1"}}});
  REQUIRE_FALSE(put);
  CHECK(put.error().code == Code::kInvalid);
  CHECK(pair.account().View()->last() == events);
  MustDo(pair.account().PutSettings({{{"poll", "60"}, {"proxy", "http://proxy:1"}}}));
  CHECK(Must(ReadSetting(*pair.account().View(), "poll")) == "60");
}

TEST_CASE("search folders: kept over the end of the process and over history that is dropped, and followed",
          "[engine][search_folder]") {
  Pair pair;
  pair.Settle();
  pair.CreateLocally("Lovelace", {{pair.Field("company"), std::string("Engines")}});
  SearchFolder folder;
  folder.id.bytes[0] = 7;
  folder.name = "Makers";
  folder.spec = {pair.Contacts(), ItemType::kContact, {}, 0, {}};
  folder.spec.where = Restriction::Leaf(Restriction::Kind::kCompare, pair.Field("company"), std::string("engines"));
  MustDo(PutSearchFolder(pair.account(), *pair.account().View(), folder));
  SearchFolder same = folder;
  same.id.bytes[0] = 8;
  CHECK(PutSearchFolder(pair.account(), *pair.account().View(), same).error().code == Code::kConflict);
  same.name = "Elsewhere";
  same.spec.also = {same.id};
  CHECK(PutSearchFolder(pair.account(), *pair.account().View(), same).error().code == Code::kNotFound);
  const std::string setting = SearchFolderSetting(same.id);
  CHECK_FALSE(MayHold(setting, "1 nonsense"));
  CHECK_FALSE(MayHold("search_folder.x", ""));
  CHECK(MayHold(setting, ""));

  pair.Settle();
  pair.Reopen();
  MustDo(pair.account().PutSettings({{{"keep_days", "1"}, {"history_percent", "1"}}}));
  Must(pair.account().Tidy());
  pair.Reopen();
  const SearchFolder found = Must(FindSearchFolder(*pair.account().View(), "makers"));
  CHECK(found.id == folder.id);
  CHECK(found.spec.folder == folder.spec.folder);

  std::mutex mutex;
  std::condition_variable moved;
  std::size_t rows = 0;
  bool removed = false;
  const auto wait_for = [&](auto condition) {
    std::unique_lock lock(mutex);
    moved.wait(lock, condition);
  };
  const auto followed = FollowSearchFolder(pair.account(), folder.id, {},
                                           {[&](SearchFolderTable& table, std::span<const TableChange>) {
                                              const std::lock_guard lock(mutex);
                                              rows = table.rows().size();
                                              moved.notify_all();
                                            },
                                            [&](const Error& error) {
                                              const std::lock_guard lock(mutex);
                                              removed = error.code == Code::kNotFound;
                                              moved.notify_all();
                                            }});
  wait_for([&] { return rows == 1; });
  pair.CreateLocally("Babbage", {{pair.Field("company"), std::string("Engines")}});
  wait_for([&] { return rows == 2; });
  MustDo(RemoveSearchFolder(pair.account(), *pair.account().View(), folder.id));
  wait_for([&] { return removed; });
  CHECK(RemoveSearchFolder(pair.account(), *pair.account().View(), folder.id).error().code == Code::kNotFound);
}
