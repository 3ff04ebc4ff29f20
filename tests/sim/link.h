#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/strand.h"
#include "replicator/transport.h"
#include "tests/sim/script.h"
#include "tools/oxserver/logic.h"

namespace outpost::sim {

// A request with this in its body makes the server fail.
inline constexpr const char* kToxicWord = "toxic";

// What a client's line leads to: a request in, an answer out, at the moment of the call.
using Far = std::function<oxserver::HttpResponse(const oxserver::HttpRequest&, const oxserver::HandleOptions&)>;

// The line between one computer and the server, with all that can happen on it. It outlives the programs that use it: a
// request on its way arrives also when its sender has died. Threads: one.
class Link {
 public:
  Link(Far far, Strand& world, const Clock& clock, Random& random)
      : far_(std::move(far)), world_(world), clock_(clock), random_(random) {}

  // Which exchanges a fault waits for.
  enum class Aim { kAny, kWriting, kReadingBack };
  // The exchange after `skip` further ones of its aim meets `fault` (a kind from kLoseRequest to kSlow).
  void Arm(StepKind fault, std::uint64_t skip, Aim aim) { armed_.push_back({fault, skip, aim}); }
  // Until it is told to end, every exchange meets it: kOffline, kPortal, kCertificate, kBadProxy, kBusyServer.
  void Begin(StepKind trouble);
  void End(StepKind trouble);
  // The line is whole from now on.
  void Heal();
  // Told of each fault that happens.
  std::function<void(StepKind)> on_fault;
  // Whether its client reads back what became of a batch.
  std::function<bool()> reading_back;
  std::uint64_t exchanges() const { return exchanges_; }

  // `sender`: true as long as the program runs that sends it.
  void Send(oxserver::HttpRequest request, Millis deadline, std::shared_ptr<const bool> sender,
            std::function<void(HttpResult)> done);

 private:
  struct Armed {
    StepKind fault;
    std::uint64_t skip;
    Aim aim;
  };
  struct Exchange;
  std::optional<StepKind> NextFault(const oxserver::HttpRequest& request);
  void Arrive(const std::shared_ptr<Exchange>& exchange);
  void Reply(const std::shared_ptr<Exchange>& exchange, HttpResult result);
  void Break(const std::shared_ptr<Exchange>& exchange, const char* text);
  Millis Delay() { return Millis(1 + static_cast<std::int64_t>(random_.Below(40))); }

  Far far_;
  Strand& world_;
  const Clock& clock_;
  Random& random_;
  std::deque<Armed> armed_;
  std::map<StepKind, int> troubles_;  // how often each was begun and not ended
  std::uint64_t cuts_ = 0;            // times the line went down: an exchange that began before is broken
  std::uint64_t exchanges_ = 0;
};

// A program's end of the line, with its cookies.
class LinkTransport final : public Transport {
 public:
  LinkTransport(Link& link, Strand& strand) : link_(link), strand_(strand) {}
  ~LinkTransport() override { *alive_ = false; }
  void Send(HttpRequest request, Millis deadline, std::function<void(HttpResult)> done) override;
  void ClearCookies() override { cookies_->clear(); }

 private:
  using Cookies = std::map<std::string, std::string>;
  Link& link_;
  Strand& strand_;
  std::shared_ptr<Cookies> cookies_ = std::make_shared<Cookies>();
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace outpost::sim
