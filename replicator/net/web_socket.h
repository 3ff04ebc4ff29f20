#pragma once
#include <curl/curl.h>
#include <wslay/wslay.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/system/certificate.h"
#include "replicator/net/curl_transport.h"
#include "replicator/net/exchange.h"
#include "replicator/transport.h"

namespace outpost {

// A message or the answer to the handshake that is longer than these ends the line: what is told over it are a few
// names.
inline constexpr std::size_t kLineMessageBytesMax = 1u << 20;
inline constexpr std::size_t kHandshakeBytesMax = 64u << 10;

// One WebSocket: curl connects (so that trust and proxies are those of every exchange), the handshake is here, frames
// are libwslay's. Threads: the network thread; `events` are called on it.
class WebSocket {
 public:
  WebSocket(HttpRequest request, Millis deadline, const TransportOptions& options, SharedCookies cookies,
            std::uint64_t seed, LineEvents events);
  ~WebSocket();
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;

  // To be driven by a multi handle, which keeps it until the line has ended: curl gives up the connection else.
  CURL* easy() { return easy_.get(); }
  // curl has made the connection, or not.
  void Connected(CURLcode code);
  // Sends and receives what can be without waiting.
  void Perform();
  void Send(const std::string& text);
  // Tells `closed`, once; of what came before nothing is lost.
  void Close(int status, const std::string& why);
  bool ended() const { return stage_ == Stage::kEnded; }
  // What to wait for: see curl_multi_poll. A socket of CURL_SOCKET_BAD: nothing.
  curl_waitfd Waiting() const;

 private:
  enum class Stage { kConnecting, kAsking, kOpen, kEnded };
  struct WslayFree {
    void operator()(wslay_event_context* context) const { wslay_event_context_free(context); }
  };
  std::string Handshake();
  void ReadAnswer();
  void BeginFrames();
  // Bytes moved; 0: none now. Ends the line where it is broken.
  std::size_t Receive(char* to, std::size_t size);
  std::size_t Write(const char* from, std::size_t size);
  static ssize_t OnReceive(wslay_event_context_ptr context, std::uint8_t* to, std::size_t size, int flags, void* self);
  static ssize_t OnSend(wslay_event_context_ptr context, const std::uint8_t* from, std::size_t size, int flags,
                        void* self);
  static int OnMask(wslay_event_context_ptr context, std::uint8_t* to, std::size_t size, void* self);
  static void OnMessage(wslay_event_context_ptr context, const wslay_event_on_msg_recv_arg* message, void* self);

  const HttpRequest request_;
  const std::string host_;
  const bool pinned_;
  SeededRandom random_;
  LineEvents events_;
  SharedCookies cookies_;  // outlives easy_: declared before it
  std::shared_ptr<CertificateSeen> certificate_ = std::make_shared<CertificateSeen>();
  char error_[CURL_ERROR_SIZE] = {};
  std::unique_ptr<CURL, CurlEasyFree> easy_;
  curl_socket_t socket_ = CURL_SOCKET_BAD;
  Stage stage_ = Stage::kConnecting;
  std::string key_;       // of the handshake
  std::string unsent_;    // of the handshake
  std::string received_;  // of its answer; then what came after it and waits for frames
  std::unique_ptr<wslay_event_context, WslayFree> frames_;
};

}  // namespace outpost
