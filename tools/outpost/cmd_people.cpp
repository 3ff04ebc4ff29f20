#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "engine/people.h"
#include "projection/address_book.h"
#include "replicator/dialect.h"
#include "tools/outpost/access.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

struct PeopleArguments {
  std::string search;
  std::string kind;
  std::string address;
  std::size_t limit = 20;
};

// Everything about somebody but what has a member of its own.
Json::Object PersonJson(const ItemState& person, const PeopleNames& names) {
  Json::Object fields;
  Json::Array members;
  for (const auto& [id, value] : person.Head()) {
    if (id >= field::kPersonBusyWantedFrom && id <= field::kPersonBusyRefused) continue;  // "outpost freebusy"
    if (id == field::kPersonKind || id == field::kPersonDisplayName || id == field::kPersonMail) continue;
    const auto* texts = std::get_if<std::vector<std::string>>(&value);
    if (id != field::kPersonMembers || texts == nullptr) {
      fields.emplace_back(FieldName(id), ToJson(value));
      continue;
    }
    for (const std::string& who : *texts)
      members.emplace_back(Json::Object{{"who", who}, {"name", TextOrNull(std::string(names.Of(who)))}});
  }
  const bool group = person.HeadValue(field::kPersonKind) == Value(std::string("group"));
  return {{"who", person.remote_id},
          {"id", person.id.Hex()},
          {"kind", ToJson(person.HeadValue(field::kPersonKind))},
          {"name", ToJson(person.HeadValue(field::kPersonDisplayName))},
          {"mail", ToJson(person.HeadValue(field::kPersonMail))},
          {"members", group ? Json(std::move(members)) : Json()},
          {"fields", std::move(fields)}};
}

// Contacts and lists, too.
Result<int> Addresses(const Common& common, const PeopleArguments& arguments) {
  if (!arguments.search.empty() || !arguments.kind.empty())
    return Error{Code::kInvalid, Retry::kNever, "--address looks into everything: no --search or --kind with it"};
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const std::shared_ptr<const JournalView> view, access->View());
  OUTPOST_TRY(const AddressBook book, AddressBook::Open(view));
  OUTPOST_TRY(const auto found, book.Find(arguments.address, arguments.limit));
  ListOutput list(common.form(), {"name", "addresses", "type", "id"});
  for (const AddressEntry& entry : found) {
    Json::Array addresses;
    for (const std::string& address : entry.addresses) addresses.emplace_back(address);
    list.Row({{"id", entry.item.Hex()},
              {"type", ItemTypeName(entry.type)},
              {"name", TextOrNull(entry.name)},
              {"addresses", std::move(addresses)}});
  }
  list.End("addresses");
  return kExitDone;
}

Result<int> People(const Common& common, const PeopleArguments& arguments) {
  if (!arguments.address.empty()) return Addresses(common, arguments);
  const auto named = [&](PersonKind kind) { return arguments.kind == PersonKindName(kind); };
  if (!arguments.kind.empty() && std::none_of(std::begin(kPersonKinds), std::end(kPersonKinds), named))
    return Error{Code::kInvalid, Retry::kNever, "--kind: user, group or resource"};
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto names, PeopleNames::Load(*view));
  ListOutput list(common.form(), {"who", "kind", "name", "mail"});
  OUTPOST_TRYV(ForEachPerson(*view, {arguments.search, arguments.kind}, [&](const ItemState& person) {
    list.Row(PersonJson(person, names));
    return true;
  }));
  list.End("people");
  return kExitDone;
}

}  // namespace

void AddPeople(Program& program, CLI::App& app) {
  auto arguments = std::make_shared<PeopleArguments>();
  CLI::App& verb = AddVerb(
      program, app, "people", "Users, groups and resources of the server, also offline",
      [arguments](const Common& common) { return People(common, *arguments); }, Shows::kMuch);
  verb.add_option("--search", arguments->search, "Those with a word of their name or address that begins so")
      ->type_name("PREFIX");
  verb.add_option("--kind", arguments->kind, "user, group or resource")->type_name("KIND");
  verb.add_option("--address", arguments->address, "Whom one may mean who types this: contacts and lists, too")
      ->type_name("PREFIX");
  verb.add_option("--limit", arguments->limit, "So many of them at most (20)")->type_name("N");
}

}  // namespace outpost::cli
