#include "mapi-adapter/provider/restrictions.h"

#include <algorithm>

#include "mapi-adapter/codec/item_properties.h"
#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/values.h"

namespace outpost::mapi {
namespace {

using Kind = Restriction::Kind;
using Relation = Restriction::Relation;

Error CannotBe(const char* why, std::uint64_t number) {
  return {Code::kInvalid, Retry::kNever, std::string(why) + " " + std::to_string(number)};
}

std::optional<Relation> RelationOf(abi::ULONG relop) {
  constexpr Relation kRelations[] = {Relation::kLess, Relation::kLessOrEqual, Relation::kGreater,
                                     Relation::kGreaterOrEqual, Relation::kEqual};
  return relop < std::size(kRelations) ? std::optional(kRelations[relop]) : std::nullopt;
}

Restriction Always(bool holds) { return holds ? Restriction::And({}) : Restriction::Or({}); }

// Which of the kinds in the folder have such a class: that is known beforehand.
template <class Test>
Restriction OfClasses(ItemType content, Test test) {
  std::vector<Restriction> types;
  for (const ItemType type : {content, ItemType::kList})
    if (FieldOwner(type) == FieldOwner(content) && test(MessageClassOf(type)))
      types.push_back(Restriction::Leaf(Kind::kCompare, column::kType, std::string(ItemTypeName(type))));
  return Restriction::Or(std::move(types));
}

std::string Folded(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

std::optional<std::string> TextOf(const abi::SPropValue* value) {
  const auto prop = value != nullptr ? ReadProp(*value) : std::nullopt;
  const auto* text = prop ? std::get_if<std::string>(&prop->value) : nullptr;
  return text != nullptr ? std::optional(*text) : std::nullopt;
}

class Reader {
 public:
  explicit Reader(ItemType content) : content_(content) {}

  Result<Restriction> Read(const abi::SRestriction& in, std::size_t depth) const {
    if (depth > kRestrictionDepthMax) return CannotBe("a condition that is deeper than", kRestrictionDepthMax);
    switch (in.rt) {
      case abi::RES_AND:
      case abi::RES_OR: {
        std::vector<Restriction> parts;
        if (in.res.resAnd.cRes != 0 && in.res.resAnd.lpRes == nullptr)
          return CannotBe("no conditions, but", in.res.resAnd.cRes);
        for (abi::ULONG i = 0; i < in.res.resAnd.cRes; ++i) {
          OUTPOST_TRY(Restriction part, Read(in.res.resAnd.lpRes[i], depth + 1));
          parts.push_back(std::move(part));
        }
        return in.rt == abi::RES_AND ? Restriction::And(std::move(parts)) : Restriction::Or(std::move(parts));
      }
      case abi::RES_NOT: {
        if (in.res.resNot.lpRes == nullptr) return CannotBe("a condition without a part:", in.rt);
        OUTPOST_TRY(Restriction part, Read(*in.res.resNot.lpRes, depth + 1));
        return Restriction::Not(std::move(part));
      }
      case abi::RES_CONTENT:
        return Content(in.res.resContent.ulFuzzyLevel, in.res.resContent.ulPropTag, in.res.resContent.lpProp);
      case abi::RES_PROPERTY:
        return Compared(in.res.resProperty.relop, in.res.resProperty.ulPropTag, in.res.resProperty.lpProp);
      case abi::RES_COMPAREPROPS: {
        OUTPOST_TRY(const ColumnId one, Column(in.res.resCompareProps.ulPropTag1));
        OUTPOST_TRY(const ColumnId other, Column(in.res.resCompareProps.ulPropTag2));
        OUTPOST_TRY(Restriction out, Related(Kind::kColumns, one, {}, in.res.resCompareProps.relop));
        for (Restriction* leaf : {&out, out.parts.empty() ? &out : &out.parts[0]}) leaf->other = other;
        return out;
      }
      case abi::RES_BITMASK: {
        OUTPOST_TRY(const ColumnId column, Column(in.res.resBitMask.ulPropTag));
        Restriction out = Restriction::Leaf(Kind::kBits, column, {});
        out.number = in.res.resBitMask.ulMask;
        return in.res.resBitMask.relBMR == abi::BMR_NEZ ? out : Restriction::Not(std::move(out));
      }
      case abi::RES_SIZE: {
        OUTPOST_TRY(const ColumnId column, Column(in.res.resSize.ulPropTag));
        OUTPOST_TRY(Restriction out, Related(Kind::kSize, column, {}, in.res.resSize.relop));
        for (Restriction* leaf : {&out, out.parts.empty() ? &out : &out.parts[0]}) leaf->number = in.res.resSize.cb;
        return out;
      }
      case abi::RES_EXIST: {
        const std::uint16_t id = IdOf(in.res.resExist.ulPropTag);
        const ColumnId column = ColumnFor(content_, TagOf(id, PropType::kUnicode));
        if (column != 0 && column != field::LabelOf(content_)) return Restriction::Leaf(Kind::kExists, column, {});
        const auto all = PropsOf(content_, {});  // what every item has
        return Always(std::any_of(all.begin(), all.end(), [id](const Prop& prop) { return IdOf(prop.tag) == id; }) ||
                      id == IdOf(tag::kEntryId));
      }
      case abi::RES_COMMENT:  // says something to whoever wrote it
        if (in.res.resComment.lpRes == nullptr) return Always(true);
        return Read(*in.res.resComment.lpRes, depth + 1);
      default:
        return CannotBe("a condition of kind", in.rt);
    }
  }

 private:
  Result<ColumnId> Column(PropTag tag) const {
    const ColumnId column = ColumnFor(content_, tag);
    if (column == 0) return CannotBe("no column is property", tag);
    return column;
  }

  // There is no "other than" here: it is not equal.
  static Result<Restriction> Related(Kind kind, ColumnId column, Value value, abi::ULONG relop) {
    const bool other = relop == abi::RELOP_NE;
    const auto relation = other ? Relation::kEqual : RelationOf(relop);
    if (!relation) return CannotBe("a comparison of kind", relop);
    Restriction leaf = Restriction::Leaf(kind, column, std::move(value), *relation);
    return other ? Restriction::Not(std::move(leaf)) : leaf;
  }

  Result<Restriction> Compared(abi::ULONG relop, PropTag tag, const abi::SPropValue* value) const {
    const auto prop = value != nullptr ? ReadProp(*value) : std::nullopt;
    if (!prop) return CannotBe("no value to compare property with:", tag);
    if (IdOf(tag) == IdOf(tag::kMessageClass)) {
      const auto text = TextOf(value);
      if (!text || (relop != abi::RELOP_EQ && relop != abi::RELOP_NE))
        return CannotBe("message classes in relation", relop);
      Restriction out = OfClasses(content_, [&text](const std::string& name) { return Folded(name) == Folded(*text); });
      return relop == abi::RELOP_EQ ? out : Restriction::Not(std::move(out));
    }
    OUTPOST_TRY(const ColumnId column, Column(tag));
    if (column == field::LabelOf(content_)) return Related(Kind::kCompare, column, TextOf(value).value_or(""), relop);
    auto wanted = FieldValueOf(content_, *prop);
    if (!wanted) return CannotBe("a value of another type for property", tag);
    return Related(Kind::kCompare, column, std::move(*wanted), relop);
  }

  Result<Restriction> Content(abi::ULONG level, PropTag tag, const abi::SPropValue* value) const {
    const auto text = TextOf(value);
    const abi::ULONG how = level & 0xFFFF;
    if (!text || how > abi::FL_PREFIX) return CannotBe("no text to look for in property", tag);
    if (IdOf(tag) == IdOf(tag::kMessageClass))
      return OfClasses(content_, [&](const std::string& name) {
        const std::size_t at = Folded(name).find(Folded(*text));
        return how == abi::FL_SUBSTRING ? at != std::string::npos
                                        : at == 0 && (how == abi::FL_PREFIX || name.size() == text->size());
      });
    OUTPOST_TRY(const ColumnId column, Column(tag));
    const Kind kind = how == abi::FL_SUBSTRING ? Kind::kPart : how == abi::FL_PREFIX ? Kind::kPrefix : Kind::kCompare;
    Restriction out = Restriction::Leaf(kind, column, *text);
    out.exact = (level & (abi::FL_IGNORECASE | abi::FL_IGNORENONSPACE | abi::FL_LOOSE)) == 0;
    return out;
  }

  ItemType content_;
};

}  // namespace

ColumnId ColumnFor(ItemType content, PropTag tag) {
  const std::uint16_t id = IdOf(tag);
  if (id == IdOf(tag::kSubject) || id == IdOf(tag::kNormalizedSubject) || id == IdOf(tag::kDisplayName))
    return field::LabelOf(content);
  const char* name = id == IdOf(tag::kLastModificationTime) ? "last_modified"
                     : id == IdOf(tag::kCreationTime)       ? "creation_date"
                                                            : nullptr;
  if (name == nullptr) return FieldOfProp(content, tag);
  const Field* field = FindField(FieldOwner(content), name);
  return field != nullptr ? field->id : ColumnId{0};
}

Result<Restriction> RestrictionOf(ItemType content, const abi::SRestriction& restriction) {
  return Reader(content).Read(restriction, 0);
}

}  // namespace outpost::mapi
