#include <cstdlib>
#include <new>

#include "tests/mapi/session.h"

// Memory that the provider itself asks for and does not get. Every `new` of this program goes through here, those of
// the library too; it fails where this thread asked for that.
namespace {

thread_local std::size_t until_failure = 0;  // 0: none fails

void* Allocated(std::size_t size) {
  if (until_failure != 0 && --until_failure == 0) throw std::bad_alloc();
  void* const made = std::malloc(size == 0 ? 1 : size);
  if (made == nullptr) throw std::bad_alloc();
  return made;
}

}  // namespace

void* operator new(std::size_t size) { return Allocated(size); }
void* operator new[](std::size_t size) { return Allocated(size); }
// Those of them, too, that others would pair with these below.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size == 0 ? 1 : size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size == 0 ? 1 : size); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

using namespace outpost;
using namespace outpost::mapi;
using namespace outpost::mapi::host;
using namespace outpost::test;

TEST_CASE("MAPI, memory: each operator new that fails in a call is its answer, and the call can be made again",
          "[mapi]") {
  Profile profile;
  Session session;
  const auto folder = session.Contacts();
  const auto message = session.Open<abi::IMessage>(session.Items(*folder.get())[0].second, abi::MAPI_MODIFY);
  const std::size_t live = LiveBlocks();
  // How many allocations a call makes; each of them fails once before it is let through.
  const auto try_all = [live](auto call) {
    for (std::size_t n = 1; n < 10'000; ++n) {
      until_failure = n;
      const abi::HRESULT result = call();
      const bool reached = until_failure == 0;
      until_failure = 0;
      REQUIRE(LiveBlocks() == live);
      if (!reached) {
        REQUIRE_FALSE(abi::Failed(result));
        return n - 1;
      }
      REQUIRE(result == abi::MAPI_E_NOT_ENOUGH_MEMORY);
    }
    return std::size_t{0};
  };
  const PropTag own = TagOf(0x6801, PropType::kUnicode), company = TagOf(0x3A16, PropType::kUnicode);
  const abi::SPropValue values[] = {TextValue(company, L"a company with a name of some length"),
                                    TextValue(own, L"a text of somebody's own, of some length")};
  CHECK(try_all([&] { return message->SetProps(2, values, nullptr); }) > 5);
  CHECK(TextProp(*message.get(), company) == "a company with a name of some length");
  CHECK(TextProp(*message.get(), own) == "a text of somebody's own, of some length");
  const Tags cleared{company};
  CHECK(try_all([&] { return message->DeleteProps(cleared, nullptr); }) > 1);
  CHECK(TextProp(*message.get(), company) == "(error)");

  abi::GUID set{7, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
  wchar_t text[] = L"a name that is longer than what fits into a string itself";
  abi::MAPINAMEID name{&set, abi::MNID_STRING, {}};
  name.Kind.lpwstrName = text;
  abi::MAPINAMEID* names[] = {&name};
  CHECK(try_all([&] {
          HostBuffer<abi::SPropTagArray> ids;
          return message->GetIDsFromNames(1, names, 0, ids.out());
        }) > 2);
  Ref<abi::IStream> stream;
  REQUIRE(message->OpenProperty(TagOf(0x6802, PropType::kBinary), &abi::kIStream, 0,
                                abi::MAPI_CREATE | abi::MAPI_MODIFY, stream.out_as<abi::IUnknown>()) == abi::S_OK_);
  const std::string bytes(5'000, 'x');
  CHECK(try_all([&] {
          if (const abi::HRESULT sought = stream->Seek(0, abi::STREAM_SEEK_SET, nullptr); abi::Failed(sought))
            return sought;
          return stream->Write(bytes.data(), 5'000, nullptr);
        }) > 0);
  CHECK(try_all([&] { return stream->Commit(0); }) > 0);
  Ref<abi::IMAPITable> table;
  REQUIRE(folder->GetHierarchyTable(0, table.out()) == abi::S_OK_);
  abi::SPropValue part = TextValue(tag::kDisplayName, L"a part that is longer than what fits into a string");
  abi::SRestriction has{abi::RES_CONTENT, {}}, not_{abi::RES_NOT, {}};
  has.res.resContent = {abi::FL_SUBSTRING, tag::kDisplayName, &part};
  not_.res.resNot = {0, &has};
  CHECK(try_all([&] { return table->Restrict(&not_, 0); }) > 1);
  CHECK(message->SaveChanges(0) == abi::S_OK_);
}
