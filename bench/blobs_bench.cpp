// Large files at an item, both ways, beside what curl does with the same bytes.
#include <curl/curl.h>

#include <nlohmann/json.hpp>

#include "base/system/files.h"
#include "bench/ground.h"
#include "bench/journal_world.h"
#include "bench/report.h"
#include "projection/items.h"

namespace outpost::bench {
namespace {

constexpr int kFiles = 8;
constexpr double kMib = 1u << 20;

// A signed-in user of libcurl, who does nothing with what he gets.
class PlainCurl {
 public:
  explicit PlainCurl(std::string base) : base_(std::move(base)), easy_(curl_easy_init(), curl_easy_cleanup) {
    curl_easy_setopt(easy_.get(), CURLOPT_COOKIEFILE, "");
    curl_easy_setopt(easy_.get(), CURLOPT_WRITEFUNCTION, &PlainCurl::Take);
    curl_easy_setopt(easy_.get(), CURLOPT_WRITEDATA, this);
  }
  Result<void> SignIn(const char* form) {
    curl_easy_setopt(easy_.get(), CURLOPT_POSTFIELDS, form);
    kept_.clear();
    keep_ = true;
    OUTPOST_TRYV(Get("/login?action=login"));
    keep_ = false;
    curl_easy_setopt(easy_.get(), CURLOPT_HTTPGET, 1L);
    const auto answer = nlohmann::json::parse(kept_, nullptr, false);
    if (!answer.is_object() || !answer.contains("session"))
      return Error{Code::kUnauthorized, Retry::kNever, "curl was not let in"};
    session_ = answer["session"].get<std::string>();
    return Ok();
  }
  Result<void> Get(const std::string& what) {
    const std::string url = base_ + what + (session_.empty() ? "" : "&session=" + session_);
    curl_easy_setopt(easy_.get(), CURLOPT_URL, url.c_str());
    bytes_ = 0;
    if (const CURLcode code = curl_easy_perform(easy_.get()); code != CURLE_OK)
      return Error{Code::kUnavailable, Retry::kNever, curl_easy_strerror(code)};
    return Ok();
  }
  std::uint64_t bytes() const { return bytes_; }

 private:
  static std::size_t Take(char* data, std::size_t one, std::size_t count, void* self) {
    auto& curl = *static_cast<PlainCurl*>(self);
    curl.bytes_ += one * count;
    if (curl.keep_) curl.kept_.append(data, one * count);
    return one * count;
  }
  std::string base_, session_, kept_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_;
  std::uint64_t bytes_ = 0;
  bool keep_ = false;
};

struct Stored {
  std::string folder, contact;
  std::vector<std::string> files;
};

// The files as the server has them.
Result<Stored> OnServer(Ground& ground) {
  OUTPOST_TRY(const auto client,
              oxserver::ApiClient::SignIn([&ground](const auto& request) { return ground.server().Handle(request); },
                                          "anna", "secret"));
  Stored stored;
  OUTPOST_TRY(stored.folder, client->ContactsFolder());
  OUTPOST_TRY(const auto contacts, client->ListContacts(stored.folder, {"id"}));
  for (const auto& contact : contacts) {
    stored.contact = contact.at("id");
    OUTPOST_TRY(
        const std::string list,
        client->Do("attachment", "all",
                   {{"attached", stored.contact}, {"folder", stored.folder}, {"module", "7"}, {"columns", "1"}}));
    for (const auto& row : nlohmann::json::parse(list)) stored.files.push_back(row[0].dump());
    if (!stored.files.empty()) break;
  }
  return stored;
}

Result<double> FetchedByCurl(Ground& ground, const Stored& stored, std::uint64_t bytes) {
  PlainCurl curl(ground.server().url());
  OUTPOST_TRYV(curl.SignIn("name=anna&password=secret"));
  const auto start = ground.clock().MonotonicNow();
  for (std::string id : stored.files) {
    std::erase(id, '"');
    OUTPOST_TRYV(curl.Get("/attachment?action=document&module=7&folder=" + stored.folder +
                          "&attached=" + stored.contact + "&id=" + id));
    if (curl.bytes() != bytes) return Error{Code::kCorrupt, Retry::kNever, "curl got another file"};
  }
  return SecondsSince(ground.clock(), start);
}

}  // namespace

Result<void> BlobsScenario(const Options& options, std::vector<Row>& rows) {
  const std::uint64_t bytes = options.smoke ? 100'000 : 16u << 20;
  OUTPOST_TRY(const auto ground, Ground::Make({1}, options.seed));
  OUTPOST_TRYV(ground->Sync());
  OUTPOST_TRY(const auto contacts, ground->Contacts());
  SeededRandom random(options.seed);
  for (int i = 0; i < kFiles; ++i) {
    std::string content(bytes, '\0');
    for (std::size_t at = 0; at + 8 <= content.size(); at += 8) {
      const std::uint64_t word = random.Next();
      content.replace(at, 8, reinterpret_cast<const char*>(&word), 8);
    }
    const auto file = ground->data() / ("file" + std::to_string(i));
    OUTPOST_TRYV(WriteFileDurably(file, content));
    OUTPOST_TRYV(ground->account().Attach(contacts.front(), {file, {}, {}}));
  }
  const double all = kFiles * static_cast<double>(bytes) / kMib;
  OUTPOST_TRY(const auto sent, ground->Sync());
  rows.push_back({"blobs", std::to_string(kFiles) + " files attached: sent", all / sent.first, "MiB/s", std::nullopt,
                  std::nullopt});

  OUTPOST_TRY(const Stored stored, OnServer(*ground));
  OUTPOST_TRY(const double plain, FetchedByCurl(*ground, stored, bytes));
  OUTPOST_TRY(const auto other, ground->Beside("second"));
  OUTPOST_TRYV(other->Sync());
  OUTPOST_TRY(const auto held, other->Contacts());
  const auto* source = field::SourceOf(ItemType::kAttachment);
  std::vector<ItemId> files;
  OUTPOST_TRYV(ForEachItem(*other->account().View(), held.front(), [&](const ItemState& file) {
    files.push_back(file.id);
    return true;
  }));
  if (files.size() != kFiles) return Error{Code::kCorrupt, Retry::kNever, std::to_string(files.size()) + " files came"};
  for (const ItemId& file : files) OUTPOST_TRYV(other->account().Set(file, {{source->wanted, true}}));
  OUTPOST_TRY(const auto fetched, other->Sync());
  rows.push_back({"blobs",
                  std::to_string(kFiles) + " files of " + std::to_string(bytes) + " bytes fetched, hashed, kept",
                  all / fetched.first, "MiB/s", all / plain, std::nullopt});
  return Ok();
}

}  // namespace outpost::bench
