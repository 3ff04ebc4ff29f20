#include "tools/oxserver/server.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <cstdlib>
#include <fstream>

#include "base/system/files.h"
#include "base/system/system_clock.h"
#include "tests/oxserver/harness.h"
#include "tools/oxserver/faults.h"

using namespace outpost;
using namespace outpost::oxserver;
using namespace outpost::oxserver::test;

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using Tcp = boost::asio::ip::tcp;

// One keep-alive connection of a signed-in client, over loopback.
class Wire {
 public:
  explicit Wire(Server& server) : port_(server.port()) {
    auto login =
        Send("POST", "/ajax/login?action=login", "name=anna&password=secret", "application/x-www-form-urlencoded");
    REQUIRE(login.has_value());
    session = Json::parse(login->body())["session"];
    for (const auto& field : *login) {
      if (field.name() == http::field::set_cookie)
        cookies_ += std::string(field.value().substr(0, field.value().find(';'))) + "; ";
    }
    folder = Json::parse(Get("config/folder/contacts")->body())["data"];
  }
  // Nothing where the connection broke off before the whole answer was there.
  std::optional<http::response<http::string_body>> Send(const std::string& method, const std::string& target,
                                                        const std::string& body = {},
                                                        const std::string& type = "application/json") {
    if (!stream_.socket().is_open()) stream_.connect(Tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), port_));
    http::request<http::string_body> request(http::string_to_verb(method), target, 11);
    request.set(http::field::user_agent, "wire");
    request.set(http::field::content_type, type);
    request.set(http::field::cookie, cookies_);
    request.body() = body;
    request.prepare_payload();
    beast::error_code error;
    http::write(stream_, request, error);
    http::response<http::string_body> response;
    if (!error) http::read(stream_, buffer_, response, error);
    if (!error) return response;
    stream_.socket().close();
    buffer_.clear();
    return std::nullopt;
  }
  std::optional<http::response<http::string_body>> Get(const std::string& target) {
    return Send("GET", "/ajax/" + target + (target.find('?') == std::string::npos ? "?" : "&") + "session=" + session);
  }
  std::optional<http::response<http::string_body>> Create(const std::string& name) {
    return Send("PUT", "/ajax/contacts?action=new&session=" + session,
                R"({"folder_id":")" + folder + R"(","last_name":")" + name + R"("})");
  }
  std::optional<http::response<http::string_body>> CreateInBatch(const std::string& name) {
    return Send("PUT", "/ajax/multiple?session=" + session,
                R"([{"module":"user","action":"me"},{"module":"contacts","action":"new","data":{"folder_id":")" +
                    folder + R"(","last_name":")" + name + R"("}}])");
  }
  std::size_t Count() {
    return Json::parse(Get("contacts?action=all&columns=1&folder=" + folder)->body())["data"].size();
  }

  std::string session;
  std::string folder;

 private:
  std::uint16_t port_;
  std::string cookies_;
  boost::asio::io_context io_;
  beast::tcp_stream stream_{io_};
  beast::flat_buffer buffer_;
};

struct Running {
  explicit Running(ServerOptions options = {}) {
    auto started = Server::Start(std::move(options), clock, random, NullLog());
    REQUIRE(started);
    server = std::move(started).value();
  }
  SystemClock clock;
  SeededRandom random{5};
  std::unique_ptr<Server> server;
};

}  // namespace

TEST_CASE("server: keep-alive, a second connection, in-process calls, and Stop twice", "[oxserver][threads]") {
  Running running;
  Wire one(*running.server), two(*running.server);
  CHECK(one.Create("x")->result_int() == 200);
  CHECK(two.Count() == 1);
  CHECK(running.server->Handle({"GET", "/ajax/user/me", {}, ""}).body.find("SES-0201") != std::string::npos);
  CHECK(running.server->url() == "http://127.0.0.1:" + std::to_string(running.server->port()) + "/ajax");
  CHECK(running.server->requests() == 6);
  running.server->Stop();
  running.server->Stop();
  CHECK_FALSE(one.Get("user/me").has_value());
}

TEST_CASE("server: a port that is taken and a bad certificate are clear errors", "[oxserver]") {
  Running running;
  ServerOptions options;
  options.port = running.server->port();
  SystemClock clock;
  SeededRandom random(1);
  CHECK(Server::Start(options, clock, random, NullLog()).error().code == Code::kUnavailable);
  options.port = 0;
  options.tls_cert = options.tls_key = "/nonexistent";
  CHECK(Server::Start(options, clock, random, NullLog()).error().code == Code::kInvalid);
  options = {};
  options.faults = {"explode"};
  CHECK(Server::Start(options, clock, random, NullLog()).error().code == Code::kInvalid);
}

