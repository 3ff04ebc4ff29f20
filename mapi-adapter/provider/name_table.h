#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "mapi-adapter/codec/kept_properties.h"

namespace outpost::mapi {

// Which ids the names of properties have in one store: those of fields by KnownNames(), others in the order in which
// somebody asked for them, for good. What is kept names properties by name, so that nothing is lost with this table:
// then the names get other ids and the table another signature. Threads: any.
class NameTable {
 public:
  // The table in the file `path`, which is made where there is none; one that is damaged is begun anew. Errors:
  // those of ReadFile but kNotFound, and of WriteFileDurably.
  static Result<std::shared_ptr<NameTable>> Open(std::filesystem::path path, Random& random);

  // 0 where it has none.
  std::uint16_t IdOf(const KeptName& name) const;
  // Ids for all of `names`, new ones where there were none, which are on disk then; 0 for those that there are no more
  // ids for. Errors: those of WriteFileDurably (nothing is changed).
  Result<std::vector<std::uint16_t>> Give(std::span<const KeptName> names);
  std::optional<KeptName> NameOf(std::uint16_t id) const;
  // Every id that stands for a name, ascending.
  std::vector<std::uint16_t> Ids() const;
  // 16 bytes: two tables with the same give the same ids to the same names.
  const std::string& signature() const { return signature_; }

 private:
  NameTable(std::filesystem::path path, std::string salt);
  std::uint16_t Find(const KeptName& name) const;
  std::string Text() const;
  bool Read(const std::string& text);

  const std::filesystem::path path_;
  std::string salt_;
  std::string signature_;
  mutable std::mutex mutex_;   // guards what is below
  std::vector<KeptName> own_;  // the id of own_[i] is kFirstOwnId + i
  std::map<KeptName, std::uint16_t> ids_;
};

}  // namespace outpost::mapi
