#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/mail_parts.h"
#include "mapi-adapter/provider/attachment_list.h"
#include "mapi-adapter/provider/open_store.h"

namespace outpost::mapi {

// What an open mail has beside its row: body, HTML, headers and parts, which are in its source. That is read when
// somebody looks, and asked for from the server when somebody looks and it is not here: not when the mail is opened,
// for who opens each one (an indexer, a list) would fetch the whole mailbox. Threads: one at a time.
class MailContent {
 public:
  // `at_server`: its source is there, and not here.
  explicit MailContent(bool at_server = false) : at_server_(at_server) {}
  // Of a mail within a mail, whose parts become `attachments`.
  MailContent(const std::string& source, AttachmentList& attachments);

  // Takes the source apart that `head` names, once: it never changes. Nothing where it is not here. Errors: kCorrupt,
  // kUnavailable.
  Result<void> Load(const OpenStore& store, const FieldMap& head);
  // The same, and its parts become `attachments`.
  Result<void> LoadAttachments(const OpenStore& store, const FieldMap& head, AttachmentList& attachments);
  // What was loaded, as properties.
  void AddTo(std::vector<Prop>& props) const;

  // Somebody looks at what is in the source of `mail`: where it is not here, it comes with the next sync. Once for each
  // open message. Errors: those of Account::Set.
  Result<void> Want(const OpenStore& store, const ItemId& mail);
  // Whether a property is in the source alone.
  static bool IsOfSource(PropTag tag);

 private:
  std::optional<MailParts> parts_;
  bool at_server_ = false;
  bool wanted_ = false;
};

}  // namespace outpost::mapi
