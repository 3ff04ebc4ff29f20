// The module import: vCards uploaded as multipart/form-data (http-api.md 1.7 and 9.4). Its answer is an HTML page.
#include <nlohmann/json.hpp>

#include "tools/oxserver/contacts.h"
#include "tools/oxserver/multipart.h"
#include "tools/oxserver/vcard_contact.h"

namespace outpost::oxserver {
namespace {

ApiError CardError(std::size_t line, const std::string& reason) {
  return {"VCRD-0001",
          Category::kUserInput,
          "A card cannot be read, line " + std::to_string(line) + ": " + reason,
          {std::to_string(line)},
          {},
          {}};
}

std::string ErrorObject(const ApiError& error, std::string_view error_id) {
  std::string out = "{";
  AppendErrorFields(out, error, error_id);
  return out + '}';
}

std::string ImportCard(World& world, const Request& request, std::string_view folder, const Card& card,
                       std::string_view error_id) {
  auto draft = ToContact(card);
  if (draft.fields.empty()) return ErrorObject(CardError(card.line, "nothing in it is a contact"), error_id);
  draft.fields["folder_id"] = folder;
  const auto id = CreateObject(ContactsModule(), world, request.user, *request.zone,
                               Json::parse(FieldsToJson(ContactColumns(), draft.fields)));
  if (!id) return ErrorObject(id.error(), error_id);
  std::string out = "{\"id\":";
  AppendId(out, world, id.value());
  return out + ",\"folder_id\":" + Quoted(folder) +
         ",\"last_modified\":" + std::to_string(world.state.FindObject(FolderModule::kContacts, id.value())->modified) +
         '}';
}

Api<Answer> ImportCards(World& world, const Request& request, const HttpRequest& http, std::string_view error_id) {
  if (request.action != "VCARD") return UnknownAction("import", request.action);
  OUTPOST_TRY(const auto folder, request.params.Need("folder"));
  OUTPOST_TRY(const Folder* checked, ReadableFolder(ContactsModule(), world, request, folder));
  if (!RightsOf(world, *checked, request.user).MayCreateObjects()) {
    return ObjectError("CON-0112", Category::kPermissionDenied, "You may not create objects in the folder.",
                       checked->id);
  }
  Answer answer;
  const auto add = [&](const std::string& object) { answer.data += (answer.data.empty() ? "[" : ",") + object; };
  bool uploaded = false;
  for (const auto& part : ParseMultipart(FindHeader(http.headers, "Content-Type"), http.body)) {
    if (part.name.substr(0, 4) != "file") continue;
    uploaded = true;
    const CardFile file = ReadCards(part.content);
    for (const auto& card : file.cards) add(ImportCard(world, request, folder, card, error_id));
    for (const auto& failure : file.failures) add(ErrorObject(CardError(failure.line, failure.reason), error_id));
  }
  if (!uploaded) return ApiError{"I_E-0007", Category::kUserInput, "No file was uploaded.", {}, {}, {}};
  answer.data += answer.data.empty() ? "[]" : "]";
  return answer;
}

}  // namespace

std::string CallbackPage(std::string_view action, const Api<Answer>& answer, std::string_view error_id) {
  std::string envelope;
  AppendEnvelope(envelope, answer, error_id);
  // Inside a script element "</" would end it: JSON may write the slash escaped.
  std::string safe;
  for (const char c : envelope)
    safe += c == '/' && !safe.empty() && safe.back() == '<' ? std::string("\\/") : std::string(1, c);
  const std::string name(action);
  return "<!DOCTYPE html><html><head><title>" + name + "</title><script>parent.callback_" + name + "(" + safe +
         ")</script></head></html>\n";
}

std::string HandleImport(World& world, const Request& request, const HttpRequest& http, std::string_view error_id) {
  return CallbackPage("import", ImportCards(world, request, http, error_id), error_id);
}

}  // namespace outpost::oxserver
