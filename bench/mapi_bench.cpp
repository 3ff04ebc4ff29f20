// What the calls of the MAPI provider take, each by its name, as a client sees them.
#include <algorithm>
#include <concepts>
#include <cstdlib>
#include <cstring>
#include <map>

#include "bench/ground.h"
#include "bench/report.h"
#include "engine/data_dir.h"
#include "engine/settings.h"
#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/host/host.h"

namespace outpost::mapi {
extern "C" abi::HRESULT MSProviderInit(void* instance, void* malloc, abi::AllocateBuffer allocate,
                                       abi::AllocateMore more, abi::FreeBuffer free, abi::ULONG flags,
                                       abi::ULONG mapi_version, abi::ULONG* provider_version,
                                       abi::IMSProvider** provider);
extern "C" abi::HRESULT MSGServiceEntry(void* instance, void* malloc, abi::IMAPISupport* support, abi::ULONG_PTR ui,
                                        abi::ULONG flags, abi::ULONG context, abi::ULONG count, abi::SPropValue* props,
                                        abi::IProviderAdmin* admin, abi::MAPIERROR** error);
}  // namespace outpost::mapi

namespace outpost::bench {
namespace {

using namespace outpost::mapi;
using namespace outpost::mapi::host;

constexpr double kCallMs = 1;     // typical calls on properties and tables
constexpr double kLogonMs = 200;  // with 100,000 items

const abi::ENTRYID* Entry(const std::string& bytes) { return reinterpret_cast<const abi::ENTRYID*>(bytes.data()); }
abi::ULONG Size(const std::string& bytes) { return static_cast<abi::ULONG>(bytes.size()); }

// Times of calls by their names, in the order in which they were first made.
class Calls {
 public:
  Calls(const Clock& clock, bool smoke) : clock_(clock), runs_(smoke ? 3 : 200) {}

  std::size_t runs() const { return runs_; }
  // Makes a call and notes its time. A call that fails ends the measuring.
  template <class Call>
  void Time(const std::string& name, Call call, std::optional<double> most = kCallMs) {
    const auto start = clock_.MonotonicNow();
    const abi::HRESULT result = call();
    const double ms = static_cast<double>((clock_.MonotonicNow() - start).count()) / 1'000;
    if (abi::Failed(result) && failed_.empty()) failed_ = name + ": " + std::to_string(result);
    auto at = std::find_if(calls_.begin(), calls_.end(), [&](const auto& known) { return known.name == name; });
    if (at == calls_.end()) at = calls_.insert(at, {name, {}, most});
    at->ms.push_back(ms);
  }
  // The same, as often as is worth while, with something that is not timed behind each.
  template <class Call, class Then>
  requires std::invocable<Then&>
  void Repeat(const std::string& name, Call call, Then then, std::optional<double> most = kCallMs) {
    for (std::size_t i = 0; i < runs_; ++i) {
      Time(name, call, most);
      then();
    }
  }
  template <class Call>
  void Repeat(const std::string& name, Call call, std::optional<double> most = kCallMs) {
    Repeat(
        name, call, [] {}, most);
  }

  Result<void> Report(std::vector<Row>& rows) {
    if (!failed_.empty()) return Error{Code::kUnavailable, Retry::kNever, failed_};
    for (auto& call : calls_) {
      std::sort(call.ms.begin(), call.ms.end());
      const auto at = [&](double part) {
        return call.ms[static_cast<std::size_t>(part * static_cast<double>(call.ms.size() - 1) + 0.5)];
      };
      rows.push_back({"mapi", call.name + ", p50", at(0.5), "ms", std::nullopt, call.most, true});
      rows.push_back({"mapi", call.name + ", p99", at(0.99), "ms", std::nullopt, std::nullopt, true});
      rows.push_back({"mapi", call.name + ", max", at(1), "ms", std::nullopt, std::nullopt, true});
    }
    return Ok();
  }

