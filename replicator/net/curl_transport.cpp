#include "replicator/net/curl_transport.h"

#include <utility>

#include "base/check.h"
#include "replicator/net/exchange.h"
#include "replicator/net/network_impl.h"
#include "replicator/net/url.h"

namespace outpost {
namespace {

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
