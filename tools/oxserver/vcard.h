#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace outpost::oxserver {

// One content line of a vCard. Names are upper case; a bare parameter of vCard 2.1 is a TYPE; the value is UTF-8, out
// of its transfer encoding (base64 stays as it is) and still escaped as its version escapes.
struct CardProperty {
  std::string group;  // "item1" of "item1.TEL"
  std::string name;
  std::vector<std::pair<std::string, std::string>> params;
  std::string value;
  std::size_t line = 0;

  // True where one of the TYPE parameters is `type` (lower case).
  bool HasType(std::string_view type) const;
};

struct Card {
  std::size_t line = 0;  // of its BEGIN:VCARD, from 1
  bool is_21 = false;    // vCard 2.1, which escapes less
  std::vector<CardProperty> properties;

  const CardProperty* Find(std::string_view name) const;
};

struct CardFailure {
  std::size_t line = 0;
  std::string reason;  // without content of the card
};

struct CardFile {
  std::vector<Card> cards;
  std::vector<CardFailure> failures;
};

// Reads the vCards (2.1, 3.0, 4.0) of one file. A card that cannot be read is a failure with its line; the others are
// read.
CardFile ReadCards(std::string_view text);

// The text of a value: escapes undone as the card's version writes them.
std::string CardText(const Card& card, std::string_view value);
// The components of a structured value, each as text.
std::vector<std::string> CardComponents(const Card& card, std::string_view value, char separator = ';');

}  // namespace outpost::oxserver
