// Appends from several threads until it is killed. Prints "first last" after each acknowledged append.
// Arguments: folder, seed, threads, bytes of text per event; then, for an encrypted journal, its key in hexadecimal.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "base/system/system_clock.h"
#include "journal/journal.h"
#include "tests/journal/events.h"
#include "tests/journal/test_fold.h"

using namespace outpost;
using namespace outpost::test;

namespace {

void AppendForEver(Journal& journal, std::uint64_t seed, std::size_t text_bytes) {
  SeededRandom random(seed);
  for (;;) {
    const auto appended =
        journal.AppendAndWait(Changes(random.Below(500), 1 + random.Below(20), text_bytes), {}, Durability::kSynced);
    if (!appended) {
      std::fprintf(stderr, "%s\n", appended.error().context.c_str());
      std::exit(1);
    }
    char line[64];
    const int size =
        std::snprintf(line, sizeof line, "%llu %llu\n", static_cast<unsigned long long>(appended.value().first),
                      static_cast<unsigned long long>(appended.value().last));
    if (::write(1, line, static_cast<std::size_t>(size)) != size) std::exit(2);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5 && argc != 6) return 64;
  JournalOptions options;
  options.folder = argv[1];
  if (argc == 6) options.key = {KeySource::Kind::kStored, Secret(ParseHex(argv[5]).value())};
  CountingFold fold;
  SystemClock clock;
  auto journal = Journal::Open(options, {&fold}, fold, clock, NullLog());
  if (!journal) {
    std::fprintf(stderr, "%s\n", journal.error().context.c_str());
    return 1;
  }
  const std::uint64_t seed = std::strtoull(argv[2], nullptr, 10);
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < std::strtoull(argv[3], nullptr, 10); ++i)
    threads.emplace_back(
        [&, i] { AppendForEver(*journal.value(), seed * 100 + i, std::strtoull(argv[4], nullptr, 10)); });
  for (auto& thread : threads) thread.join();
  return 0;
}
