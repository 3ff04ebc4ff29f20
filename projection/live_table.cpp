#include "projection/live_table.h"

namespace outpost {

template <class Table>
Live<Table>::Live(Journal& journal, Strand& strand, Opener open, Reader reader)
    : strand_(strand), shared_(new Shared{journal, std::move(open), std::move(reader), {}, {}, {}}) {
  subscription_ = journal.Subscribe([&to = strand_, shared = shared_](Sequence) {
    if (shared->due.exchange(true)) return;
    to.PostAfter(kGatherFor, [shared] { Step(*shared); });
  });
  // As it is now, whenever the strand comes to it: what is committed until then is a change.
  strand_.Post([shared = shared_, view = std::shared_ptr<const JournalView>(journal.View())]() mutable {
    if (shared->closed) return;
    auto table = shared->open(std::move(view));
    if (!table) return shared->reader.failed(table.error());
    shared->table.emplace(std::move(table).value());
    shared->reader.changed(*shared->table, {});
    Step(*shared);
  });
}

template <class Table>
Live<Table>::~Live() {
  subscription_.reset();
  shared_->closed = true;
  // Its view must not outlive the journal by the life of the last reference.
  strand_.Post([shared = shared_] { shared->table.reset(); });
}

template <class Table>
void Live<Table>::Step(Shared& shared) {
  shared.due = false;  // what is committed from here on is seen, or posts anew
  if (shared.closed || !shared.table) return;
  const auto changes = shared.table->Advance(shared.journal.View());
  if (!changes) return shared.reader.failed(changes.error());
  if (!changes.value().empty()) shared.reader.changed(*shared.table, changes.value());
}

template <class Table>
void Live<Table>::Ask(std::function<void(Table& table)> use) {
  strand_.Post([shared = shared_, use = std::move(use)] {
    if (!shared->closed && shared->table) use(*shared->table);
  });
}

template class Live<ContentsTable>;
template class Live<FolderTree>;
template class Live<SearchFolderTable>;
template class Live<AddressBook>;
template class Live<ObjectFeed>;

LiveTable::Opener TableOf(TableSpec spec) {
  return [spec = std::move(spec)](std::shared_ptr<const JournalView> view) {
    return ContentsTable::Open(std::move(view), spec);
  };
}

LiveSearchFolder::Opener TableOfSearch(const ItemId& id, std::vector<SortColumn> sort, std::size_t grouped,
                                       std::shared_ptr<const MailBodies> bodies) {
  return [id, sort = std::move(sort), grouped, bodies = std::move(bodies)](std::shared_ptr<const JournalView> view) {
    return SearchFolderTable::Open(std::move(view), id, sort, grouped, bodies);
  };
}

}  // namespace outpost
