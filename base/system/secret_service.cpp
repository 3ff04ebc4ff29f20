#include "base/system/secret_service.h"

#include <dlfcn.h>

#include <cstdint>

namespace outpost {
namespace {

// What libsecret-1.so.0 is called with, as its documented ABI has it (Secret.Schema, GLib.Error).
struct Schema {
  const char* name;
  int flags;
  struct {
    const char* name;
    int type;  // 0: text
  } attributes[32];
  int reserved;
  void* reserved_pointers[7];
};
struct GlibError {
  std::uint32_t domain;
  int code;
  const char* message;
};
constexpr const char* kAttribute = "name";
const Schema kSchema{"de.outpost.Secret", 0, {{kAttribute, 0}}, 0, {}};

struct Library {
  int (*store)(const Schema*, const char* collection, const char* label, const char* secret, void* cancel, GlibError**,
               ...) = nullptr;
  char* (*lookup)(const Schema*, void* cancel, GlibError**, ...) = nullptr;
  int (*clear)(const Schema*, void* cancel, GlibError**, ...) = nullptr;
  void (*free_secret)(char*) = nullptr;
  void (*free_error)(GlibError*) = nullptr;
  bool complete = false;

  Library() {
    void* loaded = dlopen("libsecret-1.so.0", RTLD_NOW | RTLD_LOCAL);  // stays: its threads do
    if (loaded == nullptr) return;
    complete = Find(loaded, "secret_password_store_sync", store) &&
               Find(loaded, "secret_password_lookup_sync", lookup) &&
               Find(loaded, "secret_password_clear_sync", clear) && Find(loaded, "secret_password_free", free_secret) &&
               Find(loaded, "g_error_free", free_error);
  }
  template <class Function>
  static bool Find(void* loaded, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(loaded, name));
    return function != nullptr;
  }
};

const Library& Libsecret() {
  static const Library library;
  return library;
}

Error Unavailable(const std::string& why) { return {Code::kUnavailable, Retry::kNever, "the secret service: " + why}; }

Result<void> Loaded() {
  if (Libsecret().complete) return Ok();
  return Unavailable("libsecret-1.so.0 is not installed");
}

// The error as ours; it is freed.
Error Taken(GlibError* error) {
  const std::string why = error->message != nullptr ? error->message : "failed without a word";
  Libsecret().free_error(error);
  return Unavailable(why);
}

}  // namespace

Result<void> StoreInSecretService(const std::string& name, const std::string& label, const std::string& secret) {
  OUTPOST_TRYV(Loaded());
  GlibError* error = nullptr;
  Libsecret().store(&kSchema, nullptr, label.c_str(), secret.c_str(), nullptr, &error, kAttribute, name.c_str(),
                    static_cast<const char*>(nullptr));
  if (error != nullptr) return Taken(error);
  return Ok();
}

Result<std::string> LoadFromSecretService(const std::string& name) {
  OUTPOST_TRYV(Loaded());
  GlibError* error = nullptr;
  char* found =
      Libsecret().lookup(&kSchema, nullptr, &error, kAttribute, name.c_str(), static_cast<const char*>(nullptr));
  if (error != nullptr) return Taken(error);
  if (found == nullptr) return Error{Code::kNotFound, Retry::kNever, "the secret service has no secret " + name};
  std::string secret(found);
  Libsecret().free_secret(found);  // wipes it
  return secret;
}

Result<void> RemoveFromSecretService(const std::string& name) {
  OUTPOST_TRYV(Loaded());
  GlibError* error = nullptr;
  Libsecret().clear(&kSchema, nullptr, &error, kAttribute, name.c_str(), static_cast<const char*>(nullptr));
  if (error != nullptr) return Taken(error);
  return Ok();
}

}  // namespace outpost
