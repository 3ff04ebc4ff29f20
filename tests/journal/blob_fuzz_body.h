#pragma once
#include <string_view>

namespace outpost::test {

// Any bytes, taken for the end of a blob file (after 8 bytes that say how long the file is) and for the row of a small
// blob. What is taken for whole is whole. Source: schemas/blobs.md.
void FuzzBlobFormat(std::string_view bytes);

}  // namespace outpost::test
