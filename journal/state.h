#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace outpost {

// A table of stored state: one byte in front of its keys. The owner of each range says what keys and values mean
// (projection/tables.h, replicator/tables.h).
enum class Table : std::uint8_t {};

// A row as the owner of its table understands it, or null. Never changed once it is shared.
using DecodedRow = std::shared_ptr<const void>;
// Makes it of a row. Errors: kCorrupt.
using DecodeRow = Result<DecodedRow> (*)(std::string_view key, std::string_view value);

// Reads the key/value state that the inline folds keep.
// Threads: an object belongs to one thread at a time, many objects may live at once. Errors: kCorrupt, kUnavailable.
class StateReader {
 public:
  virtual ~StateReader() = default;
  // The value, or nullopt where there is none.
  virtual Result<std::optional<std::string>> Get(Table table, std::string_view key) const = 0;
  // The row by `decode`; null where there is none. Who keeps rows in memory keeps them decoded as well. Each table has
  // one `decode`, its owner's. Errors: those of `decode`, too.
  virtual Result<DecodedRow> GetDecoded(Table table, std::string_view key, DecodeRow decode) const {
    OUTPOST_TRY(const std::optional<std::string> row, Get(table, key));
    return row ? decode(key, *row) : Result<DecodedRow>(nullptr);
  }
  // These rows are about to be asked for with GetDecoded, or, where `decode` is null, with Get: who may keep rows in
  // memory reads them together, and until the next call about the table. What cannot be read is left for who asks.
  virtual void Expect(Table /*table*/, std::span<const std::string_view> /*keys*/, DecodeRow /*decode*/) const {}
  // Calls `row` for each key that starts with `prefix` and is >= `from` (a full key, or empty), ascending, until it
  // answers false. The views are valid during the call only.
  using RowFn = std::function<bool(std::string_view key, std::string_view value)>;
  virtual Result<void> Scan(Table table, std::string_view prefix, std::string_view from, const RowFn& row) const = 0;
};

// The state as the current append will leave it: what this append put is what Get and Scan see.
class StateWriter : public StateReader {
 public:
  virtual void Put(Table table, std::string_view key, std::string_view value) = 0;
  virtual void Delete(Table table, std::string_view key) = 0;
  // Put of a row whose decoded form is at hand: what its table's `decode` would make of `value`.
  virtual void PutDecoded(Table table, std::string_view key, std::string value, DecodedRow /*decoded*/) {
    Put(table, key, value);
  }
};

}  // namespace outpost
