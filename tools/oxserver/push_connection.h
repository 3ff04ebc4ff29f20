#pragma once
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tools/oxserver/connection.h"
#include "tools/oxserver/push.h"

namespace outpost::oxserver {

// What a line belongs to.
struct PushSubject {
  int user = 0;
  std::string session;
};

// A line for news whatever its stream. Threads: the server's.
class PushConnection : public Connection {
 public:
  explicit PushConnection(PushSubject subject) : subject_(std::move(subject)) {}
  const PushSubject& subject() const { return subject_; }
  virtual void Tell(std::string_view topic, std::string_view data) = 0;

 private:
  const PushSubject subject_;
};

// One line over a stream that an HTTP connection has given up to it. `lives`: whether its session does.
template <class Stream>
class PushOver final : public PushConnection, public std::enable_shared_from_this<PushOver<Stream>> {
 public:
  using Upgrade = boost::beast::http::request<boost::beast::http::string_body>;
  PushOver(Stream stream, Upgrade request, PushLine line, PushSubject subject, std::function<bool()> lives,
           std::function<void(Connection*)> gone)
      : PushConnection(std::move(subject)),
        request_(std::move(request)),
        line_(std::move(line)),
        lives_(std::move(lives)),
        gone_(std::move(gone)),
        stream_(std::move(stream)),
        timer_(stream_.get_executor()) {}
  ~PushOver() override { gone_(this); }

  void Start() override {
    boost::beast::get_lowest_layer(stream_).expires_never();
    Send(line_.Begin());
    stream_.async_accept(request_, [self = this->shared_from_this()](boost::system::error_code error) {
      if (error) return;
      self->open_ = true;
      self->Write();
      self->Read();
      self->Tick();
    });
  }

  void Close() override {
    boost::system::error_code ignored;
    timer_.cancel();
    auto& socket = boost::beast::get_lowest_layer(stream_).socket();
    socket.shutdown(boost::asio::ip::tcp::socket::shutdown_both, ignored);
    socket.close(ignored);
  }

  void Tell(std::string_view topic, std::string_view data) override {
    if (line_.ended()) return;
    if (!lives_()) return Send(line_.End());
    Send(line_.Event(topic, data));
  }

 private:
  void Read() {
    stream_.async_read(buffer_, [self = this->shared_from_this()](boost::system::error_code error, std::size_t) {
      if (error) return self->Close();
      const std::string message = boost::beast::buffers_to_string(self->buffer_.data());
      self->buffer_.consume(self->buffer_.size());
      self->Send(self->line_.Receive(message));
      if (self->line_.ended()) return self->Close();
      self->Read();
    });
  }

  void Tick() {
    timer_.expires_after(PushLine::kPingInterval);
    timer_.async_wait([self = this->shared_from_this()](boost::system::error_code error) {
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
    stream_.async_write(boost::asio::buffer(unsent_.front()),
                        [self = this->shared_from_this()](boost::system::error_code error, std::size_t) {
                          if (error) return self->Close();
                          self->unsent_.pop_front();
                          self->Write();
                        });
  }

  Upgrade request_;
  PushLine line_;
  std::function<bool()> lives_;
  std::function<void(Connection*)> gone_;
  boost::beast::websocket::stream<Stream> stream_;
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  bool open_ = false;  // until then everything waits
  std::deque<std::string> unsent_;
};

}  // namespace outpost::oxserver
