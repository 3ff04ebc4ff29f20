#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tools/oxserver/object_module.h"

namespace outpost::oxserver {

// Makes rows of objects for one list of columns: the hot path, so it copies stored literals. Threads: one.
class ObjectRows {
 public:
  // Errors: SVL-0002, SVL-0010 for a parameter `columns` that is missing or no list of numbers.
  static Api<ObjectRows> Make(const ObjectModule& module, const World& world, const Request& request);
  ObjectRows(const ObjectModule& module, const World& world, const Zone& zone, std::vector<int> ids);
  void AppendRow(std::string& out, const Object& object) const;

 private:
  const ObjectModule* module_;
  const World* world_;
  const Zone* zone_;
  std::vector<int> ids_;        // column ids as asked for
  std::vector<int> positions_;  // -1 for an unknown id
};

// Whether its times are whole days.
bool IsFullTime(const ObjectModule& module, const Object& object);
// All members that have a value, `{"id":…}`.
void AppendObject(std::string& out, const ObjectModule& module, const World& world, const Object& object,
                  const Zone& zone);
// The id as the server's style gives it.
void AppendId(std::string& out, const World& world, std::int64_t id);
// The value of one column as JSON; "null" where there is none.
void AppendValue(std::string& out, const ObjectModule& module, const World& world, const Object& object, int position,
                 const Zone& zone);

}  // namespace outpost::oxserver
