// Signatures: kept on the server for all programs of a user, made and changed offline too.
#include <nlohmann/json.hpp>

#include "engine/signatures.h"
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

using Json = nlohmann::json;

struct SignaturePair : Pair {
  explicit SignaturePair(oxserver::ServerOptions options = {}) : Pair(std::move(options)) { Settle(); }
  static ItemId FolderIn(Account& account) {
    const auto folder = Must(SignaturesFolder(*account.View()));
    REQUIRE(folder);
    return *folder;
  }
  ItemId Make(const std::string& name, const std::string& content) {
    return Must(account().Create(
        ItemType::kSignature, FolderIn(account()),
        {{field::kSignatureName, name}, {field::kSignatureContent, content}, {field::kSignatureHtml, true}}));
  }
  void Put(const ItemId& signature, FieldId id, const Value& value) { MustDo(account().Set(signature, {{id, value}})); }
  static std::string NamesIn(Account& account) {
    std::string names;
    for (const ItemState& one : Must(ListSignatures(*account.View()))) {
      const Value name = one.HeadValue(field::kSignatureName);
      names += std::get<std::string>(name);
      if (ItemStateName(one) != std::string_view("synced")) names += std::string(":") + ItemStateName(one);
      names += " ";
    }
    return names;
  }
  std::string Here() { return NamesIn(account()); }
  ItemState Called(const std::string& name) {
    for (ItemState& one : Must(ListSignatures(*account().View())))
      if (one.HeadValue(field::kSignatureName) == Value(name)) return one;
    FAIL("no signature " << name);
    return {};
  }
  Json There() { return Json::parse(Must(elsewhere().Do("snippet", "all", {}))); }
  std::string NewThere(const Json& body) {
    return Json::parse(Must(elsewhere().Do("snippet", "new", {}, body.dump()))).get<std::string>();
  }
  void ChangeThere(const std::string& id, const Json& body) {
    Must(elsewhere().Do("snippet", "update", {{"id", id}}, body.dump()));
  }
  // As in another process: all signatures are read once more.
  SyncReport SyncAnew() {
    Reopen();
    return Settle();
  }
};

std::string CodeOfParked(const ItemState& item) {
  return item.parked.empty() ? std::string() : item.parked.front().refusal.code;
}

}  // namespace

TEST_CASE("signatures: made, changed and deleted offline, they reach the server; those of elsewhere come",
          "[engine][signatures]") {
  SignaturePair pair;
  CHECK(pair.Here().empty());
  const ItemId work = pair.Make("Work", "<b>Anna</b>");
  CHECK(pair.Here() == "Work:pending ");
  pair.Settle();
  CHECK(pair.Here() == "Work ");
  auto there = pair.There();
  REQUIRE(there.size() == 1);
  CHECK(there[0]["type"] == "signature");
  CHECK(there[0]["displayname"] == "Work");
  CHECK(there[0]["content"] == "<b>Anna</b>");
  CHECK(there[0]["misc"] == Json{{"content-type", "text/html"}});
  CHECK(there[0]["shared"] == false);
  const auto events = pair.account().View()->last();
  CHECK(pair.Sync().requests == 1);  // a quiet round asks nothing more
  CHECK(pair.account().View()->last() == events);

  // What other programs say beside it stays.
  const std::string id = there[0]["id"];
  pair.ChangeThere(id,
                   {{"misc", {{"content-type", "text/html"}, {"colour", {1, {{"a", "b"}}}}}}, {"props", {{"p", 1}}}});
  const std::string other = pair.NewThere({{"type", "signature"}, {"displayname", "Home"}, {"content", "A."}});
  pair.NewThere({{"type", "template"}, {"displayname", "No signature"}});
  pair.SyncAnew();
  CHECK(pair.Here() == "Home Work ");
  CHECK(pair.Called("Home").HeadValue(field::kSignatureHtml) == Value{});
  pair.Put(work, field::kSignaturePlacement, std::string(kPlacedAbove));
  pair.Settle();
  CHECK(pair.There()[0]["misc"] ==
        Json{{"content-type", "text/html"}, {"colour", {1, {{"a", "b"}}}}, {"insertion", "above"}});
  CHECK(pair.There()[0]["props"] == Json{{"p", 1}});

  // Another PC has them, and edits one.
  const auto second = pair.OtherAccount();
  CHECK(Must(second->Sync({})).link == LinkState::kOnline);
  CHECK(SignaturePair::NamesIn(*second) == "Home Work ");
  const auto home = Must(FindByRemoteId(*second->View(), ItemType::kSignature, "snippet:" + other));
  REQUIRE(home);
  MustDo(second->Set(*home, {{field::kSignatureContent, std::string("Anna, home")}}));
  CHECK(Must(second->Sync({})).pending == 0);
  pair.SyncAnew();
  CHECK(pair.Called("Home").HeadValue(field::kSignatureContent) == Value(std::string("Anna, home")));
  MustDo(pair.account().Delete(pair.Called("Home").id));
  pair.Settle();
  CHECK(pair.There().size() == 2);
  CHECK(pair.Here() == "Work ");
  pair.CheckWhole();
}

