#include "base/system/local_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <list>
#include <thread>
#include <utility>

#include "base/bytes.h"
#include "base/mutex.h"

namespace outpost {
namespace {

using SteadyClock = std::chrono::steady_clock;
using SteadyTime = SteadyClock::time_point;

// No deadline reaches further than this: it keeps the arithmetic of time points from overflowing.
constexpr Millis kDeadlineMax{std::chrono::hours(24 * 365)};

SteadyTime DeadlineIn(Millis wait) { return SteadyClock::now() + std::clamp(wait, Millis{0}, kDeadlineMax); }

class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  ~Descriptor() { Close(); }
  Descriptor(Descriptor&& other) noexcept : value_(other.Release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      Close();
      value_ = other.Release();
    }
    return *this;
  }
  int get() const { return value_; }
  int Release() { return std::exchange(value_, -1); }
  void Close() {
    if (value_ >= 0) ::close(std::exchange(value_, -1));
  }

 private:
  int value_;
};

Error SocketError(const char* what, const std::filesystem::path& path, int error) {
  return {Code::kUnavailable, Retry::kBackoff, std::string(what) + " " + path.string() + ": " + std::strerror(error)};
}

// The address of a socket file. A path too long for it is reached through its folder's descriptor, kept open in
// `folder`.
struct Address {
  sockaddr_un name{};
  Descriptor folder;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&name); }
};

