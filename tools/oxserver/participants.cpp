#include "tools/oxserver/participants.h"

#include <nlohmann/json.hpp>

#include "tools/oxserver/directory.h"

namespace outpost::oxserver {
namespace {

constexpr std::int64_t kUser = 1, kGroup = 2, kExternal = 5;

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::optional<int> UserOfMail(const World& world, std::string_view mail) {
  for (const auto& account : world.state.accounts()) {
    if (EqualNoCase(mail, account.name + "@example.com")) return account.id;
  }
  return std::nullopt;
}

}  // namespace

Api<std::string> ParticipantsLiteral(const World& world, const ParticipantCodes& codes, const Json& value) {
  const auto unreadable = [&] {
    ApiError error{codes.unreadable, Category::kUserInput, "A field cannot be read.", {"participants"}, {}, {}};
    error.problematic = "[{\"name\":\"participants\"}]";
    return error;
  };
  if (!value.is_array()) return unreadable();
  Json list = Json::array();
  for (const auto& entry : value) {
    if (!entry.is_object()) return unreadable();
    const auto type = entry.contains("type") ? ScalarNumber(entry["type"]) : std::nullopt;
    if (!type || *type < kUser || *type > kExternal) return unreadable();
    if (*type != kExternal) {
      const auto id = entry.contains("id") ? ScalarNumber(entry["id"]) : std::nullopt;
      if (!id) return unreadable();
      list.push_back({{"type", *type}, {"id", *id}});
      continue;
    }
    const std::string mail = entry.contains("mail") ? ScalarText(entry["mail"]).value_or("") : "";
    if (mail.empty()) {
      return ApiError{codes.no_mail, Category::kUserInput, "An external participant needs a mail address.", {}, {}, {}};
    }
    if (const auto user = UserOfMail(world, mail)) {
      list.push_back({{"type", kUser}, {"id", *user}});
      continue;
    }
    Json external = {{"type", kExternal}, {"mail", mail}};
    if (entry.contains("display_name")) {
      if (const auto name = ScalarText(entry["display_name"]); name && !name->empty()) external["display_name"] = *name;
    }
    list.push_back(std::move(external));
  }
  return list.empty() ? std::string() : Dump(list);
}

std::string UsersLiteral(const World& world, std::string_view participants, std::string_view users_before) {
  if (participants.empty()) return {};
  const Json before = users_before.empty() ? Json::array() : Json::parse(users_before);
  Json users = Json::array();
  const auto add = [&](const Account& account) {
    for (const auto& known : users) {
      if (known["id"] == account.id) return;
    }
    for (const auto& known : before) {
      if (known["id"] == account.id) return users.push_back(known);
    }
    users.push_back({{"id", account.id}, {"display_name", account.name}, {"confirm", 0}});
  };
  for (const auto& participant : Json::parse(participants)) {
    if (participant["type"] == kUser) {
      if (const Account* account = world.state.FindAccount(participant["id"].get<int>())) add(*account);
    } else if (participant["type"] == kGroup) {
      const auto group = FindGroup(world, participant["id"].get<std::int64_t>());
      for (const auto& account : world.state.accounts()) {
        if (group && group->Has(account.id)) add(account);
      }
    }
  }
  return users.empty() ? std::string() : Dump(users);
}

std::optional<std::string> Confirmed(std::string_view users, int user, std::int64_t confirmation,
                                     std::string_view message) {
  if (users.empty()) return std::nullopt;
  Json list = Json::parse(users);
  bool found = false;
  for (auto& entry : list) {
    if (entry["id"] != user) continue;
    found = true;
    entry["confirm"] = confirmation;
    if (message.empty())
      entry.erase("confirmmessage");
    else
      entry["confirmmessage"] = std::string(message);
  }
  if (!found) return std::nullopt;
  return Dump(list);
}

}  // namespace outpost::oxserver
