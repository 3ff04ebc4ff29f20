#include "mapi-adapter/provider/name_table.h"

#include <sstream>

#include "base/bytes.h"
#include "base/system/crypto.h"
#include "base/system/files.h"

namespace outpost::mapi {
namespace {

// Ids below are for the names of fields, whose number grows with them.
constexpr std::uint16_t kFirstOwnId = 0x9000, kLastId = 0xFFFE;
constexpr std::string_view kHead = "outpost property names 1 ";
constexpr std::size_t kGuidBytes = 16;

PropName AsPropName(const KeptName& name) { return {PropSetOf(name.set), name.number, name.text}; }

std::string KnownText() {
  std::string names;
  for (const PropName& name : KnownNames())
    names += std::string(GuidOf(name.set)) + std::to_string(name.number) + ":" + std::string(name.text) + ";";
  return names;
}

}  // namespace

NameTable::NameTable(std::filesystem::path path, std::string salt) : path_(std::move(path)), salt_(std::move(salt)) {}

Result<std::shared_ptr<NameTable>> NameTable::Open(std::filesystem::path path, Random& random) {
  std::string salt;
  AppendBe64(salt, random.Next());
  AppendBe64(salt, random.Next());
  std::shared_ptr<NameTable> table(new NameTable(std::move(path), salt));
  const auto text = ReadFile(table->path_);
  if (!text && text.error().code != Code::kNotFound) return text.error();  // it is there, and may be read later
  if (!text || !table->Read(text.value())) {
    table->salt_ = salt;
    table->own_.clear();
    table->ids_.clear();
    OUTPOST_TRYV(WriteFileDurably(table->path_, table->Text()));
  }
  const Digest digest = Sha256Of(KnownText() + table->salt_);
  table->signature_.assign(reinterpret_cast<const char*>(digest.data()), kGuidBytes);
  return table;
}

std::uint16_t NameTable::Find(const KeptName& name) const {
  if (name.set.empty()) return name.id;
  if (const std::uint16_t known = IdOfName(AsPropName(name)); known != 0 && !GuidOf(PropSetOf(name.set)).empty())
    return known;
  const auto at = ids_.find(name);
  return at != ids_.end() ? at->second : std::uint16_t{0};
}

std::uint16_t NameTable::IdOf(const KeptName& name) const {
  const std::lock_guard lock(mutex_);
  return Find(name);
}

Result<std::vector<std::uint16_t>> NameTable::Give(std::span<const KeptName> names) {
  const std::lock_guard lock(mutex_);
  const std::size_t before = own_.size();
  std::vector<std::uint16_t> ids;
  for (const KeptName& name : names) {
    std::uint16_t id = Find(name);
    if (id == 0 && own_.size() <= std::size_t{kLastId} - kFirstOwnId) {
      id = static_cast<std::uint16_t>(kFirstOwnId + own_.size());
      own_.push_back(name);
      ids_.emplace(name, id);
    }
    ids.push_back(id);
  }
  if (own_.size() == before) return ids;
  const auto written = WriteFileDurably(path_, Text());
  if (written) return ids;
  for (std::size_t i = before; i < own_.size(); ++i) ids_.erase(own_[i]);
  own_.resize(before);
  return written.error();
}

std::optional<KeptName> NameTable::NameOf(std::uint16_t id) const {
  if (id < kFirstNamedId) return std::nullopt;
  if (const std::size_t known = std::size_t{id} - kFirstNamedId; known < KnownNames().size()) {
    const PropName& name = KnownNames()[known];
    return KeptName{0, std::string(GuidOf(name.set)), name.number, std::string(name.text)};
  }
  const std::lock_guard lock(mutex_);
  const std::size_t own = std::size_t{id} - kFirstOwnId;
  return id >= kFirstOwnId && own < own_.size() ? std::optional(own_[own]) : std::nullopt;
}

std::vector<std::uint16_t> NameTable::Ids() const {
  std::vector<std::uint16_t> out;
  for (std::size_t i = 0; i < KnownNames().size(); ++i) out.push_back(static_cast<std::uint16_t>(kFirstNamedId + i));
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < own_.size(); ++i) out.push_back(static_cast<std::uint16_t>(kFirstOwnId + i));
  return out;
}

// A line for each name, in the order of their ids: the set, and "n" with the number or "t" with the text in
// hexadecimal.
std::string NameTable::Text() const {
  std::string out = std::string(kHead) + ToHex(AsBytes(salt_)) + "\n";
  for (const KeptName& name : own_)
    out += ToHex(AsBytes(name.set)) + " " +
           (name.text.empty() ? "n" + std::to_string(name.number) : "t" + ToHex(AsBytes(name.text))) + "\n";
  return out;
}

bool NameTable::Read(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  if (!std::getline(lines, line) || !line.starts_with(kHead)) return false;
  const auto salt = ParseHex(std::string_view(line).substr(kHead.size()));
  if (!salt || salt->size() != kGuidBytes) return false;
  salt_ = *salt;
  while (std::getline(lines, line)) {
    const auto blank = line.find(' ');
    const auto set = ParseHex(std::string_view(line).substr(0, blank));
    if (!set || set->size() != kGuidBytes || blank == std::string::npos || line.size() < blank + 3) return false;
    KeptName name;
    name.set = *set;
    const std::string rest = line.substr(blank + 2);
    const auto named = line[blank + 1] == 't' ? ParseHex(rest) : std::optional<std::string>(std::string());
    if (!named || (line[blank + 1] == 't') == named->empty()) return false;
    name.text = *named;
    if (name.text.empty()) {
      if (line[blank + 1] != 'n' || rest.find_first_not_of("0123456789") != std::string::npos || rest.size() > 10)
        return false;
      name.number = static_cast<std::uint32_t>(std::stoull(rest));
    }
    if (own_.size() > std::size_t{kLastId} - kFirstOwnId) return false;
    ids_.emplace(name, static_cast<std::uint16_t>(kFirstOwnId + own_.size()));
    own_.push_back(std::move(name));
  }
  return true;
}

}  // namespace outpost::mapi
