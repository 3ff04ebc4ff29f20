// Any damage to the folder of a small journal, given as a script: what opens, verifies, folds and reads it neither
// breaks nor hangs, and never gives another history than the one that was without saying so. Also linked into
// journal_test, which feeds it the kept scripts.
//
// A script is a list of steps of 5 bytes, at most kStepsMax: which file (modulo their number, by name), what, where
// (2 bytes, big-endian, modulo the file's size), and a value.
#include <cstdint>
#include <iterator>
#include <string_view>

#include "base/check.h"
#include "tests/journal/damaged.h"
#include "tests/journal/scratch.h"

namespace {

using namespace outpost;
using namespace outpost::test;

constexpr std::size_t kStepBytes = 5;
constexpr std::size_t kStepsMax = 8;

void Damage(Pristine& journal, std::string_view step) {
  if (journal.files.empty()) return;
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(step[at]); };
  const auto file = std::next(journal.files.begin(), byte(0) % static_cast<std::ptrdiff_t>(journal.files.size()));
  std::string& content = file->second;
  const std::size_t at = content.empty() ? 0 : (byte(2) * 256u + byte(3)) % content.size();
  switch (byte(1) % 5) {
    case 0:
      if (!content.empty()) content[at] = static_cast<char>(content[at] ^ step[4]);
      break;
    case 1:
      content.resize(at);
      break;
    case 2:  // a hole
      content.replace(at, std::min<std::size_t>(content.size() - at, byte(4) + 1u), byte(4) + 1u, '\0');
      break;
    case 3:  // another file's content
      content = std::next(journal.files.begin(), byte(4) % static_cast<std::ptrdiff_t>(journal.files.size()))->second;
      break;
    default:
      journal.files.erase(file);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Pristine pristine = MakePristine();
  static const ScratchFolder scratch;
  const std::string_view script(reinterpret_cast<const char*>(data), std::min(size, kStepBytes * kStepsMax));
  Pristine damaged = pristine;
  for (std::size_t at = 0; at + kStepBytes <= script.size(); at += kStepBytes)
    Damage(damaged, script.substr(at, kStepBytes));
  damaged.WriteTo(scratch.path() / "damaged");
  const Finding finding = Examine(pristine, scratch.path() / "damaged");
  OUTPOST_CHECK(finding.verdict != Verdict::kUnnoticed);
  return 0;
}
