#include "projection/live_table.h"

namespace outpost {

LiveTable::LiveTable(Journal& journal, Strand& strand, TableSpec spec, Reader reader)
    : strand_(strand), shared_(new Shared{journal, std::move(spec), std::move(reader), {}, {}, {}}) {
  strand_.Post([shared = shared_] {
    if (shared->closed) return;
    auto table = ContentsTable::Open(shared->journal.View(), shared->spec);
    if (!table) return shared->reader.failed(table.error());
    shared->table.emplace(std::move(table).value());
    shared->reader.changed(*shared->table, {});
  });
  subscription_ = journal.Subscribe([&to = strand_, shared = shared_](Sequence) {
    if (shared->due.exchange(true)) return;
    to.PostAfter(kGatherFor, [shared] { Step(*shared); });
  });
}

LiveTable::~LiveTable() {
  subscription_.reset();
  shared_->closed = true;
  // Its view must not outlive the journal by the life of the last reference.
  strand_.Post([shared = shared_] { shared->table.reset(); });
}

void LiveTable::Step(Shared& shared) {
  shared.due = false;  // what is committed from here on is seen, or posts anew
  if (shared.closed || !shared.table) return;
  const auto changes = shared.table->Advance(shared.journal.View());
  if (!changes) return shared.reader.failed(changes.error());
  if (!changes.value().empty()) shared.reader.changed(*shared.table, changes.value());
}

void LiveTable::Ask(std::function<void(ContentsTable& table)> use) {
  strand_.Post([shared = shared_, use = std::move(use)] {
    if (!shared->closed && shared->table) use(*shared->table);
  });
}

}  // namespace outpost
