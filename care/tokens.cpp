#include "care/tokens.h"

#include <algorithm>
#include <array>
#include <optional>

namespace outpost {
namespace {

constexpr std::size_t kTokenMost = 4096;
constexpr std::size_t kNumberMost = 19;
constexpr int kIdPartsMost = 8;  // what stands before them is one text: an id is as long as a server likes
constexpr std::string_view kKinds[] = {"user", "group", "resource", "guest", "anonymous"};

// Letters that one script writes, `first` and those behind it.
struct Script {
  char32_t from, to;   // a letter of it
  char32_t first;      // of what its tokens are made of
  std::uint32_t many;  // how many of those
};
constexpr Script kScripts[] = {
    {U'0', U'9', U'0', 10},         {U'A', U'Z', U'a', 26},         {U'a', U'z', U'a', 26},
    {0x00c0, 0x024f, U'a', 26},     {0x0370, 0x03ff, 0x03b1, 17},   {0x0400, 0x052f, 0x0430, 32},
    {0x0590, 0x05ff, 0x05d0, 27},   {0x0600, 0x06ff, 0x0641, 10},   {0x0900, 0x097f, 0x0915, 37},
    {0x0e00, 0x0e7f, 0x0e01, 46},   {0x3040, 0x309f, 0x3042, 60},   {0x30a0, 0x30ff, 0x30a2, 60},
    {0x3400, 0x9fff, 0x4e00, 8192}, {0xac00, 0xd7a3, 0xac00, 8192},
};
constexpr Script kLatin = kScripts[2];

std::size_t CountCharacters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

// The character at `at`, which moves behind it; what is no UTF-8 is one of its own.
char32_t NextCharacter(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
  char32_t character = more == 3 ? lead & 0x07u : more == 2 ? lead & 0x0fu : more == 1 ? lead & 0x1fu : lead;
  for (; more > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0u) == 0x80u; --more)
    character = (character << 6) | (static_cast<unsigned char>(text[at++]) & 0x3fu);
  return character;
}

void AppendCharacter(std::string& out, char32_t character) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
  if (character < 0x80) return put(character);
  if (character < 0x800) {
    put(0xc0 | (character >> 6));
  } else {
    put(0xe0 | (character >> 12));
    put(0x80 | ((character >> 6) & 0x3f));
  }
  put(0x80 | (character & 0x3f));
}

// Of the first letter or digit; a number with blanks and signs in it is one of digits.
Script ScriptOf(std::string_view text) {
  std::optional<Script> digits;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t character = NextCharacter(text, at);
    const auto* const found = std::find_if(std::begin(kScripts), std::end(kScripts), [&](const Script& script) {
      return character >= script.from && character <= script.to;
    });
    if (found == std::end(kScripts)) continue;
    if (found != std::begin(kScripts)) return *found;
    digits = *found;
  }
  return digits.value_or(kLatin);
}

bool IsNumber(std::string_view text) {
  const bool sign = !text.empty() && text.front() == '-';
  if (sign) text.remove_prefix(1);
  return !text.empty() && text.size() <= kNumberMost &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::size_t LengthClass(std::size_t length) {
  for (std::size_t step = 8; step < kTokenMost; step *= 2) {
    if (length <= step + step / 2) return step + step / 2;
    if (length <= step * 2) return step * 2;
  }
  return kTokenMost;
}

Digest Tokens::KeyedDigest(std::string_view use, std::string_view text) const {
  std::string named(use);
  named.push_back('\0');
  named.append(text);
  return HmacSha256(key_.bytes(), named);
}

std::string Tokens::Word(std::string_view text, std::string_view use) const {
  const Script script = ScriptOf(text);
  const Digest digest = KeyedDigest(use, text);
  std::array<char32_t, kTokenLeast> letters{};
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const std::uint32_t bits = (std::uint32_t{digest[2 * i]} << 8) | digest[2 * i + 1];
    letters[i] = script.first + bits % script.many;
  }
  const std::size_t length = LengthClass(CountCharacters(text));
  std::string token;
  for (std::size_t i = 0; i < length; ++i) AppendCharacter(token, letters[i % letters.size()]);
  return token;
}

std::string Tokens::Text(std::string_view text) const {
  if (text.empty()) return {};
  const auto at = text.find('@');
  if (at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
      text.find_first_of("@ ,;<>\t\r\n", at + 1) == std::string_view::npos &&
      text.find_first_of(" ,;<>\t\r\n") == std::string_view::npos)
    return Word(text.substr(0, at), "text") + "@" + Word(text.substr(at + 1), "text");
  return Word(text, "text");
}

std::string Tokens::Blob(std::string_view bytes) const {
  if (bytes.empty()) return {};
  const Digest digest = KeyedDigest("bytes", bytes);
  std::string token;
  const std::size_t length = LengthClass(bytes.size());
  while (token.size() < length) token.append(AsText(Bytes(digest)).substr(0, length - token.size()));
  return token;
}

std::string Tokens::RemoteIdOf(std::string_view id, int parts) const {
  if (id.empty() || IsNumber(id)) return std::string(id);
  const auto colon = id.rfind(':');
  if (colon == std::string_view::npos) return Word(id, "id");
  const std::string_view before = id.substr(0, colon), behind = id.substr(colon + 1);
  const bool kind = std::find(std::begin(kKinds), std::end(kKinds), before) != std::end(kKinds);
  const std::string head = kind ? std::string(before) : parts > 1 ? RemoteIdOf(before, parts - 1) : Word(before, "id");
  return head + ":" + (behind.empty() || IsNumber(behind) ? std::string(behind) : Word(behind, "id"));
}

std::string Tokens::RemoteId(std::string_view id) const { return RemoteIdOf(id, kIdPartsMost); }

std::int64_t Tokens::Number(std::int64_t number, std::int64_t below) const {
  const Digest digest = KeyedDigest("number", std::to_string(number));
  return static_cast<std::int64_t>(ReadBe64(AsText(Bytes(digest))) % static_cast<std::uint64_t>(below));
}

std::string Tokens::BlobText(const BlobRef& ref) const {
  return "blob of about " + std::to_string(LengthClass(static_cast<std::size_t>(ref.size / 1024) + 1)) + " KiB, " +
         Word(ToHex(Bytes(ref.id)), "blob") + "\n";
}

}  // namespace outpost