TEST_CASE("faults: drop-reply applies, drop-request does not; plain and inside multiple", "[oxserver][fault]") {
  Running running;
  Wire wire(*running.server);
  REQUIRE(running.server->AddFault("drop-reply:contacts.new:1"));
  CHECK_FALSE(wire.CreateInBatch("a").has_value());
  CHECK(wire.Count() == 1);
  CHECK(wire.Create("b").has_value());
  running.server->ClearFaults();
  REQUIRE(running.server->AddFault("drop-request:contacts.new"));
  CHECK_FALSE(wire.Create("c").has_value());
  CHECK_FALSE(wire.CreateInBatch("d").has_value());
  CHECK(wire.Count() == 2);
}

TEST_CASE("faults: cut, 503, 429, session-expired, service-down, try-again, slow", "[oxserver][fault]") {
  Running running;
  Wire wire(*running.server);
  const auto with = [&](const char* spec, auto act) {
    REQUIRE(running.server->AddFault(spec));
    auto answer = act();
    running.server->ClearFaults();
    return answer;
  };
  const auto create = [&] { return wire.Create("x"); };
  CHECK_FALSE(with("cut", create).has_value());
  CHECK(wire.Count() == 1);
  CHECK(with("503", create)->result_int() == 503);
  const auto limited = with("429", create);
  CHECK(limited->result_int() == 429);
  CHECK(limited->at("Retry-After") == "1");
  CHECK(Json::parse(with("service-down:contacts.new", create)->body())["category"] == 5);
  CHECK(Json::parse(with("try-again:contacts.*:100%", create)->body())["category"] == 4);
  CHECK(wire.Count() == 1);
  CHECK(with("slow=1:contacts.new", create)->result_int() == 200);
  CHECK(wire.Count() == 2);
  const Json batch = Json::parse(with("service-down:contacts.new:1", [&] { return wire.CreateInBatch("y"); })->body());
  CHECK(batch[0].contains("data"));
  CHECK(batch[1]["category"] == 5);
  CHECK(CodeOf(Json::parse(with("session-expired", create)->body())) == "SES-0203");
  CHECK(wire.CreateInBatch("z")->result_int() == 400);
}

TEST_CASE("faults: truncate sends half of the body as if it were whole", "[oxserver][fault]") {
  Running running;
  Wire wire(*running.server);
  REQUIRE(running.server->AddFault("truncate:contacts.new"));
  const auto answer = wire.Create("x");
  REQUIRE(answer.has_value());
  CHECK(answer->result_int() == 200);
  CHECK_FALSE(Json::accept(answer->body()));
  CHECK(wire.Count() == 1);
}

TEST_CASE("faults: clock-back makes what is written next older than what is there", "[oxserver][fault]") {
  Running running;
  Wire wire(*running.server);
  const auto stamp = [&] { return Json::parse(wire.Create("x")->body())["timestamp"].get<std::int64_t>(); };
  const auto before = stamp();
  REQUIRE(running.server->AddFault("clock-back=60000:contacts.new:1"));
  const auto after = stamp();
  CHECK(after < before);
  CHECK(stamp() > after);
}

TEST_CASE("faults: revoke takes a folder from all but its owner before the answer", "[oxserver][fault]") {
  Bench bench;
  Client anna(bench), bert(bench, "bert");
  const std::string folder = anna.Folder();
  anna.Share(folder, 4, 257);
  REQUIRE(bert.Get("contacts?action=all&columns=1&folder=" + folder).contains("data"));
  Faults faults;
  REQUIRE(faults.Add("revoke=" + folder + ":contacts.all:2"));
  const std::string target = "contacts?action=all&columns=1&folder=" + folder;
  const auto ask = [&](Client& client) {
    return client.Get(target, faults.Decide({"GET", "/ajax/" + target, {}, ""}, bench.random).handle);
  };
  CHECK(ask(bert).contains("data"));
  CHECK(ask(bert)["category"] == 3);
  CHECK(ask(anna).contains("data"));
  CHECK(ask(bert)["category"] == 3);
}

TEST_CASE("faults: the grammar", "[oxserver][fault]") {
  Faults faults;
  for (const char* good :
       {"cut", "cut:3", "cut:contacts.new", "cut:contacts.new:2", "slow=50:*.all:10%", "503:100%", "revoke=20",
        "clock-back", "clock-back=5:*.*:1", "reset-validity=default0/INBOX:mail.examine:2", "truncate:2"})
    CHECK(faults.Add(good));
  for (const char* bad :
       {"", "nope", "cut:0", "cut:x", "cut:101%", "cut:a.b:c", "cut:a.b:1:2", "cut=5", "slow=-1", "cut:.x", "cut:3:a.b",
        "revoke", "revoke=x", "reset-validity", "clock-back=-1", "clock-back=99999999999999"}) {
    CHECK_FALSE(faults.Add(bad));
  }
}

