#include "tools/oxserver/faults.h"

#include <nlohmann/json.hpp>

#include "tools/oxserver/text.h"

namespace outpost::oxserver {
namespace {

struct KindName {
  std::string_view name;
  FaultKind kind;
};
constexpr KindName kKinds[] = {{"drop-request", FaultKind::kDropRequest},
                               {"drop-reply", FaultKind::kDropReply},
                               {"cut", FaultKind::kCut},
                               {"503", FaultKind::kUnavailable},
                               {"429", FaultKind::kTooMany},
                               {"session-expired", FaultKind::kSessionExpired},
                               {"service-down", FaultKind::kServiceDown},
                               {"try-again", FaultKind::kTryAgain},
                               {"slow", FaultKind::kSlow},
                               {"truncate", FaultKind::kTruncate},
                               {"revoke", FaultKind::kRevoke},
                               {"reset-validity", FaultKind::kResetValidity},
                               {"other-shape", FaultKind::kOtherShape},
                               {"close", FaultKind::kClose},
                               {"open", FaultKind::kOpen},
                               {"clock-back", FaultKind::kClockBack}};

constexpr std::int64_t kDelayMaxMs = 600'000;
constexpr std::int64_t kDelayDefaultMs = 1000;
constexpr std::int64_t kClockBackMaxMs = 31'536'000'000;  // a year
constexpr std::int64_t kClockBackDefaultMs = 3'600'000;

bool ConcernsElements(FaultKind kind) {
  return kind == FaultKind::kServiceDown || kind == FaultKind::kTryAgain || kind == FaultKind::kOtherShape;
}

Refusal RefusalOf(FaultKind kind) {
  if (kind == FaultKind::kOtherShape) return Refusal::kOtherShape;
  return kind == FaultKind::kServiceDown ? Refusal::kServiceDown : Refusal::kTryAgain;
}

struct Call {
  std::string module;
  std::string action;
};

// The calls a request makes: one, or the elements of `multiple`.
std::vector<Call> CallsOf(const HttpRequest& request) {
  const std::string_view target = request.target;
  const auto question = target.find('?');
  std::string_view path = target.substr(0, question);
  for (const std::string_view prefix : {"/ajax/", "/appsuite/api/"}) {
    if (path.substr(0, prefix.size()) == prefix) path.remove_prefix(prefix.size());
  }
  const auto slash = path.find('/');
  Call plain{std::string(path.substr(0, slash)),
             slash == std::string_view::npos ? "" : std::string(path.substr(slash + 1))};
  if (question != std::string_view::npos) {
    for (auto& [name, value] : ParseQuery(target.substr(question + 1))) {
      if (name == "action") plain.action = value;
    }
  }
  if (plain.module != "multiple") return {plain};
  std::vector<Call> calls;
  const auto body = nlohmann::json::parse(request.body, nullptr, false);
  if (!body.is_array()) return calls;
  for (const auto& element : body) {
    const auto text = [&](const char* key) {
      const bool there = element.is_object() && element.contains(key) && element[key].is_string();
      return there ? element[key].get<std::string>() : std::string();
    };
    calls.push_back({text("module"), text("action")});
  }
  return calls;
}

Error BadSpec(std::string_view spec) { return {Code::kInvalid, Retry::kNever, "unknown fault: " + std::string(spec)}; }

}  // namespace

bool Faults::TakeArgument(std::optional<std::string_view> argument, Fault& fault) {
  const auto take_time = [&](std::int64_t usual, std::int64_t most) {
    const auto given = argument ? ParseNumber(*argument) : usual;
    fault.time = Millis(given.value_or(-1));
    return given && *given >= 0 && *given <= most;
  };
  switch (fault.kind) {
    case FaultKind::kSlow:
      return take_time(kDelayDefaultMs, kDelayMaxMs);
    case FaultKind::kClockBack:
      return take_time(kClockBackDefaultMs, kClockBackMaxMs);
    case FaultKind::kRevoke:
      fault.folder = argument.value_or("");
      return ParseNumber(fault.folder).has_value();
    case FaultKind::kResetValidity:
      fault.folder = argument.value_or("");
      return !fault.folder.empty();
    case FaultKind::kClose:
    case FaultKind::kOpen:
      fault.folder = argument.value_or("");
      return IsClosable(fault.folder);
    default:
      return !argument;
  }
}

Result<void> Faults::Add(std::string_view spec) {
  const auto parts = Split(spec, ':');
  std::string_view kind_name = parts[0];
  Fault fault{};
  fault.name = spec;
  const auto equals = kind_name.find('=');
  const auto argument = equals == std::string_view::npos ? std::nullopt : std::optional(kind_name.substr(equals + 1));
  kind_name = kind_name.substr(0, equals);
  bool known = false;
  for (const auto& kind : kKinds) {
    if (kind.name == kind_name) fault.kind = kind.kind, known = true;
  }
  if (!known || parts.size() > 3 || !TakeArgument(argument, fault)) return BadSpec(spec);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    const bool percent = !parts[i].empty() && parts[i].back() == '%';
    const auto number = ParseNumber(percent ? parts[i].substr(0, parts[i].size() - 1) : parts[i]);
    if (number && last) {
      if (percent ? *number < 0 || *number > 100 : *number < 1) return BadSpec(spec);
      if (percent)
        fault.percent = static_cast<std::uint32_t>(*number);
      else
        fault.nth = static_cast<std::uint64_t>(*number);
      continue;
    }
    const auto dot = parts[i].find('.');
    if (i != 1 || dot == 0 || dot == std::string_view::npos || dot + 1 == parts[i].size()) return BadSpec(spec);
    fault.module = parts[i].substr(0, dot);
    fault.action = parts[i].substr(dot + 1);
  }
  faults_.push_back(std::move(fault));
  return Ok();
}

