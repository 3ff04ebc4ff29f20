#pragma once
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/system/files.h"

namespace outpost::test {

// A folder for files that are made and dropped by the thousand: in memory where the system has such a place, else an
// ordinary temporary one. Goes with the object.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string memory = "/dev/shm/outpost-journal-XXXXXX";
    path_ = ::mkdtemp(memory.data()) != nullptr ? std::filesystem::path(memory)
                                                : MakeTemporaryFolder("outpost-journal-").value();
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace outpost::test
