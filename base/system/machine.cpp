#include "base/system/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <thread>

namespace outpost {

MachineFacts ThisMachine() {
  MachineFacts facts;
  struct utsname name {};
  if (uname(&name) == 0) {
    facts.system = name.sysname;
    facts.release = name.release;
    facts.architecture = name.machine;
  }
  facts.processors = std::thread::hardware_concurrency();
  const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
  if (pages > 0 && size > 0) facts.memory_bytes = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size);
  return facts;
}

}  // namespace outpost
