#include "engine/status.h"

#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

TEST_CASE("status: never, online, and what waits", "[engine][status]") {
  Pair pair;
  auto status = Must(pair.account().Status());
  CHECK(status.state == "never");
  CHECK(!status.run);
  CHECK(status.folders.empty());
  pair.Settle();
  pair.CreateLocally("Adler");
  pair.CreateLocally("Brandt", {{Pair::Field("nickname"), std::string(500, 'x')}});
  status = Must(pair.account().Status());
  CHECK(status.state == "online");
  CHECK(status.pending == 2);
  CHECK(status.lost == 0);
  const auto before = pair.account().View()->last();
  pair.Settle();
  status = Must(pair.account().Status());
  CHECK(status.pending == 0);
  CHECK(status.parked == 1);
  CHECK(status.lost == 0);
  REQUIRE(status.run);
  CHECK(status.run->last_success >= status.run->since);
  CHECK(status.run->last_success == status.run->last_run);
  CHECK(status.run->last_error.empty());
  REQUIRE(!status.folders.empty());
  for (const FolderStatus& folder : status.folders) {
    CHECK(folder.complete);
    REQUIRE(folder.token);
    CHECK(folder.token_time.count() > 0);
    const auto cursor = Must(LoadCursor(*pair.account().View(), folder.id));
    CHECK(*folder.token == cursor->cursor);
  }
  CHECK(pair.account().View()->last() > before);
  const auto quiet = pair.account().View()->last();
  pair.Sync();
  CHECK(pair.account().View()->last() == quiet);  // a run without news is no event
}

TEST_CASE("status: an error stays on record after it passed, the state does not", "[engine][status]") {
  Pair pair;
  pair.Settle();
  const auto since = Must(pair.account().Status()).run->since;
  MustDo(pair.server().AddFault("503"));
  CHECK(pair.Sync().link == LinkState::kServerDown);
  auto status = Must(pair.account().Status());
  CHECK(status.state == "server_down");
  CHECK(status.run->since >= since);
  CHECK(!status.run->last_error.empty());
  CHECK(status.run->last_success < status.run->last_error_time);
  pair.server().ClearFaults();
  pair.Settle();
  pair.Reopen();  // it is on disk
  status = Must(pair.account().Status());
  CHECK(status.state == "online");
  CHECK(!status.run->last_error.empty());
  CHECK(status.run->last_success >= status.run->last_error_time);
  MustDo(pair.account().PutSettings({{{std::string(setting::kPaused), "true"}}}));
  CHECK(Must(pair.account().Status()).state == "paused");
}

TEST_CASE("status: a record that cannot be read is no record", "[engine][status]") {
  Pair pair;
  pair.Settle();
  MustDo(WriteFileDurably(pair.account().folder() / "last-run.json", "{\"state\": 7}"));
  CHECK(Must(pair.account().Status()).state == "never");
  pair.Sync();
  CHECK(Must(pair.account().Status()).state == "online");
}

TEST_CASE("status: what the audit in the background found, and anew where its record cannot be read",
          "[engine][status]") {
  Pair pair;
  pair.Settle();
  pair.CreateLocally("Adler");
  CHECK_FALSE(Must(pair.account().Status()).audit);
  const auto audited = [&] {
    Must(pair.account().Tidy());
    return Must(pair.account().Status()).audit.value();
  };
  const Sequence before = audited().at;
  CHECK(before == pair.account().View()->last());
  pair.Settle();  // what was undecided is decided
  CHECK(audited().at == pair.account().View()->last());
  CHECK(audited().at > before);
  CHECK(audited().sound);

  // An edit that no row and no event has.
  const auto file = pair.account().folder() / "audit.json";
  std::string record = Must(ReadFile(file));
  const std::string none = "\"undecided\":[]";
  REQUIRE(record.find(none) != record.npos);
  const std::string id(32, 'a');
  record.replace(record.find(none), none.size(), "\"undecided\":[[2,\"" + id + "\",\"" + id + "\",[1]]]");
  MustDo(WriteFileDurably(file, record));
  CHECK(audited().edits_without_outcome == 1);
  CHECK_FALSE(audited().sound);
  MustDo(WriteFileDurably(file, "{\"at\": 7}"));
  CHECK_FALSE(Must(pair.account().Status()).audit);
  CHECK(audited().sound);
}

TEST_CASE("status: the state's beginning moves only when the state does", "[engine][status]") {
  SyncReport online;
  SyncReport offline;
  offline.link = LinkState::kOffline;
  offline.problem = "no route";
  SyncReport failed;
  failed.local_failure = true;
  failed.problem = "disk full";
  RunRecord run = After({}, online, Millis{100});
  run = After(run, online, Millis{200});
  CHECK(run.since == 100);
  CHECK(run.last_success == 200);
  run = After(run, offline, Millis{300});
  run.next_try = 350;
  run = After(run, offline, Millis{400});
  CHECK(run.state == "offline");
  CHECK(run.since == 300);
  CHECK(run.last_success == 200);
  CHECK(run.last_error_time == 400);
  CHECK(run.next_try == 0);
  run = After(run, failed, Millis{500});
  CHECK(run.state == "failed");
  CHECK(run.last_success == 200);
  run = After(run, online, Millis{600});
  CHECK(run.last_error == "disk full");
  CHECK(run.since == 600);
}
