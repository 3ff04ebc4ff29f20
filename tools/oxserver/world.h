#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/oxserver/api.h"
#include "tools/oxserver/logic.h"
#include "tools/oxserver/state.h"
#include "tools/oxserver/zones.h"

namespace outpost::oxserver {

constexpr int kContextId = 1;
constexpr std::int64_t kRootFolder = 0, kPrivateRoot = 1, kPublicRoot = 2, kSharedRoot = 3, kGlobalAddressBook = 6;
constexpr int kFirstUser = 3;  // 2 is the context's administrator

// What the handlers of all modules share. Threads: one.
struct World {
  const LogicOptions& options;
  State& state;
  Stamps& stamps;
  Random& random;
  Zones& zones;
};

// Creates what is missing: accounts, system folders, each user's default folders and his entry in the global address
// book.
void Furnish(World& world);
// The default folder of that module.
const Folder* DefaultFolder(const World& world, int user, FolderModule module);

// What `user` may do in `folder`: the union of his own entry and those of his groups.
Rights RightsOf(const World& world, const Folder& folder, int user);
// 1 private, 2 public, 3 shared, 5 system, as `user` sees it.
int TypeFor(const Folder& folder, int user);
// A private object is hidden from all but its creator and the folder's owner.
bool MayRead(const Folder& folder, const Rights& rights, const Object& object, int user);
std::size_t CountVisible(const World& world, const Folder& folder, int user);

// A version 4 UUID.
std::string MakeUuid(Random& random);

// The modules. An unknown action is an error.
Api<Answer> HandleFolders(World& world, const Request& request);
Api<Answer> HandleContacts(World& world, const Request& request);
Api<Answer> HandleTasks(World& world, const Request& request);
Api<Answer> HandleCalendar(World& world, const Request& request);
Api<Answer> HandleUsers(World& world, const Request& request);
Api<Answer> HandleGroups(World& world, const Request& request);
Api<Answer> HandleResources(World& world, const Request& request);
Api<Answer> HandleConfig(World& world, const Request& request);
Api<Answer> HandleCapabilities(World& world, const Request& request);
Api<Answer> HandleSnippets(World& world, const Request& request);
Api<Answer> HandleMail(World& world, const Request& request);
// Calls of the mail module whose request or answer is no JSON: uploads, sources and attachments as files. nullopt: it
// is none of those.
std::optional<HttpResponse> HandleMailBytes(World& world, const Request& request, const HttpRequest& http,
                                            std::string_view error_id);
// The module of attachments (http-api.md 8.1), whose calls name a further module, so that none can be in `multiple`.
HttpResponse HandleAttachments(World& world, const Request& request, const HttpRequest& http,
                               std::string_view error_id);
// What an upload answers (http-api.md 1.7): a page that hands the envelope to a script.
std::string CallbackPage(std::string_view action, const Api<Answer>& answer, std::string_view error_id);
// The whole answer of `import`, an HTML page.
std::string HandleImport(World& world, const Request& request, const HttpRequest& http, std::string_view error_id);

}  // namespace outpost::oxserver
