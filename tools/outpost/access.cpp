#include "tools/outpost/access.h"

#include <cstdlib>
#include <iostream>

#include "base/system/files.h"
#include "base/system/terminal.h"
#include "care/bundle.h"
#include "care/held_folder.h"
#include "engine/account_key.h"
#include "projection/folds.h"

namespace outpost::cli {
namespace {

constexpr Millis kHolderAsk{25};  // between two attempts

Error Placed(Error error, const AccountPlace& place) {
  error.context = "account " + place.name + ": " + error.context;
  return error;
}

// The first of `names` that the environment has; empty where it has none.
std::string OfEnvironment(std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const char* value = std::getenv(name); value != nullptr && *value != 0) return value;
  return {};
}

// As curl reads it: http_proxy in lower case only, since what a web server calls can be given HTTP_PROXY by a client.
ProxyOptions SystemProxy() {
  ProxyOptions proxy;
  proxy.https = OfEnvironment({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
  proxy.http = OfEnvironment({"http_proxy", "all_proxy", "ALL_PROXY"});
  proxy.except = OfEnvironment({"no_proxy", "NO_PROXY"});
  return proxy;
}

bool IsFile(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

}  // namespace

Result<std::filesystem::path> DataDirOf(const Common& common) {
  if (common.data.empty()) return DefaultDataDir();
  return std::filesystem::path(common.data);
}

Result<AccountPlace> PlaceOf(const Common& common) {
  OUTPOST_TRY(const auto data, DataDirOf(common));
  if (IsFile(data))
    return Error{Code::kInvalid, Retry::kNever,
                 data.string() + " is a file: a bundle is only read, by the journal verbs"};
  return FindAccount(data, common.account);
}

Result<ReadPlace> ReadPlaceOf(const Common& common) {
  OUTPOST_TRY(const auto data, DataDirOf(common));
  if (!IsFile(data)) {
    OUTPOST_TRY(auto place, PlaceOf(common));
    return ReadPlace{std::move(place), nullptr};
  }
  std::error_code error;
  const auto base = std::filesystem::temp_directory_path(error);
  if (error) return Error{Code::kUnavailable, Retry::kNever, "no folder for temporary files: " + error.message()};
  OUTPOST_TRY(std::shared_ptr<HeldFolder> held, HeldFolder::Make(base, "outpost-bundle-"));
  OUTPOST_TRY(const auto manifest, UnpackBundle(data, held->path(), nullptr));
  return ReadPlace{{manifest.account, held->path()}, std::move(held)};
}

Result<std::string> GivenPassword(bool from_stdin) {
  std::string password;
  if (!from_stdin) {
    const char* given = std::getenv("OUTPOST_PASSWORD");
    return given != nullptr ? std::string(given) : std::string();
  }
  std::getline(std::cin, password);
  if (!password.empty() && password.back() == '\r') password.pop_back();
  if (password.empty()) return Error{Code::kInvalid, Retry::kNever, "--password-stdin: standard input has no password"};
  return password;
}

Result<Secret> GivenPassphrase(bool from_stdin) {
  if (!from_stdin) {
    const char* given = std::getenv("OUTPOST_PASSPHRASE");
    return given != nullptr ? Secret(std::string_view(given)) : Secret();
  }
  std::string line;
  std::getline(std::cin, line);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  Secret passphrase{std::string_view(line)};
  Wipe(line);
  if (passphrase.empty()) return Error{Code::kInvalid, Retry::kNever, "standard input has no line with a passphrase"};
  return passphrase;
}

Result<KeySource> GivenKey(const std::filesystem::path& folder) {
  OUTPOST_TRY(const auto passphrase, GivenPassphrase());
  return KeyOf(folder, passphrase);
}

Result<std::unique_ptr<ReadAccess>> ReadAccess::Open(const Common& common) {
  OUTPOST_TRY(auto place, ReadPlaceOf(common));
  OUTPOST_TRY(auto access, Open(std::move(place.place)));
  access->unpacked_ = std::move(place.unpacked);
  return access;
}

Result<std::unique_ptr<ReadAccess>> ReadAccess::Open(AccountPlace place) {
  std::unique_ptr<ReadAccess> access(new ReadAccess(std::move(place)));
  const auto key = GivenKey(access->place_.folder);
  if (!key) return Placed(key.assume_error(), access->place_);
  auto reader = FolderReader::Open(JournalFolder(access->place_.folder), key.assume_value());
  if (!reader) return Placed(reader.assume_error(), access->place_);
  access->reader_ = std::move(reader).assume_value();
  return access;
}

Result<std::unique_ptr<JournalView>> ReadAccess::View() {
  OUTPOST_TRY(auto view, reader_->View());
  OUTPOST_TRY(const auto version, view->FoldVersion("items"));
  if (!version || (*version >= kAccountFoldsReadSince && *version <= kAccountFoldsVersion)) return view;
  return Error{Code::kUnavailable, Retry::kNever,
               "what " + place_.folder.string() + " shows was made by another version of Outpost (" +
                   std::to_string(*version) + ", this one makes " + std::to_string(kAccountFoldsVersion) +
                   "); it is made again from the events when the account is opened, as by outpost sync"};
}

Result<std::unique_ptr<FolderReader>> FolderReader::Open(const std::filesystem::path& journal, const KeySource& key) {
  OUTPOST_TRY(auto scratch, MakeTemporaryFolder("outpost-read-"));
  std::unique_ptr<FolderReader> reader(new FolderReader(std::move(scratch)));
  OUTPOST_TRY(reader->follower_, JournalFollower::Open(journal, reader->scratch_, key));
  return reader;
}

FolderReader::~FolderReader() {
  follower_.reset();
  std::error_code ignored;  // what stays behind is in the folder for temporary files
  std::filesystem::remove_all(scratch_, ignored);
}

Result<std::unique_ptr<WriteAccess>> WriteAccess::OpenHere(const AccountPlace& place, Options options) {
  std::unique_ptr<WriteAccess> access(new WriteAccess);
  access->place_ = place;
  std::error_code ignored;
  if (!options.create && !std::filesystem::is_directory(place.folder, ignored))
    return Error{Code::kNotFound, Retry::kNever, "no account at " + place.folder.string()};
  if (options.create) OUTPOST_TRYV(MakeFolder(place.folder));
  access->log_ = MakeLog(place.folder / "outpost.log", LogLevel::kInfo);
  if (!access->log_)
    return Error{Code::kUnavailable, Retry::kNever, "cannot write " + (place.folder / "outpost.log").string()};
  if (options.network == Network::kUsed) access->network_ = std::make_unique<outpost::Network>();
  AccountOptions account;
  account.folder = place.folder;
  account.password = std::move(options.password);
  account.create = options.create;
  account.encrypt = options.encrypt;
  if (!options.passphrase) {
    OUTPOST_TRY(options.passphrase, GivenPassphrase());
  }
  account.passphrase = std::move(*options.passphrase);
  auto opened = Account::Open(std::move(account),
                              {access->clock_, access->random_, *access->log_, access->network_.get(), SystemProxy()});
  if (!opened) return Placed(opened.assume_error(), place);
  access->account_ = std::move(opened).assume_value();
  if (options.network == Network::kNone) return access;
  // It may be held for long now: others are to get through meanwhile.
  OUTPOST_TRY(access->control_, ControlServer::Start(ControlSocket(place.folder), *access->account_, *access->log_));
  return access;
}

Result<std::unique_ptr<WriteAccess>> WriteAccess::Open(const AccountPlace& place, Options options) {
  for (Millis waited{0};; waited += kHolderAsk) {
    auto here = OpenHere(place, options);
    if (here || here.assume_error().code != Code::kConflict) return here;
    auto client = ControlClient::Connect(ControlSocket(place.folder));
    if (client) {
      std::unique_ptr<WriteAccess> access(new WriteAccess);
      access->place_ = place;
      access->client_ = std::move(client).assume_value();
      return access;
    }
    if (client.assume_error().code != Code::kNotFound) return Placed(client.assume_error(), place);
    if (waited >= kHolderWait || StopRequest().WaitFor(kHolderAsk)) return here;
  }
}

WriteAccess::~WriteAccess() { control_.reset(); }

Result<std::unique_ptr<JournalView>> WriteAccess::View() {
  if (account_) return account_->View();
  OUTPOST_TRY(reader_, ReadAccess::Open(place_));
  return reader_->View();
}

}  // namespace outpost::cli
