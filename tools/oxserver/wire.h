#pragma once
#include <array>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/role.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace outpost::oxserver {

// The server's sockets and timers run in its io_context, not in any executor: what is made for any is far more code.
using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

// A connection's bytes, plain or under TLS: the stream that Beast reads and writes over. One type for both, so that
// Beast's templates are made once, not once for each of them: that halves what the server takes to compile.
// Threads: the server's.
class Wire {
 public:
  using executor_type = Executor;

  // What is called when something is done, whatever it is. To be moved only, and called once.
  class Done {
   public:
    template <class Handler>
    requires(!std::is_same_v<std::decay_t<Handler>, Done>) explicit Done(Handler&& handler)
        : call_(std::make_unique<CallOf<std::decay_t<Handler>>>(std::forward<Handler>(handler))) {}
    void operator()(boost::system::error_code error = {}, std::size_t bytes = 0) { call_->Run(error, bytes); }

   private:
    struct Call {
      virtual ~Call() = default;
      virtual void Run(boost::system::error_code error, std::size_t bytes) = 0;
    };
    template <class Handler>
    struct CallOf final : Call {
      template <class From>
      explicit CallOf(From&& from) : handler(std::forward<From>(from)) {}
      void Run(boost::system::error_code error, std::size_t bytes) override {
        if constexpr (std::is_invocable_v<Handler&, boost::system::error_code, std::size_t>)
          handler(error, bytes);
        else
          handler(error);
      }
      Handler handler;
    };
    std::unique_ptr<Call> call_;
  };

  // `tls`: null for a plain one; outlives it.
  Wire(Socket socket, boost::asio::ssl::context* tls);
  ~Wire();
  Wire(Wire&&) noexcept;
  Wire& operator=(Wire&&) = delete;

  // Before anything else. Calls back with what went wrong, if anything did; at once where there is no TLS.
  void Handshake(Done done);
  // What is under way ends with an error.
  void Close();

  // What Beast asks of a stream. `handler` is called as `handler(error, bytes)`, never from within the call.
  executor_type get_executor() const;
  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    Read(Pieces<boost::asio::mutable_buffer>(buffers), Done(std::forward<Handler>(handler)));
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    Write(Pieces<boost::asio::const_buffer>(buffers), Done(std::forward<Handler>(handler)));
  }
  friend void beast_close_socket(Wire& wire) { wire.Close(); }
  template <class Handler>
  friend void async_teardown(boost::beast::role_type role, Wire& wire, Handler&& handler) {
    wire.TearDown(role, Done(std::forward<Handler>(handler)));
  }

 private:
  // A sequence of buffers, whatever its type: the first of them that are not empty. What is left over is for the next
  // call, as with everything that is not taken at once.
  template <class Buffer>
  class Pieces {
   public:
    using value_type = Buffer;
    using const_iterator = const Buffer*;
    template <class Buffers>
    explicit Pieces(const Buffers& buffers) {
      const auto last = boost::asio::buffer_sequence_end(buffers);
      for (auto at = boost::asio::buffer_sequence_begin(buffers); at != last && count_ < pieces_.size(); ++at)
        if (const Buffer piece(*at); piece.size() > 0) pieces_[count_++] = piece;
    }
    const_iterator begin() const { return pieces_.data(); }
    const_iterator end() const { return pieces_.data() + count_; }

   private:
    std::array<Buffer, 16> pieces_;
    std::size_t count_ = 0;
  };
  void Read(const Pieces<boost::asio::mutable_buffer>& buffers, Done done);
  void Write(const Pieces<boost::asio::const_buffer>& buffers, Done done);
  void TearDown(boost::beast::role_type role, Done done);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace outpost::oxserver
