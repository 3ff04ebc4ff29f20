#include "tools/oxserver/logic.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/oxserver/events.h"
#include "tools/oxserver/folder_writes.h"
#include "tools/oxserver/login.h"
#include "tools/oxserver/mail.h"
#include "tools/oxserver/mail_filter.h"
#include "tools/oxserver/photos.h"
#include "tools/oxserver/sessions.h"
#include "tools/oxserver/world.h"

namespace outpost::oxserver {
namespace {

constexpr std::size_t kNestingMax = 64;  // deeper JSON is no request of this API

// The module and what follows it in a path such as "/ajax/config/folder/contacts"; nullopt outside the API.
std::optional<std::pair<std::string, std::string>> ModuleOf(std::string_view path) {
  for (const std::string_view prefix : {"/ajax/", "/appsuite/api/"}) {
    if (path.substr(0, prefix.size()) != prefix) continue;
    std::string_view rest = path.substr(prefix.size());
    rest = rest.substr(0, rest.find(';'));  // ;jsessionid=…
    const auto slash = rest.find('/');
    const auto below = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    return std::pair(std::string(rest.substr(0, slash)), std::string(below));
  }
  return std::nullopt;
}

// Brackets open at once, outside strings.
std::size_t NestingOf(std::string_view text) {
  std::size_t depth = 0, deepest = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

std::optional<Json> ParseJson(std::string_view text) {
  if (NestingOf(text) > kNestingMax) return std::nullopt;
  Json parsed = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) return std::nullopt;
  return parsed;
}

// A form's fields are parameters. The body of a PUT is JSON whatever its type says: many clients label it wrongly.
bool IsForm(const HttpRequest& request) {
  return request.method == "POST" &&
         FindHeader(request.headers, "Content-Type").substr(0, 33) == "application/x-www-form-urlencoded";
}

// The parameters of one element of `multiple`: all but the reserved keys, as text.
Params ElementParams(const Json& element) {
  Params params;
  for (const auto& [key, value] : element.items()) {
    if (key == "module" || key == "action" || key == "data" || key == "session") continue;
    if (value.is_string())
      params.Add(key, value.get<std::string>());
    else if (value.is_boolean())
      params.Add(key, value.get<bool>() ? "true" : "false");
    else if (value.is_number())
      params.Add(key, value.dump());
  }
  return params;
}

// True for the calls that `multiple` runs one after another in the order of the array.
bool IsSerial(const std::string& module, const std::string& action) {
  if (module == "mail") return true;
  static constexpr std::string_view kModules[] = {"calendar", "tasks", "folder", "folders", "contacts"};
  return std::find(std::begin(kModules), std::end(kModules), module) != std::end(kModules) &&
         (action == "new" || action == "update" || action == "delete");
}

// An order in which a server with several threads may get to the elements: serial ones keep their order among
// themselves.
std::vector<std::size_t> ExecutionOrder(const std::vector<Request>& elements, Random& random) {
  std::vector<std::size_t> order(elements.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.Below(i)]);
  std::vector<std::size_t> serial;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (IsSerial(elements[i].module, elements[i].action)) serial.push_back(i);
  }
  std::size_t next = 0;
  for (auto& index : order) {
    if (IsSerial(elements[index].module, elements[index].action)) index = serial[next++];
  }
  return order;
}

Api<Answer> InOtherShape(Api<Answer> answer) {
  if (answer)
    answer.value().data = "{\"items\":[" + (answer.value().data.empty() ? "null" : answer.value().data) + "]}";
  return answer;
}

ApiError RefusalError(Refusal refusal) {
  if (refusal == Refusal::kServiceDown) return {"SRV-0001", Category::kServiceDown, "The service is down.", {}, {}, {}};
  return {"SRV-0002", Category::kTryAgain, "The service is busy. Try again.", {}, {}, {}};
}

}  // namespace