 private:
  struct Known {
    std::string name;
    std::vector<double> ms;
    std::optional<double> most;
  };
  const Clock& clock_;
  const std::size_t runs_;
  std::vector<Known> calls_;
  std::string failed_;
};

// A client with all that it holds open; its logging on and off are calls too.
struct Client {
  Support support;
  Ref<abi::IMSProvider> provider;
  Ref<abi::IMSLogon> logon;
  Ref<abi::IMsgStore> store;

  explicit Client(Calls& calls) {
    abi::ULONG version = 0;
    calls.Time("MSProviderInit", [&] {
      return MSProviderInit(nullptr, nullptr, HostAllocateBuffer, HostAllocateMore, HostFreeBuffer, 0, abi::kSpiVersion,
                            &version, provider.out());
    });
    calls.Time(
        "IMSProvider::Logon, of 100,000 items",
        [&] {
          return provider->Logon(&support, 0, nullptr, 0, nullptr, abi::MAPI_UNICODE, nullptr, nullptr, nullptr,
                                 nullptr, logon.out(), store.out());
        },
        kLogonMs);
  }
  // Closing waits until what is written is on disk.
  void End(Calls& calls) {
    abi::ULONG flags = 0;
    calls.Time("IMsgStore::StoreLogoff", [&] { return store->StoreLogoff(&flags); });
    calls.Time(
        "IMsgStore::Release", [&] { return store.Reset(), abi::S_OK_; }, std::nullopt);
    calls.Time("IMSLogon::Logoff", [&] { return logon->Logoff(&flags); });
    calls.Time(
        "IMSLogon::Release, the last one: the account is closed", [&] { return logon.Reset(), abi::S_OK_; },
        std::nullopt);
    calls.Time("IMSProvider::Shutdown", [&] { return provider->Shutdown(&flags); });
  }

