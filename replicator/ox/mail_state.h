#pragma once
#include <cstdint>
#include <string>

namespace outpost {

// What `examine` tells of a folder.
struct MailFolderState {
  std::string validity;
  std::int64_t next = 0;    // the id that comes next; 0: not told
  std::int64_t digest = 0;  // of all that it tells; above 0
};

}  // namespace outpost
