#include "mapi-adapter/host/host.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <new>

namespace outpost::mapi::host {
namespace {

constexpr int kFresh = 0xDB, kFreed = 0xDD;

struct HostBlock {
  std::size_t size = 0;
  std::vector<void*> more;  // goes with it
};

struct Heap {
  std::mutex mutex;
  std::map<void*, HostBlock> blocks;   // those with a life of their own
  std::map<void*, std::size_t> parts;  // those that hang at one
  std::size_t until_failure = 0;
};

Heap& TheHeap() {
  static Heap heap;
  return heap;
}

[[noreturn]] void Misused(const char* what) {
  std::fprintf(stderr, "mapi host: %s\n", what);
  std::abort();
}

bool FailsNow(Heap& heap) { return heap.until_failure != 0 && --heap.until_failure == 0; }

void* Fresh(std::size_t size) {
  void* made = std::malloc(size == 0 ? 1 : size);
  if (made != nullptr) std::memset(made, kFresh, size);
  return made;
}

void Free(void* bytes, std::size_t size) {
  std::memset(bytes, kFreed, size);
  std::free(bytes);
}

// What `made` is noted by, unless there is no memory for that: then it is none.
template <class Note>
abi::HRESULT Noted(void* made, std::size_t size, void** buffer, Note note) {
  *buffer = nullptr;
  if (made == nullptr) return abi::MAPI_E_NOT_ENOUGH_MEMORY;
  try {
    note(made);
  } catch (const std::bad_alloc&) {
    Free(made, size);
    return abi::MAPI_E_NOT_ENOUGH_MEMORY;
  }
  *buffer = made;
  return abi::S_OK_;
}

std::string RowText(const abi::TABLE_NOTIFICATION& row) {
  const char* event = row.ulTableEvent == abi::TABLE_ROW_ADDED      ? "added"
                      : row.ulTableEvent == abi::TABLE_ROW_MODIFIED ? "changed"
                      : row.ulTableEvent == abi::TABLE_ROW_DELETED  ? "deleted"
                                                                    : "reload";
  if (row.ulTableEvent != abi::TABLE_RELOAD && (row.propIndex.ulPropTag & 0xFFFF) != 0x102)
    Misused("a row without a key");
  if (row.row.cValues == 0) return event;
  return std::string(event) + " " + TextOf(row.row.lpProps[0]);
}

std::string ObjectText(const abi::NOTIFICATION& told) {
  const abi::OBJECT_NOTIFICATION& object = told.info.obj;
  if (object.cbEntryID == 0 || object.lpEntryID == nullptr) Misused("an object without an id");
  const char* event = told.ulEventType == abi::fnevObjectCreated    ? "created"
                      : told.ulEventType == abi::fnevObjectModified ? "modified"
                      : told.ulEventType == abi::fnevObjectMoved    ? "moved"
                                                                    : "deleted";
  const char* type = object.ulObjType == abi::MAPI_MESSAGE  ? " message"
                     : object.ulObjType == abi::MAPI_FOLDER ? " folder"
                                                            : " store";
  return std::string(event) + type;
}

}  // namespace

abi::HRESULT OUTPOST_MAPI_CALL HostAllocateBuffer(abi::ULONG size, void** buffer) {
  Heap& heap = TheHeap();
  const std::lock_guard lock(heap.mutex);
  if (buffer == nullptr) return abi::MAPI_E_INVALID_PARAMETER;
  return Noted(FailsNow(heap) ? nullptr : Fresh(size), size, buffer,
               [&](void* made) { heap.blocks[made].size = size; });
}

abi::HRESULT OUTPOST_MAPI_CALL HostAllocateMore(abi::ULONG size, void* object, void** buffer) {
  Heap& heap = TheHeap();
  const std::lock_guard lock(heap.mutex);
  const auto block = heap.blocks.find(object);
  if (block == heap.blocks.end()) Misused("AllocateMore for what is no block");
  if (buffer == nullptr) return abi::MAPI_E_INVALID_PARAMETER;
  std::vector<void*>& more = block->second.more;
  return Noted(FailsNow(heap) ? nullptr : Fresh(size), size, buffer, [&](void* made) {
    more.reserve(more.size() + 1);
    heap.parts[made] = size;
    more.push_back(made);
  });
}

abi::ULONG OUTPOST_MAPI_CALL HostFreeBuffer(void* buffer) {
  if (buffer == nullptr) return 0;
  Heap& heap = TheHeap();
  const std::lock_guard lock(heap.mutex);
  const auto block = heap.blocks.find(buffer);
  if (block == heap.blocks.end()) Misused("FreeBuffer of what is no block");
  for (void* part : block->second.more) {
    Free(part, heap.parts.at(part));
    heap.parts.erase(part);
  }
  Free(buffer, block->second.size);
  heap.blocks.erase(block);
  return 0;
}

std::size_t LiveBlocks() {
  Heap& heap = TheHeap();
  const std::lock_guard lock(heap.mutex);
  return heap.blocks.size();
}

void FailAllocation(std::size_t n) {
  Heap& heap = TheHeap();
  const std::lock_guard lock(heap.mutex);
  heap.until_failure = n;
}

void Rows::Free() {
  if (set_ == nullptr) return;
  for (abi::ULONG i = 0; i < set_->cRows; ++i) HostFreeBuffer(set_->aRow[i].lpProps);
  HostFreeBuffer(std::exchange(set_, nullptr));
}

std::string TextOf(const abi::SPropValue& value) {
  const abi::ULONG type = value.ulPropTag & 0xFFFF;
  std::string out;
  if (type == 0x1E) return value.Value.lpszA;
  if (type != 0x1F) return "(error)";
  for (const abi::WCHAR* c = value.Value.lpszW; *c != 0; ++c)
    out.push_back(static_cast<std::uint32_t>(*c) < 0x100 ? static_cast<char>(*c) : '?');
  return out;
}

std::string BytesOf(const abi::SPropValue& value) {
  if ((value.ulPropTag & 0xFFFF) != 0x102) return "(error)";
  return {reinterpret_cast<const char*>(value.Value.bin.lpb), value.Value.bin.cb};
}

abi::HRESULT OUTPOST_MAPI_CALL Sink::QueryInterface(const abi::IID& iid, void** object) {
  if (iid != abi::kIUnknown && iid != abi::kIMAPIAdviseSink) return abi::MAPI_E_NO_INTERFACE;
  *object = this;
  AddRef();
  return abi::S_OK_;
}

abi::ULONG OUTPOST_MAPI_CALL Sink::Release() {
  abi::ULONG left = 0;
  {
    const std::lock_guard lock(mutex_);
    left = --references_;
    told_changed_.notify_all();
  }
  if (left == 0) delete this;
  return left;
}

void Sink::WaitUntilAlone() {
  std::unique_lock lock(mutex_);
  told_changed_.wait(lock, [&] { return references_ == 1; });
}

abi::ULONG OUTPOST_MAPI_CALL Sink::OnNotify(abi::ULONG count, abi::NOTIFICATION* notifications) {
  for (abi::ULONG i = 0; i < count; ++i) {
    const std::string what = notifications[i].ulEventType == abi::fnevTableModified ? RowText(notifications[i].info.tab)
                                                                                    : ObjectText(notifications[i]);
    const std::lock_guard lock(mutex_);
    told_.push_back(what);
    told_changed_.notify_all();
  }
  if (also) also();
  return 0;
}

void Sink::WaitFor(const std::string& what) {
  std::unique_lock lock(mutex_);
  const auto find = [&] { return std::find(told_.begin(), told_.end(), what); };
  told_changed_.wait(lock, [&] { return find() != told_.end(); });
  told_.erase(find());
}

abi::HRESULT OUTPOST_MAPI_CALL Support::QueryInterface(const abi::IID& iid, void** object) {
  if (iid != abi::kIUnknown && iid != abi::kIMAPISup) return abi::MAPI_E_NO_INTERFACE;
  *object = this;
  AddRef();
  return abi::S_OK_;
}

abi::HRESULT OUTPOST_MAPI_CALL Support::GetMemAllocRoutines(abi::AllocateBuffer* allocate, abi::AllocateMore* more,
                                                            abi::FreeBuffer* free) {
  *allocate = HostAllocateBuffer;
  *more = HostAllocateMore;
  *free = HostFreeBuffer;
  return abi::S_OK_;
}

abi::HRESULT OUTPOST_MAPI_CALL Support::ModifyStatusRow(abi::ULONG count, abi::SPropValue* columns, abi::ULONG) {
  for (abi::ULONG i = 0; i < count; ++i) {
    const bool number = (columns[i].ulPropTag & 0xFFFF) == 0x3;
    row[columns[i].ulPropTag] = number ? std::to_string(columns[i].Value.l) : TextOf(columns[i]);
  }
  return abi::S_OK_;
}

abi::HRESULT OUTPOST_MAPI_CALL Support::SetProviderUID(const abi::MAPIUID* uid, abi::ULONG flags) {
  if (uid == nullptr || flags != 0) return abi::MAPI_E_INVALID_PARAMETER;
  provider_uid.assign(reinterpret_cast<const char*>(uid->ab), sizeof uid->ab);
  return abi::S_OK_;
}

}  // namespace outpost::mapi::host
