#include "tools/outpost/cli_pages.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>

namespace outpost::cli {
namespace {

std::vector<const CLI::App*> VerbsOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* one) { return !one->get_name().empty(); });
}

// "--folder" and its kin, in the order of their definition; without those that are named by their place.
std::vector<const CLI::Option*> FlagsOf(const CLI::App& app) {
  return app.get_options([](const CLI::Option* one) { return one->nonpositional(); });
}

std::vector<const CLI::Option*> PlacesOf(const CLI::App& app) {
  return app.get_options([](const CLI::Option* one) { return one->get_positional() && !one->nonpositional(); });
}

std::vector<std::string> NamesOfFlag(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

bool TakesValue(const CLI::Option& option) { return option.get_items_expected_max() != 0; }

// Calls `visit` for the program, each group and each verb with the words that lead there.
using VisitVerb = std::function<void(const CLI::App&, const std::vector<std::string>& words)>;
void EachVerb(const CLI::App& app, const std::vector<std::string>& words, const VisitVerb& visit) {
  visit(app, words);
  for (const CLI::App* verb : VerbsOf(app)) {
    std::vector<std::string> below = words;
    below.push_back(verb->get_name());
    EachVerb(*verb, below, visit);
  }
}

std::string JoinedBy(const std::vector<std::string>& words, std::string_view between) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : std::string(between)) + word;
  return out;
}

// Text for man(7): a backslash, a hyphen and a line that begins with a dot mean something to it.
std::string Roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

std::string PageOf(const CLI::App& verb, const std::vector<std::string>& words, const std::string& version) {
  const std::string called = JoinedBy(words, " "), dashed = JoinedBy(words, "-");
  std::string synopsis = ".B " + Roff(called) + "\n";
  for (const CLI::Option* place : PlacesOf(verb))
    synopsis += place->get_required() ? ".I " + Roff(place->get_name(true)) + "\n"
                                      : "[\\fI" + Roff(place->get_name(true)) + "\\fR]\n";
  if (!VerbsOf(verb).empty()) synopsis += ".I VERB\n";
  if (!FlagsOf(verb).empty()) synopsis += "[\\fIFLAGS\\fR]\n";
  std::string page = ".TH \"" + Roff(dashed) + "\" 1 \"\" \"outpost " + version + "\" \"Outpost\"\n.SH NAME\n" +
                     Roff(dashed) + " \\- " + Roff(verb.get_description()) + "\n.SH SYNOPSIS\n" + synopsis;
  if (const auto places = PlacesOf(verb); !places.empty()) {
    page += ".SH ARGUMENTS\n";
    for (const CLI::Option* place : places)
      page += ".TP\n.I " + Roff(place->get_name(true)) + "\n" + Roff(place->get_description()) + "\n";
  }
  if (const auto verbs = VerbsOf(verb); !verbs.empty()) {
    page += ".SH VERBS\n";
    for (const CLI::App* below : verbs)
      page += ".TP\n.BR " + Roff(dashed + "-" + below->get_name()) + " (1)\n" + Roff(below->get_description()) + "\n";
  }
  page += ".SH FLAGS\n";
  for (const CLI::Option* flag : FlagsOf(verb)) {
    page += ".TP\n.B " + Roff(JoinedBy(NamesOfFlag(*flag), ", "));
    if (TakesValue(*flag)) page += " " + Roff(flag->get_type_name());
    page += "\n" + Roff(flag->get_description()) + "\n";
  }
  page +=
      ".SH EXIT STATUS\n0 done, 1 a failure of this machine or damage found, 2 the call cannot be understood, 3 the "
      "server cannot be reached or refuses the sign\\-in.\n";
  if (words.size() > 1) {
    const std::vector<std::string> above(words.begin(), words.end() - 1);
    page += ".SH SEE ALSO\n.BR " + Roff(JoinedBy(above, "-")) + " (1)\n";
  }
  return page;
}

// The words that may follow: verbs, and flags.
std::vector<std::string> NextWords(const CLI::App& verb) {
  std::vector<std::string> words;
  for (const CLI::App* below : VerbsOf(verb)) words.push_back(below->get_name());
  for (const CLI::Option* flag : FlagsOf(verb))
    for (const std::string& name : NamesOfFlag(*flag)) words.push_back(name);
  return words;
}

// Within a description of zsh's.
std::string ZshText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (c == '[' || c == ']' || c == ':' || c == '\\')
      out += std::string("\\") + c;
    else
      out += c;
  }
  return out;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> ManPages(const CLI::App& app, const std::string& version) {
  std::vector<std::pair<std::string, std::string>> pages;
  EachVerb(app, {app.get_name()}, [&](const CLI::App& verb, const std::vector<std::string>& words) {
    pages.emplace_back(JoinedBy(words, "-") + ".1", PageOf(verb, words, version));
  });
  return pages;
}

std::string BashCompletion(const CLI::App& app) {
  std::string out =
      "# bash completion for outpost, made of the program's own definitions\n"
      "_outpost() {\n"
      "  local current=\"${COMP_WORDS[COMP_CWORD]}\" verb=\"outpost\" word\n"
      "  local -A next\n";
  EachVerb(app, {app.get_name()}, [&](const CLI::App& verb, const std::vector<std::string>& words) {
    out += "  next[\"" + JoinedBy(words, " ") + "\"]=\"" + JoinedBy(NextWords(verb), " ") + "\"\n";
  });
  return out +
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    if [[ -n \"${next[$verb $word]+set}\" ]]; then verb=\"$verb $word\"; fi\n"
         "  done\n"
         "  COMPREPLY=($(compgen -W \"${next[$verb]}\" -- \"$current\"))\n"
         "  if [[ ${#COMPREPLY[@]} -eq 0 ]]; then COMPREPLY=($(compgen -f -- \"$current\")); fi\n"
         "}\n"
         "complete -o filenames -F _outpost outpost\n";
}

std::string ZshCompletion(const CLI::App& app) {
  std::string out =
      "#compdef outpost\n"
      "# zsh completion for outpost, made of the program's own definitions\n"
      "_outpost() {\n"
      "  local verb=\"outpost\" word\n"
      "  local -a next\n"
      "  for word in \"${(@)words[2,CURRENT-1]}\"; do\n"
      "    case \"$verb $word\" in\n";
  EachVerb(app, {app.get_name()}, [&](const CLI::App&, const std::vector<std::string>& words) {
    if (words.size() > 1) out += "      '" + JoinedBy(words, " ") + "') verb=\"$verb $word\" ;;\n";
  });
  out +=
      "    esac\n"
      "  done\n"
      "  case \"$verb\" in\n";
  EachVerb(app, {app.get_name()}, [&](const CLI::App& verb, const std::vector<std::string>& words) {
    out += "    '" + JoinedBy(words, " ") + "') next=(\n";
    for (const CLI::App* below : VerbsOf(verb))
      out += "      '" + below->get_name() + ":" + ZshText(below->get_description()) + "'\n";
    for (const CLI::Option* flag : FlagsOf(verb))
      for (const std::string& name : NamesOfFlag(*flag))
        out += "      '" + name + ":" + ZshText(flag->get_description()) + "'\n";
    out += "      ) ;;\n";
  });
  return out +
         "  esac\n"
         "  _describe 'outpost' next || _files\n"
         "}\n"
         "_outpost \"$@\"\n";
}

}  // namespace outpost::cli
