#include "replicator/ox/push.h"

#include <algorithm>
#include <utility>

#include "replicator/ox/requests.h"

namespace outpost {
namespace {

constexpr const char* kPath = "/socket.io/appsuite/?EIO=3&transport=websocket";

// "https://host" of "https://host/ajax".
std::string OriginOf(const std::string& url) {
  const std::size_t host = url.find("://");
  return host == std::string::npos ? url : url.substr(0, url.find('/', host + 3));
}

}  // namespace

Push::Push(PushOptions options, Transport& transport, Strand& strand, const Clock& clock, Log& log)
    : options_(std::move(options)),
      transport_(transport),
      strand_(strand),
      clock_(clock),
      log_(log),
      random_(options_.seed),
      self_(std::make_shared<Push*>(this)) {}

void Push::Keep(const std::string& session, std::function<void()> news) {
  news_ = std::move(news);
  if (line_ && session == session_) return;
  if (session.empty() || clock_.MonotonicNow() < next_try_) return;
  session_ = session;
  open_ = false;
  ++timer_;
  HttpRequest request;
  request.url = OriginOf(options_.base_url) + kPath;
  AppendFormPair(request.url, "session", session);
  request.headers = {{"User-Agent", options_.user_agent}};
  line_ = transport_.Open(std::move(request), options_.deadline, random_.Next(),
                          {[] {}, [this](const std::string& text) { OnMessage(text); },
                           [this](int status, const std::string& why) { OnClosed(status, why); }});
  if (line_ == nullptr) return;
  // The server has to say a word before long; then it is pings that tell whether it is still there.
  heard_ = clock_.MonotonicNow();
  BeginPings(options_.deadline, options_.deadline);
}

void Push::BeginPings(Millis interval, Millis timeout) {
  ping_interval_ = interval;
  ping_timeout_ = timeout;
  strand_.PostAfter(interval, [weak = std::weak_ptr<Push*>(self_), timer = timer_] {
    if (const auto self = weak.lock()) (*self)->Ping(timer);
  });
}

void Push::Ping(std::uint64_t timer) {
  if (timer != timer_ || !line_) return;
  const auto silent = clock_.MonotonicNow() - heard_;
  if (!open_ || silent > ping_interval_ + ping_timeout_) return OnClosed(0, "the server does not answer any more");
  line_->Send("2");
  BeginPings(ping_interval_, ping_timeout_);
}

void Push::OnMessage(const std::string& text) {
  const auto packet = ReadPushPacket(text);
  if (!packet) return OnClosed(0, "the server says what its protocol does not have");
  heard_ = clock_.MonotonicNow();
  switch (packet->kind) {
    case PushPacket::Kind::kOpen:
      if (std::exchange(open_, true)) return;
      failures_ = 0;
      ++timer_;  // not the one any more that waited for this word
      log_.Write(LogLevel::kInfo, "ox", "the server tells of news");
      return BeginPings(packet->interval, packet->timeout);
    case PushPacket::Kind::kPing:
      return line_->Send(packet->text);
    case PushPacket::Kind::kEvent:
      if (open_ && news_) news_();
      return;
    case PushPacket::Kind::kEnd:
      return OnClosed(0, "the server ended it");
    case PushPacket::Kind::kOther:
      return;
  }
}

void Push::OnClosed(int status, const std::string& why) {
  const bool was_open = std::exchange(open_, false);
  log_.Write(was_open ? LogLevel::kInfo : LogLevel::kDebug, "ox", "no news is told any more: " + why);
  line_.reset();
  Millis pause{0};
  if (status != 0) {
    pause = kPauseMost;
  } else if (!was_open) {
    pause = std::min(kPauseMost, kPauseLeast * (1 << std::min(failures_, 6)));
    ++failures_;
  }
  next_try_ = clock_.MonotonicNow() + pause;
}

}  // namespace outpost