TEST_CASE("faults: percentages come from the random source handed in", "[oxserver][fault]") {
  const auto run = [](std::uint64_t seed) {
    Faults faults;
    REQUIRE(faults.Add("drop-reply:contacts.new:30%"));
    SeededRandom random(seed);
    std::string hits;
    for (int i = 0; i < 200; ++i)
      hits += faults.Decide({"PUT", "/ajax/contacts?action=new", {}, ""}, random).transport ? '1' : '0';
    return hits;
  };
  CHECK(run(1) == run(1));
  CHECK(run(1) != run(2));
  const std::string hits = run(1);
  const auto count = std::count(hits.begin(), hits.end(), '1');
  CHECK((count > 40 && count < 80));
}

TEST_CASE("before_answer: the logic has applied the request, and it may call the server", "[oxserver]") {
  ServerOptions options;
  Server* server = nullptr;
  int calls = 0;
  options.before_answer = [&](const HttpRequest& request, const HttpResponse& response) {
    if (request.target.find("contacts?action=new") == std::string::npos) return;
    ++calls;
    CHECK(response.body.find("\"id\"") != std::string::npos);
    CHECK(server->Handle({"GET", "/ajax/user/me", {}, ""}).status == 200);
  };
  Running running(options);
  server = running.server.get();
  Wire wire(*running.server);
  wire.Create("x");
  CHECK(calls == 1);
}

TEST_CASE("record: one line per exchange, on disk before the answer, secrets masked", "[oxserver]") {
  const auto folder = MakeTemporaryFolder("oxserver-record").value();
  ServerOptions options;
  options.record_file = (folder / "r.ndjson").string();
  Running running(options);
  REQUIRE(running.server->AddFault("drop-reply:contacts.new"));
  Wire wire(*running.server);
  wire.Create("quo\\\"ted");
  const std::string text = ReadFile(folder / "r.ndjson").value();
  CHECK(text.find(wire.session) == std::string::npos);
  CHECK(text.find("secret") == std::string::npos);
  std::vector<Json> lines;
  for (const auto line : Split(Trimmed(text), '\n')) lines.push_back(Json::parse(line));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0]["request_body"] == "name=anna&password=***");
  CHECK(Json::parse(lines[0]["response_body"].get<std::string>())["session"] == "***");
  CHECK(lines[1]["target"] == "/ajax/config/folder/contacts?session=***");
  CHECK(lines[1]["request_body"].is_null());
  CHECK(lines[2]["fault"] == "drop-reply:contacts.new");
  CHECK(lines[2]["status"] == 200);
  std::filesystem::remove_all(folder);
}

TEST_CASE("server: TLS with a certificate of its own, and cookies marked Secure", "[oxserver]") {
  const auto folder = MakeTemporaryFolder("oxserver-tls").value();
  const std::string cert = (folder / "cert.pem").string(), key = (folder / "key.pem").string();
  const std::string make = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout " + key +
                           " -out " + cert + " 2>/dev/null";
  if (std::system(make.c_str()) != 0) {
    std::printf("[skipped] no openssl program\n");
    return;
  }
  ServerOptions options;
  options.tls_cert = cert;
  options.tls_key = key;
  Running running(options);
  CHECK(running.server->url().rfind("https://127.0.0.1:", 0) == 0);
  boost::asio::io_context io;
  boost::asio::ssl::context context(boost::asio::ssl::context::tls_client);
  context.load_verify_file(cert);
  context.set_verify_mode(boost::asio::ssl::verify_peer);
  beast::ssl_stream<beast::tcp_stream> stream(io, context);
  beast::get_lowest_layer(stream).connect(
      Tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), running.server->port()));
  stream.handshake(boost::asio::ssl::stream_base::client);
  http::request<http::string_body> request(http::verb::post, "/ajax/login?action=login", 11);
  request.set(http::field::content_type, "application/x-www-form-urlencoded");
  request.body() = "name=anna&password=secret";
  request.prepare_payload();
  http::write(stream, request);
  beast::flat_buffer buffer;
  http::response<http::string_body> response;
  http::read(stream, buffer, response);
  CHECK(response.at(http::field::set_cookie).find("; Secure") != beast::string_view::npos);
  std::filesystem::remove_all(folder);
}
