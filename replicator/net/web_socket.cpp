#include "replicator/net/web_socket.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "base/system/crypto.h"
#include "replicator/net/connection_setup.h"
#include "replicator/net/cookies.h"
#include "replicator/net/trouble.h"
#include "replicator/net/url.h"

namespace outpost {
namespace {

// RFC 6455, section 1.3.
constexpr std::string_view kAcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kReadBytes = 4096;

std::string RandomBytes(Random& random, std::size_t count) {
  std::string bytes;
  while (bytes.size() < count) AppendBe64(bytes, random.Next());
  bytes.resize(count);
  return bytes;
}

bool EqualNoCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// The value of a header; empty where there is none. `head`: an HTTP head, lines ended by CR LF.
std::string_view HeaderIn(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at)) {
    at += 2;
    const std::string_view line = head.substr(at, head.find("\r\n", at) - at);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !EqualNoCase(line.substr(0, colon), name)) continue;
    const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
    if (begin == std::string_view::npos) return {};
    return line.substr(begin, line.find_last_not_of(" \t") + 1 - begin);
  }
  return {};
}

// Of a line "HTTP/1.1 101 …"; 0 where it is none.
int StatusIn(std::string_view head) {
  if (head.substr(0, 7) != "HTTP/1." || head.size() < 12) return 0;
  int status = 0;
  for (const char digit : head.substr(9, 3)) {
    if (digit < '0' || digit > '9') return 0;
    status = status * 10 + (digit - '0');
  }
  return status;
}

}  // namespace

WebSocket::WebSocket(HttpRequest request, Millis deadline, const TransportOptions& options, SharedCookies cookies,
                     std::uint64_t seed, LineEvents events)
    : request_(std::move(request)),
      host_(HostOf(request_.url)),
      pinned_(!options.pinned_key.empty()),
      random_(seed),
      events_(std::move(events)),
      cookies_(std::move(cookies)),
      easy_(curl_easy_init()) {
  if (!easy_) return;
  CURL* easy = easy_.get();
  SetConnection(easy, request_.url, options, certificate_);
  Set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(deadline.count(), 1)));
  Set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  Set(easy, CURLOPT_ERRORBUFFER, error_);
  Set(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);  // a proxy that reads along would not know what to make of frames
  Set(easy, CURLOPT_CONNECT_ONLY, 1L);
  Set(easy, CURLOPT_FRESH_CONNECT, 1L);
  Set(easy, CURLOPT_COOKIEFILE, "");
  Set(easy, CURLOPT_SHARE, cookies_.get());
}

WebSocket::~WebSocket() = default;

void WebSocket::Connected(CURLcode code) {
  if (stage_ != Stage::kConnecting) return;
  if (code == CURLE_OK) code = curl_easy_getinfo(easy_.get(), CURLINFO_ACTIVESOCKET, &socket_);
  if (code != CURLE_OK || socket_ == CURL_SOCKET_BAD) {
    if (pinned_) certificate_->fault = CertificateSeen::Fault::kNone;  // of the chain, which does not count then
    const std::string words = error_[0] != '\0' ? error_ : curl_easy_strerror(code);
    return Close(0, TrustTrouble(code, words, *certificate_, host_).value_or(host_ + ": " + words));
  }
  unsent_ = Handshake();
  stage_ = Stage::kAsking;
  Perform();
}

std::string WebSocket::Handshake() {
  key_ = Base64Of(AsBytes(RandomBytes(random_, kKeyBytes)));
  std::string text = "GET " + PathOf(request_.url) + " HTTP/1.1\r\nHost: " + host_ +
                     "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: " +
                     key_ + "\r\n";
  for (const auto& [name, value] : request_.headers) text += name + ": " + value + "\r\n";
  if (const std::string cookies = CookiesFor(easy_.get(), request_.url); !cookies.empty())
    text += "Cookie: " + cookies + "\r\n";
  return text + "\r\n";
}

void WebSocket::Perform() {
  if (stage_ == Stage::kAsking) {
    unsent_.erase(0, Write(unsent_.data(), unsent_.size()));
    ReadAnswer();
  }
  if (stage_ != Stage::kOpen) return;
  const bool fine = wslay_event_recv(frames_.get()) == 0 && wslay_event_send(frames_.get()) == 0;
  if (stage_ != Stage::kOpen) return;
  // Reading ends with the server's farewell, and where it breaks the protocol or says too much.
  if (!fine || wslay_event_get_read_enabled(frames_.get()) == 0)
    Close(0, host_ + ": the line for news was closed, or is none");
}

