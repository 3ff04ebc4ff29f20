#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "tools/outpost/journal_verbs.h"

namespace outpost::cli {
namespace {

using Verb = Result<int> (*)(const Common&, const JournalArguments&);

// A verb and where its arguments go.
struct Added {
  CLI::App& verb;
  JournalArguments& arguments;
};

Added Add(Program& program, CLI::App& group, const char* name, const char* about, Verb verb) {
  auto arguments = std::make_shared<JournalArguments>();
  CLI::App& added = AddVerb(
      program, group, name, about, [arguments, verb](const Common& common) { return verb(common, *arguments); },
      Shows::kMuch);
  return {added, *arguments};
}

Added AddShowing(Program& program, CLI::App& group, const char* name, const char* about, Verb verb) {
  const Added added = Add(program, group, name, about, verb);
  added.verb.add_flag("--content", added.arguments.content, "Show what people wrote; hidden otherwise");
  return added;
}

CLI::App& AddTelling(const Added& added, const char* about) {
  added.verb.add_option("ITEM", added.arguments.item, about);
  added.verb.add_option("--language", added.arguments.language, "en, de or fr (default: the environment's, else en)")
      ->type_name("LANGUAGE");
  return added.verb;
}

void AddConflict(const Added& added) {
  added.verb.add_option("CONFLICT", added.arguments.conflict, "The loser's sequence, or the item's id")->required();
  added.verb.add_option("GROUP", added.arguments.group, "Only this field group of it");
}

}  // namespace

void AddJournal(Program& program, CLI::App& app) {
  CLI::App& group =
      AddGroup(app, "journal", "Look into the journal, keep copies of it, and turn round what was decided");
  {
    const Added added = AddShowing(program, group, "log", "The events, oldest first", JournalLog);
    JournalArguments& wanted = added.arguments;
    added.verb.add_option("--from", wanted.from, "From this event or time on")->type_name("SEQ|TIME");
    added.verb.add_option("--to", wanted.to, "Up to this event or time")->type_name("SEQ|TIME");
    added.verb.add_option("--last", wanted.last, "Only the last N of them")
        ->check(CLI::NonNegativeNumber)
        ->type_name("N");
    added.verb.add_option("--limit", wanted.limit, "No more than N")->check(CLI::NonNegativeNumber)->type_name("N");
    const auto repeatable = [&](const char* name, std::vector<std::string>& values, const char* about) {
      return added.verb.add_option(name, values, about)
          ->expected(1)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    };
    repeatable("--kind", wanted.kinds, "Only this kind (repeatable): local_changed, outcome, ...")->type_name("KIND");
    repeatable("--origin", wanted.origins, "Only of this origin (repeatable): user, server, engine, restore")
        ->type_name("ORIGIN");
    added.verb.add_option("--item", wanted.item, "Only about this item: its id, uid, id on the server or name")
        ->type_name("ITEM");
    added.verb.add_option("--folder", wanted.folder, "Only about this folder and what is in it now")->type_name("PATH");
    added.verb.add_option("--batch", wanted.batch, "Only this request, its edits and its answers")->type_name("ID");
    added.verb.add_option("--text", wanted.text, "Only what has this text in it; with --content")->type_name("TEXT");
    added.verb.add_flag("--follow", wanted.follow, "Go on with further events as they come, until stopped");
  }
  const Added show = AddShowing(program, group, "show", "One event in full", JournalShow);
  show.verb.add_option("SEQ", show.arguments.seq, "Its sequence")->check(CLI::NonNegativeNumber)->required();
  const Added item = AddShowing(program, group, "item", "An item's state and its whole history", JournalItem);
  item.verb.add_option("ID", item.arguments.item, "Its id, uid, id on the server, or name")->required();
  constexpr const char* kItem = "Its id, its uid, its id on the server, or its name or a part of it";
  const Added why = AddShowing(program, group, "why",
                               "Why is it pending, parked, different, missing, elsewhere or doubled?", JournalWhy);
  AddTelling(why, kItem).get_option("ITEM")->required();
  const Added explain = AddShowing(program, group, "explain", "What happened, in plain sentences", JournalExplain);
  AddTelling(explain, kItem);
  explain.verb.add_option("--day", explain.arguments.day, "What happened on that day (UTC)")->type_name("DAY");
  const Added exported = AddShowing(program, group, "export", "Items in a format that others read", JournalExport);
  JournalArguments& how = exported.arguments;
  exported.verb.add_flag("--ndjson", how.ndjson, "An item of JSON in each line");
  exported.verb.add_flag("--vcf", how.vcf, "Contacts as vCards 3.0");
  exported.verb.add_flag("--vcard4", how.vcard4, "With --vcf: 4.0, distribution lists too");
  exported.verb.add_flag("--ics", how.ics, "Appointments and tasks as iCalendar");
  exported.verb.add_flag("--eml", how.eml, "Mails as they are on the server");
  exported.verb.add_flag("--csv", how.csv, "Items of one type as a table");
  exported.verb.add_option("--folder", how.folder, "Only what is in this folder")->type_name("PATH");
  exported.verb.add_option("--type", how.type, "Only items of this type")->type_name("TYPE");
  exported.verb.add_option("--item", how.item, "Only this item: its id, uid, id on the server or name")
      ->type_name("ITEM");
  exported.verb.add_option("--at", how.at, "As they stood after this event, or at this time")->type_name("SEQ|TIME");
  exported.verb.add_option("--out", how.out, "With --eml: the folder for a file for each mail")->type_name("DIR");
  const Added plan = Add(program, group, "plan", "What the next sync would do; nothing is changed", JournalPlan);
  plan.verb.add_flag("--password-stdin", plan.arguments.password_stdin,
                     "Read the password from the first line of standard input");
  AddShowing(program, group, "queue", "Edits the server has yet to learn, oldest first", JournalQueue);
  const Added parked = AddShowing(program, group, "parked", "What the server refused, and why", JournalParked);
  parked.verb.add_flag("--would-now-succeed", parked.arguments.would_now_succeed,
                       "Only what would pass now, by what the journal knows");
  const Added conflicts =
      AddShowing(program, group, "conflicts", "Which side lost where both changed the same", JournalConflicts);
  conflicts.verb.add_flag("--all", conflicts.arguments.all, "Also those that were settled, first");
  const Added undo = Add(program, group, "undo", "Turn the decision of a conflict round, by a new edit", JournalUndo);
  AddConflict(undo);
  undo.verb.add_flag("--over-later-edits", undo.arguments.over_later_edits,
                     "Also the fields that were changed since the decision");
  AddConflict(Add(program, group, "settle", "Let the decision of a conflict stand", JournalSettle));
  AddShowing(program, group, "tree", "The folders, what they hold and how far they are read", JournalTree);
  const Added view =
      AddShowing(program, group, "view", "A folder as it stood at any moment of the history", JournalViewVerb);
  view.verb.add_option("--folder", view.arguments.folder, "Path or id of the folder")->type_name("PATH")->required();
  view.verb.add_option("--at", view.arguments.at, "After this event, or at this time (default: now)")
      ->type_name("SEQ|TIME");
  const Added diff = AddShowing(program, group, "diff", "What looks otherwise after B than after A", JournalDiff);
  diff.verb.add_option("A..B", diff.arguments.range, "Sequences or times; without B: until now")->required();
  diff.verb.add_option("--folder", diff.arguments.folder, "Only what is or was in this folder")->type_name("PATH");
  AddShowing(program, group, "stats", "Counts and sizes of everything", JournalStatsVerb);
  Add(program, group, "audit", "Has every edit exactly one outcome?", JournalAudit);
  const Added verify = Add(program, group, "verify", "Is every byte as it was written?", JournalVerify);
  verify.verb.add_flag("--rebuild", verify.arguments.rebuild,
                       "Also fold all events again and compare with the stored state");
  verify.verb.add_option("FILE", verify.arguments.file, "A backup, instead of the account");
  Add(program, group, "rebuild", "Make the stored rows again from the events, beside those there are", JournalRebuild);
  Add(program, group, "compact", "Drop history beyond the settings' limits, and rewrite the tables", JournalCompact);
  const Added backup =
      Add(program, group, "backup", "A copy of the account in one file, while it is used", JournalBackup);
  backup.verb.add_option("FILE", backup.arguments.file, "The file to make")->required();
  backup.verb.add_flag("--force", backup.arguments.force, "Replace the file if it is there");
  const Added bundle =
      Add(program, group, "bundle", "One file for support, with all that a customer's question needs", JournalBundle);
  bundle.verb.add_option("FILE", bundle.arguments.file, "The file to make")->required();
  bundle.verb.add_flag("--content", bundle.arguments.content, "With what people wrote; else tokens stand for it");
  bundle.verb.add_flag("--force", bundle.arguments.force, "Replace the file if it is there");
  const Added replay =
      Add(program, group, "replay", "Take the planner's decisions of the last days again, and say where they differ",
          JournalReplay);
  replay.verb.add_option("FILE", replay.arguments.file, "A bundle, instead of the account");
  replay.verb.add_option("--until", replay.arguments.seq, "Up to the decisions that became this event")
      ->check(CLI::NonNegativeNumber)
      ->type_name("SEQ");
  replay.verb.add_flag("--all", replay.arguments.all, "Each of them, a line each, not only those that differ");
  const Added restore = Add(program, group, "restore", "An account from a backup", JournalRestore);
  restore.verb.add_option("FILE", restore.arguments.file, "The backup")->required();
  restore.verb.add_flag("--force", restore.arguments.force, "Move an account that is there aside");
  const Added salvage =
      Add(program, group, "salvage", "A new account from all that a damaged one still holds", JournalSalvage);
  salvage.verb.add_option("TARGET", salvage.arguments.file, "The new account: USER@HOST, or a folder")->required();
}

}  // namespace outpost::cli
