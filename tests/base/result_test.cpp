#include "base/result.h"

#include <catch2/catch.hpp>
#include <memory>

using namespace outpost;

namespace {

Result<int> Half(int number) {
  if (number % 2 != 0) return Error{Code::kInvalid, Retry::kNever, std::to_string(number) + " is odd"};
  return number / 2;
}
Result<int> Quarter(int number) {
  OUTPOST_TRY(const int half, Half(number));
  OUTPOST_TRY(const int quarter, Half(half));
  return quarter;
}
Result<void> MustBeEven(int number) {
  OUTPOST_TRYV(Half(number));
  return Ok();
}
Result<std::unique_ptr<int>> Moved() {
  OUTPOST_TRY(auto pointer, Result<std::unique_ptr<int>>(std::make_unique<int>(7)));
  return pointer;
}

}  // namespace

TEST_CASE("result: the first error ends the function and keeps its text", "[base]") {
  CHECK(Quarter(12).value() == 3);
  CHECK(Quarter(6).error().context == "3 is odd");
  CHECK(Quarter(7).error().context == "7 is odd");
  CHECK(MustBeEven(2).has_value());
  CHECK(MustBeEven(3).error().code == Code::kInvalid);
  CHECK(*Moved().value() == 7);
}

TEST_CASE("result: reading the side that is not there is a bug of ours", "[base]") {
  CHECK_THROWS_AS(Half(1).value(), InvariantViolation);
  CHECK_THROWS_AS(Half(2).error(), InvariantViolation);
}

TEST_CASE("result: every code has a name of its own", "[base]") {
  CHECK(CodeName(Code::kNotFound) == std::string("not_found"));
  CHECK(CodeName(Code::kInvalid) == std::string("invalid"));
  CHECK(CodeName(static_cast<Code>(200)) == std::string("unknown"));
}

TEST_CASE("check: a broken invariant names condition and place", "[base]") {
  try {
    OUTPOST_CHECK(1 + 1 == 3);
    FAIL("nothing was thrown");
  } catch (const InvariantViolation& violation) {
    CHECK(std::string(violation.what()).find("1 + 1 == 3") != std::string::npos);
    CHECK(std::string(violation.what()).find("result_test.cpp") != std::string::npos);
  }
}
