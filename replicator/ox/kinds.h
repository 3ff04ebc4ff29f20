#pragma once
#include <span>
#include <string_view>

#include "schemas/fields.h"

namespace outpost {

// One kind of item as OX keeps it. A further kind is one more of these and its rows in schemas/fields.tsv; a value that
// the wire has in a form of its own gets an OxShape (replicator/ox/columns.h).
struct OxKind {
  ItemType type;
  const char* module;    // of the calls; folders that hold such items are called so too
  bool ids_are_numbers;  // in the bodies of calls (http-api.md 5)
  bool has_series;       // reads ask for series, not for their occurrences; writes overrule conflicts (6.1, 6.5)
  bool is_mail;          // no deltas, no versions, ids of its own (replicator/ox/mail.h)
  bool is_setting;       // likewise, and no folders either (replicator/ox/rules.h, signatures.h)
  std::span<const FieldId> told;  // fields of the server's own that rows bring besides those that travel both ways
};

// All kinds that this dialect carries. Threads: any.
std::span<const OxKind> AllKinds();
// Null for types whose items it does not carry. Lists are of the kind of contacts.
const OxKind* KindOf(ItemType type);
const OxKind* KindOfModule(std::string_view module);

}  // namespace outpost
