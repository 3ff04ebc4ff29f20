#include "replicator/net/curl_transport.h"

#include <utility>

#include "base/check.h"
#include "replicator/net/exchange.h"
#include "replicator/net/network_impl.h"
#include "replicator/net/url.h"
#include "replicator/net/web_socket.h"

namespace outpost {
namespace {

// The strand's end of a line. What is posted to the strand finds out whether it is still there.
class CurlLine final : public OpenLine {
 public:
  CurlLine(Network::Impl& network, std::shared_ptr<WebSocket> socket, std::shared_ptr<bool> there)
      : network_(network), socket_(std::move(socket)), there_(std::move(there)) {}
  ~CurlLine() override {
    *there_ = false;
    network_.Post([network = &network_, socket = std::move(socket_)] { network->RemoveLine(*socket); });
  }
  void Send(std::string text) override {
    network_.Post([socket = socket_, text = std::move(text)] { socket->Send(text); });
  }

 private:
  Network::Impl& network_;
  std::shared_ptr<WebSocket> socket_;
  std::shared_ptr<bool> there_;  // owner strand only
};

// The same events, posted to `strand` while `there` is true on it.
LineEvents OnStrand(Strand& strand, std::shared_ptr<bool> there, LineEvents events) {
  const auto shared = std::make_shared<LineEvents>(std::move(events));
  const auto post = [&strand, there](std::function<void()> tell) {
    strand.Post([there, tell = std::move(tell)] {
      if (*there) tell();
    });
  };
  LineEvents posted;
  posted.opened = [post, shared] { post([shared] { shared->opened(); }); };
  posted.message = [post, shared](std::string text) {
    post([shared, text = std::move(text)] { shared->message(text); });
  };
  posted.closed = [post, shared](int status, std::string why) {
    post([shared, status, why = std::move(why)] { shared->closed(status, why); });
  };
  return posted;
}

class CurlTransport final : public Transport {
 public:
  CurlTransport(Network& network, Strand& strand, TransportOptions options)
      : network_(network.impl()),
        strand_(strand),
        options_(std::move(options)),
        cookies_(curl_share_init(), CurlShareFree{}) {
    OUTPOST_CHECK(cookies_ != nullptr);
    // No lock functions: only the network thread touches the jar.
    curl_share_setopt(cookies_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
  }

  ~CurlTransport() override {
    network_.RunAndWait([this] { network_.RemoveAll(this); });
  }

  void Send(HttpRequest request, Millis deadline, std::function<void(HttpResult)> done) override {
    if (HostOf(request.url).empty()) return Refuse("the address is no http or https URL", std::move(done));
    if (!MayAsk(request.url, options_.allow_http))
      return Refuse(HostOf(request.url) + ": plain http is not allowed for this account", std::move(done));
    network_.Post([this, deadline, request = std::make_shared<HttpRequest>(std::move(request)),
                   done = std::move(done)] {
      network_.Add(this, std::make_unique<Exchange>(std::move(*request), deadline, options_, cookies_, strand_, done));
    });
  }

  std::unique_ptr<OpenLine> Open(HttpRequest request, Millis deadline, std::uint64_t seed, LineEvents events) override {
    const auto there = std::make_shared<bool>(true);
    LineEvents posted = OnStrand(strand_, there, std::move(events));
    std::string trouble;
    if (HostOf(request.url).empty())
      trouble = "the address is no http or https URL";
    else if (!MayAsk(request.url, options_.allow_http))
      trouble = HostOf(request.url) + ": plain http is not allowed for this account";
    const auto closed = posted.closed;
    auto socket =
        std::make_shared<WebSocket>(std::move(request), deadline, options_, cookies_, seed, std::move(posted));
    if (!trouble.empty())
      closed(0, trouble);
    else
      network_.Post([this, socket] { network_.AddLine(this, socket); });
    return std::make_unique<CurlLine>(network_, std::move(socket), there);
  }

  void ClearCookies() override {
    network_.Post([cookies = cookies_] {
      const std::unique_ptr<CURL, CurlEasyFree> easy(curl_easy_init());
      if (!easy) return;
      curl_easy_setopt(easy.get(), CURLOPT_SHARE, cookies.get());
      curl_easy_setopt(easy.get(), CURLOPT_COOKIELIST, "ALL");
    });
  }

 private:
  void Refuse(std::string text, std::function<void(HttpResult)> done) {
    HttpResult result;
    result.fault = LinkFault::kNotSent;
    result.text = std::move(text);
    strand_.Post([result = std::move(result), done = std::move(done)] { done(result); });
  }

  Network::Impl& network_;
  Strand& strand_;
  const TransportOptions options_;
  SharedCookies cookies_;
};

}  // namespace

std::unique_ptr<Transport> MakeTransport(Network& network, Strand& strand, TransportOptions options) {
  return std::make_unique<CurlTransport>(network, strand, std::move(options));
}

}  // namespace outpost
