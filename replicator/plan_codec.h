#pragma once
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "replicator/planner.h"

// The bytes of what is in a trace: numbers as varints (7 bits a byte, the lowest first; signed ones zigzagged), texts
// and lists behind their length. Source: replicator/plan_trace.md.
namespace outpost::trace {

// What stands for a text; texts are passed through it on their way into a trace.
using TextFn = std::function<std::string(std::string_view)>;
struct Veils {
  TextFn id;    // of ids that the server gave
  TextFn text;  // of what the server said
  TextFn code;  // of its codes
};

class Writer {
 public:
  explicit Writer(const Veils& veils) : veils_(veils) {}
  std::string Take() { return std::move(out_); }

  template <class T>
  void operator()(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      out_.push_back(value ? 1 : 0);
    } else if constexpr (std::is_enum_v<T>) {
      Put(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_signed_v<T>) {
      const auto wide = static_cast<std::int64_t>(value);
      Put((static_cast<std::uint64_t>(wide) << 1) ^ static_cast<std::uint64_t>(wide >> 63));
    } else {
      Put(static_cast<std::uint64_t>(value));
    }
  }
  template <class Tag>
  void operator()(const Id<Tag>& id) {
    out_.append(id.View());
  }
  void Text(const std::string& text) {
    Put(text.size());
    out_.append(text);
  }
  void RemoteId(const std::string& id) { Text(veils_.id(id)); }
  void Said(const std::string& text) { Text(veils_.text(text)); }
  void Code(const std::string& code) { Text(veils_.code(code)); }
  template <class T, class Each>
  void List(const std::vector<T>& list, Each each) {
    Put(list.size());
    for (const T& element : list) each(element);
  }
  template <class T, class Each>
  void Maybe(const std::optional<T>& value, Each each) {
    (*this)(value.has_value());
    if (value) each(*value);
  }

 private:
  void Put(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
  }
  const Veils& veils_;
  std::string out_;
};

// The same backwards. Once ok() is false what was read is unspecified; nothing is ever larger than the bytes given.
class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}
  bool ok() const { return ok_; }
  std::size_t left() const { return in_.size(); }

  template <class T>
  void operator()(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = Get() != 0;
    } else if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(Get());
    } else if constexpr (std::is_signed_v<T>) {
      const std::uint64_t zigzag = Get();
      value = static_cast<T>(static_cast<std::int64_t>(zigzag >> 1) ^ -static_cast<std::int64_t>(zigzag & 1));
    } else {
      value = static_cast<T>(Get());
    }
  }
  template <class Tag>
  void operator()(Id<Tag>& id) {
    if (in_.size() < id.bytes.size()) return Fail();
    std::memcpy(id.bytes.data(), in_.data(), id.bytes.size());
    in_.remove_prefix(id.bytes.size());
  }
  void Text(std::string& text) {
    const std::uint64_t size = Get();
    if (size > in_.size()) return Fail();
    text = in_.substr(0, size);
    in_.remove_prefix(size);
  }
  void RemoteId(std::string& id) { Text(id); }
  void Said(std::string& text) { Text(text); }
  void Code(std::string& code) { Text(code); }
  template <class T, class Each>
  void List(std::vector<T>& list, Each each) {
    const std::uint64_t size = Get();
    if (size > in_.size()) return Fail();  // each takes a byte at least
    list.clear();
    for (std::uint64_t i = 0; i < size && ok_; ++i) each(list.emplace_back());
  }
  template <class T, class Each>
  void Maybe(std::optional<T>& value, Each each) {
    bool there = false;
    (*this)(there);
    if (there) each(value.emplace());
  }

 private:
  void Fail() {
    ok_ = false;
    in_ = {};
  }
  std::uint64_t Get() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (in_.empty()) break;
      const auto byte = static_cast<unsigned char>(in_.front());
      in_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    Fail();
    return 0;
  }
  std::string_view in_;
  bool ok_ = true;
};

// One function per shape for both ways: `F` is const on the way out.
template <class Io, class F>
void PassGroups(Io& io, F& groups) {
  io.List(groups, [&](auto& group) { io(group); });
}

template <class Io, class F>
void PassItem(Io& io, F& item) {
  io(item.id);
  io(item.type);
  io(item.head);
  io(item.on_server);
  io(item.version);
  io(item.parked);
  io.List(item.edits, [&](auto& edit) {
    io(edit.seq);
    io(edit.op);
    io(edit.kind);
    io(edit.in_flight);
    io(edit.restores);
    io.List(edit.groups, [&](auto& group) {
      io(group.group);
      io(group.equals_row);
    });
  });
}

template <class Io, class F>
void PassRow(Io& io, F& row) {
  io.RemoteId(row.remote_id);
  io(row.version);
  PassGroups(io, row.changed);
  PassGroups(io, row.merges_to_row);
  PassGroups(io, row.other_people);
  PassGroups(io, row.beyond_edits);
  io(row.other_id);
  io(row.fills_in);
  io(row.own_rights);
}

template <class Io, class F>
void PassEntry(Io& io, F& entry) {
  io(entry.item);
  io(entry.verb);
  io.List(entry.intents, [&](auto& seq) { io(seq); });
  PassGroups(io, entry.groups);
}

template <class Io, class F>
void PassAnswer(Io& io, F& answer) {
  io(answer.status);
  io(answer.denied);
  io.Code(answer.code);
  io.Said(answer.text);
  io.List(answer.problems, [&](auto& problem) {
    io(problem.field);
    io(problem.length);
    io(problem.limit);
  });
  io.RemoteId(answer.remote_id);
  io(answer.version);
}

template <class Io, class F>
void PassInside(Io& io, F& inside) {
  io(inside.waits);
  io(inside.moved_away);
  io(inside.news);
}

template <class Io, class F>
void PassFolder(Io& io, F& folder) {
  io(folder.id);
  io.RemoteId(folder.remote_id);
  io(folder.content);
  io(folder.cursor);
  io(folder.examined);
  io(folder.read_once);
  io(folder.same_columns);
  io(folder.remembered);
  io(folder.due);
  io(folder.resync);
}

template <class Io, class F>
void PassEvents(Io& io, F& events) {
  io.List(events, [&](auto& event) {
    io(event.kind);
    io(event.origin);
    io(event.op);
    io(event.fields);
    io(event.of_group);
    io.List(event.outcomes.groups, [&](auto& outcome) {
      io(outcome.group);
      io(outcome.kind);
    });
    io.List(event.outcomes.refusals, [&](auto& refusal) {
      io(refusal.group);
      io(refusal.field);
      io(refusal.length);
      io(refusal.limit);
      io.Code(refusal.code);
      io.Said(refusal.text);
    });
    io.RemoteId(event.outcomes.remote_id);
    io(event.outcomes.version);
    io(event.outcomes.batch);
    io(event.outcomes.rival);
  });
}

}  // namespace outpost::trace
