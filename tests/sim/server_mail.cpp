// What happens to mails on the simulated server.
#include <algorithm>

#include "base/check.h"
#include "tests/sim/letter.h"
#include "tests/sim/server.h"

namespace outpost::sim {
namespace {

constexpr int kFlagged = 8, kSeen = 32;  // http-api.md 10.3

}  // namespace

bool Server::WritesMails(const oxserver::HttpRequest& request) {
  const std::string text = request.target + request.body;
  if (text.find("mail") == std::string::npos && text.find("folders") == std::string::npos) return false;
  for (const char* action : {"new", "update", "delete", "copy", "import", "clear", "all_seen"})
    if (text.find(std::string("\"") + action + "\"") != std::string::npos ||
        text.find(std::string("action=") + action) != std::string::npos)
      return true;
  return false;
}

MailTree Server::Mails() {
  MailTree tree;
  std::vector<std::string> above{"default0"};
  while (!above.empty()) {
    const std::string parent = above.back();
    above.pop_back();
    const auto children = Api().ListFolders(parent);
    OUTPOST_CHECK(children);
    for (const oxserver::FolderInfo& child : children.value()) {
      tree.folders.insert(child.id);
      above.push_back(child.id);
      const auto mails = Api().ListMails(child.id);
      OUTPOST_CHECK(mails);
      for (const oxserver::MailInfo& mail : mails.value())
        tree.mails[mail.subject].push_back({child.id, (mail.flags & kSeen) != 0, (mail.flags & kFlagged) != 0});
    }
  }
  return tree;
}

void Server::NoteMails(Actor actor) { oracle_.mails->Seen(Mails(), actor); }

std::vector<std::string> Server::Delivered() {
  std::vector<std::string> subjects;
  const auto mails = SignedIn(sharer_).ListMails(kInboxPath);
  OUTPOST_CHECK(mails);
  for (const oxserver::MailInfo& mail : mails.value()) subjects.push_back(mail.subject);
  return subjects;
}

void Server::DoToMail(const std::string& subject, const Step& step) {
  const auto at = oracle_.mails->now().mails.find(subject);
  if (at == oracle_.mails->now().mails.end()) return;
  const std::string path = at->second.front().folder;
  const auto listed = Api().ListMails(path);
  OUTPOST_CHECK(listed);
  std::vector<std::string> others;
  for (const std::string& other : oracle_.mails->now().folders)
    if (other != path && other.starts_with(kInboxPath)) others.push_back(other);
  for (const oxserver::MailInfo& mail : listed.value()) {
    if (mail.subject != subject) continue;
    if (step.a % 3 == 0) (void)Api().FlagMail(path, mail.id, kFlagged, 0);
    if (step.a % 3 == 1 && !others.empty()) (void)Api().MoveMail(path, mail.id, others[step.b % others.size()]);
    if (step.a % 3 == 2) (void)Api().DeleteMail(path, mail.id, true);
    break;
  }
  NoteMails(kElsewhere);
}

void Server::DoMail(const Step& step) {
  oxserver::ApiClient& api = Api();
  const MailTree& now = oracle_.mails->now();
  std::vector<std::string> places{kInboxPath}, own;  // where mails go; what people made
  for (const std::string& path : now.folders)
    if (path.starts_with(std::string(kInboxPath) + "/")) {
      places.push_back(path);
      own.push_back(path);
    }
  const auto place = [&](std::uint64_t choice) { return places[choice % places.size()]; };
  if (step.kind == StepKind::kElseMail) {
    (void)api.ImportMail(step.b % 4 == 0 ? place(step.a) : kInboxPath,
                         Letter(NextValue(), "Ada <ada@example.org>", "anna@example.com"));
  } else if (step.kind == StepKind::kElseMailIds) {
    oxserver::HandleOptions how;
    how.origin = oxserver::Origin::kInProcess;
    how.reset_validity = place(step.a);
    (void)logic_->Handle({"GET", "/ajax/system?action=ping", {}, ""}, how);
  } else if (step.kind == StepKind::kElseMailFolderNew) {
    if (own.size() < 4) (void)api.CreateFolder(place(step.a), NextValue(), "mail");
  } else if (step.kind == StepKind::kElseMailFolderRename) {
    if (!own.empty()) (void)api.RenameFolder(own[step.a % own.size()], NextValue());
  } else if (step.kind == StepKind::kElseMailFolderDrop) {
    if (!own.empty()) (void)api.DeleteFolder(own[step.a % own.size()]);
  } else {
    std::vector<std::pair<std::string, std::string>> mails;  // path and id
    for (const std::string& path : now.folders) {
      const auto listed = api.ListMails(path);
      if (listed)
        for (const oxserver::MailInfo& mail : listed.value()) mails.emplace_back(path, mail.id);
    }
    if (mails.empty()) return;
    const auto& [path, id] = mails[step.a % mails.size()];
    const int flag = step.b % 2 == 0 ? kSeen : kFlagged;
    if (step.kind == StepKind::kElseMailFlag)
      (void)(step.b % 3 == 0 ? api.FlagMail(path, id, 0, flag) : api.FlagMail(path, id, flag, 0));
    if (step.kind == StepKind::kElseMailMove && place(step.b) != path) (void)api.MoveMail(path, id, place(step.b));
    if (step.kind == StepKind::kElseMailDelete) (void)api.DeleteMail(path, id, step.b % 4 == 0);
  }
  NoteMails(kElsewhere);
}

}  // namespace outpost::sim
