#include "tools/oxserver/recorder.h"

#include <algorithm>

#include "tools/oxserver/multipart.h"
#include "tools/oxserver/text.h"

namespace outpost::oxserver {
namespace {

bool IsSecret(std::string_view name) {
  return name == "session" || name == "password" || name == "serverToken" || name == "clientToken" || name == "token" ||
         name == "secret" || name == "jsessionid";
}

// "a=1&session=***": the values of secret names masked, all else as it was.
std::string MaskPairs(std::string_view pairs) {
  std::string out;
  for (const auto piece : Split(pairs, '&')) {
    if (!out.empty()) out += '&';
    const auto equals = piece.find('=');
    const bool secret = equals != std::string_view::npos && IsSecret(piece.substr(0, equals));
    out += secret ? std::string(piece.substr(0, equals)) + "=***" : std::string(piece);
  }
  return out;
}

std::string MaskTarget(std::string_view target) {
  const auto question = target.find('?');
  const auto semicolon = target.substr(0, question).find(';');
  std::string out(target.substr(0, std::min(question, semicolon)));
  if (question != std::string_view::npos) out += '?' + MaskPairs(target.substr(question + 1));
  return out;
}

// Replaces the string value of each member called `name` (with its quotes) in JSON text.
std::string MaskMember(const std::string& text, std::string_view name) {
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const std::size_t value = text.find_first_not_of(" \t\r\n:", at + name.size());
    if (at < from || value == std::string::npos || text[value] != '"') continue;
    std::size_t end = value + 1;
    while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    out.append(text, from, value - from).append("\"***\"");
    from = std::min(end + 1, text.size());
  }
  return from == 0 ? text : out.append(text, from, std::string::npos);
}

std::string MaskJson(std::string text) {
  for (const std::string_view name :
       {"\"session\"", "\"password\"", "\"old_password\"", "\"new_password\"", "\"serverToken\"", "\"token\""}) {
    text = MaskMember(text, name);
  }
  return text;
}

bool IsJsonType(std::string_view type) {
  return type.find("json") != std::string_view::npos || type.find("javascript") != std::string_view::npos;
}

void AppendMember(std::string& line, const char* name, std::string_view value) {
  line.append(",\"").append(name).append("\":");
  AppendQuoted(line, value);
}

}  // namespace

Result<std::unique_ptr<Recorder>> Recorder::Open(const std::string& file) {
  auto recorder = std::make_unique<Recorder>();
  recorder->out_.open(file, std::ios::app | std::ios::binary);
  if (!recorder->out_) return Error{Code::kUnavailable, Retry::kNever, "cannot write the record " + file};
  return recorder;
}

void Recorder::Write(const HttpRequest& request, const HttpResponse& response, const std::string& faults) {
  const auto request_type = FindHeader(request.headers, "Content-Type");
  const auto response_type = FindHeader(response.headers, "Content-Type");
  std::string line = "{\"method\":" + Quoted(request.method);
  AppendMember(line, "target", MaskTarget(request.target));
  AppendMember(line, "request_type", request_type);
  const bool form = request_type.find("x-www-form-urlencoded") != std::string_view::npos;
  const bool multipart = request_type.substr(0, 10) == "multipart/";
  if (request.body.empty() || multipart || !IsUtf8(request.body))
    line += ",\"request_body\":null";
  else
    AppendMember(line, "request_body", form ? MaskPairs(request.body) : MaskJson(request.body));
  if (multipart) {
    line += ",\"request_parts\":[";
    const char* separator = "";
    for (const auto& part : ParseMultipart(request_type, request.body)) {
      line += separator + Quoted(part.name);
      separator = ",";
    }
    line += ']';
  }
  line += ",\"status\":" + std::to_string(response.status);
  AppendMember(line, "response_type", response_type);
  if (IsJsonType(response_type) && !response.body.empty())
    AppendMember(line, "response_body", MaskJson(response.body));
  else
    line += ",\"response_body\":null";
  if (!faults.empty()) AppendMember(line, "fault", faults);
  out_ << line << "}\n" << std::flush;
}

}  // namespace outpost::oxserver
