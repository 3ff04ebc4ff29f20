#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mapi-adapter/provider/mapi_abi.h"

// What a MAPI client and MAPI itself are to a provider: enough of both to drive one, strict where MAPI is not. For
// tests and experiments; knows nothing of the provider but its entry point.
namespace outpost::mapi::host {

// The three functions a provider is given. Memory comes filled with rubbish and goes filled with other rubbish; a block
// that is freed twice, or is none, ends the program. Threads: any.
abi::HRESULT OUTPOST_MAPI_CALL HostAllocateBuffer(abi::ULONG size, void** buffer);
abi::HRESULT OUTPOST_MAPI_CALL HostAllocateMore(abi::ULONG size, void* object, void** buffer);
abi::ULONG OUTPOST_MAPI_CALL HostFreeBuffer(void* buffer);
// Blocks that nobody has freed yet.
std::size_t LiveBlocks();
// The n-th allocation from now on fails, once; 0: none does.
void FailAllocation(std::size_t n);

// A reference of ours to a provider's object. Threads: one.
template <class T>
class Ref {
 public:
  Ref() = default;
  explicit Ref(T* taken) : object_(taken) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() { Reset(); }
  T* operator->() const { return object_; }
  T* get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  // Where a method puts one.
  T** out() {
    Reset();
    return &object_;
  }
  // The same for methods that answer an IUnknown of a kind that their caller asked for.
  template <class U>
  U** out_as() {
    Reset();
    static_assert(sizeof(U*) == sizeof(T*));
    return reinterpret_cast<U**>(&object_);
  }
  // How many references are left then.
  abi::ULONG Reset() {
    T* const object = std::exchange(object_, nullptr);
    return object != nullptr ? object->Release() : 0;
  }

 private:
  T* object_ = nullptr;
};

// Memory of the host's that a provider answered.
template <class T>
class HostBuffer {
 public:
  HostBuffer() = default;
  HostBuffer(const HostBuffer&) = delete;
  HostBuffer& operator=(const HostBuffer&) = delete;
  ~HostBuffer() { Free(); }
  T** out() {
    Free();
    return &data_;
  }
  T* get() const { return data_; }
  T* operator->() const { return data_; }
  const T& operator[](std::size_t i) const { return data_[i]; }

 private:
  void Free() {
    if (T* const data = std::exchange(data_, nullptr)) HostFreeBuffer(data);
  }
  T* data_ = nullptr;
};
// Rows of a table: each is a block of its own.
class Rows {
 public:
  Rows() = default;
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  ~Rows() { Free(); }
  abi::SRowSet** out() {
    Free();
    return &set_;
  }
  std::size_t size() const { return set_ != nullptr ? set_->cRows : 0; }
  const abi::SPropValue& At(std::size_t row, std::size_t column) const { return set_->aRow[row].lpProps[column]; }

 private:
  void Free();
  abi::SRowSet* set_ = nullptr;
};

// Tags as methods take them.
class Tags {
 public:
  Tags(std::initializer_list<abi::ULONG> tags) : numbers_(tags) {
    numbers_.insert(numbers_.begin(), static_cast<abi::ULONG>(tags.size()));
  }
  operator const abi::SPropTagArray*() const { return reinterpret_cast<const abi::SPropTagArray*>(numbers_.data()); }

 private:
  std::vector<abi::ULONG> numbers_;
};

// ASCII and Latin 1 only, "?" for the rest. "(error)" for a value that is none, by whatever code.
std::string TextOf(const abi::SPropValue& value);
std::string BytesOf(const abi::SPropValue& value);

// A client's sink that keeps what it is told: of rows "added SUBJECT", "changed SUBJECT", "deleted", "reload", the
// subject being the first column; of objects "created", "modified", "moved", "deleted", each with "message", "folder"
// or "store". Threads: any; it goes with its last reference.
class Sink final : public abi::IMAPIAdviseSink {
 public:
  abi::HRESULT OUTPOST_MAPI_CALL QueryInterface(const abi::IID& iid, void** object) override;
  abi::ULONG OUTPOST_MAPI_CALL AddRef() override { return ++references_; }
  abi::ULONG OUTPOST_MAPI_CALL Release() override;
  abi::ULONG OUTPOST_MAPI_CALL OnNotify(abi::ULONG count, abi::NOTIFICATION* notifications) override;

  // Waits until it was told `what` since the last call that waited for it.
  void WaitFor(const std::string& what);
  // Waits until nobody but its maker holds it.
  void WaitUntilAlone();
  // Also called with each notification, on the thread that brings it.
  std::function<void()> also;

 private:
  ~Sink() = default;