Result<Address> Resolve(const std::filesystem::path& path) {
  Address address;
  address.name.sun_family = AF_UNIX;
  std::string text = path.string();
  if (text.size() >= sizeof address.name.sun_path) {
    address.folder = Descriptor(::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (address.folder.get() < 0) return SocketError("cannot open the folder of", path, errno);
    text = "/proc/self/fd/" + std::to_string(address.folder.get()) + "/" + path.filename().string();
    if (text.size() >= sizeof address.name.sun_path) return SocketError("cannot name", path, ENAMETOOLONG);
  }
  std::memcpy(address.name.sun_path, text.c_str(), text.size() + 1);
  return address;
}

bool PeerIsSameUser(int descriptor) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

// Waits until `descriptor` is ready for `events`; false after `deadline`, or once `stop` (-1: none) is readable or hung
// up.
bool WaitReady(int descriptor, short events, int stop, SteadyTime deadline) {
  for (;;) {
    pollfd waiting[2] = {{descriptor, events, 0}, {stop, POLLIN, 0}};
    const auto left = std::chrono::ceil<Millis>(deadline - SteadyClock::now());
    if (left <= Millis{0}) return false;
    const int timeout = static_cast<int>(std::min<std::int64_t>(left.count(), 60'000));
    const int ready = ::poll(waiting, stop >= 0 ? 2 : 1, timeout);
    if (ready < 0 && errno != EINTR) return false;
    if (ready > 0) return stop < 0 || waiting[1].revents == 0;
  }
}

// One end of a connection: whole reads and writes against a deadline, broken off by `stop`.
struct Channel {
  int descriptor;
  int stop = -1;

  bool Read(char* to, std::size_t size, SteadyTime deadline) const {
    while (size > 0) {
      const ssize_t got = ::recv(descriptor, to, size, MSG_DONTWAIT);
      if (got == 0) return false;
      if (got < 0) {
        if (errno == EINTR) continue;
        if (errno != EAGAIN || !WaitReady(descriptor, POLLIN, stop, deadline)) return false;
        continue;
      }
      to += got;
      size -= static_cast<std::size_t>(got);
    }
    return true;
  }

  bool Write(std::string_view bytes, SteadyTime deadline) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0) {
        if (errno == EINTR) continue;
        if (errno != EAGAIN || !WaitReady(descriptor, POLLOUT, stop, deadline)) return false;
        continue;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // False when the peer closed, stalled, or announces more than a frame may hold.
  bool ReadFrame(std::string& frame, SteadyTime deadline) const {
    char head[4];
    if (!Read(head, sizeof head, deadline)) return false;
    const std::uint32_t size = ReadBe32({head, sizeof head});
    if (size > kLocalFrameMax) return false;
    frame.resize(size);
    return Read(frame.data(), size, deadline);
  }

  bool WriteFrame(std::string_view frame, SteadyTime deadline) const {
    std::string head;
    AppendBe32(head, static_cast<std::uint32_t>(frame.size()));
    return Write(head, deadline) && Write(frame, deadline);
  }
};

Result<Descriptor> MakeSocket(const std::filesystem::path& path) {
  Descriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (made.get() < 0) return SocketError("cannot make a socket for", path, errno);
  return made;
}

Result<Descriptor> ConnectTo(const std::filesystem::path& path) {
  OUTPOST_TRY(Descriptor connection, MakeSocket(path));
  OUTPOST_TRY(const Address address, Resolve(path));
  if (::connect(connection.get(), address.get(), sizeof address.name) != 0) {
    const int error = errno;
    if (error == ENOENT || error == ECONNREFUSED)
      return Error{Code::kNotFound, Retry::kNever, "nobody listens at " + path.string()};
    return SocketError("cannot connect to", path, error);
  }
  return connection;
}

Result<Descriptor> BindAndListen(const std::filesystem::path& path) {
  if (auto connected = ConnectTo(path))
    return Error{Code::kConflict, Retry::kNever, "another process listens at " + path.string()};
  else if (connected.error().code == Code::kNotFound)
    ::unlink(path.c_str());  // left behind by a process that died
  OUTPOST_TRY(Descriptor listener, MakeSocket(path));
  OUTPOST_TRY(const Address address, Resolve(path));
  // Until listen() a connection is refused, so nobody gets in between bind and chmod.
  if (::bind(listener.get(), address.get(), sizeof address.name) != 0) return SocketError("cannot bind", path, errno);
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) return SocketError("cannot set the rights of", path, errno);
  if (::listen(listener.get(), static_cast<int>(kLocalClientsMax)) != 0)
    return SocketError("cannot listen at", path, errno);
  return listener;
}

}  // namespace

struct LocalServer::Impl {
  std::filesystem::path path;
  Handler handler;
  Descriptor listener;
  Descriptor stop_read;  // hangs up when the server stops: every poll sees it
  Descriptor stop_write;
  std::thread acceptor;

  struct Client {
    std::thread thread;
    std::atomic<bool> ended = false;
  };
  std::list<Client> clients;  // the acceptor's own

  Mutex mutex;
  CondVar changed;
  std::size_t active OUTPOST_GUARDED_BY(mutex) = 0;
  bool stopping OUTPOST_GUARDED_BY(mutex) = false;

  void Accept() {
    while (WaitForPlace() && WaitReady(listener.get(), POLLIN, stop_read.get(), DeadlineIn(kDeadlineMax))) {
      const int accepted = ::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (accepted < 0) continue;
      Descriptor connection(accepted);
      if (PeerIsSameUser(accepted)) Serve(std::move(connection));
    }
    for (auto& client : clients) client.thread.join();
  }

  // False when the server stops.
  bool WaitForPlace() {
    clients.remove_if([](Client& client) {
      if (!client.ended) return false;
      client.thread.join();
      return true;
    });
    MutexLock lock(mutex);
    while (!stopping && active >= kLocalClientsMax) changed.Wait(mutex);
    return !stopping;
  }

  void Serve(Descriptor connection) {
    {
      MutexLock lock(mutex);
      ++active;
    }
    Client& client = clients.emplace_back();
    client.thread = std::thread([this, &client, owned = std::move(connection)]() mutable {
      Answer(Channel{owned.get(), stop_read.get()});
      owned.Close();
      client.ended = true;
      MutexLock lock(mutex);
      --active;
      changed.NotifyAll();
    });
  }

  void Answer(const Channel& channel) {
    std::string request;
    while (channel.ReadFrame(request, DeadlineIn(kLocalStallMax))) {
      const std::string answer = handler(request);
      if (answer.size() > kLocalFrameMax || !channel.WriteFrame(answer, DeadlineIn(kLocalStallMax))) return;
    }
  }
};

LocalServer::LocalServer() : impl_(std::make_unique<Impl>()) {}

Result<std::unique_ptr<LocalServer>> LocalServer::Listen(const std::filesystem::path& path, Handler handler) {
  std::unique_ptr<LocalServer> server(new LocalServer);
  Impl& impl = *server->impl_;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return SocketError("cannot make a pipe for", path, errno);
  impl.stop_read = Descriptor(ends[0]);
  impl.stop_write = Descriptor(ends[1]);
  OUTPOST_TRY(impl.listener, BindAndListen(path));
  impl.path = path;
  impl.handler = std::move(handler);
  impl.acceptor = std::thread([&impl] { impl.Accept(); });
  return server;
}

LocalServer::~LocalServer() {
  if (!impl_->acceptor.joinable()) return;
  {
    MutexLock lock(impl_->mutex);
    impl_->stopping = true;
    impl_->changed.NotifyAll();
  }
  ::unlink(impl_->path.c_str());
  impl_->stop_write.Close();
  impl_->acceptor.join();
}

Result<std::unique_ptr<LocalClient>> LocalClient::Connect(const std::filesystem::path& path) {
  OUTPOST_TRY(Descriptor connection, ConnectTo(path));
  if (!PeerIsSameUser(connection.get()))
    return Error{Code::kUnauthorized, Retry::kNever, "another user's process listens at " + path.string()};
  return std::unique_ptr<LocalClient>(new LocalClient(connection.Release()));
}

LocalClient::~LocalClient() { ::close(descriptor_); }

Result<std::string> LocalClient::Call(std::string_view request, Millis deadline) {
  if (request.size() > kLocalFrameMax)
    return Error{
        Code::kRejected, Retry::kNever,
        "a request of " + std::to_string(request.size()) + " bytes; the limit is " + std::to_string(kLocalFrameMax)};
  const Channel channel{descriptor_};
  const SteadyTime end = DeadlineIn(deadline);
  if (!channel.WriteFrame(request, end))
    return Error{Code::kUnavailable, Retry::kBackoff, "the other process took no request"};
  std::string answer;
  if (!channel.ReadFrame(answer, end))
    return Error{Code::kOutcomeUnknown, Retry::kAfterReadBack, "the other process gave no answer"};
  return answer;
}

Result<void> LocalClient::SendRaw(std::string_view bytes) {
  if (!Channel{descriptor_}.Write(bytes, DeadlineIn(kLocalStallMax)))
    return Error{Code::kUnavailable, Retry::kNever, "the other process took no bytes"};
  return Ok();
}

bool LocalClient::WaitClosed(Millis deadline) {
  const SteadyTime end = DeadlineIn(deadline);
  for (char dropped[512]; WaitReady(descriptor_, POLLIN, -1, end);)
    if (::recv(descriptor_, dropped, sizeof dropped, MSG_DONTWAIT) <= 0) return true;
  return false;
}

}  // namespace outpost
