#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "journal/reader.h"
#include "schemas/value.h"

namespace outpost {

// What stands in mails, for searches: their sources are blobs, and how one is read is passed in, so that this layer
// needs no library for mails. Threads: any, if `text` may be called by any.
class MailBodies {
 public:
  // The text that a person reads in a mail, UTF-8, of the beginning of its source. Pure: the same source gives the same
  // text wherever it is read.
  using TextFn = std::function<std::string(std::string_view source)>;
  // Of larger mails the rest is not looked into: it is files.
  static constexpr std::size_t kSourceBytes = 1u << 20;

  explicit MailBodies(TextFn text) : text_(std::move(text)) {}

  // Folded as for searches (FoldText). `source` is the value of a mail's source field; empty where it is not here, or
  // cannot be read: a search goes on without it, and verify names the damage.
  std::string FoldedText(const JournalView& view, const Value& source) const;

 private:
  TextFn text_;
};

}  // namespace outpost