  template <class T>
  Ref<T> Open(const std::string& id, abi::ULONG flags = 0) {
    Ref<T> opened;
    abi::ULONG type = 0;
    if (abi::Failed(
            store->OpenEntry(Size(id), Entry(id), nullptr, flags, &type, opened.template out_as<abi::IUnknown>())))
      opened.Reset();
    return opened;
  }
  // Empty where there is none.
  std::string Child(const std::string& parent, const std::string& name) {
    const auto folder = Open<abi::IMAPIFolder>(parent);
    Ref<abi::IMAPITable> table;
    Rows rows;
    if (!folder || abi::Failed(folder->GetHierarchyTable(0, table.out())) ||
        abi::Failed(table->SetColumns(Tags{tag::kEntryId, tag::kDisplayName}, 0)) ||
        abi::Failed(table->QueryRows(1'000, 0, rows.out())))
      return {};
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (TextOf(rows.At(i, 1)) == name) return BytesOf(rows.At(i, 0));
    return {};
  }
};

void StoreCalls(Calls& calls, Client& client, const std::string& folder, const std::string& item) {
  HostBuffer<abi::SPropValue> props;
  HostBuffer<abi::SPropTagArray> tags;
  abi::ULONG count = 0, type = 0;
  calls.Repeat("IMsgStore::GetProps, all", [&] { return client.store->GetProps(nullptr, 0, &count, props.out()); });
  calls.Repeat("IMsgStore::GetPropList", [&] { return client.store->GetPropList(0, tags.out()); });
  Ref<abi::IUnknown> object;
  calls.Repeat("IMsgStore::OpenEntry, a folder",
               [&] { return client.store->OpenEntry(Size(folder), Entry(folder), nullptr, 0, &type, object.out()); });
  calls.Repeat("IMsgStore::OpenEntry, a message",
               [&] { return client.store->OpenEntry(Size(item), Entry(item), nullptr, 0, &type, object.out()); });
  calls.Repeat("IMSLogon::OpenEntry, a message",
               [&] { return client.logon->OpenEntry(Size(item), Entry(item), nullptr, 0, &type, object.out()); });
  calls.Repeat("IMsgStore::CompareEntryIDs", [&] {
    return client.store->CompareEntryIDs(Size(item), Entry(item), Size(folder), Entry(folder), 0, &count);
  });
  calls.Repeat("IMSLogon::CompareEntryIDs", [&] {
    return client.logon->CompareEntryIDs(Size(item), Entry(item), Size(folder), Entry(folder), 0, &count);
  });
  calls.Repeat("IMSProvider::CompareStoreIDs", [&] {
    return client.provider->CompareStoreIDs(Size(item), Entry(item), Size(item), Entry(item), 0, &count);
  });
  auto* sink = new Sink;
  abi::ULONG_PTR connection = 0;
  constexpr abi::ULONG kAll = abi::fnevObjectCreated | abi::fnevObjectModified | abi::fnevObjectDeleted;
  calls.Repeat(
      "IMsgStore::Advise", [&] { return client.store->Advise(0, nullptr, kAll, sink, &connection); },
      [&] { calls.Time("IMsgStore::Unadvise", [&] { return client.store->Unadvise(connection); }); });
  calls.Repeat(
      "IMSLogon::Advise", [&] { return client.logon->Advise(0, nullptr, kAll, sink, &connection); },
      [&] { calls.Time("IMSLogon::Unadvise", [&] { return client.logon->Unadvise(connection); }); });
  sink->Release();
  Ref<abi::IMAPIStatus> status;
  calls.Repeat("IMSLogon::OpenStatusEntry",
               [&] { return client.logon->OpenStatusEntry(nullptr, 0, &type, status.out_as<void>()); });
  calls.Repeat("IMAPIStatus::GetProps", [&] { return status->GetProps(nullptr, 0, &count, props.out()); });
  calls.Repeat("IMAPIStatus::ValidateState", [&] { return status->ValidateState(0, 0); });
}

void FolderCalls(Calls& calls, abi::IMAPIFolder& folder, const std::string& item) {
  HostBuffer<abi::SPropValue> props;
  HostBuffer<abi::SPropTagArray> tags;
  HostBuffer<abi::SPropProblemArray> problems;
  abi::ULONG count = 0, type = 0;
  calls.Repeat("IMAPIFolder::GetProps, all", [&] { return folder.GetProps(nullptr, 0, &count, props.out()); });
  calls.Repeat("IMAPIFolder::GetProps, three", [&] {
    return folder.GetProps(Tags{tag::kDisplayName, tag::kContentCount, tag::kContentUnread}, 0, &count, props.out());
  });
  calls.Repeat("IMAPIFolder::GetPropList", [&] { return folder.GetPropList(0, tags.out()); });
  Ref<abi::IUnknown> object;
  calls.Repeat("IMAPIFolder::OpenEntry, a message",
               [&] { return folder.OpenEntry(Size(item), Entry(item), nullptr, 0, &type, object.out()); });
  Ref<abi::IMAPITable> table;
  calls.Repeat("IMAPIFolder::GetContentsTable, of 100,000", [&] { return folder.GetContentsTable(0, table.out()); });
  calls.Repeat("IMAPIFolder::GetHierarchyTable", [&] { return folder.GetHierarchyTable(0, table.out()); });
  calls.Repeat("IMAPIFolder::OpenProperty, the contents of 100,000", [&] {
    return folder.OpenProperty(tag::kContainerContents, &abi::kIMAPITable, 0, 0, table.out_as<abi::IUnknown>());
  });
  Ref<abi::IMessage> made;
  calls.Repeat("IMAPIFolder::CreateMessage", [&] { return folder.CreateMessage(nullptr, 0, made.out()); });
  calls.Repeat("IMAPIFolder::GetMessageStatus",
               [&] { return folder.GetMessageStatus(Size(item), Entry(item), 0, &count); });
  // These wait for the disk.
  abi::SPropValue value{};
  value.ulPropTag = TagOf(0x6999, PropType::kLong);
  calls.Repeat(
      "IMAPIFolder::SetProps, to disk",
      [&] {
        ++value.Value.l;
        return folder.SetProps(1, &value, problems.out());
      },
      std::nullopt);
  calls.Repeat(
      "IMAPIFolder::DeleteProps, to disk",
      [&] { return folder.DeleteProps(Tags{TagOf(0x6999, PropType::kLong)}, problems.out()); }, std::nullopt);
  Ref<abi::IMAPIFolder> below;
  std::string id;
  wchar_t name[] = L"Below";
  calls.Repeat(
      "IMAPIFolder::CreateFolder, to disk",
      [&] { return folder.CreateFolder(abi::FOLDER_GENERIC, name, nullptr, nullptr, abi::MAPI_UNICODE, below.out()); },
      [&] {
        if (!below || abi::Failed(below->GetProps(Tags{tag::kEntryId}, 0, &count, props.out()))) return;
        id = BytesOf(props[0]);
        calls.Time(
            "IMAPIFolder::DeleteFolder, to disk",
            [&] { return folder.DeleteFolder(Size(id), Entry(id), 0, nullptr, 0); }, std::nullopt);
      },
      std::nullopt);
  std::string one = item;
  abi::SBinary binary{Size(one), reinterpret_cast<abi::BYTE*>(one.data())};
  abi::ENTRYLIST list{1, &binary};
  calls.Repeat("IMAPIFolder::SetReadFlags, one", [&] { return folder.SetReadFlags(&list, 0, nullptr, 0); });
  calls.Repeat(
      "IMAPIFolder::CopyMessages, one within the store, to disk",
      [&] { return folder.CopyMessages(&list, nullptr, &folder, 0, nullptr, 0); }, std::nullopt);
  // The first rows go, one by one.
  if (abi::Failed(folder.GetContentsTable(0, table.out())) || abi::Failed(table->SetColumns(Tags{tag::kEntryId}, 0)))
    return;
  Rows rows;
  if (abi::Failed(table->QueryRows(static_cast<abi::LONG>(calls.runs()), 0, rows.out()))) return;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string gone = BytesOf(rows.At(i, 0));
    if (gone == item) continue;
    abi::SBinary entry{Size(gone), reinterpret_cast<abi::BYTE*>(gone.data())};
    abi::ENTRYLIST of_one{1, &entry};
    calls.Time(
        "IMAPIFolder::DeleteMessages, one, to disk", [&] { return folder.DeleteMessages(&of_one, 0, nullptr, 0); },
        std::nullopt);
  }
}

void TableCalls(Calls& calls, abi::IMAPIFolder& folder) {
  Ref<abi::IMAPITable> table;
  if (abi::Failed(folder.GetContentsTable(0, table.out()))) return;
  const Tags shown{tag::kEntryId,      tag::kInstanceKey, tag::kSubject,   tag::kMessageClass,
                   tag::kMessageFlags, tag::kHasAttach,   tag::kIconIndex, tag::kLastModificationTime};
  HostBuffer<abi::SPropTagArray> tags;
  abi::ULONG count = 0, numerator = 0, denominator = 0, status = 0, type = 0;
  abi::LONG sought = 0;
  Rows rows;
  calls.Repeat("IMAPITable::SetColumns", [&] { return table->SetColumns(shown, 0); });
  calls.Repeat("IMAPITable::QueryColumns", [&] { return table->QueryColumns(0, tags.out()); });
  calls.Repeat("IMAPITable::QueryColumns, all there may be",
               [&] { return table->QueryColumns(abi::TBL_ALL_COLUMNS, tags.out()); });
  calls.Repeat("IMAPITable::GetRowCount", [&] { return table->GetRowCount(0, &count); });
  calls.Repeat("IMAPITable::GetStatus", [&] { return table->GetStatus(&status, &type); });
  std::size_t at = 0;
  calls.Repeat("IMAPITable::SeekRow, anywhere in 100,000", [&] {
    at = (at * 7'919 + 101) % std::max<std::size_t>(count, 1);
    return table->SeekRow(abi::BOOKMARK_BEGINNING, static_cast<abi::LONG>(at), &sought);
  });
  calls.Repeat("IMAPITable::SeekRowApprox", [&] { return table->SeekRowApprox(static_cast<abi::ULONG>(at), count); });
  calls.Repeat("IMAPITable::QueryPosition", [&] { return table->QueryPosition(&status, &numerator, &denominator); });
  abi::BOOKMARK bookmark = 0;
  calls.Repeat(
      "IMAPITable::CreateBookmark", [&] { return table->CreateBookmark(&bookmark); },
      [&] { calls.Time("IMAPITable::FreeBookmark", [&] { return table->FreeBookmark(bookmark); }); });
  calls.Repeat("IMAPITable::QueryRows, one of 8 columns",
               [&] { return table->QueryRows(1, abi::TBL_NOADVANCE, rows.out()); });
  calls.Repeat("IMAPITable::QueryRows, 25 of 8 columns: what a window shows",
               [&] { return table->QueryRows(25, abi::TBL_NOADVANCE, rows.out()); });
  auto* sink = new Sink;
  abi::ULONG_PTR connection = 0;
  calls.Repeat(
      "IMAPITable::Advise", [&] { return table->Advise(abi::fnevTableModified, sink, &connection); },
      [&] { calls.Time("IMAPITable::Unadvise", [&] { return table->Unadvise(connection); }); });
  sink->Release();
  // In proportion to the rows.
  wchar_t letter[] = L"A";
  abi::SPropValue wanted{};
  wanted.ulPropTag = tag::kSubject;
  wanted.Value.lpszW = letter;
  abi::SRestriction restriction{};
  restriction.rt = abi::RES_CONTENT;
  restriction.res.resContent.ulFuzzyLevel = abi::FL_PREFIX | abi::FL_IGNORECASE;
  restriction.res.resContent.ulPropTag = tag::kSubject;
  restriction.res.resContent.lpProp = &wanted;
  calls.Repeat("IMAPITable::FindRow, by the beginning of a subject", [&] {
    const abi::HRESULT found = table->FindRow(&restriction, abi::BOOKMARK_BEGINNING, 0);
    return found == abi::MAPI_E_NOT_FOUND ? abi::S_OK_ : found;  // names are invented
  });
  const std::size_t few = std::min<std::size_t>(calls.runs(), 9);
  for (std::size_t i = 0; i < few; ++i)
    calls.Time(
        "IMAPITable::Restrict, 100,000 rows by the beginning of a subject",
        [&] { return table->Restrict(&restriction, 0); }, 150);
  table->Restrict(nullptr, 0);
  abi::SSortOrderSet order{};
  order.cSorts = 1;
  order.aSort[0] = {tag::kLastModificationTime, abi::TABLE_SORT_DESCEND};
  HostBuffer<abi::SSortOrderSet> told;
  for (std::size_t i = 0; i < few; ++i)
    calls.Time(
        "IMAPITable::SortTable, 100,000 rows by time", [&] { return table->SortTable(&order, 0); }, 150);
  calls.Repeat("IMAPITable::QuerySortOrder", [&] { return table->QuerySortOrder(told.out()); });
}

void StreamCalls(Calls& calls, abi::IMessage& message) {
  Ref<abi::IStream> stream;
  const PropTag body = tag::kBody;
  calls.Repeat("IMessage::OpenProperty, a text to be written", [&] {
    return message.OpenProperty(body, &abi::kIStream, 0, abi::MAPI_CREATE | abi::MAPI_MODIFY,
                                stream.out_as<abi::IUnknown>());
  });
  char bytes[4'096] = {};
  std::memset(bytes, 'x', sizeof bytes);
  abi::ULONG done = 0;
  std::uint64_t position = 0;
  abi::STATSTG stat{};
  calls.Repeat(
      "IStream::Write, 4 KiB", [&] { return stream->Write(bytes, sizeof bytes, &done); },
      [&] { stream->Seek(0, 0, &position); });
  calls.Repeat("IStream::Seek", [&] { return stream->Seek(0, 0, &position); });
  calls.Repeat(
      "IStream::Read, 4 KiB", [&] { return stream->Read(bytes, sizeof bytes, &done); },
      [&] { stream->Seek(0, 0, &position); });
  calls.Repeat("IStream::Stat", [&] { return stream->Stat(&stat, 1); });
  calls.Repeat("IStream::SetSize", [&] { return stream->SetSize(2'048); });
  calls.Repeat("IStream::Commit", [&] { return stream->Commit(0); });
  Ref<abi::IStream> to;
  if (abi::Failed(message.OpenProperty(TagOf(0x6998, PropType::kUnicode), &abi::kIStream, 0,
                                       abi::MAPI_CREATE | abi::MAPI_MODIFY, to.out_as<abi::IUnknown>())))
    return;
  std::uint64_t read = 0, written = 0;
  calls.Repeat(
      "IStream::CopyTo, 2 KiB", [&] { return stream->CopyTo(to.get(), 2'048, &read, &written); },
      [&] {
        stream->Seek(0, 0, &position);
        to->Seek(0, 0, &position);
      });
}

void MessageCalls(Calls& calls, Client& client, abi::IMAPIFolder& folder, const std::string& item) {
  const auto message = client.Open<abi::IMessage>(item, abi::MAPI_BEST_ACCESS);
  if (!message) return;
  HostBuffer<abi::SPropValue> props;
  HostBuffer<abi::SPropTagArray> tags;
  HostBuffer<abi::SPropProblemArray> problems;
  abi::ULONG count = 0;
  calls.Repeat("IMessage::GetProps, six", [&] {
    return message->GetProps(Tags{tag::kEntryId, tag::kSubject, tag::kMessageClass, tag::kMessageFlags,
                                  tag::kParentEntryId, tag::kLastModificationTime},
                             0, &count, props.out());
  });
  calls.Repeat("IMessage::GetProps, all", [&] { return message->GetProps(nullptr, 0, &count, props.out()); });
  calls.Repeat("IMessage::GetPropList", [&] { return message->GetPropList(0, tags.out()); });
  std::string set(GuidOf(PropSet::kAddress));
  abi::MAPINAMEID name{reinterpret_cast<abi::GUID*>(set.data()), abi::MNID_ID, {0x8083}};
  abi::MAPINAMEID* names[] = {&name};
  calls.Repeat("IMessage::GetIDsFromNames", [&] { return message->GetIDsFromNames(1, names, 0, tags.out()); });
  HostBuffer<abi::MAPINAMEID*> back;
  abi::SPropTagArray* asked = tags.get();
  calls.Repeat("IMessage::GetNamesFromIDs",
               [&] { return message->GetNamesFromIDs(&asked, nullptr, 0, &count, back.out()); });
  wchar_t text[] = L"Ada";
  abi::SPropValue values[2] = {};
  values[0].ulPropTag = TagOf(0x3A06, PropType::kUnicode);
  values[0].Value.lpszW = text;
  values[1].ulPropTag = TagOf(0x6999, PropType::kLong);
  calls.Repeat("IMessage::SetProps, two", [&] { return message->SetProps(2, values, problems.out()); });
  calls.Repeat("IMessage::DeleteProps",
               [&] { return message->DeleteProps(Tags{TagOf(0x6999, PropType::kLong)}, problems.out()); });
  Ref<abi::IMAPITable> table;
  calls.Repeat("IMessage::GetAttachmentTable", [&] { return message->GetAttachmentTable(0, table.out()); });
  calls.Repeat("IMessage::GetRecipientTable", [&] { return message->GetRecipientTable(0, table.out()); });
  Ref<abi::IAttach> attachment;
  abi::ULONG number = 0;
  char data[1'024] = {};
  abi::SPropValue file[2] = {};
  wchar_t file_name[] = L"a.txt";
  file[0].ulPropTag = tag::kAttachLongFilename;
  file[0].Value.lpszW = file_name;
  file[1].ulPropTag = tag::kAttachData;
  file[1].Value.bin = {sizeof data, reinterpret_cast<abi::BYTE*>(data)};
  calls.Repeat(
      "IMessage::CreateAttach", [&] { return message->CreateAttach(nullptr, 0, &number, attachment.out_as<void>()); },
      [&] {
        calls.Time("IAttach::SetProps, 1 KiB of data", [&] { return attachment->SetProps(2, file, problems.out()); });
        calls.Time("IAttach::GetProps, all", [&] { return attachment->GetProps(nullptr, 0, &count, props.out()); });
        calls.Time("IAttach::SaveChanges", [&] { return attachment->SaveChanges(0); });
        calls.Time("IMessage::OpenAttach",
                   [&] { return message->OpenAttach(number, nullptr, 0, attachment.out_as<void>()); });
        Ref<abi::IStream> stream;
        calls.Time("IAttach::OpenProperty, its data", [&] {
          return attachment->OpenProperty(tag::kAttachData, &abi::kIStream, 0, 0, stream.out_as<abi::IUnknown>());
        });
        calls.Time("IMessage::DeleteAttach", [&] { return message->DeleteAttach(number, 0, nullptr, 0); });
      });
  StreamCalls(calls, *message.get());
  Ref<abi::IMessage> made;
  calls.Repeat("IMessage::CopyTo, a contact", [&] {
    folder.CreateMessage(nullptr, 0, made.out());
    return message->CopyTo(0, nullptr, nullptr, 0, nullptr, &abi::kIMessage, made.get(), 0, problems.out());
  });
  calls.Repeat("IMessage::CopyProps, one", [&] {
    return message->CopyProps(Tags{tag::kDisplayName}, 0, nullptr, &abi::kIMessage, made.get(), 0, problems.out());
  });
  int round = 0;
  calls.Repeat(
      "IMessage::SaveChanges, to disk",
      [&] { return message->SaveChanges(abi::KEEP_OPEN_READWRITE | abi::FORCE_SAVE); },
      [&] {
        text[0] = static_cast<wchar_t>(L'A' + ++round % 26);
        message->SetProps(1, values, problems.out());
      },
      std::nullopt);
  calls.Repeat("IMessage::SetReadFlag", [&] { return message->SetReadFlag(0); });
}

std::string FirstItem(abi::IMAPIFolder& folder) {
  Ref<abi::IMAPITable> table;
  Rows rows;
  if (abi::Failed(folder.GetContentsTable(0, table.out())) || abi::Failed(table->SetColumns(Tags{tag::kEntryId}, 0)) ||
      abi::Failed(table->QueryRows(1, 0, rows.out())) || rows.size() == 0)
    return {};
  return BytesOf(rows.At(0, 0));
}

}  // namespace

Result<void> MapiScenario(const Options& options, std::vector<Row>& rows) {
  oxserver::GenerateSpec spec;
  spec.contacts = options.sized(200, 100'000);
  OUTPOST_TRY(const auto ground, Ground::Make(spec, options.seed));
  OUTPOST_TRYV(ground->Sync());
  // Calls are timed, not what else goes on.
  OUTPOST_TRYV(ground->account().PutSettings({{{std::string(setting::kPaused), "true"}}}));
  ground->Close();
  // The provider looks for accounts where any program does.
  const auto home = ground->data() / "home";
  std::error_code error;
  std::filesystem::create_directory(home, error);
  std::filesystem::create_directory_symlink(ground->data(), home / "outpost", error);
  if (error) return Error{Code::kUnavailable, Retry::kNever, "cannot make a data directory: " + error.message()};
  const char* before = std::getenv("XDG_DATA_HOME");
  const std::string kept = before != nullptr ? before : "";
  setenv("XDG_DATA_HOME", home.c_str(), 1);
  Calls calls(ground->clock(), options.smoke);
  const std::size_t logons = options.smoke ? 2 : 9;
  for (std::size_t i = 0; i < logons; ++i) {
    Client client(calls);
    const std::string subtree = client.Child("", "Outpost"), contacts = client.Child(subtree, "Contacts");
    auto folder = client.Open<abi::IMAPIFolder>(contacts);
    if (!folder) return Error{Code::kNotFound, Retry::kNever, "the store has no folder for contacts"};
    const std::string item = FirstItem(*folder.get());
    if (item.empty()) return Error{Code::kNotFound, Retry::kNever, "the folder is empty"};
    if (i + 1 == logons) {
      StoreCalls(calls, client, contacts, item);
      TableCalls(calls, *folder.get());
      MessageCalls(calls, client, *folder.get(), item);
      FolderCalls(calls, *folder.get(), item);
    }
    // Whoever holds objects open goes before the store.
    folder.Reset();
    client.End(calls);
  }
  if (kept.empty())
    unsetenv("XDG_DATA_HOME");
  else
    setenv("XDG_DATA_HOME", kept.c_str(), 1);
  return calls.Report(rows);
}

}  // namespace outpost::bench
