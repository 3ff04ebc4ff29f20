#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "tools/oxserver/api_client.h"

namespace outpost::oxserver {

struct GenerateSpec {
  std::uint64_t contacts = 0;
  std::uint64_t folders = 1;  // the contacts go round these: the user's own, then new ones below it
};

struct Generated {
  std::uint64_t contacts = 0;
  std::vector<std::string> folders;  // ids
};

// "contacts=N[,folders=M]". Errors: kInvalid, also for kinds that are not invented yet (appointments, tasks,
// mails).
Result<GenerateSpec> ParseGenerateSpec(std::string_view text);

// One invented person: a name in one of many scripts, and the fields real address books have, many of them empty. The
// same numbers give the same person.
FieldMap InventContact(Random& random);

// Invents contacts and puts them in through the API. Errors: those of ApiClient.
Result<Generated> Generate(const GenerateSpec& spec, Random& random, ApiClient& client);

}  // namespace outpost::oxserver
