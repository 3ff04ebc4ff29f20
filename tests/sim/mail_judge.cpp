#include "tests/sim/mail_judge.h"

#include <algorithm>

#include "tests/sim/oracle_words.h"

namespace outpost::sim {
namespace {

std::string Name(const MailEdit& edit) {
  return Who(edit.client) + " " + StepName(edit.what) + (edit.on ? " on " : " ") + edit.name +
         (edit.target.empty() ? "" : " -> " + edit.target) + " (event " + std::to_string(edit.seq) + ")";
}

bool IsFolderEdit(StepKind what) { return what >= StepKind::kMailFolderNew && what <= StepKind::kMailFolderDelete; }

bool HasTitle(const std::string& path, const std::string& title) { return HasPart(path, title, '/'); }

std::string LastTitle(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool IsIn(const std::string& path, const std::string& above) { return path == above || path.starts_with(above + "/"); }

const char* GroupOf(StepKind what) {
  switch (what) {
    case StepKind::kMailSeen:
      return "seen";
    case StepKind::kMailFlag:
      return "flagged";
    case StepKind::kMailMove:
      return "folder";
    case StepKind::kMailFolderRename:
      return "title";
    default:
      return "existence";
  }
}
const char* GroupOf(const MailEdit& edit) {
  return edit.what == StepKind::kMailDelete && !edit.for_good ? "folder" : GroupOf(edit.what);
}

}  // namespace

void MailJudge::Typed(MailEdit edit) {
  edit.writes_before = writes_.size();
  if (const auto at = now_.mails.find(edit.name); at != now_.mails.end() && !at->second.empty()) {
    const MailPlace& place = at->second.front();
    edit.was = (edit.what == StepKind::kMailSeen && place.seen == edit.on) ||
               (edit.what == StepKind::kMailFlag && place.flagged == edit.on) ||
               (!edit.target.empty() && place.folder == edit.target);
  }
  if (tell) tell(Name(edit));
  edits_.push_back(std::move(edit));
}

bool MailJudge::WasTyped(Actor client, const std::string& name, std::initializer_list<StepKind> kinds) const {
  return std::any_of(edits_.begin(), edits_.end(), [&](const MailEdit& edit) {
    return edit.client == client && edit.name == name &&
           std::find(kinds.begin(), kinds.end(), edit.what) != kinds.end();
  });
}

std::set<std::string> MailJudge::TitlesOf(const MailEdit& edit) const {
  std::set<std::string> titles{edit.name};
  for (const MailEdit& one : edits_)
    if (one.client == edit.client && one.item == edit.item) titles.insert(one.name);
  return titles;
}

bool MailJudge::DeletedWithFolder(Actor client, const std::string& path) const {
  return std::any_of(edits_.begin(), edits_.end(), [&](const MailEdit& edit) {
    if (edit.client != client || edit.what != StepKind::kMailFolderDelete) return false;
    if (!edit.target.empty() && HasTitle(path, LastTitle(edit.target))) return true;
    const auto titles = TitlesOf(edit);
    return std::any_of(titles.begin(), titles.end(), [&](const std::string& title) { return HasTitle(path, title); });
  });
}

void MailJudge::Wrote(MailWrite write) {
  write.n = writes_.size() + 1;
  static constexpr const char* kWords[] = {"made mail",    "removed mail", "moved mail",    "seen of mail",
                                           "flag of mail", "made folder",  "removed folder"};
  if (tell)
    tell(Who(write.actor) + " " + kWords[static_cast<int>(write.change)] + " " + write.name +
         (write.on ? " on " : " ") + write.from + " -> " + write.to);
  if (write.actor != kElsewhere) {
    const std::string what = Who(write.actor) + " " + kWords[static_cast<int>(write.change)] + " " + write.name;
    switch (write.change) {
      case Change::kMade:
        JudgeMade(write);
        break;
      case Change::kGone:
        JudgeGone(write);
        break;
      case Change::kMoved:
        if (!WasTyped(write.actor, write.name, {StepKind::kMailMove, StepKind::kMailDelete}))
          fail(what + " from " + write.from + " to " + write.to + ", which nobody did there");
        break;
      case Change::kSeen:
      case Change::kFlagged: {
        const StepKind kind = write.change == Change::kSeen ? StepKind::kMailSeen : StepKind::kMailFlag;
        if (std::none_of(edits_.begin(), edits_.end(), [&](const MailEdit& edit) {
              return edit.client == write.actor && edit.name == write.name && edit.what == kind && edit.on == write.on;
            }))
          fail(what + (write.on ? " on" : " off") + ", which nobody did there");
        break;
      }
      case Change::kFolderMade: {
        if (!WasTyped(write.actor, LastTitle(write.name), {StepKind::kMailFolderNew, StepKind::kMailFolderRename}))
          fail(what + ", which nobody made there");
        const bool again = std::any_of(writes_.begin(), writes_.end(), [&](const MailWrite& one) {
          return one.actor == write.actor && one.change == Change::kFolderMade &&
                 LastTitle(one.name) == LastTitle(write.name);
        });
        if (again && policy_ == Policy::kServerWins) fail(what + " twice");
        break;
      }
      case Change::kFolderGone:
        if (!DeletedWithFolder(write.actor, write.name)) fail(what + ", which nobody deleted there");
        break;
    }
  }
  writes_.push_back(std::move(write));
}

void MailJudge::JudgeMade(const MailWrite& write) {
  const std::string what = Who(write.actor) + " made mail " + write.name;
  bool gone_elsewhere = false, made = false;
  for (const MailWrite& one : writes_) {
    if (one.name != write.name) continue;
    made = made || one.change == Change::kMade;
    gone_elsewhere = gone_elsewhere || (one.change == Change::kGone && one.actor != write.actor);
  }
  if (!made && WasTyped(write.actor, write.name, {StepKind::kMailDraft, StepKind::kMailSend})) return;
  const bool edited = std::any_of(edits_.begin(), edits_.end(), [&](const MailEdit& edit) {
    return edit.client == write.actor && edit.name == write.name;
  });
  if (made && gone_elsewhere && edited && policy_ == Policy::kClientWins) return;
  fail(what + (made ? " again after it was deleted" : ", which nobody wrote there"));
}

void MailJudge::JudgeGone(const MailWrite& write) {
  if (DeletedWithFolder(write.actor, write.from)) return;
  if (std::any_of(edits_.begin(), edits_.end(), [&](const MailEdit& edit) {
        return edit.client == write.actor && edit.name == write.name && edit.what == StepKind::kMailDelete &&
               edit.for_good;
      }))
    return;
  fail(Who(write.actor) + " removed mail " + write.name + " from " + write.from + ", which nobody deleted there");
}

// One that is called or placed otherwise is another path; what is in it went with it, and did nothing itself.
void MailJudge::NoteFolders(const MailTree& now, Actor actor) {
  std::vector<std::string> made, gone;
  std::set_difference(now.folders.begin(), now.folders.end(), now_.folders.begin(), now_.folders.end(),
                      std::back_inserter(made));
  std::set_difference(now_.folders.begin(), now_.folders.end(), now.folders.begin(), now.folders.end(),
                      std::back_inserter(gone));
  const bool renamed = !made.empty() && !gone.empty();
  for (const std::string& path : made)
    if (renamed) {
      const bool typed = actor == kElsewhere ||
                         WasTyped(actor, LastTitle(path), {StepKind::kMailFolderNew, StepKind::kMailFolderRename}) ||
                         DeletedWithFolder(actor, path) ||
                         std::any_of(gone.begin(), gone.end(), [&](const std::string& from) {
                           return LastTitle(from) == LastTitle(path);  // it came along
                         });
      if (!typed) fail(Who(actor) + " called a folder " + path + ", which nobody did there");
      if (tell) tell(Who(actor) + " has folder " + path + " in place of another");
      writes_.push_back({writes_.size() + 1, actor, Change::kFolderMade, path, false, "", path});
    } else {
      Wrote({0, actor, Change::kFolderMade, path, false, "", path});
    }
  for (const std::string& path : gone)
    if (renamed)
      writes_.push_back({writes_.size() + 1, actor, Change::kFolderGone, path, false, path, ""});
    else
      Wrote({0, actor, Change::kFolderGone, path, false, path, ""});
}

void MailJudge::NoteMail(const std::string& subject, const std::vector<MailPlace>& before,
                         const std::vector<MailPlace>& after, const MailTree& now, Actor actor) {
  if (after.size() > 1 && after.size() > before.size()) fail(Who(actor) + " made mail " + subject + " twice");
  if (before.empty() && after.empty()) return;
  if (before.empty()) return Wrote({0, actor, Change::kMade, subject, false, "", after.front().folder});
  if (after.empty()) return Wrote({0, actor, Change::kGone, subject, false, before.front().folder, ""});
  const MailPlace &was = before.front(), &is = after.front();
  if (was.folder != is.folder && now.folders.contains(was.folder))  // else its folder went there
    Wrote({0, actor, Change::kMoved, subject, false, was.folder, is.folder});
  if (was.seen != is.seen) Wrote({0, actor, Change::kSeen, subject, is.seen, is.folder, is.folder});
  if (was.flagged != is.flagged) Wrote({0, actor, Change::kFlagged, subject, is.flagged, is.folder, is.folder});
}

void MailJudge::Seen(MailTree now, Actor actor) {
  NoteFolders(now, actor);
  static const std::vector<MailPlace> kNone;
  std::set<std::string> subjects;
  for (const auto* tree : {&now_, &now})
    for (const auto& [subject, places] : tree->mails) subjects.insert(subject);
  for (const std::string& subject : subjects) {
    const auto before = now_.mails.find(subject), after = now.mails.find(subject);
    NoteMail(subject, before != now_.mails.end() ? before->second : kNone,
             after != now.mails.end() ? after->second : kNone, now, actor);
  }
  now_ = std::move(now);
}

bool MailJudge::Concerns(const MailEdit& edit, const MailWrite& write) const {
  if (write.n <= edit.writes_before) return false;
  if (edit.what == StepKind::kMailFolderNew) return TitlesOf(edit).contains(LastTitle(write.name));
  if (IsFolderEdit(edit.what)) return LastTitle(write.name) == edit.name;
  return write.name == edit.name;
}

// The server came to be as the edit wants it, whoever saw to it.
bool MailJudge::Arrived(const MailEdit& edit) const {
  return edit.was || std::any_of(writes_.begin(), writes_.end(), [&](const MailWrite& write) {
           if (!Concerns(edit, write)) return false;
           switch (edit.what) {
             case StepKind::kMailSeen:
               return write.change == Change::kSeen && write.on == edit.on;
             case StepKind::kMailFlag:
               return write.change == Change::kFlagged && write.on == edit.on;
             case StepKind::kMailMove:
               return write.change == Change::kMoved &&
                      (write.to == edit.target || write.actor == edit.client);  // it may be called otherwise
             case StepKind::kMailDelete:
               return write.change == Change::kGone ||
                      (write.change == Change::kMoved && write.to.starts_with(kTrashPath));
             case StepKind::kMailDraft:
             case StepKind::kMailSend:
               return write.change == Change::kMade;
             default:
               return write.change == Change::kFolderMade;
           }
         });
}

bool MailJudge::Superseded(const MailEdit& edit) const {
  return std::any_of(edits_.begin(), edits_.end(), [&](const MailEdit& later) {
    if (&later <= &edit || later.client != edit.client || later.item != edit.item) return false;
    return later.what == StepKind::kMailFolderDelete || (later.what == StepKind::kMailDelete && later.for_good) ||
           std::string(GroupOf(later)) == GroupOf(edit);
  });
}

void MailJudge::JudgeFolderEdit(const MailEdit& edit, const MailAccount* folder) {
  const bool kept = folder != nullptr && [&] {
    for (const auto* one : {&folder->lost, &folder->parked})
      for (const auto& [seq, group] : *one)
        if (seq >= edit.seq && (group == GroupOf(edit) || group == "existence")) return true;
    return false;
  }();
  if (edit.what != StepKind::kMailFolderDelete) {
    if (kept || Superseded(edit) || Arrived(edit)) return;
    // It is where somebody else put it, or he threw it away.
    return fail("lost: " + Name(edit) + " neither reached the server nor can it be had back");
  }
  if (folder == nullptr || !folder->visible) return;
  if (!kept) return fail("risen: " + Name(edit) + ", and there it is again");
  const bool lost = std::any_of(folder->lost.begin(), folder->lost.end(),
                                [&](const auto& one) { return one.first >= edit.seq && one.second == "existence"; });
  if (!lost) return;
  const bool others = std::any_of(writes_.begin(), writes_.end(), [&](const MailWrite& write) {
    if (write.actor == edit.client) return false;
    for (const std::string* path : {&write.from, &write.to})
      if (HasTitle(*path, edit.name) || (!edit.target.empty() && IsIn(*path, edit.target))) return true;
    return false;
  });
  if (!others) fail("a conflict that was none: " + Name(edit) + " lost though nobody else was at it");
}

void MailJudge::JudgeEdit(const MailEdit& edit, const Mailbag& bag) {
  if (edit.seq == 0) return;  // the disk failed: it may or may not be there
  const auto at = bag.find(edit.item);
  const MailAccount* item = at != bag.end() ? &at->second : nullptr;
  if (item != nullptr && item->pending.contains(edit.seq))
    return fail("still waiting to be sent after all has healed: " + Name(edit));
  if (IsFolderEdit(edit.what)) return JudgeFolderEdit(edit, item);
  if (Arrived(edit) || Superseded(edit)) return;
  if (item != nullptr)
    for (const auto* kept : {&item->lost, &item->parked})
      for (const auto& [seq, group] : *kept)
        if (seq >= edit.seq && (group == GroupOf(edit) || group == "existence")) return;
  // He deleted it himself, or its folder; or it is to him as if he had.
  const bool gone_here = std::any_of(writes_.begin(), writes_.end(), [&](const MailWrite& write) {
    return Concerns(edit, write) && write.change == Change::kGone && write.actor == edit.client;
  });
  const auto there = now_.mails.find(edit.name);
  const bool thrown_away = there == now_.mails.end() || there->second.front().folder.starts_with(kTrashPath);
  if (gone_here || (edit.what == StepKind::kMailDelete && thrown_away)) return;
  fail("lost: " + Name(edit) + " neither reached the server nor can it be had back");
}

void MailJudge::JudgeClient(int client, const Mailbag& bag) {
  for (const MailEdit& edit : edits_)
    if (edit.client == client) JudgeEdit(edit, bag);
  MailTree here;
  for (const auto& [id, item] : bag) {
    if (!item.on_server || !item.visible) continue;
    if (item.folder) {
      here.folders.insert(item.place.folder);
    } else {
      here.mails[item.name].push_back(item.place);
      if (item.parked.empty() && item.shown != item.place)
        fail(Who(client) + " shows mail " + item.name + " otherwise than the server has it");
    }
  }
  for (const std::string& path : now_.folders)
    if (!here.folders.contains(path)) fail(Who(client) + " lacks folder " + path + " of the server");
  for (const std::string& path : here.folders)
    if (!now_.folders.contains(path)) fail(Who(client) + " has folder " + path + ", which is not on the server");
  const auto words = [](const std::vector<MailPlace>& places) {
    std::string text;
    for (const MailPlace& place : places)
      text += " " + place.folder + (place.seen ? " seen" : "") + (place.flagged ? " flagged" : "");
    return text;
  };
  for (const auto& [subject, places] : now_.mails) {
    const auto at = here.mails.find(subject);
    if (at == here.mails.end())
      fail(Who(client) + " lacks mail " + subject + " of the server, in" + words(places));
    else if (at->second != places)
      fail(Who(client) + " has mail " + subject + " as" + words(at->second) + " where the server has" + words(places));
  }
  for (const auto& [subject, places] : here.mails)
    if (!now_.mails.contains(subject))
      fail(Who(client) + " has mail " + subject + " in" + words(places) + ", which is not on the server");
}

void MailJudge::JudgeDelivered(const std::vector<std::string>& subjects, const std::vector<Mailbag>& bags) {
  std::map<std::string, std::size_t> got;
  for (const std::string& subject : subjects)
    if (++got[subject] == 2) fail("mail " + subject + " was sent twice");
  for (const MailEdit& edit : edits_) {
    if (edit.what != StepKind::kMailSend || edit.seq == 0 || got.contains(edit.name)) continue;
    const auto& bag = bags[static_cast<std::size_t>(edit.client)];
    const auto at = bag.find(edit.item);
    const bool kept = at != bag.end() && (!at->second.lost.empty() || !at->second.parked.empty());
    if (!kept && !Superseded(edit)) fail("lost: " + Name(edit) + " was sent to nobody, and is not parked");
  }
}

std::map<std::string, std::uint64_t> MailJudge::Cells() const {
  std::map<std::string, std::uint64_t> cells;
  const std::string policy = policy_ == Policy::kServerWins ? "server-wins: " : "client-wins: ";
  const auto here = [](const MailEdit& edit) -> std::string {
    switch (edit.what) {
      case StepKind::kMailSeen:
      case StepKind::kMailFlag:
        return "mail flag";
      case StepKind::kMailMove:
        return "mail move";
      case StepKind::kMailDelete:
        return "mail delete";
      case StepKind::kMailFolderRename:
        return "mail folder rename";
      case StepKind::kMailFolderDelete:
        return "mail folder delete";
      default:
        return "";
    }
  };
  const auto there = [](const MailWrite& write) -> std::string {
    switch (write.change) {
      case Change::kSeen:
      case Change::kFlagged:
        return "mail flag";
      case Change::kMoved:
        return "mail move";
      case Change::kGone:
        return "mail delete";
      default:
        return "";
    }
  };
  for (const MailEdit& edit : edits_) {
    if (here(edit).empty() || IsFolderEdit(edit.what)) continue;
    for (const MailWrite& write : writes_) {
      if (!Concerns(edit, write)) continue;
      if (write.actor == edit.client) break;  // it may have arrived by then
      if (!there(write).empty()) ++cells[policy + here(edit) + " / " + there(write)];
    }
  }
  return cells;
}

}  // namespace outpost::sim
