// The writing half of the mail module, delivery included.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/oxserver/events.h"
#include "tools/oxserver/mail.h"
#include "tools/oxserver/mail_filter.h"

namespace outpost::oxserver {
namespace {

// "recent" and what follows from user flags cannot be set (http-api.md 10.4).
constexpr int kSettable = kAnswered | kDeleted | kDraft | kFlagged | kSeen | kSpam | kForwarded | kReadAcknowledged;
constexpr int kColors = 10;

std::string AddressOf(const Account& account) { return account.name + "@example.com"; }

bool IsSender(const World& world, int user, const MailFacts& facts) {
  const std::string own = AddressOf(*world.state.FindAccount(user));
  return std::any_of(facts.from.begin(), facts.from.end(),
                     [&](const MailAddress& from) { return EqualNoCase(from.mail, own); });
}

ApiError InvalidSender(const MailFacts& facts) {
  return MailError("MSG-0056", Category::kUserInput, "The sender is none of your addresses.",
                   facts.from.empty() ? "" : facts.from.front().mail);
}

// Whether so many bytes more fit into the user's mailboxes.
bool HasRoom(const World& world, int user, std::size_t bytes) {
  if (world.options.mail_quota == 0) return true;
  std::size_t used = 0;
  for (const auto& [id, folder] : world.state.folders()) {
    if (folder.module != FolderModule::kMail || folder.owner != user) continue;
    for (const auto& [number, mail] : world.state.MailboxOf(id).mails) used += mail.source->bytes.size();
  }
  return used + bytes <= static_cast<std::size_t>(world.options.mail_quota);
}

ApiError NoRoom(int flags) {
  if ((flags & kDraft) != 0) return MailError("MSG-0116", Category::kCapacity, "There is no room for the draft.", "");
  return MailError("MSG-0117", Category::kCapacity, "There is no room for the mail.", "");
}

// What is refused before a mail leaves.
Api<void> CheckToSend(const World& world, const Request& request, const MailSource& source) {
  const MailFacts& facts = source.facts;
  if (!IsSender(world, request.user, facts)) return InvalidSender(facts);
  const std::size_t recipients = facts.to.size() + facts.cc.size() + facts.bcc.size();
  if (recipients == 0) return MailError("MSG-0058", Category::kUserInput, "The mail has no recipient.", "");
  const std::size_t most = world.options.recipients_max;
  if (most != 0 && recipients > most)
    return MailError("MSG-0076", Category::kUserInput, "The mail has too many recipients.", std::to_string(most));
  const std::int64_t size_max = world.options.mail_size_max;
  if (size_max != 0 && static_cast<std::int64_t>(source.bytes.size()) > size_max)
    return MailError("MSG-0088", Category::kUserInput, "The mail is too large.", std::to_string(size_max));
  return Ok();
}

std::string DestinationJson(const Folder& folder, std::int64_t id) {
  return "{\"folder_id\":" + Quoted(folder.path) + ",\"id\":" + Quoted(std::to_string(id)) + "}";
}

void DeliverTo(World& world, const std::vector<std::string>& recipients, std::string_view bytes,
               const std::string& from, int loops);

// What the user's rules say becomes of it; what follows from that is on its way once all is done here.
void Arrive(World& world, const Account& account, const std::shared_ptr<const MailSource>& mail,
            const std::string& from, int loops) {
  const MailFate fate = ApplyRules(world, account, *mail, from, loops);
  for (const Folder* folder : fate.folders)
    TellOfMail(world, account.id, *folder,
               world.state.PutMail(folder->id, {0, kRecent | fate.flags, fate.color, world.stamps.Now(), mail}));
  for (const MailFate::Leaving& leaving : fate.leaving)
    DeliverTo(world, {leaving.to}, leaving.bytes, AddressOf(account), loops + 1);
}

// Mails sent to users of this server arrive with the headers of the way they took; others leave it.
void DeliverTo(World& world, const std::vector<std::string>& recipients, std::string_view bytes,
               const std::string& from, int loops) {
  std::vector<int> told;
  const std::string way =
      "Return-Path: <" + from + ">\r\nReceived: from oxserver by oxserver; id " + MakeUuid(world.random) + "\r\n";
  std::shared_ptr<const MailSource> arriving;
  for (const std::string& recipient : recipients) {
    for (const Account& account : world.state.accounts()) {
      if (!EqualNoCase(recipient, AddressOf(account))) continue;
      if (std::find(told.begin(), told.end(), account.id) != told.end()) continue;
      told.push_back(account.id);
      if (!arriving) arriving = MakeMailSource(way + WithoutBcc(bytes));
      Arrive(world, account, arriving, from, loops);
    }
  }
}

void Deliver(World& world, const MailSource& sent, const std::string& from) {
  std::vector<std::string> recipients;
  for (const auto* list : {&sent.facts.to, &sent.facts.cc, &sent.facts.bcc})
    for (const auto& address : *list) recipients.push_back(address.mail);
  DeliverTo(world, recipients, sent.bytes, from, 0);
}

Api<void> ApplyFlags(const Json& body, Mail& mail) {
  const auto number = [&](const char* name) {
    const auto found = body.find(name);
    return found == body.end() ? std::optional<std::int64_t>(0) : ScalarNumber(*found);
  };
  const auto flags = number("flags"), set = number("set_flags"), clear = number("clear_flags"),
             color = number("color_label");
  if (!flags || !set || !clear || !color) return BadJson();
  if (*color < 0 || *color > kColors) return InvalidParameter("color_label", std::to_string(*color));
  const bool value = body.value("value", Json(true)) != Json(false);
  const int add = static_cast<int>((value ? *flags : 0) | *set) & kSettable;
  const int drop = static_cast<int>((value ? 0 : *flags) | *clear) & kSettable;
  mail.flags = (mail.flags | add) & ~drop;
  if (body.contains("color_label")) mail.color = static_cast<int>(*color);
  return Ok();
}

// A copy of it in `to`; its new id.
std::int64_t CopyTo(World& world, const Folder& to, const Mail& mail) {
  Mail copy = mail;
  copy.id = 0;
  return world.state.PutMail(to.id, std::move(copy));
}

Api<const Folder*> Destination(const World& world, const Request& request, const Json& body) {
  const auto found = body.find("folder_id");
  const auto id = found == body.end() ? std::nullopt : ScalarText(*found);
  if (!id) return MissingParameter("folder_id");
  return FindMailFolder(world, request.user, *id);
}

// The mails that an update is for: one, or all of the folder.
Api<std::vector<Mail>> Addressed(const World& world, const Request& request, const Folder& folder) {
  const auto& mails = world.state.MailboxOf(folder.id).mails;
  const auto id = request.params.Find("id"), message = request.params.Find("message_id");
  std::vector<Mail> chosen;
  for (const auto& [number, mail] : mails) {
    if (id ? number == ParseNumber(*id).value_or(0) : !message || mail.source->facts.message_id == *message)
      chosen.push_back(mail);
  }
  if (message && !id && chosen.empty()) return MailNotFound(*message, folder.path);
  return chosen;
}

}  // namespace

Api<std::int64_t> StoreMail(World& world, int user, const Folder& folder, std::string_view bytes, int flags,
                            bool force) {
  auto source = MakeMailSource(std::string(bytes));
  if (!force && !IsSender(world, user, source->facts)) return InvalidSender(source->facts);
  if (!HasRoom(world, user, bytes.size())) return NoRoom(flags);
  // What is put into a folder keeps the day it is of.
  const std::int64_t now = world.stamps.Now();
  const std::int64_t received = std::clamp<std::int64_t>(source->facts.sent.value_or(now), 0, now);
  return world.state.PutMail(folder.id, {0, flags & kSettable, 0, received, std::move(source)});
}

Api<Answer> NewMail(World& world, const Request& request) {
  if (request.raw.empty()) return MissingBody();
  OUTPOST_TRY(const auto flags, request.params.FindNumber("flags"));
  if (const auto place = request.params.Find("folder"); place && !place->empty()) {
    OUTPOST_TRY(const Folder* folder, FindMailFolder(world, request.user, *place));
    OUTPOST_TRY(const auto id, StoreMail(world, request.user, *folder, request.raw, static_cast<int>(flags.value_or(0)),
                                         /*force=*/false));
    return Answer{DestinationJson(*folder, id), std::nullopt, {}};
  }
  const auto source = MakeMailSource(std::string(request.raw));
  OUTPOST_TRYV(CheckToSend(world, request, *source));
  const Folder* sent = SpecialFolder(world, request.user, "Sent");
  if (sent == nullptr) return MailError("IMAP-1002", Category::kError, "The mail folder could not be found.", "Sent");
  Deliver(world, *source, AddressOf(*world.state.FindAccount(request.user)));
  if (!HasRoom(world, request.user, source->bytes.size()))
    return MailError("MSG-0042", Category::kCapacity, "The mail was sent, but there is no room for its copy.", "");
  const auto id = world.state.PutMail(sent->id, {0, kSeen, 0, world.stamps.Now(), source});
  return Answer{DestinationJson(*sent, id), std::nullopt, {}};
}

Api<Answer> UpdateMail(World& world, const Request& request) {
  OUTPOST_TRY(const auto place, request.params.Need("folder"));
  OUTPOST_TRY(const Json* body, NeedObject(request));
  OUTPOST_TRY(const Folder* folder, FindMailFolder(world, request.user, place));
  const bool moves = body->contains("folder_id");
  const Folder* target = folder;
  if (moves) {
    OUTPOST_TRY(target, Destination(world, request, *body));
    if (target == folder) return MailError("IMAP-2034", Category::kUserInput, "The mail is there already.", place);
  }
  OUTPOST_TRY(const auto mails, Addressed(world, request, *folder));
  const std::string id(request.params.Find("id").value_or(""));
  if (moves && mails.size() != 1) return MailNotFound(id, folder->path);
  // Flags of a mail that is not there are set nowhere, and nobody says so: IMAP does not.
  std::int64_t last = ParseNumber(id).value_or(0);
  for (Mail mail : mails) {
    OUTPOST_TRYV(ApplyFlags(*body, mail));
    last = mail.id;
    if (!moves) {
      world.state.PutMail(folder->id, std::move(mail));
      continue;
    }
    last = CopyTo(world, *target, mail);
    world.state.RemoveMail(folder->id, mail.id);
  }
  return Answer{DestinationJson(*target, last), std::nullopt, {}};
}

Api<Answer> CopyMail(World& world, const Request& request) {
  OUTPOST_TRY(const auto place, request.params.Need("folder"));
  OUTPOST_TRY(const auto id, request.params.Need("id"));
  OUTPOST_TRY(const Json* body, NeedObject(request));
  OUTPOST_TRY(const Folder* folder, FindMailFolder(world, request.user, place));
  OUTPOST_TRY(const Folder* target, Destination(world, request, *body));
  const auto& mails = world.state.MailboxOf(folder->id).mails;
  const auto found = mails.find(ParseNumber(id).value_or(0));
  if (found == mails.end()) return MailNotFound(id, place);
  const Mail mail = found->second;
  return Answer{DestinationJson(*target, CopyTo(world, *target, mail)), std::nullopt, {}};
}

// As often as it is asked for: who asks twice, sends twice.
Api<Answer> AcknowledgeMail(World& world, const Request& request) {
  OUTPOST_TRY(const Json* body, NeedObject(request));
  const auto text = [&](const char* name) {
    const auto found = body->find(name);
    return found == body->end() ? std::nullopt : ScalarText(*found);
  };
  const auto place = text("folder"), id = text("id");
  if (!place) return MissingParameter("folder");
  if (!id) return MissingParameter("id");
  OUTPOST_TRY(const Folder* folder, FindMailFolder(world, request.user, *place));
  const auto& mails = world.state.MailboxOf(folder->id).mails;
  const auto found = mails.find(ParseNumber(*id).value_or(0));
  if (found == mails.end()) return MailNotFound(*id, *place);
  const std::string own = AddressOf(*world.state.FindAccount(request.user));
  const std::string from = text("from").value_or(own);
  if (!EqualNoCase(from, own))
    return MailError("MSG-0056", Category::kUserInput, "The sender is none of your addresses.", from);
  Mail mail = found->second;
  const MailFacts& facts = mail.source->facts;
  if (facts.receipt_to.empty())
    return MailError("SMTP-0001", Category::kUserInput, "The mail asks for no receipt.", *id);
  const auto receipt = MakeMailSource(
      "From: " + from + "\r\nTo: " + facts.receipt_to + "\r\nSubject: Read acknowledgement\r\nMessage-ID: <" +
      MakeUuid(world.random) + "@example.com>\r\nReferences: " + facts.message_id +
      "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=disposition-notification;"
      " boundary=\"=_r\"\r\n\r\n--=_r\r\nContent-Type: text/plain\r\n\r\nThe mail was read.\r\n"
      "--=_r\r\nContent-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822; " +
      from + "\r\nOriginal-Message-ID: " + facts.message_id +
      "\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--=_r--\r\n");
  Deliver(world, *receipt, from);
  mail.flags |= kReadAcknowledged;
  world.state.PutMail(folder->id, std::move(mail));
  return Answer{};
}

// Mails that are not there count as deleted: IMAP does not tell them from others.
Api<Answer> DeleteMails(World& world, const Request& request) {
  OUTPOST_TRY(const Json* refs, NeedArray(request));
  const bool hard = request.params.IsTrue("harddelete") ||
                    world.state.FindSetting(request.user, kDeleteForGoodPath).value_or("") == "true";
  std::string failed;
  for (const auto& ref : *refs) {
    const auto id = ref.is_object() && ref.contains("id") ? ScalarText(ref["id"]) : std::nullopt;
    const auto place = ref.is_object() && ref.contains("folder") ? ScalarText(ref["folder"]) : std::nullopt;
    if (!id || !place) return BadJson();
    OUTPOST_TRY(const Folder* folder, FindMailFolder(world, request.user, *place));
    const Folder* trash = SpecialFolderBeside(world, *folder, "Trash");
    const auto& mails = world.state.MailboxOf(folder->id).mails;
    const auto found = mails.find(ParseNumber(*id).value_or(0));
    if (found == mails.end()) continue;
    const Mail mail = found->second;
    if (!hard && trash != nullptr && !IsInTrash(world, *folder)) CopyTo(world, *trash, mail);
    world.state.RemoveMail(folder->id, mail.id);
  }
  return Answer{"[" + failed + "]", std::nullopt, {}};
}

void ClearMailbox(World& world, const Folder& folder, bool hard) {
  const Folder* trash = SpecialFolderBeside(world, folder, "Trash");
  const auto mails = world.state.MailboxOf(folder.id).mails;
  for (const auto& [id, mail] : mails) {
    if (!hard && trash != nullptr && !IsInTrash(world, folder)) CopyTo(world, *trash, mail);
    world.state.RemoveMail(folder.id, id);
  }
}

Api<Answer> ClearMails(World& world, const Request& request) {
  OUTPOST_TRY(const Json* ids, NeedArray(request));
  std::string failed;
  for (const auto& element : *ids) {
    const auto id = ScalarText(element);
    if (!id) return BadJson();
    const auto folder = FindMailFolder(world, request.user, *id);
    if (folder)
      ClearMailbox(world, *folder.value(), request.params.IsTrue("harddelete"));
    else
      failed += (failed.empty() ? "" : ",") + Quoted(*id);
  }
  return Answer{"[" + failed + "]", std::nullopt, {}};
}

Api<Answer> SeeAllMails(World& world, const Request& request) {
  OUTPOST_TRY(const auto place, request.params.Need("folder"));
  OUTPOST_TRY(const Folder* folder, FindMailFolder(world, request.user, place));
  const auto mails = world.state.MailboxOf(folder->id).mails;
  for (const auto& [id, mail] : mails) {
    if ((mail.flags & kSeen) != 0) continue;
    Mail seen = mail;
    seen.flags |= kSeen;
    world.state.PutMail(folder->id, std::move(seen));
  }
  return Answer{"true", std::nullopt, {}};
}

}  // namespace outpost::oxserver
