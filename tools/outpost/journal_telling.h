#pragma once
#include "inspect/life.h"
#include "tools/outpost/journal_verbs.h"

namespace outpost::cli {

// How many items a name may mean at once; further ones are left out.
inline constexpr std::size_t kNamedMost = 10;

// --language, else that of the environment's locale (LC_ALL, LC_MESSAGES, LANG), else English. Errors: kInvalid.
Result<Language> LanguageOf(const JournalArguments& arguments);

// One element of `journal explain --json`.
Json::Object ToldJson(const ToldEvent& told);

}  // namespace outpost::cli
