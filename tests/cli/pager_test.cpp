// Long text goes through a pager on a terminal, and only there: script(1) gives the program one.
#include <catch2/catch.hpp>
#include <regex>

#include "tests/cli/cli.h"

using namespace outpost::test;

namespace {

struct Paged : Cli {
  Paged() { REQUIRE(Run({"account", "add", "--server", "https://host", "--user", "anna", "--offline"}).code == 0); }

  Command With(Words words, const std::map<std::string, std::string>& environment) const {
    Command command = Call(std::move(words));
    for (const char* unset : {"OUTPOST_PAGER", "PAGER", "LESS", "NO_COLOR"}) command.environment[unset] = "";
    command.environment["TERM"] = "xterm";
    for (const auto& [name, value] : environment) command.environment[name] = value;
    return command;
  }
  // What a terminal shows of it, and the program's exit code. `before`: words of the shell.
  Finished OnTerminal(Words words, const std::map<std::string, std::string>& environment,
                      const std::string& before = "exec") const {
    Command command = With(std::move(words), environment);
    std::string line = before;
    for (const std::string& word : command.arguments) line += " '" + word + "'";
    command.arguments = {"/usr/bin/script", "--quiet", "--return", "--command", line, "/dev/null"};
    return outpost::test::Run(command);
  }
};

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A pager that says that it is one.
const char* const kMarking = "sed 's/^/PAGED /'";

}  // namespace

TEST_CASE("pager: on a terminal lists, reports and histories go through OUTPOST_PAGER, with their colours",
          "[cli][pager]") {
  Paged cli;
  for (const Words& words : {Words{"settings", "list"},
                             {"account", "show"},
                             {"journal", "log"},
                             {"journal", "stats"},
                             {"journal", "explain", "--day", "2020-01-01"}}) {
    INFO(words[0] << " " << words[1]);
    const auto shown = cli.OnTerminal(words, {{"OUTPOST_PAGER", kMarking}, {"PAGER", "false"}});
    CHECK(shown.code == 0);
    CHECK((words[1] == "explain" || Has(shown.output, "PAGED ")));
    CHECK_FALSE(std::regex_search(shown.output, std::regex("(^|\n)(?!PAGED )[^\r\n]")));
  }
  CHECK(Has(cli.OnTerminal({"settings", "list"}, {{"OUTPOST_PAGER", kMarking}}).output, "PAGED \x1b[1mname"));
  const auto plain = cli.OnTerminal({"settings", "list"}, {{"OUTPOST_PAGER", kMarking}, {"NO_COLOR", "1"}});
  CHECK(Has(plain.output, "PAGED name"));
  CHECK_FALSE(Has(plain.output, "\x1b["));
}

TEST_CASE("pager: PAGER is the second choice; cat or nothing means none; less is told to leave a short text",
          "[cli][pager]") {
  Paged cli;
  CHECK(Has(cli.OnTerminal({"settings", "list"}, {{"PAGER", kMarking}}).output, "PAGED "));
  for (const char* none : {"OUTPOST_PAGER=cat exec", "OUTPOST_PAGER= exec"}) {
    const auto shown = cli.OnTerminal({"settings", "list"}, {{"PAGER", kMarking}}, none);
    CHECK(shown.code == 0);
    CHECK(Has(shown.output, "requests_per_5_minutes"));
    CHECK_FALSE(Has(shown.output, "PAGED"));
  }
  CHECK(Has(cli.OnTerminal({"account", "list"}, {{"PAGER", "cat >/dev/null; echo LESS is $LESS"}}).output,
            "LESS is FRX"));
  CHECK(
      Has(cli.OnTerminal({"account", "list"}, {{"PAGER", "cat >/dev/null; echo LESS is $LESS"}, {"LESS", "S"}}).output,
          "LESS is S"));
}

TEST_CASE("pager: none with --no-pager, with --json, for a stream and for what is short", "[cli][pager]") {
  Paged cli;
  for (const Words& words : {Words{"settings", "list", "--no-pager"},
                             {"settings", "list", "--json"},
                             {"journal", "log", "--no-pager"},
                             {"settings", "get", "page"}}) {
    const auto shown = cli.OnTerminal(words, {{"OUTPOST_PAGER", kMarking}});
    CHECK(shown.code == 0);
    CHECK(shown.output.size() > 3);
    CHECK_FALSE(Has(shown.output, "PAGED"));
  }
}

TEST_CASE("pager: where standard output is no terminal nothing is paged and nothing coloured", "[cli][pager]") {
  Paged cli;
  for (const bool json : {false, true}) {
    Words words{"settings", "list"};
    if (json) words.push_back("--json");
    const auto shown = outpost::test::Run(cli.With(words, {{"OUTPOST_PAGER", kMarking}, {"PAGER", kMarking}}));
    CHECK(shown.code == 0);
    CHECK_FALSE(Has(shown.output, "PAGED"));
    CHECK_FALSE(Has(shown.output, "\x1b"));
  }
}

TEST_CASE("pager: a pager or a reader that is left early is no failure", "[cli][pager]") {
  Paged cli;
  const auto left = cli.OnTerminal({"settings", "list"}, {{"OUTPOST_PAGER", "true"}});
  CHECK(left.code == 0);
  CHECK(left.output.empty());
  Command command = cli.With({"settings", "list"}, {});
  std::string line;
  for (const std::string& word : command.arguments) line += "'" + word + "' ";
  command.arguments = {"/bin/bash", "-c", line + "| true; echo ${PIPESTATUS[0]}"};
  const auto piped = outpost::test::Run(command);
  CHECK(piped.output == "0\n");
  CHECK(piped.errors.empty());
}