struct Logic::Impl {
  Impl(LogicOptions given, Clock& clock, Random& r, Log& l, std::unique_ptr<State> s)
      : options(std::move(given)),
        random(r),
        log(l),
        state(std::move(s)),
        stamps(clock, options.stamps),
        zones(options.zoneinfo),
        world{options, *state, stamps, random, zones},
        sessions(clock, random, {options.session_idle, options.sessions_per_user, options.secure_cookies}),
        login(world, sessions, clock),
        requests(clock, options.rate_window, options.requests_per_window),
        error_prefix(std::to_string(static_cast<std::int32_t>(random.Next() & 0x7FFFFFFF)) + "-") {}

  HttpResponse Handle(const HttpRequest& http, const HandleOptions& how);
  HttpResponse Dispatch(const HttpRequest& http, const HandleOptions& how);
  HttpResponse Multiple(const HttpRequest& http, const Params& query, const HandleOptions& how);
  HttpResponse Call(const HttpRequest& http, Request request, const HandleOptions& how);
  Api<Answer> Run(const Request& request);
  Api<Answer> RunElement(Request& request, std::size_t index, const HandleOptions& how);
  const Zone& ZoneOf(int user, const Params& params);
  std::string NextErrorId() { return error_prefix + std::to_string(++errors); }

  LogicOptions options;
  Random& random;
  Log& log;
  std::unique_ptr<State> state;
  Stamps stamps;
  Zones zones;
  World world;
  Sessions sessions;
  Login login;
  RateLimiter requests;
  std::string error_prefix;
  std::uint64_t errors = 0;
};

HttpResponse Logic::Impl::Handle(const HttpRequest& http, const HandleOptions& how) {
  state->DropTombstonesBefore(stamps.Now() - options.tombstone_retention.count());
  HttpResponse response = Dispatch(http, how);
  const auto saved = state->Commit();
  if (saved) return response;
  log.Write(LogLevel::kError, "oxserver", saved.error().context);
  return HtmlPage(503, "Service unavailable");
}

HttpResponse Logic::Impl::Dispatch(const HttpRequest& http, const HandleOptions& how) {
  const auto question = http.target.find('?');
  const auto place = ModuleOf(std::string_view(http.target).substr(0, question));
  if (!place) return HtmlPage(404, "Not found");
  if (http.method != "GET" && http.method != "PUT" && http.method != "POST") return HtmlPage(405, "Method not allowed");
  Pairs pairs = ParseQuery(question == std::string::npos ? std::string_view()
                                                         : std::string_view(http.target).substr(question + 1));
  const Params query(pairs);
  const Params form = IsForm(http) ? Params(ParseQuery(http.body)) : Params();
  if (how.origin == Origin::kNetwork) {
    const auto key =
        std::string(FindHeader(http.headers, "User-Agent")) + '|' + std::string(FindCookie(http, "JSESSIONID"));
    if (const auto wait = requests.Count(key)) return TooManyRequests(*wait);
  }
  if (how.clock_back.count() > 0) stamps.StepBack(how.clock_back);
  if (!how.revoke_folder.empty()) RevokeShares(world, how.revoke_folder);
  if (!how.reset_validity.empty()) ResetValidity(world, how.reset_validity);
  if (!how.close_module.empty()) options.closed_modules.push_back(how.close_module);
  if (!how.open_module.empty()) std::erase(options.closed_modules, how.open_module);
  if (how.expire_session) sessions.Close(query.Find("session").value_or(""));
  if (place->first == "login") return login.Handle(http, query, form, how.origin, NextErrorId());
  if (place->first == "multiple") return Multiple(http, query, how);
  if (IsForm(http)) {
    for (auto& pair : ParseQuery(http.body)) pairs.push_back(std::move(pair));
  }
  Request request;
  request.module = place->first;
  if (place->first == "mailfilter") request.module += "/" + place->second;
  request.params = Params(std::move(pairs));
  request.action = request.params.Find("action").value_or(place->second);
  if (request.module == "config") request.params.Add(" path", place->second);
  return Call(http, std::move(request), how);
}