TEST_CASE("signatures: where the server answers them, or rules, in another shape, all else goes on",
          "[engine][signatures]") {
  const auto [module, name] =
      GENERATE(table<std::string, std::string>({{"snippet", "signature"}, {"mailfilter/v2", "rule"}}));
  SignaturePair pair;
  const ItemId work = pair.Make("Work", "one");
  pair.Settle();
  pair.ChangeThere(pair.There()[0]["id"], {{"content", "theirs"}});
  MustDo(pair.server().AddFault("other-shape:" + module + ".*"));
  pair.Reopen();
  const ItemId contact = pair.CreateLocally("Lovelace");
  const ItemId home = pair.Make("Home", "two");
  SyncReport report;
  for (int i = 0; i < 3; ++i) report = pair.Sync();
  CHECK(report.link == LinkState::kOnline);
  CHECK(pair.Item(contact).on_server);
  CHECK(report.problem.find("type " + name) != std::string::npos);
  const bool ours = module == "snippet";
  CHECK(pair.Item(work).HeadValue(field::kSignatureContent) == Value(std::string(ours ? "one" : "theirs")));
  CHECK(report.pending == (ours ? 1u : 0u));
  CHECK(pair.Item(home).parked.empty());
  CHECK(pair.Sync().requests == 1);

  pair.server().ClearFaults();
  pair.SyncAnew();
  CHECK(pair.Here() == "Home Work ");
  CHECK(pair.Item(work).HeadValue(field::kSignatureContent) == Value(std::string("theirs")));
  pair.CheckWhole();
}

TEST_CASE("signatures: changed on both sides, the server's counts and the loser is kept; refusals are parked by code",
          "[engine][signatures]") {
  SignaturePair pair;
  const ItemId work = pair.Make("Work", "one");
  pair.Settle();
  const std::string id = pair.There()[0]["id"];
  pair.ChangeThere(id, {{"content", "theirs"}});
  pair.Put(work, field::kSignatureContent, std::string("ours"));
  pair.Put(work, field::kSignatureName, std::string("Office"));
  pair.Settle();
  pair.SyncAnew();
  CHECK(pair.There()[0]["content"] == "theirs");
  CHECK(pair.There()[0]["displayname"] == "Office");
  CHECK(pair.Here() == "Office:conflict ");
  CHECK(pair.Item(work).losers.size() == 1);

  // What others share is theirs.
  const auto bert = Must(oxserver::ApiClient::SignIn(
      [&pair](const auto& request) { return pair.server().Handle(request); }, "bert", "secret"));
  Must(bert->Do("snippet", "new", {}, R"({"type":"signature","displayname":"House","content":"H","shared":true})"));
  pair.SyncAnew();
  CHECK(pair.Called("House").HeadValue(field::kSignatureCreatedBy) == Value(std::string("user:4")));
  pair.Put(pair.Called("House").id, field::kSignatureContent, std::string("mine"));
  pair.Settle();
  CHECK(CodeOfParked(pair.Called("House")).find("SNIPPET-0006") != std::string::npos);

  const ItemId folder = SignaturePair::FolderIn(pair.account());
  const auto refused = [&](const FieldMap& fields) {
    return pair.account().Create(ItemType::kSignature, folder, fields).error().code == Code::kInvalid;
  };
  CHECK(refused({{field::kSignatureName, std::string("a\nb")}}));
  CHECK(refused({{field::kSignatureName, std::string("a")}, {field::kSignaturePlacement, std::string("beside")}}));
  CHECK(pair.account().Set(work, {{field::kSignatureName, Value{}}}).error().code == Code::kInvalid);
  pair.CheckWhole();
}

TEST_CASE("signatures: a lost answer makes none twice, and a server without them has none", "[engine][signatures]") {
  oxserver::ServerOptions options;
  options.faults = {"drop-reply:snippet.new:1"};
  SignaturePair pair(std::move(options));
  pair.Make("Work", "one");
  pair.Settle();
  pair.SyncAnew();
  CHECK(pair.There().size() == 1);
  CHECK(pair.Here() == "Work ");
  pair.CheckWhole();

  oxserver::ServerOptions none;
  none.logic.snippets = false;
  Pair other(std::move(none), 5);
  CHECK(other.Settle().problem.empty());
  CHECK_FALSE(Must(SignaturesFolder(*other.account().View())));
}