  std::atomic<abi::ULONG> references_{1};
  std::mutex mutex_;
  std::condition_variable told_changed_;
  std::vector<std::string> told_;
};

// What MAPI gives a store provider to call. Its references are counted: whoever logs off lets it go.
class Support final : public abi::IMAPISupport {
 public:
  abi::HRESULT OUTPOST_MAPI_CALL QueryInterface(const abi::IID& iid, void** object) override;
  abi::ULONG OUTPOST_MAPI_CALL AddRef() override { return ++references; }
  abi::ULONG OUTPOST_MAPI_CALL Release() override { return --references; }
  abi::HRESULT OUTPOST_MAPI_CALL GetLastError(abi::HRESULT, abi::ULONG, abi::MAPIERROR**) override { return No(); }
  abi::HRESULT OUTPOST_MAPI_CALL GetMemAllocRoutines(abi::AllocateBuffer* allocate, abi::AllocateMore* more,
                                                     abi::FreeBuffer* free) override;
  abi::HRESULT OUTPOST_MAPI_CALL Subscribe(void*, abi::ULONG, abi::ULONG, abi::IMAPIAdviseSink*,
                                           abi::ULONG_PTR*) override {
    return No();
  }
  abi::HRESULT OUTPOST_MAPI_CALL Unsubscribe(abi::ULONG_PTR) override { return No(); }
  abi::HRESULT OUTPOST_MAPI_CALL Notify(void*, abi::ULONG, abi::NOTIFICATION*, abi::ULONG*) override { return No(); }
  abi::HRESULT OUTPOST_MAPI_CALL ModifyStatusRow(abi::ULONG count, abi::SPropValue* columns, abi::ULONG flags) override;
  abi::HRESULT OUTPOST_MAPI_CALL OpenProfileSection(abi::MAPIUID*, abi::ULONG, void**) override { return No(); }
  abi::HRESULT OUTPOST_MAPI_CALL RegisterPreprocessor(void*, void*, void*, void*, void*, abi::ULONG) override {
    return No();
  }
  abi::HRESULT OUTPOST_MAPI_CALL NewUID(abi::MAPIUID*) override { return No(); }
  abi::HRESULT OUTPOST_MAPI_CALL MakeInvalid(abi::ULONG, void*, abi::ULONG, abi::ULONG) override { return No(); }
  abi::HRESULT OUTPOST_MAPI_CALL SpoolerYield(abi::ULONG) override { return No(); }
  abi::HRESULT OUTPOST_MAPI_CALL SpoolerNotify(abi::ULONG, void*) override { return No(); }
  abi::HRESULT OUTPOST_MAPI_CALL CreateOneOff(void*, void*, void*, abi::ULONG, abi::ULONG*, abi::ENTRYID**) override {
    return No();
  }
  abi::HRESULT OUTPOST_MAPI_CALL SetProviderUID(const abi::MAPIUID* uid, abi::ULONG) override;

  std::atomic<abi::ULONG> references{1};
  std::string provider_uid;               // as it was registered
  std::map<abi::ULONG, std::string> row;  // the provider's in the status table: texts, numbers in decimal

 private:
  static abi::HRESULT No() { return abi::MAPI_E_NO_SUPPORT; }
};

// A profile with one message service that has one provider: what its entry point puts into its section is there to be
// looked at. Its references are counted: at the end the maker's own is left.
class Admin final : public abi::IProviderAdmin {
 public:
  abi::HRESULT OUTPOST_MAPI_CALL QueryInterface(const abi::IID& iid, void** object) override;
  abi::ULONG OUTPOST_MAPI_CALL AddRef() override { return ++references; }
  abi::ULONG OUTPOST_MAPI_CALL Release() override { return --references; }
  abi::HRESULT OUTPOST_MAPI_CALL GetLastError(abi::HRESULT, abi::ULONG, abi::MAPIERROR**) override { return No(); }
  abi::HRESULT OUTPOST_MAPI_CALL GetProviderTable(abi::ULONG flags, abi::IMAPITable** table) override;
  abi::HRESULT OUTPOST_MAPI_CALL CreateProvider(void*, abi::ULONG, abi::SPropValue*, abi::ULONG_PTR, abi::ULONG,
                                                abi::MAPIUID*) override {
    return No();
  }
  abi::HRESULT OUTPOST_MAPI_CALL DeleteProvider(abi::MAPIUID*) override { return No(); }
  abi::HRESULT OUTPOST_MAPI_CALL OpenProfileSection(abi::MAPIUID* uid, const abi::IID* iid, abi::ULONG flags,
                                                    abi::IMAPIProp** section) override;

  std::atomic<abi::ULONG> references{1};      // with those of its table and its section
  std::map<abi::ULONG, std::string> section;  // by tag: texts, bytes
  bool saved = false;

 private:
  static abi::HRESULT No() { return abi::MAPI_E_NO_SUPPORT; }
};

}  // namespace outpost::mapi::host
