// The conflict matrix, cell by cell (promise 6; user-pains.md 4).
#include "replicator/policy.h"

#include <catch2/catch.hpp>

using namespace outpost;

namespace {

struct Cell {
  LocalSide local;
  RemoteSide remote;
  Decision server_wins;
  Decision client_wins;
};

using L = LocalSide;
using R = RemoteSide;
using D = Decision;

// For groups that are replaced as a whole.
constexpr Cell kMatrix[] = {
    {L::kNone, R::kUnchanged, D::kNothing, D::kNothing},
    {L::kNone, R::kSame, D::kTakeRemote, D::kTakeRemote},
    {L::kNone, R::kOther, D::kTakeRemote, D::kTakeRemote},
    {L::kNone, R::kDeleted, D::kTakeRemote, D::kTakeRemote},
    {L::kEdited, R::kUnchanged, D::kKeepPending, D::kKeepPending},
    {L::kEdited, R::kSame, D::kAgree, D::kAgree},
    {L::kEdited, R::kOther, D::kServerWins, D::kClientWins},
    {L::kEdited, R::kDeleted, D::kServerWins, D::kRestore},
    {L::kCreated, R::kUnchanged, D::kKeepPending, D::kKeepPending},
    {L::kCreated, R::kSame, D::kAgree, D::kAgree},
    {L::kCreated, R::kOther, D::kAgree, D::kAgree},
    {L::kCreated, R::kDeleted, D::kServerWins, D::kRestore},
    {L::kDeleted, R::kUnchanged, D::kKeepPending, D::kKeepPending},
    {L::kDeleted, R::kSame, D::kKeepPending, D::kKeepPending},
    {L::kDeleted, R::kOther, D::kServerWins, D::kClientWins},
    {L::kDeleted, R::kDeleted, D::kAgree, D::kAgree},
};

}  // namespace

TEST_CASE("conflict matrix: every cell of local and remote side under both policies", "[replicator][policy]") {
  REQUIRE(std::size(kMatrix) == 16);
  for (const Cell& cell : kMatrix) {
    INFO("local " << static_cast<int>(cell.local) << " remote " << static_cast<int>(cell.remote));
    CHECK(Decide(cell.local, cell.remote, Merge::kReplace, Policy::kServerWins) == cell.server_wins);
    CHECK(Decide(cell.local, cell.remote, Merge::kReplace, Policy::kClientWins) == cell.client_wins);
  }
}

TEST_CASE("conflict matrix: sets merge, what is fixed at creation is the server's", "[replicator][policy]") {
  for (const Policy policy : {Policy::kServerWins, Policy::kClientWins}) {
    CHECK(Decide(L::kEdited, R::kOther, Merge::kSet, policy) == D::kMergeSets);
    CHECK(Decide(L::kEdited, R::kOther, Merge::kOnce, policy) == D::kServerWins);
    CHECK(Decide(L::kEdited, R::kOther, Merge::kImmutable, policy) == D::kServerWins);
    CHECK(Decide(L::kEdited, R::kOther, Merge::kServer, policy) == D::kServerWins);
  }
}
