#include "replicator/net/exchange.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "replicator/net/connection_setup.h"
#include "replicator/net/trouble.h"
#include "replicator/net/url.h"

namespace outpost {
namespace {

// An idle connection older than this is not used again: servers close theirs after 15 to 60 s, and a request that meets
// a closed one costs a read-back. Below a second, every round would pay for a new TLS handshake.
constexpr long kIdleConnectionS = 12;
// curl's read buffer: larger ones save system calls, each running exchange holds one.
constexpr long kReceiveBufferBytes = 128 * 1024;
constexpr long kSendBufferBytes = 128 * 1024;
// Room behind the body that the JSON reader wants, so that it need not copy.
constexpr std::size_t kReplyPadding = 64;
// Headers of one reply, interim ones included. Above what any server sends; a hostile one could send them without end.
constexpr std::size_t kHeaderBytesMax = 256 * 1024;
constexpr long kProxyAuthRequired = 407;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

Exchange::Exchange(HttpRequest request, Millis deadline, const TransportOptions& options, SharedCookies cookies,
                   Strand& strand, std::function<void(HttpResult)> done)
    : request_(std::move(request)),
      host_(HostOf(request_.url)),
      reply_bytes_max_(options.reply_bytes_max),
      pinned_(!options.pinned_key.empty()),
      cookies_(std::move(cookies)),
      strand_(strand),
      done_(std::move(done)),
      easy_(curl_easy_init()) {
  if (!easy_) return;
  SetTarget(options, deadline);
  SetRequest();
}

void Exchange::SetTarget(const TransportOptions& options, Millis deadline) {
  CURL* easy = easy_.get();
  proxy_ = SetConnection(easy, request_.url, options, certificate_);
  Set(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
  Set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(deadline.count(), 1)));
  Set(easy, CURLOPT_MAXAGE_CONN, kIdleConnectionS);
  Set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  Set(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  Set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  // Not CURLOPT_NOSIGNAL: with it TLS could raise SIGPIPE; names are resolved in threads, so that curl uses no alarm.
  Set(easy, CURLOPT_BUFFERSIZE, kReceiveBufferBytes);
  Set(easy, CURLOPT_UPLOAD_BUFFERSIZE, kSendBufferBytes);
  Set(easy, CURLOPT_ERRORBUFFER, error_);
  Set(easy, CURLOPT_COOKIEFILE, "");
  Set(easy, CURLOPT_SHARE, cookies_.get());
}

void Exchange::SetRequest() {
  CURL* easy = easy_.get();
  const bool empty = request_.body.empty() && request_.stream == nullptr;
  const bool plain_get = request_.method == "GET" && empty;
  if (empty) {
    Set(easy, CURLOPT_HTTPGET, 1L);
    // curl repeats a request by itself when a kept connection dies without a byte of reply. With a body, OnSeek forbids
    // that; without one, only a new connection does.
    if (!plain_get) Set(easy, CURLOPT_FRESH_CONNECT, 1L);
  } else {
    Set(easy, CURLOPT_UPLOAD, 1L);
    const std::uint64_t streamed = request_.stream ? request_.stream->size() : 0;
    Set(easy, CURLOPT_INFILESIZE_LARGE,
        static_cast<curl_off_t>(request_.body.size() + streamed + request_.tail.size()));
    Set(easy, CURLOPT_READFUNCTION, &Exchange::OnRead);
    Set(easy, CURLOPT_READDATA, this);
    Set(easy, CURLOPT_SEEKFUNCTION, &Exchange::OnSeek);
    Set(easy, CURLOPT_SEEKDATA, this);
  }
  if (!plain_get) Set(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  // No waiting for "100 Continue" before a large body.
  headers_.reset(curl_slist_append(nullptr, "Expect:"));
  for (const auto& [name, value] : request_.headers) curl_slist_append(headers_.get(), (name + ": " + value).c_str());
  Set(easy, CURLOPT_HTTPHEADER, headers_.get());
  Set(easy, CURLOPT_HEADERFUNCTION, &Exchange::OnHeader);
  Set(easy, CURLOPT_HEADERDATA, this);
  Set(easy, CURLOPT_WRITEFUNCTION, &Exchange::OnBody);
  Set(easy, CURLOPT_WRITEDATA, this);
}

std::size_t Exchange::OnRead(char* to, std::size_t size, std::size_t count, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  const std::size_t room = size * count;
  const HttpRequest& request = exchange.request_;
  const std::size_t streamed = request.stream ? static_cast<std::size_t>(request.stream->size()) : 0;
  const auto copy = [&](const std::string& from, std::size_t at) {
    const std::size_t bytes = std::min(room, from.size() - at);
    std::memcpy(to, from.data() + at, bytes);
    exchange.sent_ += bytes;
    return bytes;
  };
  if (exchange.sent_ < request.body.size()) return copy(request.body, exchange.sent_);
  const std::size_t behind = exchange.sent_ - request.body.size();
  if (behind >= streamed) return copy(request.tail, std::min(behind - streamed, request.tail.size()));
  const std::ptrdiff_t bytes = request.stream->Read({to, std::min(room, streamed - behind)});
  if (bytes <= 0) return CURL_READFUNC_ABORT;  // half a file must not count as one
  exchange.sent_ += static_cast<std::size_t>(bytes);
  return static_cast<std::size_t>(bytes);
}

// curl rewinds in order to send again: allowed only while nothing was handed out.
int Exchange::OnSeek(void* self, curl_off_t offset, int) {
  const auto& exchange = *static_cast<Exchange*>(self);
  return exchange.sent_ == 0 && offset == 0 ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

std::size_t Exchange::OnHeader(char* from, std::size_t size, std::size_t count, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  std::string_view line(from, size * count);
  exchange.header_bytes_ += line.size();
  if (exchange.header_bytes_ > kHeaderBytesMax) {
    exchange.too_long_ = true;
    return 0;
  }
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  if (line.substr(0, 5) == "HTTP/") {  // the reply after an interim one starts anew
    exchange.reply_.headers.clear();
    return size * count;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size * count;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(), Lower);
  line.remove_prefix(colon + 1);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  exchange.reply_.headers.emplace_back(std::move(name), std::string(line));
  return size * count;
}

std::size_t Exchange::OnBody(char* from, std::size_t size, std::size_t count, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  std::string& body = exchange.reply_.body;
  const std::size_t bytes = size * count;
  if (bytes > exchange.reply_bytes_max_ - body.size()) {
    exchange.too_long_ = true;
    return 0;
  }
  if (body.empty()) {
    curl_off_t told = -1;
    curl_easy_getinfo(exchange.easy_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &told);
    const std::size_t expected = told < 0 ? 0 : static_cast<std::size_t>(told);
    if (expected <= exchange.reply_bytes_max_) body.reserve(std::max(expected, bytes) + kReplyPadding);
  }
  body.append(from, bytes);
  return bytes;
}

HttpResult Exchange::Failed(CURLcode code) const {
  long connect = 0;  // what the proxy answered when it was asked for the way to the server
  if (easy_) curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_CONNECTCODE, &connect);
  if (connect >= 300) return ProxyRefuses(connect);
  HttpResult result;
  long sent = 0;
  if (easy_) curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &sent);
  // The one proof that the server cannot have seen the request: not a byte of it was handed to the connection.
  result.fault = sent == 0 && sent_ == 0 ? LinkFault::kNotSent : LinkFault::kBroken;
  if (result.fault == LinkFault::kNotSent && code == CURLE_ABORTED_BY_CALLBACK) result.fault = LinkFault::kBroken;
  // curl's own words tell who could not be reached, the server or the proxy.
  const bool unreached = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_PROXY;
  result.text = host_ + ": " + (unreached && error_[0] != '\0' ? error_ : curl_easy_strerror(code));
  const std::string words = error_[0] != '\0' ? error_ : curl_easy_strerror(code);
  CertificateSeen seen = *certificate_;
  if (pinned_) seen.fault = CertificateSeen::Fault::kNone;  // of the chain, which does not count then
  if (auto trouble = TrustTrouble(code, words, seen, host_)) {
    result.fault = LinkFault::kCertificate;
    result.text = *std::move(trouble);
  }
  if (too_long_) result.text = host_ + ": the answer is longer than " + std::to_string(reply_bytes_max_) + " bytes";
  if (code == CURLE_ABORTED_BY_CALLBACK) result.text = host_ + ": given up here";
  return result;
}

// The request did not get past the proxy.
HttpResult Exchange::ProxyRefuses(long status) const {
  HttpResult result;
  result.fault = LinkFault::kNotSent;
  result.text = host_ + ": the proxy " + proxy_ +
                (status == kProxyAuthRequired
                     ? " wants a user's name and a password, or refuses those it got (HTTP 407); see \"outpost account "
                       "proxy-password\""
                     : " refuses to connect (HTTP " + std::to_string(status) + ")");
  return result;
}

void Exchange::Complete(CURLcode code) {
  auto result = std::make_shared<HttpResult>();
  if (code == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    const char* redirect = nullptr;
    curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &redirect);
    if (status == kProxyAuthRequired && !proxy_.empty()) {
      *result = ProxyRefuses(status);
    } else {
      result->ok = true;
      reply_.status = static_cast<int>(status);
      if (redirect != nullptr) reply_.redirect = RedirectTrouble(request_.url, redirect);
      result->reply = std::move(reply_);
    }
  } else {
    *result = Failed(code);
  }
  if (easy_) {
    curl_off_t up = 0, down = 0, took = 0;
    long request = 0, header = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_UPLOAD_T, &up);
    curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_DOWNLOAD_T, &down);
    curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &request);
    curl_easy_getinfo(easy_.get(), CURLINFO_HEADER_SIZE, &header);
    curl_easy_getinfo(easy_.get(), CURLINFO_TOTAL_TIME_T, &took);
    result->wire_bytes = static_cast<std::uint64_t>(up + down + request + header);
    result->took = std::chrono::microseconds(took);
  }
  strand_.Post([result, done = std::move(done_)] { done(std::move(*result)); });
}

}  // namespace outpost
