#include "engine/live.h"

#include "engine/mail_body.h"

namespace outpost {

std::unique_ptr<LiveTable> FollowFolder(Account& account, TableSpec spec, LiveTable::Reader reader) {
  if (!spec.bodies) spec.bodies = BodiesOfMails();
  return std::make_unique<LiveTable>(account.journal(), account.tables(), TableOf(std::move(spec)), std::move(reader));
}

std::unique_ptr<LiveFolders> FollowFolders(Account& account, LiveFolders::Reader reader) {
  return std::make_unique<LiveFolders>(account.journal(), account.tables(), FolderTree::Open, std::move(reader));
}

std::unique_ptr<LiveAddresses> FollowAddresses(Account& account, LiveAddresses::Reader reader) {
  return std::make_unique<LiveAddresses>(account.journal(), account.tables(), AddressBook::Open, std::move(reader));
}

std::unique_ptr<LiveObjects> FollowObjects(Account& account, LiveObjects::Reader reader) {
  return std::make_unique<LiveObjects>(account.journal(), account.tables(), ObjectFeed::Open, std::move(reader));
}

std::unique_ptr<LiveSearchFolder> FollowSearchFolder(Account& account, const ItemId& id, std::vector<SortColumn> sort,
                                                     LiveSearchFolder::Reader reader) {
  return std::make_unique<LiveSearchFolder>(account.journal(), account.tables(),
                                            TableOfSearch(id, std::move(sort), 0, BodiesOfMails()), std::move(reader));
}

}  // namespace outpost
