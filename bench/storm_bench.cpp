// Both sides changed the same; and all cursors are gone.
#include "bench/ground.h"
#include "bench/report.h"
#include "engine/settings.h"

namespace outpost::bench {
namespace {

Result<std::unique_ptr<oxserver::ApiClient>> Elsewhere(Ground& ground) {
  return oxserver::ApiClient::SignIn([&ground](const auto& request) { return ground.server().Handle(request); }, "anna",
                                     "secret");
}

}  // namespace

Result<void> StormScenario(const Options& options, std::vector<Row>& rows) {
  const std::uint64_t contacts = options.smoke ? 100 : 10'000;
  OUTPOST_TRY(const auto ground, Ground::Make({contacts}, options.seed));
  OUTPOST_TRYV(ground->Sync());
  OUTPOST_TRYV(ground->Sync());
  OUTPOST_TRY(const auto elsewhere, Elsewhere(*ground));
  OUTPOST_TRY(const std::string folder, elsewhere->ContactsFolder());
  OUTPOST_TRY(const auto stored, elsewhere->ListContacts(folder, {"id"}));
  const FieldId note = FindField(ItemType::kContact, "note")->id;
  OUTPOST_TRY(const auto items, ground->Contacts());
  for (std::size_t i = 0; i < items.size(); ++i)
    OUTPOST_TRYV(ground->account().Set(items[i], {{note, "Here " + std::to_string(i)}}));
  for (std::size_t i = 0; i < stored.size(); ++i)
    OUTPOST_TRYV(elsewhere->UpdateContact(folder, stored[i].at("id"), {{"note", "There " + std::to_string(i)}}));
  OUTPOST_TRY(const auto met, ground->Sync());
  if (met.second.conflicts != contacts)
    return Error{Code::kInvalid, Retry::kNever,
                 std::to_string(met.second.conflicts) + " conflicts of " + std::to_string(contacts)};
  const auto count = static_cast<double>(contacts);
  rows.push_back({"storm", std::to_string(contacts) + " contacts changed on both sides: decided, losers kept",
                  count / met.first, "items/s", std::nullopt, std::nullopt});
  return Ok();
}

Result<void> ReconcileScenario(const Options& options, std::vector<Row>& rows) {
  const std::uint64_t contacts = options.smoke ? 300 : 50'000;
  OUTPOST_TRY(const auto ground, Ground::Make({contacts}, options.seed));
  OUTPOST_TRY(const auto first, ground->Sync());
  OUTPOST_TRYV(ground->Sync());
  OUTPOST_TRYV(ground->account().PutSettings({{{std::string(setting::kResync), "1"}}}));
  const Sequence before = ground->account().View()->last();
  OUTPOST_TRY(const auto again, ground->Sync());
  const auto count = static_cast<double>(contacts);
  const std::string what = "all cursors lost, " + std::to_string(contacts) + " contacts held: ";
  rows.push_back({"reconcile", what + "compared", count / again.first, "items/s", count / first.first, std::nullopt});
  rows.push_back({"reconcile", what + "rows stored again", static_cast<double>(again.second.pulled), "rows",
                  std::nullopt, 0, true});
  rows.push_back({"reconcile", what + "events", static_cast<double>(ground->account().View()->last() - before),
                  "events", std::nullopt, std::nullopt, true});
  return Ok();
}

}  // namespace outpost::bench
