#include "tools/oxserver/options.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "tools/oxserver/text.h"

namespace outpost::oxserver {
namespace {

using Setter = std::function<bool(LogicOptions&, std::string_view)>;
struct Option {
  std::string_view name;
  std::string_view values;  // for people
  Setter set;               // false: it cannot be that
};

template <class T>
Setter OneOf(T LogicOptions::*member, std::vector<std::pair<std::string_view, T>> choices) {
  return [member, choices = std::move(choices)](LogicOptions& options, std::string_view value) {
    for (const auto& [name, meaning] : choices) {
      if (name != value) continue;
      options.*member = meaning;
      return true;
    }
    return false;
  };
}
Setter Truth(bool LogicOptions::*member) { return OneOf(member, {{"true", true}, {"false", false}}); }
Setter Time(Millis LogicOptions::*member) {
  return [member](LogicOptions& options, std::string_view value) {
    const auto number = ParseNumber(value);
    if (!number || *number < 0) return false;
    options.*member = Millis(*number);
    return true;
  };
}
Setter Count(std::uint32_t LogicOptions::*member) {
  return [member](LogicOptions& options, std::string_view value) {
    const auto number = ParseNumber(value);
    if (!number || *number < 0 || *number > UINT32_MAX) return false;
    options.*member = static_cast<std::uint32_t>(*number);
    return true;
  };
}

Setter Bytes(std::int64_t LogicOptions::*member) {
  return [member](LogicOptions& options, std::string_view value) {
    const auto number = ParseNumber(value);
    if (!number || *number < 0) return false;
    options.*member = *number;
    return true;
  };
}

const std::vector<Option>& Options() {
  static const std::vector<Option> options{
      {"stamps", "strict|same-twice|steps-back",
       OneOf(&LogicOptions::stamps, {{"strict", StampMode::kStrict},
                                     {"same-twice", StampMode::kSameTwice},
                                     {"steps-back", StampMode::kStepsBack}})},
      {"ids", "strings|numbers|mixed",
       OneOf(&LogicOptions::ids,
             {{"strings", IdStyle::kStrings}, {"numbers", IdStyle::kNumbers}, {"mixed", IdStyle::kMixed}})},
      {"boundary", "after|from",
       OneOf(&LogicOptions::boundary, {{"after", Boundary::kAfter}, {"from", Boundary::kFrom}})},
      {"length_unit", "characters|bytes",
       OneOf(&LogicOptions::length_unit, {{"characters", LengthUnit::kCharacters}, {"bytes", LengthUnit::kBytes}})},
      {"older_contacts_path", "true|false", Truth(&LogicOptions::older_contacts_path)},
      {"move_tombstones", "true|false", Truth(&LogicOptions::move_tombstones)},
      {"revoke_tombstones", "true|false", Truth(&LogicOptions::revoke_tombstones)},
      {"four_byte_characters", "true|false", Truth(&LogicOptions::four_byte_characters)},
      {"private_participants", "true|false", Truth(&LogicOptions::private_participants)},
      {"keep_exceptions", "true|false", Truth(&LogicOptions::keep_exceptions)},
      {"mail_filters", "true|false", Truth(&LogicOptions::mail_filters)},
      {"snippets", "true|false", Truth(&LogicOptions::snippets)},
      {"closed_modules", "names of contacts, tasks, calendar, mail, with commas between them",
       [](LogicOptions& to, std::string_view value) {
         to.closed_modules.clear();
         for (const auto name : Split(value, ',')) to.closed_modules.emplace_back(name);
         return std::ranges::all_of(to.closed_modules, IsClosable);
       }},
      {"closed_modules_are_refused", "true|false", Truth(&LogicOptions::closed_modules_are_refused)},
      {"photo_size_max", "bytes of a contact's photo, 0 for no limit", Bytes(&LogicOptions::photo_size_max)},
      {"attachment_size_max", "bytes, 0 for no limit", Bytes(&LogicOptions::attachment_size_max)},
      {"attachment_quota", "bytes, 0 for no limit", Bytes(&LogicOptions::attachment_quota)},
      {"mail_size_max", "bytes, 0 for no limit", Bytes(&LogicOptions::mail_size_max)},
      {"mail_quota", "bytes, 0 for no limit", Bytes(&LogicOptions::mail_quota)},
      {"recipients_max", "a number, 0 for no limit", Count(&LogicOptions::recipients_max)},
      {"tombstone_retention", "milliseconds", Time(&LogicOptions::tombstone_retention)},
      {"session_idle", "milliseconds", Time(&LogicOptions::session_idle)},
      {"rate_window", "milliseconds", Time(&LogicOptions::rate_window)},
      {"requests_per_window", "a number, 0 for no limit", Count(&LogicOptions::requests_per_window)},
      {"logins_per_window", "a number, 0 for no limit", Count(&LogicOptions::logins_per_window)},
      {"mail_accounts", "a number", Count(&LogicOptions::mail_accounts)},
      {"sessions_per_user", "a number", Count(&LogicOptions::sessions_per_user)},
      {"timezone", "a name such as Europe/Berlin", [](LogicOptions& to, std::string_view value) {
         to.timezone = value;
         return !value.empty();
       }}};
  return options;
}

}  // namespace

Result<void> SetOption(LogicOptions& options, std::string_view spec) {
  const auto equals = spec.find('=');
  const auto name = spec.substr(0, equals);
  std::string names;
  for (const auto& option : Options()) {
    names += (names.empty() ? "" : ", ") + std::string(option.name);
    if (option.name != name || equals == std::string_view::npos) continue;
    if (option.set(options, spec.substr(equals + 1))) return Ok();
    return Error{Code::kInvalid, Retry::kNever, std::string(name) + ": must be " + std::string(option.values)};
  }
  return Error{Code::kInvalid, Retry::kNever,
               "\"" + std::string(spec) + "\" is not NAME=VALUE of an option; there are: " + names};
}

}  // namespace outpost::oxserver
