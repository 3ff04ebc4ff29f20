// The module snippet (openapi.json): texts that users keep on the server, of which signatures are one type.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/oxserver/world.h"

namespace outpost::oxserver {
namespace {

std::string SnippetPath(int user) { return "snippet/" + std::to_string(user); }

Json StoredOf(const World& world, int user) {
  const auto stored = world.state.FindSetting(0, SnippetPath(user));
  return stored ? Json::parse(*stored) : Json{{"next", 1}, {"snippets", Json::array()}};
}

void Keep(World& world, int user, const Json& all) {
  world.state.PutSetting(0, SnippetPath(user), all.dump(-1, ' ', false, Json::error_handler_t::replace));
}

ApiError NotFound(std::string_view id) {
  return {"SNIPPET-0005", Category::kError, "There is no such snippet.", {std::string(id)}, {}, {}};
}
ApiError NotYours(std::string_view id) {
  return {"SNIPPET-0006", Category::kPermissionDenied, "The snippet is another user's.", {std::string(id)}, {}, {}};
}

// Own ones, and what others share.
Json SeenBy(const World& world, int user) {
  Json seen = StoredOf(world, user)["snippets"];
  for (const auto& account : world.state.accounts()) {
    if (account.id == user) continue;
    const Json theirs = StoredOf(world, account.id);
    for (const auto& snippet : theirs["snippets"])
      if (snippet.value("shared", false)) seen.push_back(snippet);
  }
  return seen;
}

Answer Told(const Json& data) {
  return Answer{data.dump(-1, ' ', false, Json::error_handler_t::replace), std::nullopt, {}};
}

// The members that a body has, each of the form that the document gives; others are ignored.
Api<void> Take(const Json& body, Json& snippet) {
  for (const char* name : {"displayname", "type", "content", "module"})
    if (const auto at = body.find(name); at != body.end()) {
      if (!at->is_string()) return InvalidParameter(name, at->dump());
      snippet[name] = *at;
    }
  for (const char* name : {"misc", "props"})
    if (const auto at = body.find(name); at != body.end()) {
      if (!at->is_object()) return InvalidParameter(name, at->dump());
      snippet[name] = *at;
    }
  if (const auto at = body.find("shared"); at != body.end()) {
    if (!at->is_boolean()) return InvalidParameter("shared", at->dump());
    snippet["shared"] = *at;
  }
  if (const auto at = body.find("accountid"); at != body.end()) {
    if (!at->is_number_integer()) return InvalidParameter("accountid", at->dump());
    snippet["accountid"] = *at;
  }
  return Ok();
}

Api<Answer> AllOf(const World& world, const Request& request) {
  const auto type = request.params.Find("type");
  Json shown = Json::array();
  for (const auto& snippet : SeenBy(world, request.user))
    if (!type || snippet["type"] == *type) shown.push_back(snippet);
  return Told(shown);
}

// Null where the user sees no such snippet.
Json SeenWith(const World& world, int user, std::string_view id) {
  for (const auto& snippet : SeenBy(world, user))
    if (snippet["id"] == id) return snippet;
  return nullptr;
}

Api<Answer> ListOf(const World& world, const Request& request) {
  OUTPOST_TRY(const Json* ids, NeedArray(request));
  Json shown = Json::array();
  for (const auto& element : *ids) {
    const auto id = ScalarText(element);
    if (!id) return BadJson();
    Json snippet = SeenWith(world, request.user, *id);
    if (snippet.is_null()) return NotFound(*id);
    shown.push_back(std::move(snippet));
  }
  return Told(shown);
}

// Of a user's own; an error that says whether it is another's.
Api<std::size_t> OwnPlace(const World& world, int user, const Json& snippets, std::string_view id) {
  for (std::size_t i = 0; i < snippets.size(); ++i)
    if (snippets[i]["id"] == id) return i;
  return SeenWith(world, user, id).is_null() ? NotFound(id) : NotYours(id);
}

Api<Answer> New(World& world, const Request& request) {
  OUTPOST_TRY(const Json* body, NeedObject(request));
  Json all = StoredOf(world, request.user);
  const std::string id = std::to_string(request.user) + "-" + std::to_string(all["next"].get<std::int64_t>());
  Json snippet{{"id", id},       {"createdby", request.user}, {"accountid", -1}, {"displayname", ""}, {"content", ""},
               {"shared", false}};
  OUTPOST_TRYV(Take(*body, snippet));
  for (const char* needed : {"type", "displayname"})
    if (snippet.value(needed, "").empty()) return MissingParameter(needed);
  all["next"] = all["next"].get<std::int64_t>() + 1;
  all["snippets"].push_back(std::move(snippet));
  Keep(world, request.user, all);
  return Told(id);
}

Api<Answer> Update(World& world, const Request& request) {
  OUTPOST_TRY(const auto id, request.params.Need("id"));
  OUTPOST_TRY(const Json* body, NeedObject(request));
  Json all = StoredOf(world, request.user);
  OUTPOST_TRY(const auto place, OwnPlace(world, request.user, all["snippets"], id));
  Json& snippet = all["snippets"][place];
  OUTPOST_TRYV(Take(*body, snippet));
  Keep(world, request.user, all);
  return Told(snippet);
}

// By the parameter, or by the body's list.
Api<Answer> Delete(World& world, const Request& request) {
  std::vector<std::string> ids;
  if (const auto id = request.params.Find("id")) ids.emplace_back(*id);
  if (request.body != nullptr && request.body->is_array())
    for (const auto& element : *request.body) {
      const auto id = ScalarText(element);
      if (!id) return BadJson();
      ids.push_back(*id);
    }
  if (ids.empty()) return MissingParameter("id");
  Json all = StoredOf(world, request.user);
  for (const std::string& id : ids) {
    OUTPOST_TRY(const auto place, OwnPlace(world, request.user, all["snippets"], id));
    all["snippets"].erase(all["snippets"].begin() + static_cast<std::ptrdiff_t>(place));
  }
  Keep(world, request.user, all);
  return Answer{};
}

}  // namespace

Api<Answer> HandleSnippets(World& world, const Request& request) {
  const std::string& action = request.action;
  if (action == "all") return AllOf(world, request);
  if (action == "list") return ListOf(world, request);
  if (action == "get") {
    OUTPOST_TRY(const auto id, request.params.Need("id"));
    const Json snippet = SeenWith(world, request.user, id);
    if (snippet.is_null()) return NotFound(id);
    return Told(snippet);
  }
  if (action == "new") return New(world, request);
  if (action == "update") return Update(world, request);
  if (action == "delete") return Delete(world, request);
  return UnknownAction("snippet", action);
}

}  // namespace outpost::oxserver
