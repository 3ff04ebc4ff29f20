#include "replicator/ox/json_read.h"

#include "replicator/ox/cells.h"

namespace outpost {
namespace {

// PREFIX-NUMBER. Codes get into texts and the journal: what else a server writes there (it knows the password) must
// not.
bool IsCode(std::string_view text) {
  constexpr std::size_t kPrefixMax = 24, kDigitsMax = 8;
  const auto dash = text.rfind('-');
  if (dash == std::string_view::npos || dash == 0 || dash > kPrefixMax) return false;
  const auto prefix = text.substr(0, dash), digits = text.substr(dash + 1);
  return prefix.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string_view::npos &&
         !digits.empty() && digits.size() <= kDigitsMax &&
         digits.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

bool ErrorCollector::Take(std::string_view key, od::value value) {
  if (key == "error") {
    has_error_ = !IsNullToken(TokenOf(value));
    TakeText(value, error_.text);
  } else if (key == "code") {
    TakeText(value, error_.code);
    if (!error_.code.empty() && !IsCode(error_.code)) error_.code = "unreadable";
  } else if (key == "category") {
    if (!IsNullToken(TokenOf(value)) && !ReadInt(TokenOf(value), error_.category)) bad_ = true;
  } else if (key == "categories") {
    TakeCategories(value);
  } else if (key == "error_params") {
    TakeArguments(value);
  } else if (key == "problematic") {
    TakeProblems(value);
  } else if (key == "truncated") {
    TakeTruncated(value);
  } else {
    return false;
  }
  return true;
}

std::optional<ServerError> ErrorCollector::Failure() && {
  if (!has_error()) return std::nullopt;
  return std::move(error_);
}

void ErrorCollector::TakeText(od::value& value, std::string& out) {
  const std::string_view token = TokenOf(value);
  if (!IsNullToken(token) && !ReadText(token, out)) bad_ = true;
}

void ErrorCollector::TakeCategories(od::value value) {
  std::string name;
  if (TokenOf(value).substr(0, 1) != "[") {
    TakeText(value, name);
  } else {
    od::array names;
    if (value.get_array().get(names))
      bad_ = true;
    else
      for (auto each : names) {
        od::value one;
        if (each.get(one)) {
          bad_ = true;
          return;
        }
        if (name.empty()) TakeText(one, name);
      }
  }
  if (error_.category == 0) error_.category = CategoryFromName(name);
}

void ErrorCollector::TakeProblems(od::value value) {
  if (IsNullToken(TokenOf(value))) return;
  od::array problems;
  if (value.get_array().get(problems)) {
    bad_ = true;
    return;
  }
  for (auto each : problems) {
    od::object members;
    if (each.get_object().get(members)) {
      bad_ = true;
      return;
    }
    ServerError::Problem problem;
    for (auto member : members) {
      std::string_view key;
      od::value cell;
      if (member.unescaped_key().get(key) || member.value().get(cell)) {
        bad_ = true;
        return;
      }
      const std::string_view token = TokenOf(cell);
      if (key == "id") ReadInt(token, problem.column);
      if (key == "length") ReadInt(token, problem.length);
      if (key == "max_size") ReadInt(token, problem.limit);
      if (key == "name") TakeText(cell, problem.name);
    }
    error_.problems.push_back(std::move(problem));
  }
}

// Of any shape: what is a number counts.
void ErrorCollector::TakeArguments(od::value value) {
  od::array arguments;
  if (value.get_array().get(arguments)) return;
  for (auto each : arguments) {
    od::value cell;
    std::int64_t number = 0;
    if (each.get(cell)) {
      bad_ = true;
      return;
    }
    if (ReadInt(TokenOf(cell), number)) error_.numbers.push_back(number);
  }
}

void ErrorCollector::TakeTruncated(od::value value) {
  if (IsNullToken(TokenOf(value))) return;
  od::array columns;
  if (value.get_array().get(columns)) {
    bad_ = true;
    return;
  }
  for (auto each : columns) {
    od::value cell;
    ServerError::Problem problem;
    if (each.get(cell) || !ReadInt(TokenOf(cell), problem.column)) {
      bad_ = true;
      return;
    }
    error_.problems.push_back(std::move(problem));  // last: what `problematic` says of the same column counts
  }
}

}  // namespace outpost
