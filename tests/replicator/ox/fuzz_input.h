#pragma once
#include <cstddef>
#include <cstdint>

namespace outpost::test {

// Gives the bytes to every reader of answers, for every kind of ask, and throws InvariantViolation where an accepted
// answer breaks what the readers promise.
void ReadAsEverything(const std::uint8_t* data, std::size_t size);

// The same for the readers of one cell, of a message of the line for news, and of a reply that is no answer: the first
// byte is the status, the rest the cell, the message, and what the server says of when to come back.
void ReadAsCell(const std::uint8_t* data, std::size_t size);

}  // namespace outpost::test
