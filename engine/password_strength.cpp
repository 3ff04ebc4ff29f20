#include "engine/password_strength.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace outpost {

PasswordStrength StrengthOf(std::string_view password) {
  constexpr double kLetters = 26, kDigits = 10, kSigns = 33, kOthers = 100, kPredicted = 0.25;
  constexpr int kFair = 36, kGood = 60, kStrong = 80;
  bool lower = false, upper = false, digit = false, sign = false, other = false;
  double length = 0;
  for (std::size_t i = 0; i < password.size(); ++i) {
    const auto c = static_cast<unsigned char>(password[i]);
    lower = lower || (c >= 'a' && c <= 'z');
    upper = upper || (c >= 'A' && c <= 'Z');
    digit = digit || (c >= '0' && c <= '9');
    other = other || c >= 0x80;
    sign = sign || (c < 0x80 && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9'));
    const int step = i > 0 ? std::abs(c - static_cast<unsigned char>(password[i - 1])) : 2;
    length += step <= 1 ? kPredicted : 1;
  }
  const double alphabet = (lower ? kLetters : 0) + (upper ? kLetters : 0) + (digit ? kDigits : 0) +
                          (sign ? kSigns : 0) + (other ? kOthers : 0);
  const std::set<char> distinct(password.begin(), password.end());
  length = std::min(length, 2.0 * static_cast<double>(distinct.size()));
  PasswordStrength strength;
  if (alphabet > 0) strength.bits = static_cast<int>(length * std::log2(alphabet));
  strength.word = strength.bits < kFair     ? "weak"
                  : strength.bits < kGood   ? "fair"
                  : strength.bits < kStrong ? "good"
                                            : "strong";
  return strength;
}

Result<void> PasswordChanged(const Reply& reply, std::string_view password) {
  if (reply.failure) {
    if (reply.failure->maybe_applied)
      return Error{
          Code::kOutcomeUnknown, Retry::kNever,
          "the answer was lost: the server may have the new password by now. Where the old one is refused, store "
          "the new one (\"outpost account password\")"};
    const bool wrong = reply.failure->why == LinkState::kWrongPassword;
    return Error{wrong ? Code::kUnauthorized : Code::kUnavailable, wrong ? Retry::kAfterReauth : Retry::kBackoff,
                 "the password was not changed: " + reply.failure->text};
  }
  const Answer& answer = reply.answers.front();
  if (answer.status == AnswerStatus::kDone) return Ok();
  const bool quotes = answer.text.find(password) != std::string::npos;
  return Error{answer.status == AnswerStatus::kTryLater ? Code::kUnavailable : Code::kRejected, Retry::kNever,
               "the server does not take the new password: " + answer.code + (quotes ? "" : " " + answer.text)};
}

}  // namespace outpost
