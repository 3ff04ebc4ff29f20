#include "replicator/limits.h"

#include <algorithm>

namespace outpost {
namespace {

const std::string* TextIn(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  return at != fields.end() ? std::get_if<std::string>(&at->second) : nullptr;
}

std::int64_t LengthIn(const std::string& text, bool bytes) {
  if (bytes) return static_cast<std::int64_t>(text.size());
  return std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

}  // namespace

void FieldLimits::Learn(const FieldMap& sent, const Answer& answer) {
  if (answer.status != AnswerStatus::kRefused) return;
  for (const FieldProblem& problem : answer.problems) {
    const std::string* text = TextIn(sent, problem.field);
    if (text == nullptr || problem.limit <= 0) continue;
    const bool characters = LengthIn(*text, false) == problem.length;
    if (characters || LengthIn(*text, true) == problem.length)
      limits_[problem.field] = {problem.limit, !characters, answer.code};
  }
}

Answer FieldLimits::Check(const FieldMap& fields) const {
  Answer answer;
  for (const auto& [id, limit] : limits_) {
    const std::string* text = TextIn(fields, id);
    const std::int64_t length = text != nullptr ? LengthIn(*text, limit.bytes) : 0;
    if (length <= limit.most) continue;
    answer.status = AnswerStatus::kRefused;
    answer.code = limit.code;
    answer.text = "longer than the server said it takes";
    answer.problems.push_back({id, length, limit.most});
  }
  return answer;
}

}  // namespace outpost
