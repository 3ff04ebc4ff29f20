#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace outpost {

// The data directory: one folder per account, named USER@HOST[:PORT] (characters that a file name cannot have are
// written %XX). In it: journal/ (RocksDB), what the secret store keeps there (engine/secrets.h), control.sock (while
// somebody holds the account), last-run.json (engine/run_record.h), place (engine/doubt.h), search.sqlite
// (engine/search_file.h), trace/ (engine/trace_ring.h), outpost.log.

struct AccountPlace {
  std::string name;  // USER@HOST[:PORT]
  std::filesystem::path folder;
};

// $XDG_DATA_HOME/outpost, or ~/.local/share/outpost. Errors: kUnavailable when neither variable is set.
Result<std::filesystem::path> DefaultDataDir();

// All accounts, by name. An absent directory has none.
Result<std::vector<AccountPlace>> ListAccounts(const std::filesystem::path& data);

// The account called `name`, or the only one for an empty name. Errors: kNotFound, kInvalid (several, and no name):
// both list the names.
Result<AccountPlace> FindAccount(const std::filesystem::path& data, const std::string& name);

// The place of a new account; nothing is created. Errors: kInvalid (a URL without host).
Result<AccountPlace> PlaceFor(const std::filesystem::path& data, const std::string& server_url,
                              const std::string& user);

// Makes the folder of a new account, which the caller alone may remove again then: of two that make one account, one
// gets it. Errors: kConflict (it is there), kUnavailable.
Result<void> ClaimPlace(const AccountPlace& place);

// HOST or HOST:PORT of a server's URL (or of a bare host), in lower case, without the port that the scheme implies.
// Errors: kInvalid, without the URL: a password in it is one of the things that are refused.
Result<std::string> HostOfServer(std::string_view url);

// The place of an account called `name`; nothing is created. Errors: kInvalid (no name an account can have).
Result<AccountPlace> PlaceNamed(const std::filesystem::path& data, const std::string& name);

std::filesystem::path JournalFolder(const std::filesystem::path& account);
std::filesystem::path ControlSocket(const std::filesystem::path& account);

}  // namespace outpost
