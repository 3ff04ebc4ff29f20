#include "replicator/blob_body.h"

#include <utility>

#include "journal/blobs.h"

namespace outpost {
namespace {

// A blob on its way. Whoever sends it reads it once, from its beginning.
class BlobBody final : public BodySource {
 public:
  explicit BlobBody(std::unique_ptr<BlobReader> reader) : reader_(std::move(reader)) {}
  std::uint64_t size() const override { return reader_->size(); }
  std::ptrdiff_t Read(std::span<char> out) override {
    const auto read = reader_->Read({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    return read ? static_cast<std::ptrdiff_t>(read.value()) : -1;
  }

 private:
  std::unique_ptr<BlobReader> reader_;
};

}  // namespace

std::function<std::shared_ptr<BodySource>()> BlobOpener(Journal& journal, const BlobRef& blob) {
  return [journal = &journal, blob]() -> std::shared_ptr<BodySource> {
    auto reader = journal->blobs().Open(blob);
    if (!reader) return nullptr;
    return std::make_shared<BlobBody>(std::move(reader).value());
  };
}

}  // namespace outpost
