#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace outpost::oxserver {

// How a value reads on the wire (http-api.md 1.4 and 1.6).
enum class Kind : std::uint8_t { kText, kNumber, kBoolean, kDate, kTime, kTimestamp, kId, kArray };

// Who sets a value: the client at any time, only in `new`, or only the server.
enum class Access : std::uint8_t { kClient, kOnCreate, kServer };

struct Column {
  int id;
  const char* name;
  Kind kind;
  Access access;
  std::uint32_t max_characters;  // 0: no limit of its own
};

// The columns of a contact, http-api.md 3 and 4.1. The position of a column in this table is its key in stored state:
// entries are appended, never moved.
std::span<const Column> ContactColumns();
// Positions in ContactColumns(), -1 where there is none.
int ContactColumnById(int id);
int ContactColumnByName(std::string_view name);

// Column ids with a meaning of their own.
enum ContactColumn : int {
  kColId = 1,
  kColCreatedBy = 2,
  kColModifiedBy = 3,
  kColCreationDate = 4,
  kColLastModified = 5,
  kColLastModifiedUtc = 6,
  kColFolder = 20,
  kColPrivateFlag = 101,
  kColAttachments = 104,
  kColUid = 223,
  kColDisplayName = 500,
  kColLastName = 502,
  kColUserId = 524,
  kColEmail1 = 555,
  kColEmail2 = 556,
  kColEmail3 = 557,
  kColImage1 = 570,
  kColDistributionList = 592,
  kColDistributionCount = 594,
  kColImages = 596,
  kColImageModified = 597,
  kColImageType = 601,
  kColIsDistributionList = 602,
};

}  // namespace outpost::oxserver
