#include <algorithm>
#include <cstring>

#include "journal/blob_reader.h"
#include "journal/rocks_view.h"
#include "schemas/blob_refs.h"

namespace outpost {
namespace journal {
namespace {

// The different blobs that events refer to, each with the first event that does.
class References {
 public:
  struct Entry {
    BlobRef ref;
    Sequence seq = 0;
    bool met = false;
  };

  void Add(const BlobRef& ref, Sequence seq) {
    constexpr std::size_t kUnsortedMin = 4096;
    entries_.push_back({ref, seq, false});
    if (entries_.size() - sorted_ > std::max(sorted_, kUnsortedMin)) Sort();
  }
  void Sort() {
    const auto key = [](const Entry& entry) { return std::tie(entry.ref, entry.seq); };
    std::sort(entries_.begin(), entries_.end(), [&](const Entry& a, const Entry& b) { return key(a) < key(b); });
    entries_.erase(
        std::unique(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.ref == b.ref; }),
        entries_.end());
    sorted_ = entries_.size();
  }
  // False if nothing refers to it. Sorted before.
  bool Meet(const BlobRef& ref) {
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), ref,
                                     [](const Entry& entry, const BlobRef& r) { return entry.ref < r; });
    if (at == entries_.end() || at->ref != ref) return false;
    return at->met = true;
  }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
  std::size_t sorted_ = 0;
};

class BlobVerifier {
 public:
  BlobVerifier(const RocksView& view, const CancelFn& cancelled)
      : view_(view), cancelled_(cancelled), files_(view.rocks()) {}

  Result<BlobReport> Run() {
    if (!CollectReferences()) return report_;
    for (unsigned first = 0; first < 256; ++first) {
      OUTPOST_TRY(const auto found, files_.List(static_cast<std::uint8_t>(first)));
      for (const auto& file : found) {
        OUTPOST_TRY(const bool go_on, CheckFile(file.name));
        if (!go_on) return report_;
      }
    }
    if (!CheckRows()) return report_;
    OUTPOST_TRYV(CheckReferences());
    report_.complete = true;
    return report_;
  }

 private:
  bool Cancelled() const { return cancelled_ && cancelled_(); }

  // False: cancelled. Where events cannot be read, what they refer to is not known.
  bool CollectReferences() {
    bool go_on = true;
    const auto scanned = view_.Scan(1, view_.last(), [&](const Event& event) {
      if (const auto refs = BlobRefsOf(event))
        for (const BlobRef& ref : refs.value()) references_.Add(ref, event.seq);
      go_on = !Cancelled();
      return go_on;
    });
    report_.references_complete = scanned.has_value() && go_on;
    references_.Sort();
    report_.references = references_.entries().size();
    return go_on;
  }

  void Bad(std::string name, std::string file, std::string problem) {
    if (report_.bad++ < kNamedBlobsMax)
      report_.bad_blobs.push_back({std::move(name), std::move(file), std::move(problem)});
  }

  void Whole(const BlobRef& ref) {
    report_.bytes += ref.size;
    if (references_.Meet(ref) || !report_.references_complete) return;
    ++report_.unreferenced;
    report_.unreferenced_bytes += ref.size;
  }

  // False: cancelled.
  Result<bool> CheckFile(const Digest& name) {
    const auto bad = [&](const Error& error) { Bad(ToHex(name), BlobFiles::Relative(name), error.context); };
    const auto file = BlobFile::Open(files_, name);
    if (!file && file.error().code == Code::kNotFound) return true;  // removed since it was listed
    ++report_.blobs;
    if (!file) {
      bad(file.error());
      return true;
    }
    if (files_.NameOf(file.value()->id()) != name) {
      bad({Code::kCorrupt, Retry::kNever, "the list of digests in " + BlobFiles::Relative(name) + " is damaged"});
      return true;
    }
    const std::uint64_t size = file.value()->size();
    for (std::uint64_t index = 0; index < ChunksOf(size); ++index) {
      if (Cancelled()) return false;
      if (const auto read = file.value()->ReadChunk(index, chunk_); !read) {
        bad(read.error());
        references_.Meet({file.value()->id(), size});
        return true;
      }
    }
    Whole({file.value()->id(), size});
    return true;
  }

  bool CheckRows() {
    const Rocks& rocks = *view_.rocks();
    if (rocks.blobs() == nullptr) return true;
    rocksdb::ReadOptions options;
    options.snapshot = view_.snapshot();
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> it(rocks.db().NewIterator(options, rocks.blobs()));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      if (Cancelled()) return false;
      CheckRow(FromSlice(it->key()), FromSlice(it->value()));
    }
    if (!it->status().ok()) Bad("", "", "the small blobs cannot be listed: " + it->status().ToString());
    return true;
  }

  void CheckRow(std::string_view key, std::string_view value) {
    ++report_.blobs;
    Digest id{};
    const bool is_id = key.size() == id.size();
    if (is_id) std::memcpy(id.data(), key.data(), id.size());
    const auto content = is_id ? ParseSmallBlob(id, value) : std::nullopt;
    if (content) return Whole({id, content->size()});
    Bad(ToHex(AsBytes(key)), "", "the row is damaged");
  }

  // What was not met is missing, unless it is there in some form: then it is bad, and mostly named already.
  Result<void> CheckReferences() {
    for (const auto& entry : references_.entries()) {
      if (entry.met) continue;
      const auto there = IsThere(entry.ref);
      if (!there) Bad(ToHex(entry.ref.id), "", there.error().context);
      if (!there || there.value()) continue;
      if (report_.missing++ < kNamedBlobsMax) report_.missing_blobs.push_back({entry.ref, entry.seq});
    }
    return Ok();
  }

  Result<bool> IsThere(const BlobRef& ref) const {
    if (ref.size >= kBlobFileBytes) {
      const auto size = files_.Size(files_.Path(files_.NameOf(ref.id)));
      if (!size && size.error().code != Code::kNotFound) return size.error();
      return size.has_value();
    }
    const Rocks& rocks = *view_.rocks();
    if (rocks.blobs() == nullptr) return false;
    rocksdb::ReadOptions options;
    options.snapshot = view_.snapshot();
    options.fill_cache = false;
    OUTPOST_TRY(const auto row, rocks.Get(options, rocks.blobs(), AsText(ref.id)));
    return row.has_value();
  }

  const RocksView& view_;
  const CancelFn& cancelled_;
  const BlobFiles files_;
  References references_;
  std::string chunk_;
  BlobReport report_;
};

}  // namespace
}  // namespace journal

Result<BlobReport> VerifyBlobs(const JournalView& view, const CancelFn& cancelled) {
  const auto* rocks_view = dynamic_cast<const journal::RocksView*>(&view);
  OUTPOST_CHECK(rocks_view != nullptr);
  return journal::BlobVerifier(*rocks_view, cancelled).Run();
}

}  // namespace outpost