const Zone& Logic::Impl::ZoneOf(int user, const Params& params) {
  const auto given = params.Find("timezone");
  return zones.Find(given && !given->empty() ? *given : std::string_view(state->FindAccount(user)->timezone));
}

Api<Answer> Logic::Impl::Run(const Request& request) {
  if (std::ranges::find(options.closed_modules, request.module) != options.closed_modules.end())
    return NotForTheUser(request.module);
  if (request.module == "contacts") return HandleContacts(world, request);
  if (request.module == "tasks") return HandleTasks(world, request);
  if (request.module == "calendar") return HandleCalendar(world, request);
  if (request.module == "mail") return HandleMail(world, request);
  if (request.module == "folders" || request.module == "folder") return HandleFolders(world, request);
  if (request.module == "user") return HandleUsers(world, request);
  if (request.module == "group") return HandleGroups(world, request);
  if (request.module == "resource") return HandleResources(world, request);
  if (request.module == "config") return HandleConfig(world, request);
  if (request.module == "capabilities") return HandleCapabilities(world, request);
  if (request.module == "mailfilter/v2" && options.mail_filters) return HandleMailFilter(world, request);
  if (request.module == "snippet" && options.snippets) return HandleSnippets(world, request);
  return UnknownModule(request.module);
}

Api<Answer> Logic::Impl::RunElement(Request& request, std::size_t index, const HandleOptions& how) {
  bool other_shape = false;
  for (const auto& refused : how.refused) {
    if (refused.element != index) continue;
    if (refused.refusal != Refusal::kOtherShape) return RefusalError(refused.refusal);
    other_shape = true;
  }
  if (request.module == "login" || request.module == "multiple" || request.module == "import" ||
      request.module == "attachment")
    return UnknownModule(request.module);
  if (request.action.empty() && request.module != "config") return MissingParameter("action");
  return other_shape ? InOtherShape(Run(request)) : Run(request);
}

HttpResponse Logic::Impl::Call(const HttpRequest& http, Request request, const HandleOptions& how) {
  std::string body;
  const auto fail = [&](const ApiError& error) {
    AppendEnvelope(body, error, NextErrorId());
    return JsonResponse(std::move(body));
  };
  // The address of an image names no session.
  const auto named = request.params.Find("session");
  const auto session = request.module == "image" && !named ? sessions.CheckPublic(http) : sessions.Check(named, http);
  if (!session) return fail(session.error());
  request.user = session.value()->user;
  request.zone = &ZoneOf(request.user, request.params);
  if (request.module == "import") {
    if (!how.refused.empty()) return fail(RefusalError(how.refused.front().refusal));
    return {200, {{"Content-Type", "text/html; charset=UTF-8"}}, HandleImport(world, request, http, NextErrorId())};
  }
  if (request.module == "image" || IsContactUpload(request, http)) {
    if (!how.refused.empty()) return fail(RefusalError(how.refused.front().refusal));
    return request.module == "image" ? HandleImage(world, request)
                                     : HandleContactUpload(world, request, http, NextErrorId());
  }
  if (request.module == "mail" && how.refused.empty()) {
    if (auto response = HandleMailBytes(world, request, http, NextErrorId())) return *std::move(response);
  }
  std::optional<Json> parsed;
  if (request.module == "attachment") {
    if (!how.refused.empty()) return fail(RefusalError(how.refused.front().refusal));
    if (http.method == "PUT") {
      parsed = ParseJson(http.body);
      if (!parsed) return fail(BadJson());
      request.body = &*parsed;
    }
    return HandleAttachments(world, request, http, NextErrorId());
  }
  if (request.module == "mail" && request.action == "new") {
    request.raw = http.body;
  } else if (http.method != "GET" && !http.body.empty() && !IsForm(http)) {
    parsed = ParseJson(http.body);
    if (!parsed) return fail(BadJson());
    request.body = &*parsed;
  }
  if (request.module == "passwordchange" && how.refused.empty())
    AppendEnvelope(body, login.ChangePassword(request), NextErrorId());
  else
    AppendEnvelope(body, RunElement(request, 0, how), NextErrorId());
  return JsonResponse(std::move(body));
}

