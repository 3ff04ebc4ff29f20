#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace outpost {

// Writes one JSON text by appending; commas are put by itself. The caller keeps Begin and End in step. Text that is no
// UTF-8 is made so (U+FFFD for every byte that fits nowhere): one bad value must not make a whole request unreadable.
// Threads: one.
class JsonWriter {
 public:
  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }
  // `key` is ours: printable ASCII without quotes.
  JsonWriter& Key(std::string_view key);
  JsonWriter& Text(std::string_view utf8);
  JsonWriter& Int(std::int64_t number);
  // A number given in hundredths, with as many places as it needs.
  JsonWriter& Hundredths(std::int64_t number);
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  // A value as it came from a server: JSON already.
  JsonWriter& Raw(std::string_view json);
  // Key and text, the common pair.
  JsonWriter& Pair(std::string_view key, std::string_view utf8) { return Key(key).Text(utf8); }
  const std::string& text() const { return out_; }
  std::string Take() { return std::move(out_); }

 private:
  JsonWriter& Open(char bracket);
  JsonWriter& Close(char bracket);
  void Separate();

  std::string out_;
  bool first_ = true;  // nothing yet in the innermost array or object
  bool after_key_ = false;
};

// Appends `utf8` between quotes, escaped.
void AppendJsonText(std::string& out, std::string_view utf8);

}  // namespace outpost
