#include "bench/shaping_proxy.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <thread>
#include <vector>

namespace outpost::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

// A piece takes 16 ms of a line of 1 Mbit/s.
constexpr std::size_t kPiece = 2'048;
// So much may be on its way at once; what the line's delay times its rate is must fit.
constexpr std::size_t kUnderWayMax = 4u << 20;

// One direction of the line, for all connections: when a piece that is given to it now is through.
class Lane {
 public:
  explicit Lane(LineShape shape) : shape_(shape) {}
  Clock::time_point Through(std::size_t bytes) {
    const auto now = Clock::now();
    free_ = std::max(free_, now);
    if (shape_.bytes_per_s > 0) free_ += std::chrono::nanoseconds(1'000'000'000ull * bytes / shape_.bytes_per_s);
    passed += bytes;
    return free_ + shape_.delay;
  }
  std::atomic<std::uint64_t> passed{0};

 private:
  const LineShape shape_;
  Clock::time_point free_{};
};

// One direction of one connection.
class Pipe : public std::enable_shared_from_this<Pipe> {
 public:
  // Both sockets live as long as `owner`.
  Pipe(tcp::socket& from, tcp::socket& to, Lane& lane, std::shared_ptr<void> owner)
      : from_(from), to_(to), lane_(lane), owner_(std::move(owner)), due_(from.get_executor()), buffer_(kPiece) {}

  void Read() {
    if (reading_ || ended_ || under_way_ >= kUnderWayMax) return;
    reading_ = true;
    from_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](const auto& error, std::size_t bytes) {
      self->reading_ = false;
      self->ended_ = static_cast<bool>(error);
      self->Enter({Clock::time_point(), std::string(self->buffer_.data(), bytes)});
    });
  }

 private:
  struct Piece {
    Clock::time_point through;
    std::string bytes;  // empty: the end
  };
  void Enter(Piece piece) {
    piece.through = lane_.Through(piece.bytes.size());
    under_way_ += piece.bytes.size();
    pieces_.push_back(std::move(piece));
    if (pieces_.size() == 1) Wait();
    Read();
  }
  void Wait() {
    due_.expires_at(pieces_.front().through);
    due_.async_wait([self = shared_from_this()](const auto&) { self->Leave(); });
  }
  void Leave() {
    boost::system::error_code ignored;
    if (pieces_.front().bytes.empty()) {
      to_.shutdown(tcp::socket::shutdown_send, ignored);
      return;
    }
    asio::async_write(to_, asio::buffer(pieces_.front().bytes),
                      [self = shared_from_this()](const auto& error, std::size_t) { self->Left(!error); });
  }
  void Left(bool arrived) {
    under_way_ -= pieces_.front().bytes.size();
    pieces_.pop_front();
    boost::system::error_code ignored;
    if (!arrived) {
      from_.close(ignored);
      return;
    }
    if (!pieces_.empty()) Wait();
    Read();
  }

  tcp::socket& from_;
  tcp::socket& to_;
  Lane& lane_;
  const std::shared_ptr<void> owner_;
  asio::steady_timer due_;
  std::vector<char> buffer_;
  std::deque<Piece> pieces_;
  std::size_t under_way_ = 0;
  bool reading_ = false;
  bool ended_ = false;
};

struct Ends {
  explicit Ends(asio::io_context& io) : client(io), server(io) {}
  tcp::socket client, server;
};

}  // namespace

struct ShapingProxy::Impl {
  Impl(std::uint16_t port, LineShape shape) : target(asio::ip::address_v4::loopback(), port), up(shape), down(shape) {}

  Result<void> Listen() {
    boost::system::error_code failed;
    const tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
    acceptor.open(any.protocol(), failed);
    if (!failed) acceptor.bind(any, failed);
    if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
    if (failed) return Error{Code::kUnavailable, Retry::kNever, "cannot listen: " + failed.message()};
    Accept();
    thread = std::thread([this] { io.run(); });
    return Ok();
  }

  void Accept() {
    auto ends = std::make_shared<Ends>(io);
    acceptor.async_accept(ends->client, [this, ends](const auto& error) {
      if (error) return;
      Accept();
      ends->server.async_connect(target, [this, ends](const auto& refused) {
        if (refused) return;
        boost::system::error_code ignored;
        ends->client.set_option(tcp::no_delay(true), ignored);
        ends->server.set_option(tcp::no_delay(true), ignored);
        std::make_shared<Pipe>(ends->client, ends->server, up, ends)->Read();
        std::make_shared<Pipe>(ends->server, ends->client, down, ends)->Read();
      });
    });
  }

  asio::io_context io;
  tcp::acceptor acceptor{io};
  const tcp::endpoint target;
  Lane up, down;
  std::thread thread;
};

ShapingProxy::ShapingProxy() = default;

ShapingProxy::~ShapingProxy() {
  if (!impl_) return;
  impl_->io.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

Result<std::unique_ptr<ShapingProxy>> ShapingProxy::Start(std::uint16_t port, LineShape shape) {
  std::unique_ptr<ShapingProxy> proxy(new ShapingProxy());
  proxy->impl_ = std::make_unique<Impl>(port, shape);
  OUTPOST_TRYV(proxy->impl_->Listen());
  return proxy;
}

std::uint16_t ShapingProxy::port() const { return impl_->acceptor.local_endpoint().port(); }
std::uint64_t ShapingProxy::up() const { return impl_->up.passed; }
std::uint64_t ShapingProxy::down() const { return impl_->down.passed; }

}  // namespace outpost::bench
