#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "replicator/dialect.h"

namespace outpost {

// One element of a `multiple` request.
struct Element {
  std::size_t ask;     // index of the ask it serves
  const char* module;  // of a Folders ask: the content this element asks for; else the module of the items
  std::optional<std::int64_t> dropped = {};  // of an Update ask: this day of the series goes by this element
  bool examines = false;  // asks for the state of the folder that the ask is about, for an Update of its target
  bool confirms =
      false;  // of an Update ask: tells the user's own answer, or that he has read a mail, by a call of its own
  bool looks = false;  // of an Update ask of a mail: whether it was there, which the answer to the change does not say
};

// The elements that `asks` become, in order: one each, but a Folders ask has one for every kind of content, an Update
// ask one for its fields, if any, and one for each day it drops, and an ask for items that this dialect does not carry
// has none. Threads: any.
std::vector<Element> PlanElements(const std::vector<Ask>& asks);

// What a create or an update of a contact says beside its photo; empty for any other ask.
std::string ContactBody(const Ask& ask);

// The body of a `multiple` request.
std::string WriteMultiple(const std::vector<Ask>& asks, std::span<const Element> elements);

// Appends "name=value&"-style pairs, percent-encoded.
void AppendFormPair(std::string& out, std::string_view name, std::string_view value);

}  // namespace outpost
