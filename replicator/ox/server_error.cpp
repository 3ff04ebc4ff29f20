#include "replicator/ox/server_error.h"

#include <algorithm>
#include <array>

#include "replicator/ox/columns.h"

namespace outpost {
namespace {

enum : std::int64_t {
  kPermissionDenied = 3,
  kTryAgain = 4,
  kServiceDown = 5,
  kConnectivity = 6,
  kConflict = 9,
  kWarning = 13
};

struct NamedCategory {
  std::string_view name;
  std::int64_t number;
};
constexpr std::array kCategories{
    NamedCategory{"USER_INPUT", 1}, NamedCategory{"CONFIGURATION", 2}, NamedCategory{"PERMISSION_DENIED", 3},
    NamedCategory{"TRY_AGAIN", 4},  NamedCategory{"SERVICE_DOWN", 5},  NamedCategory{"CONNECTIVITY", 6},
    NamedCategory{"ERROR", 8},      NamedCategory{"CONFLICT", 9},      NamedCategory{"CAPACITY", 11},
    NamedCategory{"TRUNCATED", 12}, NamedCategory{"WARNING", 13},
};

template <std::size_t N>
bool IsOneOf(const std::string& code, const std::array<std::string_view, N>& codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

constexpr std::array<std::string_view, 4> kSessionLost{"SES-0201", "SES-0203", "SES-0205", "SES-0206"};
constexpr std::array<std::string_view, 2> kNotYet{"SES-0204", "SES-0208"};
constexpr std::array<std::string_view, 4> kChanged{"CON-0119", "FLD-1022", "TSK-0007", "CAL-4120"};
// Not in that folder (CON-0174, TSK-0048, CAL-4041): moved by somebody else, or by our own request that arrived twice.
constexpr std::array<std::string_view, 11> kGone{"ATT-0405", "CON-0125",  "CON-0174", "FLD-0008",
                                                 "TSK-0019", "TSK-0048",  "CAL-4040", "CAL-4041",
                                                 "MSG-0032", "IMAP-1002", "MSG-1002"};
// A move may lack its target, which is no word about the mail.
constexpr std::array<std::string_view, 2> kNoMailFolder{"IMAP-1002", "MSG-1002"};
constexpr std::string_view kNothingChanged = "CON-0122";
// No room in the folder for copies, or it cannot be had; the former is no warning.
constexpr std::array<std::string_view, 2> kSentWithoutCopy{"MSG-0042", "MSG-0043"};
constexpr std::string_view kNoSuchMail = "MSG-0032";
// One mail in so many seconds.
constexpr std::string_view kTooManyMails = "MSG-0075";
// A photo that is too large, broken, or no image. The first tells its size and the limit as arguments of its text.
constexpr std::array<std::string_view, 4> kBadPhoto{"CON-0101", "CON-0136", "CON-0158", "CON-0172"};
// The series has no such day, or no longer.
constexpr std::array<std::string_view, 2> kNoSuchDay{"CAL-4042", "CAL-4061"};

std::vector<FieldProblem> ProblemsOf(const ServerError& error, ItemType type) {
  std::vector<FieldProblem> problems;
  for (const auto& problem : error.problems) {
    const FieldId field = problem.column != 0 ? FieldOfColumn(type, problem.column) : FieldOfName(type, problem.name);
    const auto same = [&](const FieldProblem& known) { return known.field == field; };
    if (field == 0 || std::any_of(problems.begin(), problems.end(), same)) continue;
    problems.push_back({field, problem.length, problem.limit});
  }
  if (problems.empty() && IsOneOf(error.code, kBadPhoto)) {
    problems.push_back({field::kContactPhoto, 0, 0});
    if (error.numbers.size() == 2) problems.back() = {field::kContactPhoto, error.numbers[0], error.numbers[1]};
  }
  return problems;
}

}  // namespace

std::int64_t CategoryFromName(std::string_view name) {
  for (const auto& category : kCategories)
    if (category.name == name) return category.number;
  return 0;
}

bool IsWarning(const ServerError& error) { return error.category == kWarning; }
bool IsSessionLost(const ServerError& error) { return IsOneOf(error.code, kSessionLost); }

bool IsSentWithoutCopy(std::string_view code) { return IsOneOf(std::string(code), kSentWithoutCopy); }

bool IsTemporary(const ServerError& error) {
  return error.code == kTooManyMails || error.category == kTryAgain || error.category == kServiceDown ||
         error.category == kConnectivity || IsOneOf(error.code, kNotYet);
}

ItemType TypeOf(const Ask& ask) {
  return std::visit(
      [](const auto& one) {
        if constexpr (requires { one.type; })
          return one.type;
        else
          return ItemType::kFolder;
      },
      ask);
}

Answer AnswerFor(const ServerError& error, const Ask& ask) {
  Answer answer;
  const auto* update = std::get_if<ask::Update>(&ask);
  if (update != nullptr && error.code == kNothingChanged) {
    answer.version = update->version;
    return answer;
  }
  if (std::holds_alternative<ask::Seek>(ask) && error.code == kNoSuchMail) return answer;
  answer.code = error.code;
  answer.text = error.text;
  if (const auto* submit = std::get_if<ask::Submit>(&ask);
      submit != nullptr && submit->send && IsSentWithoutCopy(error.code)) {
    answer.status = AnswerStatus::kTryLater;
    answer.left = true;
    return answer;
  }
  if (IsTemporary(error)) {
    answer.status = AnswerStatus::kTryLater;
  } else if (update != nullptr && !update->target.empty() && IsOneOf(error.code, kNoMailFolder)) {
    answer.status = AnswerStatus::kRefused;
  } else if (IsOneOf(error.code, kChanged)) {
    answer.status = AnswerStatus::kChangedMeanwhile;
  } else if (IsOneOf(error.code, kGone)) {
    answer.status = AnswerStatus::kGone;
  } else {
    answer.status = AnswerStatus::kRefused;
    answer.denied = error.category == kPermissionDenied;
    answer.problems = ProblemsOf(error, TypeOf(ask));
  }
  return answer;
}

Answer AnswerForDropped(const ServerError& error, const Ask& ask) {
  if (!IsOneOf(error.code, kNoSuchDay)) return AnswerFor(error, ask);
  Answer done;
  done.version = std::get<ask::Update>(ask).version;
  return done;
}

}  // namespace outpost
