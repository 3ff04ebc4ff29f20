#include "projection/account.h"

#include "base/bytes.h"
#include "projection/tables.h"

namespace outpost {
namespace {

Error BadTotal(std::string_view name) {
  return {Code::kCorrupt, Retry::kNever, "the stored sum '" + std::string(name) + "' is not 8 bytes"};
}

}  // namespace

Result<std::uint64_t> ReadTotal(const StateReader& state, std::string_view name) {
  OUTPOST_TRY(const std::optional<std::string> row, state.Get(kTotalsTable, name));
  if (!row) return std::uint64_t{0};
  if (row->size() != 8) return BadTotal(name);
  return ReadBe64(*row);
}

Result<std::map<std::string, std::uint64_t>> ReadTotals(const StateReader& state) {
  std::map<std::string, std::uint64_t> totals;
  std::string bad;
  OUTPOST_TRYV(state.Scan(kTotalsTable, {}, {}, [&](std::string_view name, std::string_view value) {
    if (value.size() == 8)
      totals.emplace(name, ReadBe64(value));
    else
      bad = name;
    return bad.empty();
  }));
  if (!bad.empty()) return BadTotal(bad);
  return totals;
}

Result<std::optional<std::string>> ReadSetting(const StateReader& state, std::string_view name) {
  return state.Get(kSettingsTable, name);
}

Result<std::map<std::string, std::string>> ReadSettings(const StateReader& state) {
  std::map<std::string, std::string> settings;
  OUTPOST_TRYV(state.Scan(kSettingsTable, {}, {}, [&](std::string_view name, std::string_view value) {
    settings.emplace(name, value);
    return true;
  }));
  return settings;
}

}  // namespace outpost
