#pragma once
#include <optional>
#include <vector>

#include "base/random.h"
#include "projection/contents_table.h"
#include "tests/projection/memory_account.h"

namespace outpost::test {

// Contacts in folder "f" of an account, lived in at random, and what a table of it must show, worked out from the whole
// items one by one, without keys.
class TableOracle {
 public:
  explicit TableOracle(const MemoryAccount& account);

  // Something happens to some item of the account.
  void Step(MemoryAccount& account, SeededRandom& random) const;
  std::vector<SortColumn> RandomSort(SeededRandom& random) const;
  Restriction RandomWhere(SeededRandom& random, int depth) const;

  // Also of a table over several folders.
  std::vector<ItemId> Rows(const MemoryAccount& account, const TableSpec& spec) const;
  std::optional<std::size_t> Find(const MemoryAccount& account, const std::vector<ItemId>& rows,
                                  const Restriction& where, std::size_t from, bool forward) const;

 private:
  FieldMap RandomFields(SeededRandom& random) const;
  Restriction RandomFileWhere(SeededRandom& random) const;
  // Something happens to a file at an item.
  void StepOfFile(MemoryAccount& account, SeededRandom& random, const std::string& name) const;
  ItemId folder_, other_;
};

}  // namespace outpost::test
