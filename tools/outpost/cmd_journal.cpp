#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "tools/outpost/journal_verbs.h"

namespace outpost::cli {
namespace {

using Verb = Result<int> (*)(const Common&, const JournalArguments&);

CLI::App& Add(Program& program, CLI::App& group, const char* name, const char* about, Verb verb, JournalArguments*& arguments) {
  auto owned = std::make_shared<JournalArguments>();
  arguments = owned.get();
  return AddVerb(program, group, name, about, [owned, verb](const Common& common) { return verb(common, *owned); });
}

void AddContent(CLI::App& verb, JournalArguments& arguments) {
  verb.add_flag("--content", arguments.content, "Show what people wrote; hidden otherwise");
}

}  // namespace

void AddJournal(Program& program, CLI::App& app) {
  CLI::App& group = AddGroup(app, "journal", "Look into the journal; never changes it");
  JournalArguments* arguments = nullptr;
  {
    CLI::App& verb = Add(program, group, "log", "The events, oldest first", JournalLog, arguments);
    verb.add_option("--from", arguments->from, "First sequence")->type_name("SEQ");
    verb.add_option("--to", arguments->to, "Last sequence")->type_name("SEQ");
    verb.add_option("--last", arguments->last, "Only the last N of them")->type_name("N");
    verb.add_option("--kind", arguments->kinds, "Only these kinds (repeatable): local_changed, outcome, ...")->type_name("KIND");
    AddContent(verb, *arguments);
  }
  {
    CLI::App& verb = Add(program, group, "show", "One event in full", JournalShow, arguments);
    verb.add_option("SEQ", arguments->seq, "Its sequence")->required();
    AddContent(verb, *arguments);
  }
  {
    CLI::App& verb = Add(program, group, "item", "An item's state and its whole history", JournalItem, arguments);
    verb.add_option("ID", arguments->item, "The item's id")->required();
    AddContent(verb, *arguments);
  }
  AddContent(Add(program, group, "queue", "Edits the server has yet to learn, oldest first", JournalQueue, arguments), *arguments);
  AddContent(Add(program, group, "parked", "What the server refused, and why", JournalParked, arguments), *arguments);
  AddContent(Add(program, group, "conflicts", "Which side lost where both changed the same", JournalConflicts, arguments), *arguments);
  AddContent(Add(program, group, "tree", "The folders, what they hold and how far they are read", JournalTree, arguments), *arguments);
  Add(program, group, "stats", "Counts of everything", JournalStatsVerb, arguments);
  Add(program, group, "audit", "Has every edit exactly one outcome?", JournalAudit, arguments);
  CLI::App& verify = Add(program, group, "verify", "Is every byte as it was written?", JournalVerify, arguments);
  verify.add_flag("--rebuild", arguments->rebuild, "Also fold all events again and compare with the stored state");
}

}  // namespace outpost::cli
