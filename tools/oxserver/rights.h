#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace outpost::oxserver {

// One entry of a folder's permission list (http-api.md 2.5).
struct Permission {
  int entity = 0;
  bool group = false;
  std::uint32_t bits = 0;
  std::string guest = {};  // of a guest or a link: the entry's other members, a JSON object; empty for users and groups
};

// The four seven-bit fields and the admin bit, each 0, 1, 2, 4 or 64.
struct Rights {
  int folder = 0, read = 0, write = 0, remove = 0;
  bool admin = false;

  std::uint32_t Bits() const;
  bool Visible() const { return folder > 0 || admin; }
  bool MayCreateObjects() const { return folder >= 2; }
  bool MayCreateFolders() const { return folder >= 4; }
};

// "Own" means created by the one who asks.
inline bool Allows(int level, bool own) { return level >= 2 || (level == 1 && own); }

Rights FromBits(std::uint32_t bits);
// True where every field has a value that is defined.
bool AreLegalBits(std::int64_t bits);

constexpr std::uint32_t kOwnerBits = 403710016;  // 64, 64, 64, 64 and admin
constexpr std::uint32_t kViewerBits = 257;       // sees the folder, reads all
constexpr int kAllUsersGroup = 0;

}  // namespace outpost::oxserver
