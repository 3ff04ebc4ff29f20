#pragma once
#include "tools/oxserver/objects.h"

namespace outpost::oxserver {

Api<Answer> SearchContacts(const World& world, const Request& request);
Api<Answer> AdvancedSearch(const World& world, const Request& request);

}  // namespace outpost::oxserver
