#pragma once
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/system/system_clock.h"
#include "tests/support/process.h"
#include "tools/oxserver/api_client.h"
#include "tools/oxserver/server.h"

namespace outpost::test {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

// The password of the test's user: looked for in every output and file.
inline constexpr const char* kPassword = "s3cret-Canary-pw";

// The program `outpost` with a data directory of its own, and the embedded server in this process.
class Cli {
 public:
  Cli();
  ~Cli();

  // Starts the server (user anna, kPassword), on the port it had before if it ran already.
  void StartServer(Millis tombstone_retention = oxserver::LogicOptions().tombstone_retention);
  void StopServer();
  oxserver::Server& server() { return *server_; }
  std::string url() const { return url_; }
  // The user anna, editing from elsewhere.
  oxserver::ApiClient& elsewhere();
  // The account of anna, made and synced once.
  void AddAccount();

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path data() const { return folder_ / "data"; }

  // The words of one call with --data, to be started.
  Command Call(Words words, const std::string& input = {}) const;
  // Runs it. Checks that no output holds the password.
  Finished Run(Words words, const std::string& input = {}) const;
  // Runs it with --json, requires exit code `code`; what standard output has, which must be one line of JSON.
  Json Report(Words words, int code = 0, const std::string& input = {}) const;
  // The id of the contact called `first_name`.
  std::string IdOf(const std::string& first_name) const;

 private:
  std::filesystem::path folder_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<oxserver::Server> server_;
  std::unique_ptr<oxserver::ApiClient> elsewhere_;
  std::string url_;
  std::uint16_t port_ = 0;
};

// Checks that `object` has exactly these members.
void CheckMembers(const Json& object, const std::vector<std::string>& names);

// How often `needle` is in the files below `folder`, control bytes and all.
std::size_t CountInFiles(const std::filesystem::path& folder, const std::string& needle);

}  // namespace outpost::test
