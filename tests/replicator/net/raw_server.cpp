#include "tests/replicator/net/raw_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

namespace outpost::test {
namespace asio = boost::asio;
using asio::ip::tcp;

struct RawServer::Impl {
  asio::io_context io;
  tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)};
  tcp::socket socket{io};
};

RawServer::RawServer(Handler handler)
    : impl_(std::make_unique<Impl>()), handler_(std::move(handler)), thread_([this] { Loop(); }) {}

RawServer::~RawServer() {
  stopping_ = true;
  tcp::socket waker(impl_->io);
  boost::system::error_code ignored;
  waker.connect(impl_->acceptor.local_endpoint(), ignored);
  waker.close(ignored);
  thread_.join();
}

std::string RawServer::url() const {
  return "http://127.0.0.1:" + std::to_string(impl_->acceptor.local_endpoint().port());
}

std::size_t RawServer::heads() {
  MutexLock lock(mutex_);
  return heads_;
}

std::size_t RawServer::requests() {
  MutexLock lock(mutex_);
  return requests_.size();
}

std::size_t RawServer::connections() {
  MutexLock lock(mutex_);
  return connections_;
}

std::string RawServer::request(std::size_t number) {
  MutexLock lock(mutex_);
  return requests_.at(number);
}

void RawServer::Loop() {
  while (!stopping_) {
    boost::system::error_code error;
    impl_->socket = tcp::socket(impl_->io);
    impl_->acceptor.accept(impl_->socket, error);
    if (error || stopping_) continue;
    {
      MutexLock lock(mutex_);
      ++connections_;
    }
    Serve();
  }
}

namespace {

std::size_t LengthIn(const std::string& head) {
  const auto at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
}

}  // namespace

void RawServer::Serve() {
  boost::system::error_code error;
  asio::streambuf buffer;
  while (true) {
    const std::size_t head_size = asio::read_until(impl_->socket, buffer, "\r\n\r\n", error);
    if (error) break;
    std::string request(static_cast<const char*>(buffer.data().data()), head_size);
    buffer.consume(head_size);
    {
      MutexLock lock(mutex_);
      ++heads_;
    }
    const std::size_t length = LengthIn(request);
    if (buffer.size() < length)
      asio::read(impl_->socket, buffer, asio::transfer_exactly(length - buffer.size()), error);
    if (error) break;
    request.append(static_cast<const char*>(buffer.data().data()), length);
    buffer.consume(length);
    std::size_t number = 0;
    {
      MutexLock lock(mutex_);
      number = requests_.size();
      requests_.push_back(request);
    }
    const RawAnswer answer = handler_(number, request);
    if (answer.hang) continue;
    asio::write(impl_->socket, asio::buffer(answer.bytes), error);
    if (error || answer.close) break;
  }
  impl_->socket.shutdown(tcp::socket::shutdown_both, error);
  impl_->socket.close(error);
}

std::string HttpOk(const std::string& body, const std::string& more_headers) {
  return "HTTP/1.1 200 OK\r\n" + more_headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace outpost::test
