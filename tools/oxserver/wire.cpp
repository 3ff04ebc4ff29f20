#include "tools/oxserver/wire.h"

#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <variant>

namespace outpost::oxserver {

namespace asio = boost::asio;

struct Wire::Impl {
  using Secure = boost::beast::ssl_stream<Socket>;

  Impl(Socket socket, asio::ssl::context* tls) {
    if (tls != nullptr)
      stream.emplace<Secure>(std::move(socket), *tls);
    else
      stream.emplace<Socket>(std::move(socket));
  }
  Secure* secure() { return std::get_if<Secure>(&stream); }
  Socket& Tcp() { return secure() != nullptr ? secure()->next_layer() : std::get<Socket>(stream); }

  std::variant<std::monostate, Socket, Secure> stream;
};

Wire::Wire(Socket socket, asio::ssl::context* tls) : impl_(std::make_unique<Impl>(std::move(socket), tls)) {}
Wire::~Wire() = default;
Wire::Wire(Wire&&) noexcept = default;

Wire::executor_type Wire::get_executor() const { return impl_->Tcp().get_executor(); }

void Wire::Handshake(Done done) {
  if (auto* secure = impl_->secure())
    secure->async_handshake(asio::ssl::stream_base::server, std::move(done));
  else
    done();
}

void Wire::Close() {
  boost::system::error_code ignored;
  impl_->Tcp().shutdown(Socket::shutdown_both, ignored);
  impl_->Tcp().close(ignored);
}

void Wire::Read(const Pieces<asio::mutable_buffer>& buffers, Done done) {
  if (auto* secure = impl_->secure())
    secure->async_read_some(buffers, std::move(done));
  else
    impl_->Tcp().async_read_some(buffers, std::move(done));
}

void Wire::Write(const Pieces<asio::const_buffer>& buffers, Done done) {
  if (auto* secure = impl_->secure())
    secure->async_write_some(buffers, std::move(done));
  else
    impl_->Tcp().async_write_some(buffers, std::move(done));
}

void Wire::TearDown(boost::beast::role_type role, Done done) {
  using boost::beast::websocket::async_teardown;
  if (auto* secure = impl_->secure())
    async_teardown(role, *secure, std::move(done));
  else
    async_teardown(role, impl_->Tcp(), std::move(done));
}

}  // namespace outpost::oxserver
