#include "base/system/local_socket.h"

#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <future>

#include "base/bytes.h"
#include "base/system/files.h"

using namespace outpost;

namespace {

constexpr Millis kWait{60'000};

struct Folder {
  std::filesystem::path path = MakeTemporaryFolder("outpost-socket-").value();
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path Socket() const { return path / "s"; }
};

std::unique_ptr<LocalServer> Echo(const std::filesystem::path& path) {
  auto server = LocalServer::Listen(path, [](const std::string& request) { return "<" + request + ">"; });
  REQUIRE(server);
  return std::move(server).value();
}

std::string Head(std::uint32_t size) {
  std::string head;
  AppendBe32(head, size);
  return head;
}

}  // namespace

TEST_CASE("local socket: each request gets its answer, in order, on one connection", "[socket]") {
  Folder folder;
  const auto server = Echo(folder.Socket());
  const auto client = LocalClient::Connect(folder.Socket());
  REQUIRE(client);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100'000}, kLocalFrameMax - 2}) {
    const std::string request(size, 'x');
    const auto answer = client.value()->Call(request, kWait);
    REQUIRE(answer);
    CHECK((answer.value() == "<" + request + ">"));
  }
}

TEST_CASE("local socket: only the owner may reach the socket", "[socket]") {
  Folder folder;
  const auto server = Echo(folder.Socket());
  struct stat info {};
  REQUIRE(::stat(folder.Socket().c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("local socket: a path longer than a socket address works", "[socket]") {
  Folder folder;
  const auto deep = folder.path / std::string(120, 'd');
  REQUIRE(MakeFolder(deep));
  const auto server = Echo(deep / "s");
  CHECK(std::filesystem::exists(deep / "s"));
  const auto client = LocalClient::Connect(deep / "s");
  REQUIRE(client);
  CHECK(client.value()->Call("a", kWait).value() == "<a>");
}

TEST_CASE("local socket: nobody listens where there is no file, or only a dead one", "[socket]") {
  Folder folder;
  CHECK(LocalClient::Connect(folder.Socket()).error().code == Code::kNotFound);
  REQUIRE(WriteFileDurably(folder.Socket(), ""));
  CHECK_FALSE(LocalClient::Connect(folder.Socket()));
}

TEST_CASE("local socket: the file of a dead process is replaced, that of a living one is not", "[socket]") {
  Folder folder;
  const auto kept = folder.path / "kept";
  {
    const auto first = Echo(folder.Socket());
    CHECK(LocalServer::Listen(folder.Socket(), [](const std::string&) { return std::string(); }).error().code ==
          Code::kConflict);
    CHECK(LocalClient::Connect(folder.Socket()));
    std::filesystem::create_hard_link(folder.Socket(), kept);
  }
  CHECK_FALSE(std::filesystem::exists(folder.Socket()));
  std::filesystem::rename(kept, folder.Socket());  // as a process leaves it that was killed
  CHECK(LocalClient::Connect(folder.Socket()).error().code == Code::kNotFound);
  const auto second = Echo(folder.Socket());
  CHECK(LocalClient::Connect(folder.Socket()).value()->Call("b", kWait).value() == "<b>");
}

TEST_CASE("local socket: a frame announced too long is refused, and others are still served", "[socket]") {
  Folder folder;
  const auto server = Echo(folder.Socket());
  const auto rude = LocalClient::Connect(folder.Socket()).value();
  REQUIRE(rude->SendRaw(Head(static_cast<std::uint32_t>(kLocalFrameMax + 1))));
  CHECK(rude->WaitClosed(kWait));
  const auto cut = LocalClient::Connect(folder.Socket()).value();
  REQUIRE(cut->SendRaw(Head(10) + "only"));
  CHECK(LocalClient::Connect(folder.Socket()).value()->Call("c", kWait).value() == "<c>");
}

TEST_CASE("local socket: a request over the limit is not sent", "[socket]") {
  Folder folder;
  const auto server = Echo(folder.Socket());
  const auto client = LocalClient::Connect(folder.Socket()).value();
  CHECK(client->Call(std::string(kLocalFrameMax + 1, 'x'), kWait).error().code == Code::kRejected);
  CHECK(client->Call("d", kWait).value() == "<d>");
}

TEST_CASE("local socket: a slow answer to one holds up no other", "[socket][threads]") {
  Folder folder;
  std::promise<void> release;
  auto released = release.get_future().share();
  auto server = LocalServer::Listen(folder.Socket(), [released](const std::string& request) {
    if (request == "slow") released.wait();
    return request;
  });
  REQUIRE(server);
  auto slow = std::async(std::launch::async,
                         [&] { return LocalClient::Connect(folder.Socket()).value()->Call("slow", kWait); });
  CHECK(LocalClient::Connect(folder.Socket()).value()->Call("quick", kWait).value() == "quick");
  release.set_value();
  CHECK(slow.get().value() == "slow");
}

TEST_CASE("local socket: more clients than places are all served in the end", "[socket][threads]") {
  Folder folder;
  const auto server = Echo(folder.Socket());
  std::vector<std::future<bool>> answers;
  for (std::size_t i = 0; i < 3 * kLocalClientsMax; ++i)
    answers.push_back(std::async(std::launch::async, [&folder, i] {
      const std::string text = std::to_string(i);
      const auto client = LocalClient::Connect(folder.Socket());
      const auto answer = client ? client.value()->Call(text, kWait) : Result<std::string>(client.error());
      return answer && answer.value() == "<" + text + ">";
    }));
  for (auto& answer : answers) CHECK(answer.get());
}

TEST_CASE("local socket: a server that goes ends idle connections, and an answer that is late is unknown", "[socket]") {
  Folder folder;
  auto server = Echo(folder.Socket());
  const auto client = LocalClient::Connect(folder.Socket()).value();
  REQUIRE(client->Call("e", kWait));
  server.reset();
  CHECK(client->WaitClosed(kWait));

  std::promise<void> release;
  auto released = release.get_future().share();
  auto silent = LocalServer::Listen(folder.Socket(), [released](const std::string& request) {
    released.wait();
    return request;
  });
  REQUIRE(silent);
  const auto impatient = LocalClient::Connect(folder.Socket()).value();
  CHECK(impatient->Call("f", Millis{20}).error().code == Code::kOutcomeUnknown);
  release.set_value();
}
