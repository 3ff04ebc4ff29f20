#pragma once
#include <string>
#include <string_view>

#include "tools/oxserver/columns.h"
#include "tools/oxserver/world.h"

namespace outpost::oxserver {

// The codes by which a module refuses (http-api.md 4 to 7). Null: the module has no such rule.
struct ObjectCodes {
  const char* wrong_module;  // the folder holds something else
  const char* no_folder;     // it is not there, or he has no access
  const char* not_found;     // no such object
  const char* elsewhere;     // the object is in another folder
  const char* hidden;        // he may not read the object
  const char* no_create;
  const char* no_write;
  const char* no_delete;  // also for taking it out of a folder
  const char* conflict;   // changed after the client's timestamp
  const char* unchanged;  // an update that changes nothing
  const char* too_long;
  const char* unreadable;  // a value that cannot be parsed
  const char* not_digits;  // a value of kind kDigits that is something else
  const char* bad_character;
  const char* uid_change;       // another uid in an update; null: it is ignored
  const char* private_outside;  // private in a folder that is not one's own
  const char* private_move;     // the same by a move
  const char* shared_move;      // a move from or into somebody else's folder
};

// What the timestamp of a delta is at least: 0, or the one that was asked from (http-api.md 1.9).
enum class DeltaStart : std::uint8_t { kZero, kAsked };

// One module whose objects lie in folders as rows of columns. What it has beside its columns and codes it says by
// functions; a null one means that it has nothing of that kind. Threads: any.
struct ObjectModule {
  FolderModule holds;
  const char* name;  // "contacts"
  const char* one;   // "contact", for texts
  const ColumnTable* columns;
  ObjectCodes codes;
  Category too_long_category;
  DeltaStart delta_start;
  bool deletions_unasked;    // `updates` tells deletions also where the call has no `ignore`
  bool ids_are_numbers;      // in bodies, and in the answer of `new`; http-api.md 5
  const char* deleted_data;  // the data of a delete that was done
  // The literal to store for a value of kind kArray; empty: none.
  Api<std::string> (*array)(const World& world, const Column& column, const Json& value);
  // Puts what a body says by older names under the names of the columns.
  void (*translate)(Json& body);
  // Rules over the whole object, and fields that follow from others. `before` is null for a new object.
  Api<void> (*settle)(const World& world, int user, const Object* before, Object& after);
  // Appends the value of a column that is not stored, and returns true; false where `column` is none of those.
  bool (*derived)(std::string& out, const World& world, const Object& object, int column, const Zone& zone);
  // The code by which the deletion of an object is refused for good; null: it may go.
  const char* (*kept)(const Object& object);
};

const ObjectModule& ContactsModule();
const ObjectModule& TasksModule();
const ObjectModule& CalendarModule();

}  // namespace outpost::oxserver
