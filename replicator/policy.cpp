#include "replicator/policy.h"

#include "base/check.h"

namespace outpost {
namespace {

Decision DecideNone(RemoteSide remote) {
  switch (remote) {
    case RemoteSide::kUnchanged:
      return Decision::kNothing;
    case RemoteSide::kSame:
    case RemoteSide::kOther:
    case RemoteSide::kDeleted:
      return Decision::kTakeRemote;
  }
  FailCheck("RemoteSide", __FILE__, __LINE__);
}

// Both sides changed the group to different values.
Decision DecideClash(Merge merge, Policy policy) {
  switch (merge) {
    case Merge::kSet:
      return Decision::kMergeSets;
    case Merge::kReplace:
    case Merge::kByEntity:
    case Merge::kByBit:
      return policy == Policy::kServerWins ? Decision::kServerWins : Decision::kClientWins;
    case Merge::kOnce:
    case Merge::kServer:
    case Merge::kImmutable:
      return Decision::kServerWins;  // the server would not take another value
  }
  FailCheck("Merge", __FILE__, __LINE__);
}

Decision DecideEdited(RemoteSide remote, Merge merge, Policy policy) {
  switch (remote) {
    case RemoteSide::kUnchanged:
      return Decision::kKeepPending;
    case RemoteSide::kSame:
      return Decision::kAgree;
    case RemoteSide::kOther:
      return DecideClash(merge, policy);
    case RemoteSide::kDeleted:
      return policy == Policy::kServerWins ? Decision::kServerWins : Decision::kRestore;
  }
  FailCheck("RemoteSide", __FILE__, __LINE__);
}

Decision DecideCreated(RemoteSide remote, Policy policy) {
  switch (remote) {
    case RemoteSide::kUnchanged:
      return Decision::kKeepPending;
    case RemoteSide::kSame:
    case RemoteSide::kOther:
      return Decision::kAgree;  // it is there; its groups are decided one by one
    case RemoteSide::kDeleted:
      return policy == Policy::kServerWins ? Decision::kServerWins : Decision::kRestore;
  }
  FailCheck("RemoteSide", __FILE__, __LINE__);
}

Decision DecideDeleted(RemoteSide remote, Policy policy) {
  switch (remote) {
    case RemoteSide::kUnchanged:
    case RemoteSide::kSame:
      return Decision::kKeepPending;
    case RemoteSide::kOther:
      return policy == Policy::kServerWins ? Decision::kServerWins : Decision::kClientWins;
    case RemoteSide::kDeleted:
      return Decision::kAgree;
  }
  FailCheck("RemoteSide", __FILE__, __LINE__);
}

}  // namespace

Decision Decide(LocalSide local, RemoteSide remote, Merge merge, Policy policy) {
  switch (local) {
    case LocalSide::kNone:
      return DecideNone(remote);
    case LocalSide::kEdited:
      return DecideEdited(remote, merge, policy);
    case LocalSide::kCreated:
      return DecideCreated(remote, policy);
    case LocalSide::kDeleted:
      return DecideDeleted(remote, policy);
  }
  FailCheck("LocalSide", __FILE__, __LINE__);
}

const char* DecisionName(Decision decision) {
  switch (decision) {
    case Decision::kNothing:
      return "nothing";
    case Decision::kTakeRemote:
      return "take_remote";
    case Decision::kKeepPending:
      return "keep_pending";
    case Decision::kAgree:
      return "agree";
    case Decision::kMergeSets:
      return "merge_sets";
    case Decision::kServerWins:
      return "server_wins";
    case Decision::kClientWins:
      return "client_wins";
    case Decision::kRestore:
      return "restore";
  }
  return "unknown";
}

}  // namespace outpost
