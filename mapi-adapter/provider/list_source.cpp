#include "mapi-adapter/provider/list_source.h"

#include <algorithm>

#include "mapi-adapter/provider/restrictions.h"
#include "mapi-adapter/provider/values.h"

namespace outpost::mapi {
namespace {

Error TooComplex() { return {Code::kInvalid, Retry::kNever, "no such condition or order of a short list"}; }

std::string FoldedAscii(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

const Prop* PropIn(const std::vector<Prop>& row, PropTag tag) {
  const auto at = std::find_if(row.begin(), row.end(), [tag](const Prop& prop) { return IdOf(prop.tag) == IdOf(tag); });
  return at != row.end() ? &*at : nullptr;
}

// Below, at or above 0; nullopt for values of different types.
std::optional<int> Compared(const PropValue& one, const PropValue& other) {
  const auto order = [](const auto& a, const auto& b) { return a < b ? -1 : b < a ? 1 : 0; };
  if (one.index() != other.index()) return std::nullopt;
  if (const auto* text = std::get_if<std::string>(&one))
    return order(FoldedAscii(*text), FoldedAscii(std::get<std::string>(other)));
  if (const auto* number = std::get_if<std::int32_t>(&one)) return order(*number, std::get<std::int32_t>(other));
  if (const auto* truth = std::get_if<bool>(&one)) return order(*truth, std::get<bool>(other));
  if (const auto* real = std::get_if<double>(&one)) return order(*real, std::get<double>(other));
  if (const auto* moment = std::get_if<FileTime>(&one)) return order(moment->ticks, std::get<FileTime>(other).ticks);
  if (const auto* blob = std::get_if<Blob>(&one)) return order(blob->bytes, std::get<Blob>(other).bytes);
  return std::nullopt;
}

using Row = std::vector<Prop>;

bool Related(abi::ULONG relop, int order) {
  switch (relop) {
    case abi::RELOP_LT:
      return order < 0;
    case abi::RELOP_LE:
      return order <= 0;
    case abi::RELOP_GT:
      return order > 0;
    case abi::RELOP_GE:
      return order >= 0;
    case abi::RELOP_EQ:
      return order == 0;
    default:
      return order != 0;
  }
}

std::size_t BytesOfValue(const PropValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->size();
  if (const auto* blob = std::get_if<Blob>(&value)) return blob->bytes.size();
  if (const auto* raw = std::get_if<RawValue>(&value)) return raw->bytes.size();
  return std::holds_alternative<std::int32_t>(value) ? 4 : std::holds_alternative<bool>(value) ? 2 : 8;
}

std::optional<RowCondition> Content(abi::ULONG level, PropTag tag, const abi::SPropValue* wanted) {
  const auto read = wanted != nullptr ? ReadProp(*wanted) : std::nullopt;
  const auto* part = read ? std::get_if<std::string>(&read->value) : nullptr;
  const abi::ULONG kind = level & 0xFFFF;
  if (part == nullptr || kind > abi::FL_PREFIX) return std::nullopt;
  const bool folded = (level & (abi::FL_IGNORECASE | abi::FL_LOOSE)) != 0;
  return [kind, tag, folded, sought = folded ? FoldedAscii(*part) : *part](const Row& row) {
    const Prop* prop = PropIn(row, tag);
    const auto* whole = prop != nullptr ? std::get_if<std::string>(&prop->value) : nullptr;
    if (whole == nullptr) return false;
    const std::string text = folded ? FoldedAscii(*whole) : *whole;
    if (kind == abi::FL_SUBSTRING) return text.find(sought) != std::string::npos;
    return kind == abi::FL_PREFIX ? text.starts_with(sought) : text == sought;
  };
}

std::optional<RowCondition> Property(abi::ULONG relop, PropTag tag, const abi::SPropValue* wanted) {
  auto read = wanted != nullptr ? ReadProp(*wanted) : std::nullopt;
  if (!read || relop > abi::RELOP_NE) return std::nullopt;
  return [relop, tag, value = std::move(read->value)](const Row& row) {
    const Prop* prop = PropIn(row, tag);
    const auto order = prop != nullptr ? Compared(prop->value, value) : std::nullopt;
    return order ? Related(relop, *order) : relop == abi::RELOP_NE;
  };
}

std::optional<RowCondition> ConditionAt(const abi::SRestriction& in, std::size_t depth) {
  if (depth > kRestrictionDepthMax) return std::nullopt;
  switch (in.rt) {
    case abi::RES_AND:
    case abi::RES_OR: {
      if (in.res.resAnd.cRes != 0 && in.res.resAnd.lpRes == nullptr) return std::nullopt;
      std::vector<RowCondition> parts;
      for (abi::ULONG i = 0; i < in.res.resAnd.cRes; ++i) {
        auto part = ConditionAt(in.res.resAnd.lpRes[i], depth + 1);
        if (!part) return std::nullopt;
        parts.push_back(std::move(*part));
      }
      return [parts = std::move(parts), all = in.rt == abi::RES_AND](const Row& row) {
        const auto holds = [&row](const RowCondition& part) { return part(row); };
        return all ? std::all_of(parts.begin(), parts.end(), holds) : std::any_of(parts.begin(), parts.end(), holds);
      };
    }
    case abi::RES_NOT: {
      auto part = in.res.resNot.lpRes != nullptr ? ConditionAt(*in.res.resNot.lpRes, depth + 1) : std::nullopt;
      if (!part) return std::nullopt;
      return [part = std::move(*part)](const Row& row) { return !part(row); };
    }
    case abi::RES_CONTENT:
      return Content(in.res.resContent.ulFuzzyLevel, in.res.resContent.ulPropTag, in.res.resContent.lpProp);
    case abi::RES_PROPERTY:
      return Property(in.res.resProperty.relop, in.res.resProperty.ulPropTag, in.res.resProperty.lpProp);
    case abi::RES_COMPAREPROPS:
      if (in.res.resCompareProps.relop > abi::RELOP_NE) return std::nullopt;
      return [parts = in.res.resCompareProps](const Row& row) {
        const Prop* one = PropIn(row, parts.ulPropTag1);
        const Prop* other = PropIn(row, parts.ulPropTag2);
        const auto order = one != nullptr && other != nullptr ? Compared(one->value, other->value) : std::nullopt;
        return order && Related(parts.relop, *order);
      };
    case abi::RES_BITMASK:
      return [mask = in.res.resBitMask](const Row& row) {
        const Prop* prop = PropIn(row, mask.ulPropTag);
        const auto* number = prop != nullptr ? std::get_if<std::int32_t>(&prop->value) : nullptr;
        if (number == nullptr) return false;
        return ((static_cast<abi::ULONG>(*number) & mask.ulMask) != 0) == (mask.relBMR == abi::BMR_NEZ);
      };
    case abi::RES_SIZE:
      if (in.res.resSize.relop > abi::RELOP_NE) return std::nullopt;
      return [wanted = in.res.resSize](const Row& row) {
        const Prop* prop = PropIn(row, wanted.ulPropTag);
        if (prop == nullptr) return false;
        const std::size_t size = BytesOfValue(prop->value);
        return Related(wanted.relop, size < wanted.cb ? -1 : size > wanted.cb ? 1 : 0);
      };
    case abi::RES_EXIST:
      return [tag = in.res.resExist.ulPropTag](const Row& row) { return PropIn(row, tag) != nullptr; };
    case abi::RES_COMMENT:
      if (in.res.resComment.lpRes == nullptr) return RowCondition([](const Row&) { return true; });
      return ConditionAt(*in.res.resComment.lpRes, depth + 1);
    default:
      return std::nullopt;
  }
}

class ListSource final : public RowSource {
 public:
  ListSource(PropRows rows, std::function<Result<PropRows>()> read) : all_(std::move(rows)), read_(std::move(read)) {
    Show();
  }
  std::size_t size() const override { return shown_.size(); }
  Result<PropRows> Rows(std::size_t from, std::size_t count, std::span<const PropTag>) override {
    PropRows out;
    for (std::size_t i = from; i < from + count; ++i) out.push_back(all_[shown_[i]]);
    return out;
  }
  Result<std::vector<TableChange>> Advance() override {
    OUTPOST_TRY(PropRows now, read_());
    if (now == all_) return std::vector<TableChange>{};
    all_ = std::move(now);
    Show();
    return std::vector<TableChange>{TableChange{}};
  }
  Result<std::optional<std::size_t>> PositionOf(const ItemId&) override { return std::optional<std::size_t>(); }
  Result<void> Restrict(const abi::SRestriction* restriction) override {
    auto where = restriction != nullptr ? ConditionOf(*restriction) : std::nullopt;
    if (restriction != nullptr && !where) return TooComplex();
    where_ = where ? std::move(*where) : RowCondition();
    Show();
    return Ok();
  }
  Result<std::optional<std::size_t>> Find(const abi::SRestriction& restriction, std::size_t from,
                                          bool backward) override {
    const auto where = ConditionOf(restriction);
    if (!where) return TooComplex();
    if (shown_.empty() || (!backward && from >= shown_.size())) return std::optional<std::size_t>();
    for (std::size_t i = std::min(from, shown_.size() - 1); i < shown_.size(); backward ? --i : ++i)
      if ((*where)(all_[shown_[i]])) return std::optional(i);
    return std::optional<std::size_t>();
  }
  Result<void> Sort(std::span<const abi::SSortOrder> order) override {
    order_.assign(order.begin(), order.end());
    Show();
    return Ok();
  }

 private:
  void Show() {
    shown_.clear();
    for (std::size_t i = 0; i < all_.size(); ++i)
      if (!where_ || where_(all_[i])) shown_.push_back(i);
    std::stable_sort(shown_.begin(), shown_.end(), [this](std::size_t a, std::size_t b) {
      for (const abi::SSortOrder& by : order_) {
        const Prop* one = PropIn(all_[a], by.ulPropTag);
        const Prop* other = PropIn(all_[b], by.ulPropTag);
        int order = one == nullptr ? (other == nullptr ? 0 : -1) : other == nullptr ? 1 : 0;
        if (one != nullptr && other != nullptr) order = Compared(one->value, other->value).value_or(0);
        if (order != 0) return by.ulOrder == abi::TABLE_SORT_DESCEND ? order > 0 : order < 0;
      }
      return false;
    });
  }

  PropRows all_;
  const std::function<Result<PropRows>()> read_;
  RowCondition where_;  // none: all are shown
  std::vector<abi::SSortOrder> order_;
  std::vector<std::size_t> shown_;
};

}  // namespace

std::optional<RowCondition> ConditionOf(const abi::SRestriction& restriction) { return ConditionAt(restriction, 0); }

std::unique_ptr<RowSource> MakeListSource(PropRows rows, std::function<Result<PropRows>()> read) {
  return std::make_unique<ListSource>(std::move(rows), std::move(read));
}

}  // namespace outpost::mapi
