#include "tools/oxserver/server.h"

#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <set>
#include <thread>
#include <variant>

#include "base/mutex.h"
#include "tools/oxserver/connection.h"
#include "tools/oxserver/faults.h"
#include "tools/oxserver/push_connection.h"
#include "tools/oxserver/recorder.h"
#include "tools/oxserver/wire.h"

namespace outpost::oxserver {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;

constexpr std::uint64_t kBodyBytesMax = 64ull
                                        << 20;  // an import of photos fits; a runaway client does not fill the memory

// What to do with an answer once it is made.
struct Delivery {
  HttpResponse response;
  bool drop = false;
  bool cut = false;
  Millis delay{0};
};

// What the server does for its connections.
struct Host {
  std::function<Delivery(const HttpRequest&)> serve;
  // For a request at the path of lines for news that asks for a WebSocket: whose line it is, or what it gets instead.
  std::function<std::variant<PushSubject, Delivery>(const HttpRequest&)> admit;
  std::function<std::string()> line_id;
  std::function<bool(const PushSubject&)> lives;
  std::function<void(std::shared_ptr<PushConnection>)> came;
  std::function<void(Connection*)> gone;
};

HttpRequest Convert(const http::request<http::string_body>& message) {
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) request.headers.emplace_back(field.name_string(), field.value());
  request.body = message.body();
  return request;
}

// One connection: reads a request, hands it to the logic, writes the answer, and again.
class HttpConnection final : public Connection, public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(const Host& host, Wire wire) : host_(host), wire_(std::move(wire)), timer_(wire_.get_executor()) {}
  ~HttpConnection() override { host_.gone(this); }

  void Start() override {
    wire_.Handshake(Wire::Done([self = shared_from_this()](boost::system::error_code error) {
      if (!error) self->Read();
    }));
  }

  void Close() override {
    timer_.cancel();
    wire_.Close();
  }

 private:
  void Read() {
    parser_.emplace();
    parser_->body_limit(kBodyBytesMax);
    http::async_read(wire_, buffer_, *parser_,
                     [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                       if (error)
                         self->Close();
                       else
                         self->Answer();
                     });
  }

  void Answer() {
    const auto& message = parser_->get();
    const HttpRequest request = Convert(message);
    if (!IsPushPath(request.target) || !beast::websocket::is_upgrade(message)) return Deliver(host_.serve(request));
    auto admitted = host_.admit(request);
    if (auto* refused = std::get_if<Delivery>(&admitted)) return Deliver(std::move(*refused));
    PushSubject subject = std::get<PushSubject>(std::move(admitted));
    host_.came(MakePushConnection(
        std::move(wire_), parser_->release(), PushLine(request.target, host_.line_id()), subject,
        [&host = host_, subject] { return host.lives(subject); }, host_.gone));
  }

  void Deliver(Delivery delivery) {
    const auto& message = parser_->get();
    if (delivery.drop) return Close();
    answer_ = {};
    answer_.version(message.version());
    answer_.result(static_cast<unsigned>(delivery.response.status));
    for (const auto& [name, value] : delivery.response.headers) answer_.insert(name, value);
    answer_.keep_alive(message.keep_alive() && !delivery.cut);
    answer_.body() = std::move(delivery.response.body);
    answer_.prepare_payload();
    cut_ = delivery.cut;
    if (delivery.delay.count() == 0) return Write();
    timer_.expires_after(delivery.delay);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error) self->Write();
    });
  }

  void Write() {
    if (cut_) answer_.body().resize(answer_.body().size() / 2);  // the Content-Length still promises all
    http::async_write(wire_, answer_, [self = shared_from_this()](boost::system::error_code error, std::size_t) {
      if (error || self->cut_ || !self->answer_.keep_alive())
        self->Close();
      else
        self->Read();
    });
  }

  const Host& host_;
  Wire wire_;
  Timer timer_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> answer_;
  bool cut_ = false;
};

HttpResponse Unavailable() {
  return {503,
          {{"Content-Type", "text/html; charset=UTF-8"}},
          "<html><body><h1>503 Service Unavailable</h1></body></html>"};
}

}  // namespace

