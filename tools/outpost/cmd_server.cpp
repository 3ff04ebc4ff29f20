#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <charconv>
#include <cstdio>
#include <memory>

#include "base/system/system_clock.h"
#include "base/system/terminal.h"
#include "tools/outpost/program.h"
#include "tools/oxserver/faults.h"
#include "tools/oxserver/generate.h"
#include "tools/oxserver/import.h"
#include "tools/oxserver/options.h"
#include "tools/oxserver/server.h"

namespace outpost::cli {
namespace {

struct Arguments {
  std::string listen = "127.0.0.1:0";
  std::string import_folder;
  std::string generate;
  std::string state_file;
  std::string record_file;
  std::string tls_cert;
  std::string tls_key;
  std::vector<std::string> users;
  std::vector<std::string> faults;
  std::vector<std::string> options;
};

Error Invalid(std::string text) { return {Code::kInvalid, Retry::kNever, std::move(text)}; }

Result<void> ParseListen(const std::string& text, oxserver::ServerOptions& options) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return Invalid("--listen: must be HOST:PORT, not \"" + text + "\"");
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, options.port);
  if (parsed.ec != std::errc() || parsed.ptr != end)
    return Invalid("--listen: the port must be a number from 0 to 65535");
  options.host = text.substr(0, colon);
  return Ok();
}

Result<std::vector<oxserver::User>> ParseUsers(const std::vector<std::string>& texts) {
  if (texts.empty()) return std::vector<oxserver::User>{{"anna", "secret"}, {"bert", "secret"}};
  std::vector<oxserver::User> users;
  for (const auto& text : texts) {
    const auto colon = text.find(':');
    if (colon == std::string::npos || colon == 0) return Invalid("--user: must be NAME:PASSWORD");
    users.push_back({text.substr(0, colon), text.substr(colon + 1)});
  }
  return users;
}

Result<void> CheckFaults(const std::vector<std::string>& specs) {
  for (const auto& spec : specs)
    if (!oxserver::Faults().Add(spec))
      return Invalid("--fault: \"" + spec +
                     "\" is not KIND[:MODULE.ACTION][:NTH|PCT%], KIND being drop-request, drop-reply, cut, truncate, "
                     "503, 429, session-expired, service-down, try-again, slow[=MS], revoke=FOLDER, "
                     "reset-validity=FOLDER or clock-back[=MS]; "
                     "see docs/cli.md");
  return Ok();
}

void ListProblems(const char* what, const std::vector<oxserver::ImportProblem>& problems) {
  for (const auto& problem : problems) {
    const std::string line = problem.line > 0 ? ":" + std::to_string(problem.line) : "";
    ShowError(std::string(what) + " " + problem.file + line + ": " + problem.reason);
  }
}

// Fills the first user's folders.
Result<void> Fill(const Arguments& arguments, const std::vector<oxserver::User>& users, oxserver::Server& server,
                  Random& random) {
  if (arguments.import_folder.empty() && arguments.generate.empty()) return Ok();
  OUTPOST_TRY(const auto client, oxserver::ApiClient::SignIn(
                                     [&server](const oxserver::HttpRequest& request) { return server.Handle(request); },
                                     users.front().name, users.front().password));
  if (!arguments.generate.empty()) {
    OUTPOST_TRY(const auto spec, oxserver::ParseGenerateSpec(arguments.generate));
    OUTPOST_TRYV(oxserver::Generate(spec, random, *client));
  }
  if (arguments.import_folder.empty()) return Ok();
  OUTPOST_TRY(const auto report, oxserver::Import(arguments.import_folder, *client));
  ListProblems("skipped", report.skipped);
  ListProblems("not imported", report.failed);
  ListProblems("left out", report.left_out);
  return Ok();
}

Result<int> Serve(const Common& common, const Arguments& arguments) {
  StopRequest stop;  // before any thread starts
  if (arguments.tls_cert.empty() != arguments.tls_key.empty()) return Invalid("--tls-cert and --tls-key go together");
  if (!arguments.generate.empty()) OUTPOST_TRYV(oxserver::ParseGenerateSpec(arguments.generate));
  OUTPOST_TRYV(CheckFaults(arguments.faults));
  oxserver::ServerOptions options;
  OUTPOST_TRYV(ParseListen(arguments.listen, options));
  OUTPOST_TRY(const auto users, ParseUsers(arguments.users));
  options.logic.users = users;
  options.logic.state_file = arguments.state_file;
  options.record_file = arguments.record_file;
  options.tls_cert = arguments.tls_cert;
  options.tls_key = arguments.tls_key;
  options.faults = arguments.faults;
  for (const auto& option : arguments.options) OUTPOST_TRYV(oxserver::SetOption(options.logic, option));
  SystemClock clock;
  SystemRandom random;
  OUTPOST_TRY(const auto server, oxserver::Server::Start(std::move(options), clock, random, NullLog()));
  SystemRandom invention;
  OUTPOST_TRYV(Fill(arguments, users, *server, invention));
  if (common.json)
    ShowEvent(Form::kJson, {{"listening", server->url()}, {"port", server->port()}});
  else
    ShowNote(Form::kText, "listening on " + server->url());
  std::fflush(stdout);
  stop.Wait();
  server->Stop();
  return kExitDone;
}

}  // namespace

void AddServer(Program& program, CLI::App& app) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App& verb =
      AddVerb(program, app, "server", "The embedded OX server: for trying out and for tests, never for real data",
              [arguments](const Common& common) { return Serve(common, *arguments); });
  verb.add_option("--listen", arguments->listen, "Where; port 0 takes a free one (default 127.0.0.1:0)")
      ->type_name("HOST:PORT");
  verb.add_option(
          "--import", arguments->import_folder,
          "Put the vCards, calendars and mails below this folder, or this one file, into the first user's folders")
      ->type_name("DIR|FILE")
      ->check(CLI::ExistingPath);
  verb.add_option("--generate", arguments->generate, "Invent contacts for the first user")
      ->type_name("contacts=N[,folders=M]");
  verb.add_option("--state", arguments->state_file, "Keep the server's data in this file (default: in memory)")
      ->type_name("FILE");
  verb.add_option("--user", arguments->users, "A user (repeatable; default anna:secret and bert:secret)")
      ->type_name("NAME:PASSWORD")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb.add_option("--record", arguments->record_file, "Append one line for each exchange")->type_name("FILE");
  verb.add_option("--tls-cert", arguments->tls_cert, "Speak HTTPS with this certificate (PEM)")->type_name("FILE");
  verb.add_option("--tls-key", arguments->tls_key, "and this key (PEM)")->type_name("FILE");
  verb.add_option("--fault", arguments->faults,
                  "Misbehave (repeatable): KIND[:MODULE.ACTION][:NTH|PCT%], see docs/cli.md")
      ->type_name("SPEC")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb.add_option("--option", arguments->options, "Be like another server (repeatable), see docs/oxserver.md")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

}  // namespace outpost::cli
