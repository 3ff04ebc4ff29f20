#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "schemas/event.h"

// Bodies of the events that restate the state and that say what was dropped. Source: schemas/event.md, sections 4
// and 8.
namespace outpost {

// Part of one table of the account's state: all of its rows with from <= key < to.
struct SectionBody {
  std::string name;
  std::string from;
  std::string to;  // empty: to the end
  std::vector<std::pair<std::string, std::string>> rows;
};

// A checkpoint is two of these with the restating events, and whatever else happened, between them.
struct CheckpointBody {
  Sequence begin = 0;  // of the event that began it; 0: this one does
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;
  bool begins() const { return begin == 0; }
};

// Appends that are not whole any more. Within from..to some events may still be there (damage took the others); `count`
// are not: 0 where only their proof is gone. The chain of what follows starts at `chain_after`.
struct GapSpan {
  Sequence from = 0;
  Sequence to = 0;
  std::uint64_t count = 0;
  Digest chain_before{};
  Digest chain_after{};
  bool operator==(const GapSpan&) const = default;
};

// The newest one counts: it names all spans there are.
struct GapBody {
  Sequence whole_from = 0;
  bool damaged = false;
  std::vector<GapSpan> spans;  // ascending, apart from one another
};

// As Encode and Decode of schemas/event.h.
std::string Encode(const SectionBody& body);
std::string Encode(const CheckpointBody& body);
std::string Encode(const GapBody& body);
Result<SectionBody> DecodeSection(std::string_view bytes);
Result<CheckpointBody> DecodeCheckpoint(std::string_view bytes);
Result<GapBody> DecodeGap(std::string_view bytes);

}  // namespace outpost
