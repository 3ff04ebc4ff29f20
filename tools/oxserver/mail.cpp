// The reading half of the mail module (http-api.md 10.1); mail_writes.cpp has the other.
#include "tools/oxserver/mail.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/oxserver/multipart.h"

namespace outpost::oxserver {
namespace {

struct Special {
  const char* title;
  int kind;  // standard_folder_type
};
constexpr Special kSpecials[] = {{"INBOX", 7}, {"Drafts", 9}, {"Sent", 10}, {"Spam", 11}, {"Trash", 12}};
// Nothing can be read in the root, folders can be made in it.
constexpr std::uint32_t kMailRootBits = 4;

Api<Answer> Rows(const Request& request, const Folder& folder, const std::vector<const Mail*>& mails) {
  OUTPOST_TRY(const auto columns, ParseMailColumns(request.params));
  Answer answer;
  answer.data = "[";
  for (const Mail* mail : mails) {
    if (answer.data.size() > 1) answer.data += ',';
    AppendMailRow(answer.data, {&folder, mail}, columns, *request.zone);
  }
  answer.data += ']';
  return answer;
}

Api<const Folder*> FolderOf(const World& world, const Request& request) {
  OUTPOST_TRY(const auto id, request.params.Need("folder"));
  return FindMailFolder(world, request.user, id);
}

// Newest first unless told.
Api<void> SortMails(const Request& request, std::vector<const Mail*>& mails) {
  OUTPOST_TRY(const auto column, request.params.FindNumber("sort"));
  const auto order = request.params.Find("order");
  if (column && !order) return MissingParameter("order");
  const bool down = !order || EqualNoCase(*order, "desc");
  std::stable_sort(mails.begin(), mails.end(), [&](const Mail* a, const Mail* b) {
    const int sign = CompareMails(*a, *b, static_cast<int>(column.value_or(610)));
    return down ? sign > 0 : sign < 0;
  });
  return Ok();
}

Api<Answer> AllMails(World& world, const Request& request) {
  OUTPOST_TRY(const Folder* folder, FolderOf(world, request));
  OUTPOST_TRY(const auto left, request.params.FindNumber("left_hand_limit"));
  OUTPOST_TRY(const auto right, request.params.FindNumber("right_hand_limit"));
  OUTPOST_TRY(const auto limit, request.params.FindNumber("limit"));
  const bool unseen_only = request.params.IsTrue("unseen");
  const bool deleted_too = request.params.Find("deleted").value_or("true") != "false";
  std::vector<const Mail*> mails;
  for (const auto& [id, mail] : world.state.MailboxOf(folder->id).mails) {
    if (unseen_only && (mail.flags & kSeen) != 0) continue;
    if (!deleted_too && (mail.flags & kDeleted) != 0) continue;
    mails.push_back(&mail);
  }
  OUTPOST_TRYV(SortMails(request, mails));
  const auto count = static_cast<std::int64_t>(mails.size());
  const std::int64_t from = std::clamp<std::int64_t>(left.value_or(0), 0, count);
  const std::int64_t to = std::clamp<std::int64_t>(right ? *right : limit.value_or(count), from, count);
  mails = std::vector<const Mail*>(mails.begin() + from, mails.begin() + to);
  OUTPOST_TRY(auto answer, Rows(request, *folder, mails));
  // Recent is what nobody was shown before.
  const auto shown = world.state.MailboxOf(folder->id).mails;
  for (const auto& [id, mail] : shown) {
    if ((mail.flags & kRecent) == 0) continue;
    Mail old = mail;
    old.flags &= ~kRecent;
    world.state.PutMail(folder->id, std::move(old));
  }
  return answer;
}

// Mails that are not there are left out, of whatever folder.
Api<Answer> ListMails(const World& world, const Request& request) {
  OUTPOST_TRY(const Json* refs, NeedArray(request));
  OUTPOST_TRY(const auto columns, ParseMailColumns(request.params));
  Answer answer;
  answer.data = "[";
  for (const auto& ref : *refs) {
    const auto id = ref.is_object() && ref.contains("id") ? ScalarText(ref["id"]) : std::nullopt;
    const auto place = ref.is_object() && ref.contains("folder") ? ScalarText(ref["folder"]) : std::nullopt;
    if (!id || !place) return BadJson();
    OUTPOST_TRY(const Folder* folder, FindMailFolder(world, request.user, *place));
    const auto& mails = world.state.MailboxOf(folder->id).mails;
    const auto found = mails.find(ParseNumber(*id).value_or(0));
    if (found == mails.end()) continue;
    if (answer.data.size() > 1) answer.data += ',';
    AppendMailRow(answer.data, {folder, &found->second}, columns, *request.zone);
  }
  answer.data += ']';
  return answer;
}

Api<Answer> Examine(const World& world, const Request& request) {
  OUTPOST_TRY(const Folder* folder, FolderOf(world, request));
  const Mailbox& box = world.state.MailboxOf(folder->id);
  return Answer{
      "{\"validity\":" + Quoted(std::to_string(box.validity)) + ",\"total\":" + std::to_string(box.mails.size()) +
          ",\"unread\":" + std::to_string(CountUnread(box)) + ",\"next\":" + Quoted(std::to_string(box.next)) + "}",
      std::nullopt,
      {}};
}

Api<Answer> GetMail(World& world, const Request& request) {
  OUTPOST_TRY(const MailRef ref, OpenMail(world, request));
  if (request.params.IsTrue("src")) return Answer{SourceText(ref.mail->source->bytes), std::nullopt, {}};
  if (request.params.IsTrue("hdr")) return Answer{SourceText(HeaderBlock(ref.mail->source->bytes)), std::nullopt, {}};
  Answer answer;
  AppendMailObject(answer.data, world, ref, *request.zone, request.params.IsTrue("attach_src"));
  return answer;
}

// http-api.md 10.1: on IMAP there is no news by this call.
Api<Answer> MailUpdates(const World& world, const Request& request) {
  OUTPOST_TRYV(FolderOf(world, request));
  OUTPOST_TRYV(ParseMailColumns(request.params));
  return Answer{"[]", std::nullopt, {}};
}

Api<HttpResponse> RawAttachment(World& world, const Request& request) {
  const auto id = request.params.Find("attachment"), cid = request.params.Find("cid");
  if (!id && !cid) return MissingParameter("attachment");
  OUTPOST_TRY(const MailRef ref, OpenMail(world, request));
  for (auto& part : ReadMailParts(ref.mail->source->bytes)) {
    if (id ? part.id != *id : part.content_id != *cid) continue;
    return HttpResponse{200, {{"Content-Type", part.content_type}}, std::move(part.content)};
  }
  return MailError("MSG-0049", Category::kError, "There is no such attachment.", id.value_or(*cid));
}

Api<Answer> ImportMails(World& world, const Request& request, const HttpRequest& http) {
  OUTPOST_TRY(const Folder* folder, FolderOf(world, request));
  OUTPOST_TRY(const auto flags, request.params.FindNumber("flags"));
  Answer answer;
  for (const auto& part : ParseMultipart(FindHeader(http.headers, "Content-Type"), http.body)) {
    if (part.name.substr(0, 4) != "file") continue;
    OUTPOST_TRY(const auto id, StoreMail(world, request.user, *folder, part.content,
                                         static_cast<int>(flags.value_or(0)), request.params.IsTrue("force")));
    answer.data += (answer.data.empty() ? "[" : ",") + ("{\"folder_id\":" + Quoted(folder->path)) +
                   ",\"id\":" + Quoted(std::to_string(id)) + "}";
  }
  if (answer.data.empty()) return ApiError{"MSG-0048", Category::kUserInput, "No file was uploaded.", {}, {}, {}};
  answer.data += "]";
  return answer;
}

// A root, and the folders that it starts with.
void FurnishMailAccount(World& world, int user, std::uint32_t number) {
  Folder folder;
  folder.module = FolderModule::kMail;
  folder.owner = folder.created_by = folder.modified_by = user;
  folder.created = folder.modified = world.stamps.Now();  // nobody is told of them by a delta
  folder.is_default = true;
  folder.id = world.state.NextId(FolderModule::kMail);
  folder.parent = kPrivateRoot;
  folder.title = number == 0 ? "E-Mail" : "Account " + std::to_string(number + 1);
  folder.permissions = {{user, false, kMailRootBits}};
  world.state.PutFolder(folder);
  folder.parent = folder.id;
  folder.permissions = {{user, false, kOwnerBits}};
  for (const auto& special : kSpecials) {
    folder.id = world.state.NextId(FolderModule::kMail);
    folder.title = special.title;
    world.state.PutFolder(folder);
    world.state.ResetMailbox(folder.id, world.stamps.Now() / 1000);
  }
}

}  // namespace

ApiError MailError(const char* code, Category category, const std::string& text, std::string_view what) {
  return {code, category, text, {std::string(what)}, {}, {}};
}

ApiError MailNotFound(std::string_view id, std::string_view folder) {
  return {"MSG-0032",
          Category::kUserInput,
          "The mail could not be found in the folder.",
          {std::string(id), std::string(folder)},
          {},
          {}};
}

int MailFolderKind(const Folder& folder) {
  if (folder.module != FolderModule::kMail || !folder.is_default) return 0;
  const auto slash = folder.path.find('/');
  for (const auto& special : kSpecials)
    if (slash != std::string::npos && folder.path.substr(slash + 1) == special.title) return special.kind;
  return 0;
}

Api<const Folder*> FindMailFolder(const World& world, int user, std::string_view id) {
  for (const auto& [key, folder] : world.state.folders()) {
    if (folder.module != FolderModule::kMail || folder.owner != user || folder.path != id) continue;
    if (folder.parent == kPrivateRoot)
      return MailError("IMAP-2022", Category::kError, "The folder holds no mails.", id);
    return &folder;
  }
  return MailError("IMAP-1002", Category::kError, "The mail folder could not be found.", id);
}

const Folder* SpecialFolder(const World& world, int user, std::string_view title) {
  const auto found = FindMailFolder(world, user, "default0/" + std::string(title));
  return found ? found.value() : nullptr;
}

const Folder* SpecialFolderBeside(const World& world, const Folder& folder, std::string_view title) {
  const auto found =
      FindMailFolder(world, folder.owner, folder.path.substr(0, folder.path.find('/') + 1) + std::string(title));
  return found ? found.value() : nullptr;
}

bool IsInTrash(const World& world, const Folder& folder) {
  for (const Folder* at = &folder; at != nullptr; at = world.state.FindFolder(at->parent))
    if (MailFolderKind(*at) == 12) return true;
  return false;
}

std::size_t CountUnread(const Mailbox& box) {
  return static_cast<std::size_t>(std::count_if(box.mails.begin(), box.mails.end(),
                                                [](const auto& entry) { return (entry.second.flags & kSeen) == 0; }));
}

void FurnishMail(World& world, int user) {
  const auto accounts = std::ranges::count_if(world.state.folders(), [user](const auto& entry) {
    const Folder& folder = entry.second;
    return folder.module == FolderModule::kMail && folder.owner == user && folder.parent == kPrivateRoot;
  });
  for (auto number = static_cast<std::uint32_t>(accounts); number < world.options.mail_accounts; ++number)
    FurnishMailAccount(world, user, number);
}

void ResetValidity(World& world, std::string_view path) {
  std::vector<std::int64_t> ids;
  for (const auto& [id, folder] : world.state.folders())
    if (folder.module == FolderModule::kMail && folder.path == path) ids.push_back(id);
  for (const std::int64_t id : ids) {
    const Mailbox old = world.state.MailboxOf(id);
    world.state.ResetMailbox(id, old.validity + 1);
    // Numbered backwards, so that ids known from before are other mails'.
    for (auto mail = old.mails.rbegin(); mail != old.mails.rend(); ++mail) {
      Mail again = mail->second;
      again.id = 0;
      world.state.PutMail(id, std::move(again));
    }
  }
}

Api<MailRef> OpenMail(World& world, const Request& request) {
  OUTPOST_TRY(const Folder* folder, FolderOf(world, request));
  const auto id = request.params.Find("id"), message = request.params.Find("message_id");
  if (!id && !message) return MissingParameter("id");
  const auto& mails = world.state.MailboxOf(folder->id).mails;
  for (const auto& [number, mail] : mails) {
    if (id ? number != ParseNumber(*id).value_or(0) : mail.source->facts.message_id != *message) continue;
    if (!request.params.IsTrue("unseen") && (mail.flags & kSeen) == 0) {
      Mail seen = mail;
      seen.flags |= kSeen;
      world.state.PutMail(folder->id, std::move(seen));
    }
    return MailRef{folder, &mails.find(number)->second};
  }
  return MailNotFound(id.value_or(message.value_or("")), folder->path);
}

Api<Answer> HandleMail(World& world, const Request& request) {
  if (request.action == "all") return AllMails(world, request);
  if (request.action == "list") return ListMails(world, request);
  if (request.action == "examine") return Examine(world, request);
  if (request.action == "get") return GetMail(world, request);
  if (request.action == "updates") return MailUpdates(world, request);
  if (request.action == "count") {
    OUTPOST_TRY(const Folder* folder, FolderOf(world, request));
    return Answer{std::to_string(world.state.MailboxOf(folder->id).mails.size()), std::nullopt, {}};
  }
  if (request.action == "new") return NewMail(world, request);
  if (request.action == "update") return UpdateMail(world, request);
  if (request.action == "copy") return CopyMail(world, request);
  if (request.action == "delete") return DeleteMails(world, request);
  if (request.action == "receipt_ack") return AcknowledgeMail(world, request);
  if (request.action == "clear") return ClearMails(world, request);
  if (request.action == "all_seen") return SeeAllMails(world, request);
  return UnknownAction("mail", request.action);
}

std::optional<HttpResponse> HandleMailBytes(World& world, const Request& request, const HttpRequest& http,
                                            std::string_view error_id) {
  if (request.action == "import")
    return HttpResponse{200,
                        {{"Content-Type", "text/html; charset=UTF-8"}},
                        CallbackPage("import", ImportMails(world, request, http), error_id)};
  Api<HttpResponse> response = HttpResponse{};
  if (request.action == "attachment") {
    response = RawAttachment(world, request);
  } else if (request.action == "get" && request.params.IsTrue("src") && request.params.IsTrue("save")) {
    const auto opened = OpenMail(world, request);
    if (opened)
      response = HttpResponse{200, {{"Content-Type", "application/octet-stream"}}, opened.value().mail->source->bytes};
    else
      response = opened.error();
  } else {
    return std::nullopt;
  }
  if (response) return std::move(response).value();
  std::string body;
  AppendEnvelope(body, Api<Answer>(response.error()), error_id);
  return HttpResponse{200, {{"Content-Type", "application/json; charset=UTF-8"}}, std::move(body)};
}

}  // namespace outpost::oxserver
