#pragma once
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace outpost::cli {

// Made of the definitions that the program parses its arguments by, so that no verb or flag is missing in them.

// One page of the manual for each verb, "outpost-journal-log.1" and its text in man(7), groups of verbs and the program
// itself included.
std::vector<std::pair<std::string, std::string>> ManPages(const CLI::App& app, const std::string& version);
// A script that completes verbs and flags.
std::string BashCompletion(const CLI::App& app);
std::string ZshCompletion(const CLI::App& app);

}  // namespace outpost::cli
