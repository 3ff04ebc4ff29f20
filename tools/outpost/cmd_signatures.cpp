#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "engine/signatures.h"
#include "tools/outpost/access.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

struct SignatureArguments {
  std::string signature;  // its name or id
  std::string name, content;
  bool html = false, plain = false, above = false, below = false, shared = false, own = false;
  CLI::Option* has_content = nullptr;
};

Json::Object SignatureJson(const ItemState& signature) {
  return {{"id", signature.id.Hex()},
          {"name", ToJson(signature.HeadValue(field::kSignatureName))},
          {"content", ToJson(signature.HeadValue(field::kSignatureContent))},
          {"html", signature.HeadValue(field::kSignatureHtml) == Value(true)},
          {"placement", ToJson(signature.HeadValue(field::kSignaturePlacement))},
          {"shared", signature.HeadValue(field::kSignatureShared) == Value(true)},
          {"created_by", ToJson(signature.HeadValue(field::kSignatureCreatedBy))},
          {"state", ItemStateName(signature)},
          {"remote_id", TextOrNull(signature.remote_id)}};
}

Result<int> ListThem(const Common& common) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto signatures, ListSignatures(*view));
  ListOutput list(common.form(), {"name", "html", "placement", "shared", "state"});
  for (const ItemState& signature : signatures) list.Row(SignatureJson(signature));
  list.End("signatures");
  return kExitDone;
}

Result<ItemState> FindSignature(const StateReader& view, const std::string& name_or_id) {
  OUTPOST_TRY(auto signatures, ListSignatures(view));
  std::vector<ItemState*> found;
  for (ItemState& one : signatures)
    if (one.id.Hex() == name_or_id || one.HeadValue(field::kSignatureName) == Value(name_or_id)) found.push_back(&one);
  if (found.size() == 1) return std::move(*found.front());
  return Error{found.empty() ? Code::kNotFound : Code::kInvalid, Retry::kNever,
               found.empty() ? "there is no signature '" + name_or_id + "' (see \"outpost signatures list\")"
                             : "several signatures are named '" + name_or_id + "': take the id"};
}

Result<int> ShowSignature(const Common& common, const SignatureArguments& arguments) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const ItemState signature, FindSignature(*view, arguments.signature));
  ShowReport(common.form(), SignatureJson(signature));
  return kExitDone;
}

// What the options say, as fields. A content of @FILE is that of the file.
Result<FieldMap> FieldsOf(const SignatureArguments& arguments) {
  if ((arguments.html && arguments.plain) || (arguments.above && arguments.below) ||
      (arguments.shared && arguments.own))
    return Error{Code::kInvalid, Retry::kNever,
                 "of --html and --plain, --above and --below, --shared and --own only one"};
  FieldMap fields;
  if (arguments.has_content->count() > 0) {
    OUTPOST_TRY(fields, ParseFields(ItemType::kSignature, {"content=" + arguments.content}));
  }
  if (!arguments.name.empty()) fields[field::kSignatureName] = arguments.name;
  if (arguments.html || arguments.plain) fields[field::kSignatureHtml] = arguments.html;
  if (arguments.above || arguments.below)
    fields[field::kSignaturePlacement] = std::string(arguments.above ? kPlacedAbove : kPlacedBelow);
  if (arguments.shared || arguments.own) fields[field::kSignatureShared] = arguments.shared;
  return fields;
}

Result<int> Report(const Common& common, WriteAccess& access, const ItemId& id) {
  OUTPOST_TRY(const auto view, access.View());
  OUTPOST_TRY(const auto signature, LoadItem(*view, id));
  if (signature) ShowReport(common.form(), SignatureJson(*signature));
  return kExitDone;
}

Result<int> NewSignature(const Common& common, const SignatureArguments& arguments) {
  OUTPOST_TRY(const FieldMap fields, FieldsOf(arguments));
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const std::optional<ItemId> folder, SignaturesFolder(*view));
  if (!folder)
    return Error{Code::kNotFound, Retry::kNever,
                 "no signatures are known of this account's server: it has none, or \"outpost sync\" was not done yet"};
  OUTPOST_TRY(const ItemId id, access->commands().Create(ItemType::kSignature, *folder, fields));
  return Report(common, *access, id);
}

Result<int> SetSignature(const Common& common, const SignatureArguments& arguments) {
  OUTPOST_TRY(const FieldMap fields, FieldsOf(arguments));
  if (fields.empty()) return Error{Code::kInvalid, Retry::kNever, "nothing is said of what is to change"};
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const ItemState signature, FindSignature(*view, arguments.signature));
  OUTPOST_TRYV(access->commands().Set(signature.id, fields));
  return Report(common, *access, signature.id);
}

Result<int> DeleteSignature(const Common& common, const SignatureArguments& arguments) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const ItemState signature, FindSignature(*view, arguments.signature));
  OUTPOST_TRYV(access->commands().Delete(signature.id));
  ShowReport(common.form(), {{"id", signature.id.Hex()}, {"deleted", true}});
  return kExitDone;
}

void AddSignatureOptions(CLI::App& verb, SignatureArguments& arguments) {
  arguments.has_content =
      verb.add_option("--content", arguments.content, "What it says; @FILE for what a file has")->type_name("TEXT");
  verb.add_flag("--html", arguments.html, "The content is HTML");
  verb.add_flag("--plain", arguments.plain, "The content is plain text");
  verb.add_flag("--above", arguments.above, "It stands before what a mail quotes");
  verb.add_flag("--below", arguments.below, "It stands behind it");
  verb.add_flag("--shared", arguments.shared, "Other users see it");
  verb.add_flag("--own", arguments.own, "Only its owner sees it");
}

}  // namespace

void AddSignatures(Program& program, CLI::App& app) {
  CLI::App& group = AddGroup(app, "signatures", "What stands below one's mails, also offline");
  AddVerb(program, group, "list", "All signatures, by their names", ListThem, Shows::kMuch);
  using Verb = Result<int> (*)(const Common&, const SignatureArguments&);
  const auto add = [&](const char* name, const char* about, Verb verb) {
    const auto arguments = std::make_shared<SignatureArguments>();
    CLI::App& added = AddVerb(program, group, name, about,
                              [arguments, verb](const Common& common) { return verb(common, *arguments); });
    return std::pair<CLI::App&, SignatureArguments&>(added, *arguments);
  };
  {
    auto [verb, arguments] = add("show", "One signature", ShowSignature);
    verb.add_option("SIGNATURE", arguments.signature, "Its name or id")->required();
  }
  {
    auto [verb, arguments] = add("new", "Make a signature", NewSignature);
    verb.add_option("NAME", arguments.name, "Its name")->required();
    AddSignatureOptions(verb, arguments);
  }
  {
    auto [verb, arguments] = add("set", "Change a signature", SetSignature);
    verb.add_option("SIGNATURE", arguments.signature, "Its name or id")->required();
    verb.add_option("--name", arguments.name, "Another name")->type_name("NAME");
    AddSignatureOptions(verb, arguments);
  }
  {
    auto [verb, arguments] = add("delete", "Delete a signature", DeleteSignature);
    verb.add_option("SIGNATURE", arguments.signature, "Its name or id")->required();
  }
}

}  // namespace outpost::cli
