#pragma once
#include <curl/curl.h>

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/strand.h"
#include "base/system/certificate.h"
#include "replicator/net/curl_transport.h"
#include "replicator/transport.h"

namespace outpost {

struct CurlEasyFree {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct CurlListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct CurlShareFree {
  void operator()(CURLSH* share) const { curl_share_cleanup(share); }
};
using SharedCookies = std::shared_ptr<CURLSH>;

// One HTTP exchange. Threads: the network thread; only the result goes elsewhere, by way of the strand.
class Exchange {
 public:
  Exchange(HttpRequest request, Millis deadline, const TransportOptions& options, SharedCookies cookies, Strand& strand,
           std::function<void(HttpResult)> done);
  CURL* easy() { return easy_.get(); }
  // Posts the result to the strand. Once.
  void Complete(CURLcode code);

 private:
  void SetTarget(const TransportOptions& options, Millis deadline);
  void SetRequest();
  HttpResult Failed(CURLcode code) const;
  HttpResult ProxyRefuses(long status) const;
  static std::size_t OnRead(char* to, std::size_t size, std::size_t count, void* self);
  static int OnSeek(void* self, curl_off_t offset, int origin);
  static std::size_t OnHeader(char* from, std::size_t size, std::size_t count, void* self);
  static std::size_t OnBody(char* from, std::size_t size, std::size_t count, void* self);

  HttpRequest request_;
  std::string host_;  // for texts
  std::size_t reply_bytes_max_;
  bool pinned_;
  SharedCookies cookies_;  // outlives easy_: declared before it
  Strand& strand_;
  std::function<void(HttpResult)> done_;
  std::size_t sent_ = 0;  // of the body
  HttpReply reply_;
  std::size_t header_bytes_ = 0;
  bool too_long_ = false;
  std::string proxy_;  // host and port, for texts; empty: none
  std::shared_ptr<CertificateSeen> certificate_ = std::make_shared<CertificateSeen>();
  char error_[CURL_ERROR_SIZE] = {};
  std::unique_ptr<curl_slist, CurlListFree> headers_;
  std::unique_ptr<CURL, CurlEasyFree> easy_;
};

}  // namespace outpost
