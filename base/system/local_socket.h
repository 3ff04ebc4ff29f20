#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace outpost {

// Requests and answers between two programs of one user on one machine: a Unix-domain socket here, a named pipe on
// Windows. A frame is a 4-byte big-endian length and that many bytes; each request frame gets one answer frame, in
// order.

// The longest frame. Above: the peer is dropped, before memory is taken for it. Below, the largest change that a
// journal takes (8 MiB) would not fit in the hexadecimal form in which it travels.
inline constexpr std::size_t kLocalFrameMax = 17u << 20;
// Clients served at once; one more waits in the system's queue. Each is a thread.
inline constexpr std::size_t kLocalClientsMax = 16;
// A client that leaves a frame half sent, or an answer unread, for so long is dropped: it would hold its place for
// ever.
inline constexpr Millis kLocalStallMax{30'000};

// Answers requests at `path`. Only processes of the same user get an answer: the socket is for the owner only, and the
// peer's user is asked of the system. Destruction drops what waits, returns after the last call of the handler, and
// removes the socket.
class LocalServer {
 public:
  // Makes the answer to one request. Threads: called from several at once; it may take its time, other clients are
  // served meanwhile.
  using Handler = std::function<std::string(const std::string& request)>;
  // A socket that a dead process left at `path` is replaced. Errors: kConflict (somebody answers there), kUnavailable.
  static Result<std::unique_ptr<LocalServer>> Listen(const std::filesystem::path& path, Handler handler);
  ~LocalServer();
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

 private:
  LocalServer();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One connection to a LocalServer. Threads: one.
class LocalClient {
 public:
  // Errors: kNotFound (nobody listens at `path`), kUnauthorized (the listener is another user's process), kUnavailable.
  static Result<std::unique_ptr<LocalClient>> Connect(const std::filesystem::path& path);
  ~LocalClient();
  LocalClient(const LocalClient&) = delete;
  LocalClient& operator=(const LocalClient&) = delete;

  // Sends `request` and waits at most `deadline` in all for the answer. After an error the connection is of no more
  // use. Errors: kRejected (longer than kLocalFrameMax; nothing sent), kUnavailable (it could not be sent as a whole:
  // not done),
  //   kOutcomeUnknown (sent, and no answer came).
  Result<std::string> Call(std::string_view request, Millis deadline);

  // Sends `bytes` as they are, without a length: for tests of a server's patience. Errors: kUnavailable.
  Result<void> SendRaw(std::string_view bytes);
  // True once the server has closed the connection; waits at most `deadline` for it. What the server sends meanwhile is
  // dropped.
  bool WaitClosed(Millis deadline);

 private:
  explicit LocalClient(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace outpost
