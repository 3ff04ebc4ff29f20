#include <algorithm>
#include <cstring>

#include "journal/blob_format.h"
#include "journal/blob_store.h"

namespace outpost {

BlobMarks::Prefix BlobMarks::PrefixOf(const Digest& address) {
  Prefix prefix;
  std::memcpy(prefix.data(), address.data(), prefix.size());
  return prefix;
}

void BlobMarks::Add(const BlobRef& ref) {
  // Sorted whenever as many have come as were there: a blob that a thousand events refer to takes 16 bytes.
  constexpr std::size_t kUnsortedMin = 4096;
  prefixes_.push_back(PrefixOf(address_(ref)));
  if (prefixes_.size() - sorted_ > std::max(sorted_, kUnsortedMin)) Sort();
}

void BlobMarks::Sort() {
  std::sort(prefixes_.begin() + static_cast<std::ptrdiff_t>(sorted_), prefixes_.end());
  std::inplace_merge(prefixes_.begin(), prefixes_.begin() + static_cast<std::ptrdiff_t>(sorted_), prefixes_.end());
  prefixes_.erase(std::unique(prefixes_.begin(), prefixes_.end()), prefixes_.end());
  sorted_ = prefixes_.size();
}

bool BlobMarks::Contains(const Digest& address) {
  if (sorted_ != prefixes_.size()) Sort();
  return std::binary_search(prefixes_.begin(), prefixes_.end(), PrefixOf(address));
}

std::size_t BlobMarks::size() {
  if (sorted_ != prefixes_.size()) Sort();
  return sorted_;
}

namespace journal {
namespace {

class Sweep final : public BlobSweep {
 public:
  explicit Sweep(std::shared_ptr<BlobCore> core)
      : core_(std::move(core)), marks_([c = core_.get()](const BlobRef& ref) { return c->AddressOf(ref); }) {}
  ~Sweep() override { core_->EndWatch(); }
  Sweep(const Sweep&) = delete;
  Sweep& operator=(const Sweep&) = delete;

  BlobMarks& marks() override { return marks_; }

  Result<BlobSweepReport> Run(const CancelFn& cancelled) override {
    OUTPOST_TRYV(core_->CheckReadWrite());
    report_ = {};
    OUTPOST_TRY(report_.temporaries, core_->RemoveTemporaries());
    OUTPOST_TRY(const bool files_done, SweepFiles(cancelled));
    if (!files_done) return report_;
    OUTPOST_TRY(report_.complete, SweepRows(cancelled));
    return report_;
  }

 private:
  // Removes one blob unless something keeps it; `remove` does it.
  template <class Remove>
  Result<void> Consider(const Digest& address, std::uint64_t bytes, Remove remove) {
    if (marks_.Contains(address) || !core_->Condemn(address)) {
      ++report_.kept;
      return Ok();
    }
    Result<void> removed = remove();
    core_->Removed(address);
    if (!removed) return removed;
    ++report_.removed;
    report_.removed_bytes += bytes;
    return Ok();
  }

  Result<bool> SweepFiles(const CancelFn& cancelled) {
    for (unsigned first = 0; first < 256; ++first) {
      OUTPOST_TRY(const auto found, core_->files().List(static_cast<std::uint8_t>(first)));
      for (const auto& file : found) {
        if (cancelled && cancelled()) return false;
        OUTPOST_TRYV(Consider(file.name, file.file_bytes,
                              [&] { return core_->files().Remove(core_->files().Path(file.name)); }));
      }
    }
    return true;
  }

  Result<bool> SweepRows(const CancelFn& cancelled) {
    const Rocks& rocks = *core_->rocks();
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> it(rocks.db().NewIterator(options, rocks.blobs()));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      if (cancelled && cancelled()) return false;
      Digest id;
      if (it->key().size() != id.size()) continue;
      std::memcpy(id.data(), it->key().data(), id.size());
      OUTPOST_TRYV(Consider(id, it->value().size(), [&]() -> Result<void> {
        const auto status = rocks.db().Delete(rocksdb::WriteOptions(), rocks.blobs(), it->key());
        if (!status.ok()) return ToError(status, "cannot remove a small blob");
        return Ok();
      }));
    }
    if (!it->status().ok()) return ToError(it->status(), "cannot list the small blobs");
    return true;
  }

  const std::shared_ptr<BlobCore> core_;
  BlobMarks marks_;
  BlobSweepReport report_;
};

}  // namespace

std::unique_ptr<BlobSweep> MakeBlobSweep(std::shared_ptr<BlobCore> core) {
  return std::make_unique<Sweep>(std::move(core));
}

}  // namespace journal
}  // namespace outpost
