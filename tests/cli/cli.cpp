#include "tests/cli/cli.h"

#include <catch2/catch.hpp>

#include "base/system/files.h"

namespace outpost::test {

Cli::Cli() : folder_(MakeTemporaryFolder("outpost-cli-").value()) {}

Cli::~Cli() {
  StopServer();
  std::filesystem::remove_all(folder_);
}

void Cli::StartServer(Millis tombstone_retention) {
  oxserver::ServerOptions options;
  options.logic.tombstone_retention = tombstone_retention;
  options.port = port_;
  options.logic.users = {{"anna", kPassword}, {"bert", "secret"}};
  options.logic.state_file = (folder_ / "server.sqlite").string();
  auto started = oxserver::Server::Start(std::move(options), clock_, random_, NullLog());
  REQUIRE(started);
  server_ = std::move(started).value();
  port_ = server_->port();
  url_ = server_->url();
}

void Cli::StopServer() {
  elsewhere_.reset();
  server_.reset();
}

oxserver::ApiClient& Cli::elsewhere() {
  if (!elsewhere_) {
    const auto handle = [this](const oxserver::HttpRequest& request) { return server_->Handle(request); };
    elsewhere_ = oxserver::ApiClient::SignIn(handle, "anna", kPassword).value();
  }
  return *elsewhere_;
}

void Cli::AddAccount() {
  Report({"account", "add", "--server", url_, "--user", "anna", "--password-stdin"}, 0, std::string(kPassword) + "\n");
  Report({"sync"});
}

Command Cli::Call(Words words, const std::string& input) const {
  Command command;
  command.arguments = {std::string(OUTPOST_BIN) + "/outpost"};
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  command.arguments.insert(command.arguments.end(), {"--data", data().string()});
  command.input = input;
  command.environment = {{"OUTPOST_PASSWORD", ""},
                         {"OUTPOST_PASSPHRASE", ""},
                         {"DBUS_SESSION_BUS_ADDRESS", ""},
                         {"XDG_DATA_HOME", (folder_ / "xdg").string()}};
  return command;
}

Finished Cli::Run(Words words, const std::string& input) const {
  auto done = test::Run(Call(std::move(words), input));
  CHECK(done.output.find(kPassword) == std::string::npos);
  CHECK(done.errors.find(kPassword) == std::string::npos);
  return done;
}

Json Cli::Report(Words words, int code, const std::string& input) const {
  std::string shown;
  for (const auto& word : words) shown += word + " ";
  words.push_back("--json");
  const auto done = Run(std::move(words), input);
  INFO("outpost " << shown << "\n" << done.output << done.errors);
  REQUIRE(done.code == code);
  REQUIRE(done.output.find('\n') == done.output.size() - 1);
  const Json json = Json::parse(done.output, nullptr, false);
  REQUIRE_FALSE(json.is_discarded());
  return json;
}

std::string Cli::IdOf(const std::string& first_name) const {
  for (const auto& item : Report({"item", "list"}))
    if (item["fields"].value("first_name", "") == first_name) return item["id"];
  return "";
}

void CheckMembers(const Json& object, const std::vector<std::string>& names) {
  REQUIRE(object.is_object());
  std::vector<std::string> wanted = names;
  std::sort(wanted.begin(), wanted.end());
  std::vector<std::string> there;
  for (const auto& [name, member] : object.items()) there.push_back(name);
  CHECK(there == wanted);
}

std::size_t CountInFiles(const std::filesystem::path& folder, const std::string& needle) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string content = ReadFile(entry.path()).value();
    for (auto at = content.find(needle); at != std::string::npos; at = content.find(needle, at + 1)) ++count;
  }
  return count;
}

}  // namespace outpost::test
