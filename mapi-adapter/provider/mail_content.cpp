#include "mapi-adapter/provider/mail_content.h"

#include "engine/html_text.h"
#include "journal/journal.h"
#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/kept.h"

namespace outpost::mapi {
namespace {

constexpr std::int32_t kUtf8 = 65001;                  // PidTagInternetCodepage
constexpr std::int32_t kPlainBody = 1, kHtmlBody = 3;  // PidTagNativeBody

std::string WithOutlooksLines(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n' && !out.ends_with('\r')) out.push_back('\r');
    out.push_back(c);
  }
  return out;
}

// A mail taken apart as Outlook has it: with a text where there is HTML only, and its ends of lines.
MailParts PartsOf(std::string_view source) {
  MailParts parts = ReadMailParts(source);
  parts.text = WithOutlooksLines(parts.text.empty() ? TextOfHtml(parts.html) : parts.text);
  parts.header = WithOutlooksLines(parts.header);
  return parts;
}

const BlobRef* SourceIn(const FieldMap& head) {
  const auto at = head.find(field::kMailSource);
  return at != head.end() ? std::get_if<BlobRef>(&at->second) : nullptr;
}

}  // namespace

MailContent::MailContent(const std::string& source, AttachmentList& attachments) : parts_(PartsOf(source)) {
  attachments.LoadParts(*parts_, source);
}

Result<void> MailContent::Load(const OpenStore& store, const FieldMap& head) {
  const BlobRef* ref = SourceIn(head);
  if (parts_ || ref == nullptr) return Ok();
  const auto bytes = BytesOfBlob(*store.account->View(), *ref);
  // What a mail names as its source is to be here: "not found" would say that the mail has no body.
  if (!bytes && bytes.error().code == Code::kNotFound)
    return Error{Code::kCorrupt, Retry::kNever, bytes.error().context};
  if (!bytes) return bytes.error();
  parts_ = PartsOf(bytes.value());
  return Ok();
}

Result<void> MailContent::LoadAttachments(const OpenStore& store, const FieldMap& head, AttachmentList& attachments) {
  OUTPOST_TRYV(Load(store, head));
  if (const BlobRef* ref = SourceIn(head); ref != nullptr && parts_) attachments.LoadParts(*parts_, *ref);
  return Ok();
}

void MailContent::AddTo(std::vector<Prop>& props) const {
  if (!parts_) return;
  props.push_back({tag::kBody, parts_->text});
  if (!parts_->html.empty()) {
    props.push_back({tag::kHtml, Blob{parts_->html}});
    props.push_back({tag::kInternetCodepage, kUtf8});
  }
  props.push_back({tag::kNativeBody, parts_->html.empty() ? kPlainBody : kHtmlBody});
  props.push_back({tag::kTransportHeaders, parts_->header});
}

Result<void> MailContent::Want(const OpenStore& store, const ItemId& mail) {
  if (!at_server_ || wanted_) return Ok();
  OUTPOST_TRYV(store.account->Set(mail, {{field::kMailSourceWanted, true}}));
  wanted_ = true;
  return Ok();
}

bool MailContent::IsOfSource(PropTag tag) {
  constexpr PropTag kTags[] = {
      tag::kBody, tag::kHtml, tag::kRtfCompressed, tag::kTransportHeaders, tag::kNativeBody, tag::kMessageAttachments};
  return std::any_of(std::begin(kTags), std::end(kTags), [tag](PropTag own) { return IdOf(own) == IdOf(tag); });
}

}  // namespace outpost::mapi