void WebSocket::ReadAnswer() {
  char bytes[kReadBytes];
  while (const std::size_t got = stage_ == Stage::kAsking ? Receive(bytes, sizeof bytes) : 0) {
    received_.append(bytes, got);
    const std::size_t end = received_.find("\r\n\r\n");
    if (end != std::string::npos) {
      const std::string head = received_.substr(0, end + 2);
      received_.erase(0, end + 4);
      const int status = StatusIn(head);
      if (status != 101) return Close(status, host_ + ": no line for news (HTTP " + std::to_string(status) + ")");
      const Sha1Digest accept = Sha1Of(key_ + std::string(kAcceptSuffix));
      if (!EqualNoCase(HeaderIn(head, "Upgrade"), "websocket") ||
          HeaderIn(head, "Sec-WebSocket-Accept") != Base64Of(accept))
        return Close(status, host_ + ": what answers is no WebSocket");
      return BeginFrames();
    }
    if (received_.size() > kHandshakeBytesMax)
      return Close(
          0, host_ + ": the answer to the handshake is longer than " + std::to_string(kHandshakeBytesMax) + " bytes");
  }
}

void WebSocket::BeginFrames() {
  const wslay_event_callbacks callbacks{&OnReceive, &OnSend, &OnMask, nullptr, nullptr, nullptr, &OnMessage};
  wslay_event_context_ptr context = nullptr;
  if (wslay_event_context_client_init(&context, &callbacks, this) != 0) return Close(0, host_ + ": no memory");
  frames_.reset(context);
  wslay_event_config_set_max_recv_msg_length(context, kLineMessageBytesMax);
  stage_ = Stage::kOpen;
  events_.opened();
}

void WebSocket::Send(const std::string& text) {
  if (stage_ != Stage::kOpen) return;
  const wslay_event_msg message{WSLAY_TEXT_FRAME, reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  if (wslay_event_queue_msg(frames_.get(), &message) != 0) return Close(0, host_ + ": the line for news is broken");
  Perform();
}

void WebSocket::Close(int status, const std::string& why) {
  if (std::exchange(stage_, Stage::kEnded) != Stage::kEnded) events_.closed(status, why);
}

curl_waitfd WebSocket::Waiting() const {
  curl_waitfd wait{};
  wait.fd = stage_ == Stage::kAsking || stage_ == Stage::kOpen ? socket_ : CURL_SOCKET_BAD;
  wait.events = CURL_WAIT_POLLIN;
  const bool more = !unsent_.empty() || (frames_ && wslay_event_want_write(frames_.get()) != 0);
  if (more) wait.events |= CURL_WAIT_POLLOUT;
  return wait;
}

std::size_t WebSocket::Receive(char* to, std::size_t size) {
  std::size_t got = 0;
  const CURLcode code = curl_easy_recv(easy_.get(), to, size, &got);
  if (code == CURLE_OK && got > 0) return got;
  if (code != CURLE_AGAIN) Close(0, host_ + ": the line for news is broken");
  return 0;
}

std::size_t WebSocket::Write(const char* from, std::size_t size) {
  std::size_t sent = 0;
  if (size == 0) return 0;
  const CURLcode code = curl_easy_send(easy_.get(), from, size, &sent);
  if (code != CURLE_OK && code != CURLE_AGAIN) Close(0, host_ + ": the line for news is broken");
  return code == CURLE_OK ? sent : 0;
}

ssize_t WebSocket::OnReceive(wslay_event_context_ptr context, std::uint8_t* to, std::size_t size, int, void* self) {
  auto& socket = *static_cast<WebSocket*>(self);
  std::size_t got = std::min(size, socket.received_.size());
  if (got > 0) {
    std::memcpy(to, socket.received_.data(), got);
    socket.received_.erase(0, got);
  } else if (!socket.ended()) {
    got = socket.Receive(reinterpret_cast<char*>(to), size);
  }
  if (got > 0) return static_cast<ssize_t>(got);
  wslay_event_set_error(context, socket.ended() ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
  return -1;
}

ssize_t WebSocket::OnSend(wslay_event_context_ptr context, const std::uint8_t* from, std::size_t size, int,
                          void* self) {
  auto& socket = *static_cast<WebSocket*>(self);
  const std::size_t sent = socket.ended() ? 0 : socket.Write(reinterpret_cast<const char*>(from), size);
  if (sent > 0) return static_cast<ssize_t>(sent);
  wslay_event_set_error(context, socket.ended() ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
  return -1;
}

int WebSocket::OnMask(wslay_event_context_ptr, std::uint8_t* to, std::size_t size, void* self) {
  const std::string bytes = RandomBytes(static_cast<WebSocket*>(self)->random_, size);
  std::memcpy(to, bytes.data(), size);
  return 0;
}

void WebSocket::OnMessage(wslay_event_context_ptr, const wslay_event_on_msg_recv_arg* message, void* self) {
  if (message->opcode != WSLAY_TEXT_FRAME) return;
  static_cast<WebSocket*>(self)->events_.message(
      std::string(reinterpret_cast<const char*>(message->msg), message->msg_length));
}

}  // namespace outpost
