#pragma once
#include <span>
#include <string>
#include <string_view>

namespace outpost {

// Up to three of `names` that look most like `wanted`, the nearest first: "'Contacts', 'Contacts/Friends'"; empty where
// there are no names. For errors. Threads: any.
std::string NearestNames(std::string_view wanted, std::span<const std::string_view> names);

}  // namespace outpost
