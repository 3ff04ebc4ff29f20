#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tools/oxserver/columns.h"
#include "tools/oxserver/world.h"

namespace outpost::oxserver {

// Makes rows of contacts for one list of columns: the hot path, so it copies stored literals. Threads: one.
class ContactRows {
 public:
  // Errors: SVL-0002, SVL-0010 for a parameter `columns` that is missing or no list of numbers.
  static Api<ContactRows> Make(const World& world, const Request& request);
  ContactRows(const World& world, const Zone& zone, std::vector<int> ids);
  void AppendRow(std::string& out, const Contact& contact) const;

 private:
  const World* world_;
  const Zone* zone_;
  std::vector<int> ids_;        // column ids as asked for
  std::vector<int> positions_;  // in ContactColumns(); -1 for an unknown id
};

// All members that have a value, `{"id":…}`.
void AppendContactObject(std::string& out, const World& world, const Contact& contact, const Zone& zone);
// The id as the server's style gives it.
void AppendContactId(std::string& out, const World& world, std::int64_t id);
// The value of one column as JSON; "null" where there is none.
void AppendContactValue(std::string& out, const World& world, const Contact& contact, int position, const Zone& zone);

}  // namespace outpost::oxserver
