#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "care/tokens.h"
#include "schemas/event.h"
#include "schemas/fields.h"

namespace outpost {

// Takes out of events, reports and logs what people wrote and who they are: each text becomes its token
// (care/tokens.h). What stays: ids, sequences, times of appointments, tasks and mails, numbers, truth values, rights,
// and the words of the formats themselves. Unknown kinds of events lose their body. Threads: one.
class Redactor {
 public:
  // `key`: 32 random bytes that nobody keeps.
  explicit Redactor(Secret key);

  // The event as it may be shown to anybody. Errors: kCorrupt (a body that cannot be read).
  Result<void> Redact(Event& event);
  // A line of text about the account, such as of its log: quoted parts, addresses of people and machines, places,
  // paths, what the account, its user and its server are called, and every word that an event seen so far had among its
  // texts, become tokens; the time that a line begins with stays. To be called when all events were seen.
  std::string Line(std::string_view line) const;
  // What an account is called, USER@HOST: neither stays in a line from then on.
  std::string Name(std::string_view name);
  // Of the blobs that events seen so far refer to: what each is to hold.
  const std::set<std::string>& blobs() const { return blobs_; }

  FieldMap Fields(const FieldMap& fields);

 private:
  Value Of(FieldId id, const Value& value);
  std::string TextOf(FieldId id, const std::string& text);
  std::string LineOf(FieldId id, const std::string& text);
  std::string RuleLineOf(FieldId id, const std::string& text);
  void Note(std::string_view text);
  void NoteSetting(std::string_view name, const std::string& value);
  void NoteName(std::string_view name);
  void Redact(Refusal& refusal);
  Result<void> RedactChange(Event& event);
  Result<void> RedactOutcomes(Event& event);
  Result<void> RedactSettings(Event& event);
  Result<void> RedactItem(Event& event);
  Result<void> RedactSection(Event& event);
  std::string Setting(std::string_view name, const std::string& value) const;

  Tokens tokens_;
  std::set<std::string> blobs_;
  std::set<std::string> names_;  // of the user, the server and the proxy, in lower case, however short
  std::vector<bool> words_;      // which words were in texts: bits of theirs are set (a Bloom filter)
};

}  // namespace outpost
