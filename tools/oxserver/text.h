#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace outpost::oxserver {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// `text` as a JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD.
void AppendQuoted(std::string& out, std::string_view text);
std::string Quoted(std::string_view text);
void AppendNumber(std::string& out, std::int64_t value);

// The text of a JSON string literal that AppendQuoted or nlohmann made; empty for any other literal.
std::string Unquoted(std::string_view literal);

// The whole of `text` as a decimal number; nullopt for anything else or too large.
std::optional<std::int64_t> ParseNumber(std::string_view text);

// "a=1&b=%20x" in order; '+' reads as a blank, a broken escape as itself.
Pairs ParseQuery(std::string_view query);
std::string UrlEncoded(std::string_view text);

std::vector<std::string_view> Split(std::string_view text, char separator);
std::string_view Trimmed(std::string_view text);
bool EqualNoCase(std::string_view a, std::string_view b);
// ASCII letters only.
std::string Lower(std::string_view text);

// Case folding good enough for search, sorting and folder names: ASCII, Latin-1 supplement, Latin Extended-A, Greek,
// Cyrillic.
std::string Folded(std::string_view utf8);

// Code points; a byte that is no UTF-8 counts as one.
std::size_t CountCharacters(std::string_view utf8);
// The first `count` code points.
std::string_view FirstCharacters(std::string_view utf8, std::size_t count);
bool IsUtf8(std::string_view text);
void AppendUtf8(std::string& out, std::uint32_t code_point);
// Reads one code point at `at` and moves on; U+FFFD for a byte that is no UTF-8.
std::uint32_t NextCodePoint(std::string_view utf8, std::size_t& at);

// Shell-like match of the whole text: '*' any run, '?' one character. Both sides are folded by the caller.
bool WildcardMatch(std::string_view pattern, std::string_view text);

}  // namespace outpost::oxserver
