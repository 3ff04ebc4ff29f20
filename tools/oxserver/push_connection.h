#pragma once
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tools/oxserver/connection.h"
#include "tools/oxserver/push.h"
#include "tools/oxserver/wire.h"

namespace outpost::oxserver {

// What a line belongs to.
struct PushSubject {
  int user = 0;
  std::string session;
};

// A line for news. Threads: the server's.
class PushConnection : public Connection {
 public:
  explicit PushConnection(PushSubject subject) : subject_(std::move(subject)) {}
  const PushSubject& subject() const { return subject_; }
  virtual void Tell(std::string_view topic, std::string_view data) = 0;

 private:
  const PushSubject subject_;
};

// One over the wire of an HTTP connection that has given it up, and read `request`. `lives`: whether its session does;
// `gone`: called when it ends.
std::shared_ptr<PushConnection> MakePushConnection(Wire wire,
                                                   boost::beast::http::request<boost::beast::http::string_body> request,
                                                   PushLine line, PushSubject subject, std::function<bool()> lives,
                                                   std::function<void(Connection*)> gone);

}  // namespace outpost::oxserver
