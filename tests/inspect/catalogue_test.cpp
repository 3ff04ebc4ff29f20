#include <algorithm>
#include <catch2/catch.hpp>
#include <regex>
#include <set>

#include "inspect/narrator.h"
#include "tests/schemas/samples.h"

using namespace outpost;
using namespace outpost::test;

namespace {

std::set<std::string> NamesIn(std::string_view text) {
  static const std::regex name("\\{([a-z_]+)\\}");
  const std::string copy(text);
  std::set<std::string> names;
  for (std::sregex_iterator at(copy.begin(), copy.end(), name), end; at != end; ++at) names.insert((*at)[1].str());
  return names;
}

// Every kind that has a name, by number.
std::vector<Kind> KnownKinds() {
  std::vector<Kind> kinds;
  for (int number = 0; number < 1000; ++number)
    if (std::string_view(KindName(static_cast<Kind>(number))) != "unknown") kinds.push_back(static_cast<Kind>(number));
  return kinds;
}

}  // namespace

TEST_CASE("catalogue: every text is there in every language, with the same names in it", "[inspect]") {
  const auto keys = CatalogueKeys();
  CHECK(std::set<std::string_view>(keys.begin(), keys.end()).size() == keys.size());
  for (const std::string_view key : keys) {
    INFO(key);
    const auto names = NamesIn(RawText(Language::kEnglish, key));
    for (const Language language : kLanguages) {
      const std::string_view text = RawText(language, key);
      CHECK_FALSE(text.empty());
      CHECK(NamesIn(text) == names);
      CHECK(std::count(text.begin(), text.end(), '[') == std::count(text.begin(), text.end(), ']'));
    }
    if (key.starts_with("why."))
      for (const Language language : {Language::kGerman, Language::kFrench})
        CHECK(RawText(language, key) != RawText(Language::kEnglish, key));
  }
}

TEST_CASE("catalogue: words go into their places, and what has nothing to say is left out", "[inspect]") {
  CHECK(Say(Language::kEnglish, "item", {{"type", "contact"}, {"name", "7"}}) == "contact 7");
  CHECK(Say(Language::kEnglish, "item", {{"type", "contact"}}) == "contact");
  CHECK(Say(Language::kGerman, "who.user") == "Eine Person");
  CHECK(Say(Language::kEnglish, "no such key").empty());
  CHECK(LanguageFromName("de_AT.UTF-8") == Language::kGerman);
  CHECK(LanguageFromName("fr") == Language::kFrench);
  CHECK_FALSE(LanguageFromName("C").has_value());
  CHECK_FALSE(LanguageFromName("").has_value());
}

TEST_CASE("narrator: every kind of event has its sentence in every language", "[inspect]") {
  std::set<Kind> told;
  for (const Event& event : SampleEvents()) {
    told.insert(event.header.kind);
    INFO(KindName(event.header.kind));
    std::set<std::string> sentences;
    for (const Language language : kLanguages) {
      const Narrator narrator(language, false);
      const std::string key = narrator.KeyOf(event, nullptr);
      CHECK(key != "unreadable");
      CHECK((key == "unknown") == (std::string_view(KindName(event.header.kind)) == "unknown"));
      for (const auto length : {Narrator::Length::kFull, Narrator::Length::kBrief}) {
        const std::string sentence = narrator.Sentence(event, nullptr, length);
        CHECK(sentence.size() > 10);
        CHECK(sentence.find_first_of("{}[]") == std::string::npos);
        CHECK(sentence.find("Ada") == std::string::npos);
        sentences.insert(sentence);
      }
    }
    CHECK(sentences.size() >= 3);
  }
  for (const Kind kind : KnownKinds()) {
    INFO("no sample of " << KindName(kind));
    CHECK(told.count(kind) == 1);
  }
  Event strange;
  strange.header.kind = static_cast<Kind>(999);
  CHECK(Narrator(Language::kEnglish, false).KeyOf(strange, nullptr) == "unknown");
  strange.header.kind = Kind::kOutcome;
  strange.body = "damaged";
  CHECK(Narrator(Language::kEnglish, false).KeyOf(strange, nullptr) == "unreadable");
}

TEST_CASE("narrator: contents are told only where they are shown", "[inspect]") {
  Event event;
  event.header.kind = Kind::kLocalChanged;
  event.header.origin = Origin::kUser;
  event.header.item = IdOf<ItemId>(0x22);
  event.header.item_type = ItemType::kContact;
  event.body = Encode(ChangeBody{{{101, std::string("Ada")}, {157, std::int64_t{-4'354'732'800'000}}}, {}, 0});
  ItemState before;
  before.id = event.header.item;
  before.type = ItemType::kContact;
  before.base = {{101, std::string("Bert")}};
  CHECK(Narrator(Language::kEnglish, false).Sentence(event, &before) == "A person changed first_name, birthday here.");
  CHECK(Narrator(Language::kEnglish, true).Sentence(event, &before) ==
        "A person changed first_name \"Ada\" (before: \"Bert\"), birthday 1832-01-03 here.");
  CHECK(Narrator(Language::kGerman, false).Sentence(event, &before) ==
        "Eine Person hat hier geändert: first_name, birthday.");
  CHECK(Narrator(Language::kEnglish, false).Topic(before) == "contact " + before.id.Hex());
  CHECK(Narrator(Language::kFrench, true).Topic(before) == "contact " + before.id.Hex() + " \"Bert\"");
}
