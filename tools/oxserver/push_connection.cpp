#include "tools/oxserver/push_connection.h"

#include <boost/beast/core.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <vector>

namespace outpost::oxserver {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using Upgrade = beast::http::request<beast::http::string_body>;

// A line over a wire: keeps itself alive by what it waits for.
class PushOver final : public PushConnection, public std::enable_shared_from_this<PushOver> {
 public:
  PushOver(Wire wire, Upgrade request, PushLine line, PushSubject subject, std::function<bool()> lives,
           std::function<void(Connection*)> gone)
      : PushConnection(std::move(subject)),
        request_(std::move(request)),
        line_(std::move(line)),
        lives_(std::move(lives)),
        gone_(std::move(gone)),
        stream_(std::move(wire)),
        timer_(stream_.get_executor()) {}
  ~PushOver() override { gone_(this); }

  void Start() override {
    Send(line_.Begin());
    stream_.async_accept(request_, [self = shared_from_this()](boost::system::error_code error) {
      if (error) return;
      self->open_ = true;
      self->Write();
      self->Read();
      self->Tick();
    });
  }

  void Close() override {
    timer_.cancel();
    stream_.next_layer().Close();
  }

  void Tell(std::string_view topic, std::string_view data) override {
    if (line_.ended()) return;
    if (!lives_()) return Send(line_.End());
    Send(line_.Event(topic, data));
  }

 private:
  void Read() {
    stream_.async_read(buffer_, [self = shared_from_this()](boost::system::error_code error, std::size_t) {
      if (error) return self->Close();
      const std::string message = beast::buffers_to_string(self->buffer_.data());
      self->buffer_.consume(self->buffer_.size());
      self->Send(self->line_.Receive(message));
      if (self->line_.ended()) return self->Close();
      self->Read();
    });
  }

  void Tick() {
    timer_.expires_after(PushLine::kPingInterval);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (error) return;
      self->Send(self->lives_() ? self->line_.Tick() : self->line_.End());
      self->Tick();
    });
  }

  void Send(std::vector<std::string> messages) {
    const bool idle = open_ && unsent_.empty();
    for (auto& message : messages) unsent_.push_back(std::move(message));
    if (idle) Write();
  }

  void Write() {
    if (unsent_.empty()) {
      if (line_.ended()) Close();
      return;
    }
    stream_.text(true);
    stream_.async_write(asio::buffer(unsent_.front()),
                        [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                          if (error) return self->Close();
                          self->unsent_.pop_front();
                          self->Write();
                        });
  }

  Upgrade request_;
  PushLine line_;
  std::function<bool()> lives_;
  std::function<void(Connection*)> gone_;
  websocket::stream<Wire, false> stream_;  // never compressed
  Timer timer_;
  beast::flat_buffer buffer_;
  bool open_ = false;  // until then everything waits
  std::deque<std::string> unsent_;
};

}  // namespace

std::shared_ptr<PushConnection> MakePushConnection(Wire wire, Upgrade request, PushLine line, PushSubject subject,
                                                   std::function<bool()> lives, std::function<void(Connection*)> gone) {
  return std::make_shared<PushOver>(std::move(wire), std::move(request), std::move(line), std::move(subject),
                                    std::move(lives), std::move(gone));
}

}  // namespace outpost::oxserver