struct Server::Impl {
  Impl(ServerOptions o, Random& r, Log& l) : options(std::move(o)), random(r), log(l) {
    host.serve = [this](const HttpRequest& request) { return Serve(request); };
    host.admit = [this](const HttpRequest& request) { return Admit(request); };
    host.line_id = [this] { return "line-" + std::to_string(++lines); };
    host.lives = [this](const PushSubject& subject) { return Lives(subject); };
    host.came = [this](std::shared_ptr<PushConnection> line) {
      connections.insert(line.get());
      pushed.insert(line.get());
      line->Start();
      open_lines = pushed.size();
    };
    host.gone = [this](Connection* connection) {
      connections.erase(connection);
      std::erase_if(pushed, [&](const PushConnection* line) { return line == connection; });
      open_lines = pushed.size();
    };
    options.logic.on_event = [this](int user, std::string topic, std::string data) {
      Tell(user, std::move(topic), std::move(data));
    };
  }

  FaultPlan Decide(const HttpRequest& request);
  Delivery Serve(const HttpRequest& request);
  std::variant<PushSubject, Delivery> Admit(const HttpRequest& request);
  bool Lives(const PushSubject& subject) {
    MutexLock lock(logic_mutex);
    return logic->HasSession(subject.session);
  }
  // Threads: any.
  void Tell(int user, std::string topic, std::string data);
  HttpResponse Apply(const HttpRequest& request, const HandleOptions& how) {
    MutexLock lock(logic_mutex);
    return logic->Handle(request, how);
  }
  Result<void> Listen();
  Result<void> LoadCertificate();
  void Accept();
  void Welcome(Socket socket);
  void Stop();

  ServerOptions options;
  Random& random;
  Log& log;
  Mutex logic_mutex;  // one request at a time, from the network or in process; the logic calls nobody
  std::unique_ptr<Logic> logic OUTPOST_GUARDED_BY(logic_mutex);
  Mutex faults_mutex;
  Faults faults OUTPOST_GUARDED_BY(faults_mutex);
  std::unique_ptr<Recorder> recorder;  // server's thread
  std::atomic<std::uint64_t> requests{0};
  std::uint16_t port = 0;
  std::uint64_t lines = 0;            // for news, made so far; server's thread
  std::set<Connection*> connections;  // server's thread; outlives `io`, whose handlers hold the connections
  std::set<PushConnection*> pushed;   // those of them that are lines for news
  std::atomic<std::size_t> open_lines{0};
  Host host;
  asio::io_context io{1};
  std::optional<asio::ssl::context> tls;
  std::optional<Acceptor> acceptor;
  std::thread thread;
};

FaultPlan Server::Impl::Decide(const HttpRequest& request) {
  ++requests;
  // The random source is shared with the logic, which has its own lock: taken in this order only.
  MutexLock lock(faults_mutex);
  if (faults.empty()) return {};
  MutexLock inner(logic_mutex);
  return faults.Decide(request, random);
}

// Of the faults those that keep a request from the server's mind concern lines too.
std::variant<PushSubject, Delivery> Server::Impl::Admit(const HttpRequest& request) {
  const FaultPlan plan = Decide(request);
  Delivery refused;
  refused.drop = plan.transport == FaultKind::kDropRequest;
  if (refused.drop) return refused;
  if (plan.transport == FaultKind::kUnavailable) {
    refused.response = Unavailable();
    return refused;
  }
  if (auto response = RefusePush(request.target, true)) {
    refused.response = *std::move(response);
    return refused;
  }
  MutexLock lock(logic_mutex);
  auto admitted = logic->Admit(request);
  if (auto* response = std::get_if<HttpResponse>(&admitted)) {
    refused.response = std::move(*response);
    return refused;
  }
  return PushSubject{std::get<SessionOf>(admitted).user, std::get<SessionOf>(admitted).session};
}

void Server::Impl::Tell(int user, std::string topic, std::string data) {
  asio::post(io, [this, user, topic = std::move(topic), data = std::move(data)] {
    const auto lines_now = pushed;
    for (PushConnection* line : lines_now)
      if (line->subject().user == user) line->Tell(topic, data);
  });
}

Delivery Server::Impl::Serve(const HttpRequest& request) {
  const FaultPlan plan = Decide(request);
  Delivery delivery;
  delivery.delay = plan.delay;
  if (plan.transport == FaultKind::kDropRequest) {
    delivery.drop = true;
    delivery.response.status = 0;
  } else if (plan.transport == FaultKind::kUnavailable) {
    delivery.response = Unavailable();
  } else if (plan.transport == FaultKind::kTooMany) {
    delivery.response = {
        429, {{"Content-Type", "text/plain; charset=UTF-8"}, {"Retry-After", "1"}}, "Too many requests"};
  } else if (IsPushPath(request.target)) {
    delivery.response = RefusePush(request.target, false).value();
  } else {
    delivery.response = Apply(request, plan.handle);
    delivery.drop = plan.transport == FaultKind::kDropReply;
    delivery.cut = plan.transport == FaultKind::kCut;
    if (plan.transport == FaultKind::kTruncate) delivery.response.body.resize(delivery.response.body.size() / 2);
  }
  if (recorder) recorder->Write(request, delivery.response, plan.names);
  if (options.before_answer) options.before_answer(request, delivery.response);
  return delivery;
}

