#pragma once
#include <functional>
#include <memory>
#include <string>

#include "journal/blobs.h"
#include "mapi-adapter/provider/com.h"
#include "mapi-adapter/provider/open_store.h"

namespace outpost::mapi {

// Bytes that a client reads or writes as an IStream. Each has one reference, which is the caller's; it holds its store.
// Threads: any, one call at a time. Source: IStream (Win32); imapiprop-openproperty, which warns clients of seeking.

// Bytes at hand, to be read.
abi::IStream* MakeStream(std::shared_ptr<const OpenStore> store, std::string bytes);
// A blob, read piece by piece.
abi::IStream* MakeStream(std::shared_ptr<const OpenStore> store, std::unique_ptr<outpost::BlobReader> blob);

// Bytes to be written, in memory, begun with `bytes`: `done` gets all of them with each Commit and, where something was
// written since, with the last reference, on the caller's thread. What it answers is Commit's answer.
using StreamDone = std::function<abi::HRESULT(std::string bytes)>;
abi::IStream* MakeWritableStream(std::shared_ptr<const OpenStore> store, std::string bytes, StreamDone done);

// The same for contents of any size: beyond kInMemoryMax they go into a blob piece by piece, and then can only be
// appended to, or be begun anew (SetSize to 0); anything else is STG_E_INVALIDFUNCTION.
inline constexpr std::size_t kInMemoryMax = 256 * 1024;
using BlobDone = std::function<abi::HRESULT(PinnedBlob content)>;
abi::IStream* MakeBlobStream(std::shared_ptr<const OpenStore> store, BlobDone done);

}  // namespace outpost::mapi