bool Faults::Fires(Fault& fault, Random& random) {
  ++fault.seen;
  if (fault.percent) return random.Chance(*fault.percent, 100);
  return fault.nth == 0 || fault.seen == fault.nth;
}

FaultPlan Faults::Decide(const HttpRequest& request, Random& random) {
  FaultPlan plan;
  if (faults_.empty()) return plan;
  const auto calls = CallsOf(request);
  for (auto& fault : faults_) {
    bool counted = false, fired = false;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const bool match = (fault.module == "*" || fault.module == calls[i].module) &&
                         (fault.action == "*" || fault.action == calls[i].action);
      if (!match) continue;
      if (ConcernsElements(fault.kind)) {
        if (!Fires(fault, random)) continue;
        plan.handle.refused.push_back({i, RefusalOf(fault.kind)});
        fired = true;
      } else if (!std::exchange(counted, true)) {
        fired = Fires(fault, random);
      }
    }
    if (!fired) continue;
    plan.names += (plan.names.empty() ? "" : " ") + fault.name;
    if (fault.kind == FaultKind::kSlow)
      plan.delay = fault.time;
    else if (fault.kind == FaultKind::kSessionExpired)
      plan.handle.expire_session = true;
    else if (fault.kind == FaultKind::kRevoke)
      plan.handle.revoke_folder = fault.folder;
    else if (fault.kind == FaultKind::kResetValidity)
      plan.handle.reset_validity = fault.folder;
    else if (fault.kind == FaultKind::kClose)
      plan.handle.close_module = fault.folder;
    else if (fault.kind == FaultKind::kOpen)
      plan.handle.open_module = fault.folder;
    else if (fault.kind == FaultKind::kClockBack)
      plan.handle.clock_back = fault.time;
    else if (!ConcernsElements(fault.kind) && !plan.transport)
      plan.transport = fault.kind;
  }
  return plan;
}

}  // namespace outpost::oxserver
