// What only a process of its own can show. Arguments:
//   write FOLDER SEED    puts blobs from two threads and appends an event for each until it is killed; prints
//                        "CONTENT-SEED SIZE ID" after each acknowledged append
//   stream FOLDER BYTES  writes and reads back one blob of so many bytes; prints "IDLE PEAK ID", both in KiB: the
//   resident
//                        memory of the journal before, and the highest while it was done
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>

#include "base/system/system_clock.h"
#include "journal/journal.h"
#include "tests/journal/blob_content.h"
#include "tests/journal/test_fold.h"

using namespace outpost;
using namespace outpost::test;

namespace {

template <class T>
T Must(Result<T> result) {
  if (result) return std::move(result).value();
  std::fprintf(stderr, "%s\n", result.error().context.c_str());
  std::exit(1);
}
void Must(Result<void> result) {
  if (result) return;
  std::fprintf(stderr, "%s\n", result.error().context.c_str());
  std::exit(1);
}

void WriteForEver(Journal& journal, std::uint64_t seed) {
  SeededRandom random(seed);
  for (;;) {
    const std::uint64_t number = seed * 10'000 + random.Below(5'000);
    // The size follows from the content's seed, so that the same content comes again now and then.
    const std::size_t size = number % 3 == 0 ? number % 30'000 : number % 300'000;
    const std::string content = Content(number, size);
    const auto writer = Must(journal.blobs().Create());
    for (std::size_t at = 0; at < size; at += 20'000)
      Must(writer->Write(AsBytes(content).subspan(at).first(std::min<std::size_t>(20'000, size - at))));
    const PinnedBlob pinned = Must(writer->Finish());
    Must(journal.AppendAndWait({PhotoChange(Item(1), pinned.ref())}, {}, Durability::kSynced));
    char line[128];
    const int length = std::snprintf(line, sizeof line, "%llu %zu %s\n", static_cast<unsigned long long>(number), size,
                                     ToHex(pinned.ref().id).c_str());
    if (::write(1, line, static_cast<std::size_t>(length)) != length) std::exit(2);
  }
}

// A line of /proc/self/status, in KiB.
std::uint64_t StatusKib(const char* name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return std::strtoull(line.c_str() + std::strlen(name), nullptr, 10);
  std::exit(3);
}

// Fills `piece` with what stands at `at` of the content.
void Fill(std::span<std::uint8_t> piece, std::uint64_t at) {
  for (std::size_t i = 0; i + 8 <= piece.size(); i += 8) {
    const std::uint64_t word = (at + i) * 0x9e3779b97f4a7c15ull;
    std::memcpy(piece.data() + i, &word, 8);
  }
}

int Stream(Journal& journal, std::uint64_t bytes) {
  std::vector<std::uint8_t> piece(32'768), expected(32'768);
  const std::uint64_t idle = StatusKib("VmRSS:");
  std::ofstream("/proc/self/clear_refs") << "5";  // the highest mark starts again from here, where the system can
  BlobRef ref;
  {
    const auto writer = Must(journal.blobs().Create());
    for (std::uint64_t at = 0; at < bytes; at += piece.size()) {
      Fill(piece, at);
      Must(writer->Write(piece));
    }
    const PinnedBlob pinned = Must(writer->Finish());
    Must(journal.AppendAndWait({PhotoChange(Item(1), pinned.ref())}, {}, Durability::kSynced));
    ref = pinned.ref();
  }
  const auto reader = Must(journal.blobs().Open(ref));
  for (std::uint64_t at = 0; at < bytes; at += piece.size()) {
    Fill(expected, at);
    if (Must(reader->Read(piece)) != piece.size() || piece != expected) return 4;
  }
  if (Must(reader->Read(piece)) != 0) return 5;
  std::printf("%llu %llu %s\n", static_cast<unsigned long long>(idle),
              static_cast<unsigned long long>(StatusKib("VmHWM:")), ToHex(ref.id).c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 64;
  JournalOptions options;
  options.folder = argv[2];
  CountingFold fold;
  SystemClock clock;
  const auto journal = Must(Journal::Open(options, {&fold}, fold, clock, NullLog()));
  const std::uint64_t number = std::strtoull(argv[3], nullptr, 10);
  if (std::string(argv[1]) == "stream") return Stream(*journal, number);
  std::thread other([&] { WriteForEver(*journal, 2 * number); });
  WriteForEver(*journal, 2 * number + 1);
}