HttpResponse Logic::Impl::Multiple(const HttpRequest& http, const Params& query, const HandleOptions& how) {
  const auto session = sessions.Check(query.Find("session"), http);
  if (!session) return HtmlPage(400, session.error().code + " " + session.error().text);
  const auto parsed = ParseJson(http.body);
  if (!parsed || !parsed->is_array()) return HtmlPage(400, "The body is no JSON array");
  std::vector<Request> elements;
  for (const auto& element : *parsed) {
    const auto module = element.is_object() ? element.find("module") : element.end();
    if (!element.is_object() || module == element.end() || !module->is_string())
      return HtmlPage(400, "A request lacks its module");
    Request request;
    request.module = module->get<std::string>();
    request.action = element.value("action", Json()).is_string() ? element["action"].get<std::string>() : "";
    request.params = ElementParams(element);
    if (const auto data = element.find("data"); data != element.end() && !data->is_null()) request.body = &*data;
    request.user = session.value()->user;
    request.zone = &ZoneOf(request.user, request.params);
    elements.push_back(std::move(request));
  }
  std::vector<std::string> answers(elements.size());
  for (const auto index : ExecutionOrder(elements, random)) {
    AppendEnvelope(answers[index], RunElement(elements[index], index, how), NextErrorId());
  }
  std::size_t size = 2;
  for (const auto& answer : answers) size += answer.size() + 1;
  std::string body = "[";
  body.reserve(size);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (i > 0) body += ',';
    body += answers[i];
  }
  return JsonResponse(std::move(body += ']'));
}

Logic::Logic() = default;
Logic::~Logic() = default;

Result<std::unique_ptr<Logic>> Logic::Open(LogicOptions options, Clock& clock, Random& random, Log& log) {
  if (options.users.empty()) options.users = {{"anna", "secret"}, {"bert", "secret"}};
  OUTPOST_TRY(auto state, State::Open(options.state_file));
  std::unique_ptr<Logic> logic(new Logic());
  logic->impl_ = std::make_unique<Impl>(std::move(options), clock, random, log, std::move(state));
  Impl& impl = *logic->impl_;
  impl.stamps.AtLeast(impl.state->newest_stamp());
  if (impl.zones.Find(impl.options.timezone).name() == "UTC" && impl.options.timezone != "UTC") {
    log.Write(LogLevel::kWarning, "oxserver",
              "time zone " + impl.options.timezone + " is not installed: users live in UTC");
  }
  Furnish(impl.world);
  OUTPOST_TRYV(impl.state->Commit());
  impl.state->TellOfObjects([&impl](const Object* before, const Object* after) {
    if (impl.options.on_object) impl.options.on_object(before, after);
    TellOfCalendar(impl.world, before, after);
  });
  return logic;
}

std::variant<HttpResponse, SessionOf> Logic::Admit(const HttpRequest& request) {
  const auto question = request.target.find('?');
  const Params query(ParseQuery(question == std::string::npos ? std::string_view()
                                                              : std::string_view(request.target).substr(question + 1)));
  const auto session = impl_->sessions.Check(query.Find("session"), request);
  if (!session) return HtmlPage(403, session.error().code + " " + session.error().text);
  return SessionOf{session.value()->user, session.value()->id};
}

bool Logic::HasSession(std::string_view id) const { return impl_->sessions.IsOpen(id); }

HttpResponse Logic::Handle(const HttpRequest& request, const HandleOptions& options) {
  return impl_->Handle(request, options);
}

}  // namespace outpost::oxserver
