#include "tools/oxserver/options.h"

#include <catch2/catch.hpp>

using namespace outpost;
using namespace outpost::oxserver;

TEST_CASE("options: each switch is set by its name", "[oxserver]") {
  LogicOptions options;
  for (const char* spec :
       {"stamps=same-twice", "ids=mixed", "boundary=from", "length_unit=bytes", "older_contacts_path=true",
        "move_tombstones=false", "revoke_tombstones=true", "four_byte_characters=false", "tombstone_retention=5",
        "session_idle=6", "rate_window=7", "requests_per_window=0", "logins_per_window=9", "sessions_per_user=10",
        "timezone=Asia/Tokyo"}) {
    INFO(spec);
    CHECK(SetOption(options, spec));
  }
  CHECK(options.stamps == StampMode::kSameTwice);
  CHECK(options.ids == IdStyle::kMixed);
  CHECK(options.boundary == Boundary::kFrom);
  CHECK(options.length_unit == LengthUnit::kBytes);
  CHECK((options.older_contacts_path && !options.move_tombstones && options.revoke_tombstones));
  CHECK_FALSE(options.four_byte_characters);
  CHECK(options.tombstone_retention == Millis{5});
  CHECK(options.session_idle == Millis{6});
  CHECK(options.rate_window == Millis{7});
  CHECK(options.requests_per_window == 0);
  CHECK(options.logins_per_window == 9);
  CHECK(options.sessions_per_user == 10);
  CHECK(options.timezone == "Asia/Tokyo");
}

TEST_CASE("options: what is none is refused, and what there is is named", "[oxserver]") {
  LogicOptions options;
  for (const char* bad : {"", "stamps", "stamps=", "stamps=never", "ids=strings,numbers", "spoon=1", "session_idle=-1",
                          "requests_per_window=4294967296", "timezone=", "=strict"}) {
    INFO(bad);
    const auto set = SetOption(options, bad);
    REQUIRE_FALSE(set);
    CHECK(set.error().code == Code::kInvalid);
  }
  CHECK(SetOption(options, "stamps=never").error().context.find("steps-back") != std::string::npos);
  CHECK(SetOption(options, "spoon=1").error().context.find("older_contacts_path") != std::string::npos);
}
