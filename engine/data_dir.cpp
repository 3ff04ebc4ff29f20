#include "engine/data_dir.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string_view>

#include "base/bytes.h"
#include "base/system/files.h"

namespace outpost {
namespace {

namespace fs = std::filesystem;

// What a file name cannot have, here and (with its own list) on Windows; '%' because it starts the replacement.
bool NeedsEscape(char c) {
#ifdef _WIN32
  constexpr std::string_view kForbidden = "/\\%:*?\"<>|";
#else
  constexpr std::string_view kForbidden = "/\\%";
#endif
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || kForbidden.find(c) != std::string_view::npos;
}

std::string FileNameOf(std::string_view name) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (NeedsEscape(c) || (c == '.' && out.empty()))
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    else
      out += c;
  }
  return out;
}

std::string NameOf(std::string_view file_name) {
  std::string out;
  for (std::size_t i = 0; i < file_name.size(); ++i) {
    const auto byte = file_name[i] == '%' ? ParseHex(file_name.substr(i + 1, 2)) : std::nullopt;
    if (byte && byte->size() == 1) i += 2;
    out += byte && byte->size() == 1 ? *byte : std::string(1, file_name[i]);
  }
  return out;
}

Error BadUrl(const std::string& why) { return {Code::kInvalid, Retry::kNever, "the server's URL " + why}; }

bool IsPort(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
         std::atoi(std::string(text).c_str()) <= 65535;
}

std::string Listed(const std::vector<AccountPlace>& accounts) {
  std::string out;
  for (const auto& account : accounts) out += (out.empty() ? "" : ", ") + account.name;
  return out.empty() ? "none" : out;
}

}  // namespace

Result<fs::path> DefaultDataDir() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != 0) return fs::path(data) / "outpost";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != 0)
    return fs::path(home) / ".local/share/outpost";
  return Error{Code::kUnavailable, Retry::kNever,
               "neither XDG_DATA_HOME nor HOME is set: say where the data is with --data"};
}

Result<std::vector<AccountPlace>> ListAccounts(const fs::path& data) {
  std::vector<AccountPlace> accounts;
  std::error_code error;
  fs::directory_iterator entries(data, error);
  if (error == std::errc::no_such_file_or_directory) return accounts;
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string file_name = entries->path().filename().string();
    std::error_code ignored;
    if (file_name.find('@') != std::string::npos && file_name[0] != '.' && entries->is_directory(ignored))
      accounts.push_back({NameOf(file_name), entries->path()});
  }
  if (error) return Error{Code::kUnavailable, Retry::kNever, "cannot list " + data.string() + ": " + error.message()};
  std::sort(accounts.begin(), accounts.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return accounts;
}

Result<AccountPlace> FindAccount(const fs::path& data, const std::string& name) {
  OUTPOST_TRY(auto accounts, ListAccounts(data));
  if (name.empty() && accounts.size() == 1) return accounts.front();
  if (name.empty() && accounts.empty())
    return Error{Code::kNotFound, Retry::kNever,
                 "no account in " + data.string() + ": make one with \"outpost account add\""};
  if (name.empty())
    return Error{Code::kInvalid, Retry::kNever,
                 "several accounts in " + data.string() + ", choose with --account: " + Listed(accounts)};
  for (const auto& account : accounts)
    if (account.name == name) return account;
  return Error{Code::kNotFound, Retry::kNever,
               "no account " + name + " in " + data.string() + "; there are: " + Listed(accounts)};
}

Result<std::string> HostOfServer(std::string_view url) {
  std::string_view implied = "443";
  if (const auto scheme_end = url.find("://"); scheme_end != std::string_view::npos) {
    const std::string_view scheme = url.substr(0, scheme_end);
    if (scheme != "http" && scheme != "https") return BadUrl("must start with https:// or http://, or be a bare host");
    if (scheme == "http") implied = "80";
    url.remove_prefix(scheme_end + 3);
  }
  const std::string_view authority = url.substr(0, url.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos) return BadUrl("must not hold a user or a password");
  const auto bracket = authority.rfind(']');
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = authority.substr(0, colon);
  if (host.empty() || host == "[]") return BadUrl("names no host");
  for (const char c : host)
    if (static_cast<unsigned char>(c) <= 0x20 || c == '\\' || c == '%')
      return BadUrl("has a character that no host has");
  std::string out(host);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (colon == std::string_view::npos) return out;
  const std::string_view port = authority.substr(colon + 1);
  if (!IsPort(port)) return BadUrl("has a port that is no number from 0 to 65535");
  if (port != implied) out += ":" + std::string(port);
  return out;
}

Result<AccountPlace> PlaceFor(const fs::path& data, const std::string& server_url, const std::string& user) {
  if (user.empty()) return Error{Code::kInvalid, Retry::kNever, "the user's name is empty"};
  OUTPOST_TRY(const auto host, HostOfServer(server_url));
  return PlaceNamed(data, user + "@" + host);
}

Result<void> ClaimPlace(const AccountPlace& place) {
  OUTPOST_TRYV(MakeFolder(place.folder.parent_path()));
  std::error_code error;
  const bool made = fs::create_directory(place.folder, error);
  if (made) fs::permissions(place.folder, fs::perms::owner_all, error);
  if (error)
    return Error{Code::kUnavailable, Retry::kBackoff,
                 "cannot create folder " + place.folder.string() + ": " + error.message()};
  if (!made) return Error{Code::kConflict, Retry::kNever, "account " + place.name + " is there already"};
  return Ok();
}

Result<AccountPlace> PlaceNamed(const fs::path& data, const std::string& name) {
  const auto at = name.find('@');
  if (at == 0 || at == std::string::npos || at + 1 == name.size())
    return Error{Code::kInvalid, Retry::kNever, "an account is called USER@HOST or USER@HOST:PORT"};
  const std::string file_name = FileNameOf(name);
  if (file_name.size() > 255)
    return Error{Code::kInvalid, Retry::kNever, "user and host are longer than a file name may be (255)"};
  return AccountPlace{name, data / file_name};
}

fs::path JournalFolder(const fs::path& account) { return account / "journal"; }
fs::path ControlSocket(const fs::path& account) { return account / "control.sock"; }

}  // namespace outpost