Result<void> Server::Impl::LoadCertificate() {
  if (options.tls_cert.empty() && options.tls_key.empty()) return Ok();
  boost::system::error_code error;
  tls.emplace(asio::ssl::context::tls_server);
  tls->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                       asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1,
                   error);
  if (!error) tls->use_certificate_chain_file(options.tls_cert, error);
  if (!error) tls->use_private_key_file(options.tls_key, asio::ssl::context::pem, error);
  if (error) return Error{Code::kInvalid, Retry::kNever, "certificate or key: " + error.message()};
  return Ok();
}

Result<void> Server::Impl::Listen() {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.host == "localhost" ? "127.0.0.1" : options.host, error);
  if (error) return Error{Code::kInvalid, Retry::kNever, "not an address: " + options.host};
  const Tcp::endpoint endpoint(address, options.port);
  acceptor.emplace(io);
  acceptor->open(endpoint.protocol(), error);
  if (!error) acceptor->set_option(Acceptor::reuse_address(true), error);
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return Error{Code::kUnavailable, Retry::kNever,
                 "cannot listen on " + options.host + ":" + std::to_string(options.port) + ": " + error.message()};
  }
  port = acceptor->local_endpoint().port();
  return Ok();
}

void Server::Impl::Accept() {
  acceptor->async_accept([this](boost::system::error_code error, Socket socket) {
    if (!acceptor->is_open()) return;
    if (!error) Welcome(std::move(socket));
    Accept();
  });
}

void Server::Impl::Welcome(Socket socket) {
  boost::system::error_code ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
  const auto connection = std::make_shared<HttpConnection>(host, Wire(std::move(socket), tls ? &*tls : nullptr));
  connections.insert(connection.get());
  connection->Start();
}

void Server::Impl::Stop() {
  if (!thread.joinable()) return;
  asio::post(io, [this] {
    boost::system::error_code ignored;
    acceptor->close(ignored);
    const auto open = connections;
    for (Connection* connection : open) connection->Close();
  });
  thread.join();
}

Server::Server() = default;
Server::~Server() {
  if (impl_) impl_->Stop();
}

Result<std::unique_ptr<Server>> Server::Start(ServerOptions options, Clock& clock, Random& random, Log& log) {
  std::unique_ptr<Server> server(new Server());
  server->impl_ = std::make_unique<Impl>(std::move(options), random, log);
  Impl& impl = *server->impl_;
  for (const auto& spec : impl.options.faults) OUTPOST_TRYV(server->AddFault(spec));
  OUTPOST_TRYV(impl.LoadCertificate());
  impl.options.logic.secure_cookies = impl.tls.has_value();
  {
    OUTPOST_TRY(auto logic, Logic::Open(impl.options.logic, clock, random, log));
    MutexLock lock(impl.logic_mutex);
    impl.logic = std::move(logic);
  }
  if (!impl.options.record_file.empty()) {
    OUTPOST_TRY(impl.recorder, Recorder::Open(impl.options.record_file));
  }
  OUTPOST_TRYV(impl.Listen());
  impl.Accept();
  impl.thread = std::thread([&impl] { impl.io.run(); });
  return server;
}

std::uint16_t Server::port() const { return impl_->port; }

std::string Server::url() const {
  const std::string host =
      impl_->options.host.find(':') == std::string::npos ? impl_->options.host : "[" + impl_->options.host + "]";
  return (impl_->tls ? "https://" : "http://") + host + ":" + std::to_string(impl_->port) + "/ajax";
}

std::uint64_t Server::requests() const { return impl_->requests; }

std::size_t Server::lines() const { return impl_->open_lines; }

Result<void> Server::AddFault(std::string_view spec) {
  MutexLock lock(impl_->faults_mutex);
  return impl_->faults.Add(spec);
}

void Server::ClearFaults() {
  MutexLock lock(impl_->faults_mutex);
  impl_->faults.Clear();
}

HttpResponse Server::Handle(const HttpRequest& request) {
  HandleOptions how;
  how.origin = Origin::kInProcess;
  return impl_->Apply(request, how);
}

void Server::Stop() { impl_->Stop(); }

}  // namespace outpost::oxserver
