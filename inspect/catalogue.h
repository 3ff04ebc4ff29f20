#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace outpost {

// The languages that the inspector speaks.
enum class Language : std::uint8_t { kEnglish, kGerman, kFrench };
inline constexpr Language kLanguages[] = {Language::kEnglish, Language::kGerman, Language::kFrench};

// "en", "de", "fr", also as the beginning of a locale ("de_AT.UTF-8"); nullopt for all else. Pure.
std::optional<Language> LanguageFromName(std::string_view name);
const char* LanguageName(Language language);

// The message catalogue: every text that the inspector says, by key, in every language. A key without a text in some
// language does not exist.
//
// A text names what goes into it as {name}; a part in [ ] is left out when one of the names in it has nothing to say.
using Words = std::vector<std::pair<std::string_view, std::string>>;

// The text of `key` with `words` in their places; a name without a word counts as empty. Empty where there is no such
// key. Pure. Threads: any.
std::string Say(Language language, std::string_view key, const Words& words = {});
bool HasText(std::string_view key);
// All keys, in the order of the catalogue.
std::vector<std::string_view> CatalogueKeys();
// The text of `key` as it stands in the catalogue; empty where there is none.
std::string_view RawText(Language language, std::string_view key);

}  // namespace outpost
