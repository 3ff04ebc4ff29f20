#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "replicator/ox/answers.h"
#include "replicator/ox/failures.h"
#include "replicator/ox/ox_dialect.h"

namespace outpost {
namespace {

constexpr Millis kProbeDeadline{20'000};
// What servers are reached under, the usual one first.
constexpr std::array<std::string_view, 2> kUsualPaths{"/ajax", "/appsuite/api"};
// What users type that is no base itself: the path of the old connector, and that of the web client.
constexpr std::array<std::string_view, 2> kOtherPaths{"/usm-json", "/appsuite"};

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

struct Address {
  std::string root;  // "https://host:port"
  std::string path;  // "" or "/…", no slash at its end
};

Result<Address> ParseAddress(std::string_view text) {
  const auto invalid = [&] {
    return Error{Code::kInvalid, Retry::kNever, "'" + std::string(text) + "' is no server address"};
  };
  std::string_view rest = text;
  while (!rest.empty() && rest.back() == ' ') rest.remove_suffix(1);
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  Address address{"https://", ""};
  if (const auto scheme = rest.find("://"); scheme != std::string_view::npos) {
    address.root = std::string(rest.substr(0, scheme + 3));
    if (address.root != "https://" && address.root != "http://") return invalid();
    rest.remove_prefix(scheme + 3);
  }
  const auto slash = rest.find('/');
  const std::string_view host = rest.substr(0, slash);
  if (host.empty() || rest.find_first_of(" \t\r\n?#@\"<>\\") != std::string_view::npos) return invalid();
  address.root += host;
  if (slash != std::string_view::npos) address.path = std::string(rest.substr(slash));
  while (!address.path.empty() && address.path.back() == '/') address.path.pop_back();
  return address;
}

std::vector<std::string> Candidates(const Address& address) {
  std::vector<std::string> bases;
  const auto add = [&](std::string base) {
    if (std::find(bases.begin(), bases.end(), base) == bases.end()) bases.push_back(std::move(base));
  };
  std::string prefix = address.path;
  const auto strip = [&](std::string_view end) {
    const bool ends = EndsWith(prefix, end);
    if (ends) prefix.resize(prefix.size() - end.size());
    return ends;
  };
  const bool other = std::any_of(kOtherPaths.begin(), kOtherPaths.end(), strip);
  if (!other && !address.path.empty()) add(address.root + address.path);
  std::any_of(kUsualPaths.begin(), kUsualPaths.end(), strip);
  for (const auto path : kUsualPaths) add(address.root + prefix + std::string(path));
  for (const auto path : kUsualPaths) add(address.root + std::string(path));
  return bases;
}

class Probe : public std::enable_shared_from_this<Probe> {
 public:
  Probe(std::string url, std::vector<std::string> bases, Transport& transport, std::function<void(BaseFound)> done)
      : url_(std::move(url)), bases_(std::move(bases)), transport_(transport), done_(std::move(done)), reader_({}) {}

  void AskNext() {
    if (next_ == bases_.size()) {
      Failure failure;
      failure.why = LinkState::kProtocolError;
      failure.text = "no OX server was found at '" + url_ + "'; tried " + tried_;
      return done_({"", std::move(failure)});
    }
    HttpRequest request;
    request.url = bases_[next_] + "/folders?action=root&columns=1&session=none";
    transport_.Send(std::move(request), kProbeDeadline,
                    [self = shared_from_this()](HttpResult result) { self->OnReply(std::move(result)); });
  }

 private:
  void OnReply(HttpResult result) {
    const std::string& base = bases_[next_];
    if (!result.ok) {
      Failure failure = FailureOfLink(result, Effect::kNone);
      failure.text = "'" + url_ + "' could not be asked: " + failure.text;
      return done_({"", std::move(failure)});
    }
    if (reader_.IsErrorEnvelope(result.reply.body)) return done_({base, std::nullopt});
    const int status = result.reply.status;
    if (status == 429 || status == 503) return done_({"", FailureOfStatus(result.reply, base, Effect::kNone)});
    if (!tried_.empty()) tried_ += ", ";
    tried_ += base;
    if (!result.reply.redirect.empty())
      tried_ += " (" + result.reply.redirect + ")";
    else
      tried_ += status == 200 ? std::string(" (answers, but not as OX)") : " (HTTP " + std::to_string(status) + ")";
    ++next_;
    AskNext();
  }

  const std::string url_;
  const std::vector<std::string> bases_;
  Transport& transport_;
  const std::function<void(BaseFound)> done_;
  AnswerReader reader_;
  std::size_t next_ = 0;
  std::string tried_;
};

}  // namespace

void ProbeBase(const std::string& url, Transport& transport, std::function<void(BaseFound)> done) {
  auto address = ParseAddress(url);
  if (!address) {
    Failure failure;
    failure.why = LinkState::kProtocolError;
    failure.text = address.assume_error().context;
    return done({"", std::move(failure)});
  }
  std::make_shared<Probe>(url, Candidates(address.assume_value()), transport, std::move(done))->AskNext();
}

}  // namespace outpost
