#include <nlohmann/json.hpp>

#include "engine/mail_parts.h"
#include "journal/blobs.h"
#include "tests/mapi/session.h"

// Attachments and streams: files at items, photos, what is in a mail, and large values piece by piece.
using namespace outpost;
using namespace outpost::mapi;
using namespace outpost::mapi::host;
using namespace outpost::test;

namespace {

const std::string kMail =
    "From: Ada <ada@example.org>\r\nTo: Anna <anna@example.org>\r\nSubject: Report\r\n"
    "Date: Sun, 29 Nov 2026 10:00:00 +0000\r\nMessage-Id: <report@example.org>\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=m\r\n\r\n"
    "--m\r\nContent-Type: multipart/related; boundary=r\r\n\r\n"
    "--r\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
    "--a\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    "Gr=FC=DFe\r\n"
    "--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Gr\xC3\xBC\xC3\x9F"
    "e <img src=\"cid:dot\"></p>\r\n--a--\r\n"
    "--r\r\nContent-Type: image/png; name=dot.png\r\nContent-Id: <dot>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    "AAEC\r\n--r--\r\n"
    "--m\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"a b.pdf\"\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n"
    "--m\r\nContent-Type: message/rfc822\r\n\r\nFrom: Bert <bert@example.org>\r\nTo: ada@example.org\r\n"
    "Subject: Inner\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n"
    "--i\r\n\r\nwithin\r\n--i\r\nContent-Type: text/csv; name=t.csv\r\nContent-Disposition: attachment\r\n\r\n1;2\r\n"
    "--i--\r\n--m--\r\n";

std::string ReadAll(abi::IStream& stream) {
  std::string all;
  char piece[7'000];
  abi::ULONG read = 0;
  do {
    REQUIRE(stream.Read(piece, sizeof piece, &read) == abi::S_OK_);
    all.append(piece, read);
  } while (read != 0);
  return all;
}

void WriteAll(abi::IStream& stream, const std::string& bytes, std::size_t piece) {
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const auto size = static_cast<abi::ULONG>(std::min(piece, bytes.size() - at));
    abi::ULONG written = 0;
    REQUIRE(stream.Write(bytes.data() + at, size, &written) == abi::S_OK_);
    REQUIRE(written == size);
  }
}

Ref<abi::IStream> StreamOf(abi::IMAPIProp& object, PropTag tag, abi::ULONG flags = 0) {
  Ref<abi::IStream> stream;
  REQUIRE(object.OpenProperty(tag, &abi::kIStream, 0, flags, stream.out_as<abi::IUnknown>()) == abi::S_OK_);
  return stream;
}

std::string DataOf(abi::IMAPIProp& attachment) {
  const auto stream = StreamOf(attachment, tag::kAttachData);
  return ReadAll(*stream.get());
}

// "NAME METHOD SIZE " of each row.
std::string Listed(abi::IMessage& message) {
  Ref<abi::IMAPITable> table;
  REQUIRE(message.GetAttachmentTable(0, table.out()) == abi::S_OK_);
  REQUIRE(table->SetColumns(Tags{tag::kAttachLongFilename, tag::kAttachMethod, tag::kAttachSize}, 0) == abi::S_OK_);
  Rows rows;
  REQUIRE(table->QueryRows(100, 0, rows.out()) == abi::S_OK_);
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i)
    out += TextOf(rows.At(i, 0)) + " " + std::to_string(rows.At(i, 1).Value.l) + " " +
           std::to_string(rows.At(i, 2).Value.l) + " ";
  return out;
}

Ref<abi::IAttach> AttachAt(abi::IMessage& message, abi::ULONG number, abi::ULONG flags = 0) {
  Ref<abi::IAttach> attachment;
  REQUIRE(message.OpenAttach(number, nullptr, flags, attachment.out_as<void>()) == abi::S_OK_);
  return attachment;
}

std::string Pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 251);
  return bytes;
}

bool TruthOf(abi::IMAPIProp& object, PropTag tag) {
  HostBuffer<abi::SPropValue> props;
  abi::ULONG count = 0;
  REQUIRE(object.GetProps(Tags{tag}, 0, &count, props.out()) == abi::S_OK_);
  return props[0].Value.b != 0;
}

// "NAME SIZE" of each file that the server has of a contact, by ascending id.
std::vector<std::string> FilesOnServer(Profile& profile, const std::string& name) {
  std::string id;
  for (const auto& row : Must(profile.pair.elsewhere().ListContacts(profile.pair.remote_folder, {"id", "last_name"})))
    if (row.at("last_name") == name) id = row.at("id");
  const auto rows = nlohmann::json::parse(Must(profile.pair.elsewhere().Do(
      "attachment", "all",
      {{"module", "7"}, {"folder", profile.pair.remote_folder}, {"attached", id}, {"columns", "803,804"}})));
  std::vector<std::string> out;
  for (const auto& row : rows) out.push_back(row[0].get<std::string>() + " " + row[1].dump());
  return out;
}

std::string IdOfItem(Session& session, abi::IMAPIFolder& folder, const std::string& name) {
  for (const auto& [subject, id] : session.Items(folder))
    if (subject == name) return id;
  FAIL("no item " << name);
  return {};
}

}  // namespace

TEST_CASE("mail parts: texts, what is within HTML, files and mails, whatever way they are nested", "[mapi]") {
  const MailParts parts = ReadMailParts(kMail);
  CHECK_THAT(parts.text, Catch::StartsWith("Gr\xC3\xBC\xC3\x9F"
                                           "e"));
  CHECK_THAT(parts.html, Catch::StartsWith("<p>Gr\xC3\xBC"));
  CHECK_THAT(parts.header, Catch::StartsWith("From: Ada") && Catch::EndsWith("boundary=m\r\n"));
  REQUIRE(parts.attached.size() == 3);
  CHECK(parts.attached[0].content_id == "dot");
  CHECK(parts.attached[0].within);
  CHECK(parts.attached[1].name == "a b.pdf");
  CHECK(parts.attached[1].type == "application/pdf");
  CHECK(parts.attached[1].size == 5);
  CHECK_FALSE(parts.attached[1].within);
  CHECK(parts.attached[2].mail);
  CHECK(parts.attached[2].name == "Inner");
  CHECK(ContentOfPart(kMail, 0) == std::string("\0\1\2", 3));
  CHECK(ContentOfPart(kMail, 1) == std::string("%PDF-"));
  CHECK_FALSE(ContentOfPart(kMail, 3));
  const auto inner = ReadMailParts(*ContentOfPart(kMail, 2));
  CHECK_THAT(inner.text, Catch::StartsWith("within"));
  CHECK(inner.attached.size() == 1);
  for (std::size_t size = 0; size < kMail.size(); size += 7) ReadMailParts(kMail.substr(0, size));
  std::string deep;
  for (int i = 0; i < 200; ++i)
    deep +=
        "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\r\n\r\n--b" + std::to_string(i) + "\r\n";
  CHECK(ReadMailParts(deep).attached.empty());
}

TEST_CASE("MAPI, imessage-createattach: a file is attached with the message's SaveChanges, and on the server after it",
          "[mapi]") {
  Profile profile;
  const std::string large = Pattern(700'000);
  {
    Session session;
    const auto folder = session.Contacts();
    const std::string id = IdOfItem(session, *folder.get(), "Adler");
    const auto adler = session.Open<abi::IMessage>(id, abi::MAPI_MODIFY);
    CHECK_FALSE(TruthOf(*adler.get(), tag::kHasAttach));
    Ref<abi::IAttach> file, small;
    abi::ULONG number = 99, other = 99;
    REQUIRE(adler->CreateAttach(nullptr, 0, &number, file.out_as<void>()) == abi::S_OK_);
    REQUIRE(adler->CreateAttach(nullptr, 0, &other, small.out_as<void>()) == abi::S_OK_);
    CHECK(number != other);
    const abi::SPropValue values[] = {TextValue(tag::kDisplayName, L"shown"),
                                      TextValue(tag::kAttachLongFilename, L"pl\u00E4ne.pdf"),
                                      LongValue(tag::kAttachMethod, abi::ATTACH_BY_VALUE),
                                      LongValue(tag::kAttachRenderingPosition, 5), LongValue(tag::kAttachNumber, 7)};
    HostBuffer<abi::SPropProblemArray> problems;
    REQUIRE(file->SetProps(5, values, problems.out()) == abi::S_OK_);
    REQUIRE(problems.get() != nullptr);
    CHECK(problems->cProblem == 1);
    CHECK(problems->aProblem[0].scode == abi::MAPI_E_COMPUTED);
    {
      const auto stream = StreamOf(*file.get(), tag::kAttachData, abi::MAPI_CREATE | abi::MAPI_MODIFY);
      WriteAll(*stream.get(), large, 50'000);
      CHECK(stream->Commit(0) == abi::S_OK_);
    }
    abi::SPropValue data{};
    std::string bytes("\0few", 4);
    data.ulPropTag = tag::kAttachData;
    data.Value.bin = {4, reinterpret_cast<abi::BYTE*>(bytes.data())};
    const abi::SPropValue named[] = {TextValue(tag::kAttachFilename, L"few.bin"), data};
    REQUIRE(small->SetProps(2, named, nullptr) == abi::S_OK_);
    CHECK(Listed(*adler.get()).empty());  // neither is the message's before its own SaveChanges
    REQUIRE(file->SaveChanges(0) == abi::S_OK_);
    CHECK(file->SaveChanges(0) == abi::MAPI_E_NO_ACCESS);
    REQUIRE(small->SaveChanges(abi::KEEP_OPEN_READWRITE) == abi::S_OK_);
    CHECK(Listed(*adler.get()) == "pl\xE4ne.pdf 1 700000 few.bin 1 4 ");
    CHECK(TruthOf(*adler.get(), tag::kHasAttach));
    CHECK(Listed(*session.Open<abi::IMessage>(id).get()).empty());  // transacted
    REQUIRE(adler->SaveChanges(abi::KEEP_OPEN_READWRITE) == abi::S_OK_);

    const auto again = session.Open<abi::IMessage>(id, abi::MAPI_MODIFY);
    CHECK(Listed(*again.get()) == "pl\xE4ne.pdf 1 700000 few.bin 1 4 ");
    const auto first = AttachAt(*again.get(), 0);
    CHECK(DataOf(*first.get()) == large);
    HostBuffer<abi::SPropValue> props;
    abi::ULONG count = 0;
    CHECK(first->GetProps(Tags{tag::kAttachData, tag::kAttachRenderingPosition}, 0, &count, props.out()) ==
          abi::MAPI_W_ERRORS_RETURNED);
    CHECK(props[0].Value.err == abi::MAPI_E_NOT_ENOUGH_MEMORY);  // as a stream only
    CHECK(props[1].Value.l == 5);
    const auto second = AttachAt(*again.get(), 1);
    REQUIRE(second->GetProps(Tags{tag::kAttachData}, 0, &count, props.out()) == abi::S_OK_);
    CHECK(BytesOf(props[0]) == bytes);
    CHECK(second->SetProps(1, named, nullptr) == abi::MAPI_E_NO_ACCESS);  // opened to be read
    Ref<abi::IAttach> none;
    CHECK(again->OpenAttach(9, nullptr, 0, none.out_as<void>()) == abi::MAPI_E_NOT_FOUND);
    CHECK(again->DeleteAttach(9, 0, nullptr, 0) == abi::MAPI_E_NOT_FOUND);
  }
  profile.TakeBack();
  profile.pair.Settle();
  CHECK(FilesOnServer(profile, "Adler").size() == 2);
  profile.Lend();
  {
    // Another content for the second; the first goes.
    Session session;
    const std::string id = IdOfItem(session, *session.Contacts().get(), "Adler");
    const auto again = session.Open<abi::IMessage>(id, abi::MAPI_MODIFY);
    CHECK(Listed(*again.get()) == "pl\xE4ne.pdf 1 700000 few.bin 1 4 ");
    {
      const auto changed = AttachAt(*again.get(), 1, abi::MAPI_MODIFY);
      const auto stream = StreamOf(*changed.get(), tag::kAttachData, abi::MAPI_MODIFY);
      WriteAll(*stream.get(), "something else", 5);
      CHECK(stream->Commit(0) == abi::S_OK_);
      REQUIRE(changed->SaveChanges(0) == abi::S_OK_);
    }
    REQUIRE(again->DeleteAttach(0, 0, nullptr, 0) == abi::S_OK_);
    CHECK(Listed(*again.get()) == "few.bin 1 14 ");
    REQUIRE(again->SaveChanges(0) == abi::S_OK_);
    CHECK(Listed(*session.Open<abi::IMessage>(id).get()) == "few.bin 1 14 ");
  }
  profile.TakeBack();
  profile.pair.Settle();
  CHECK(FilesOnServer(profile, "Adler") == std::vector<std::string>{"few.bin 14"});
  profile.pair.CheckWhole();
}

TEST_CASE("MAPI, attachments: a file that only the server has is asked for, and never replaced by nothing", "[mapi]") {
  Profile profile;
  profile.TakeBack();
  std::string remote;
  for (const auto& row : Must(profile.pair.elsewhere().ListContacts(profile.pair.remote_folder, {"id", "last_name"})))
    if (row.at("last_name") == "Adler") remote = row.at("id");
  Must(profile.pair.elsewhere().Attach("contacts", profile.pair.remote_folder, remote, "there.txt", "from elsewhere"));
  profile.pair.Settle();
  profile.pair.Settle();
  profile.Lend();
  {
    Session session;
    const auto folder = session.Contacts();
    const std::string id = IdOfItem(session, *folder.get(), "Adler");
    const auto adler = session.Open<abi::IMessage>(id, abi::MAPI_MODIFY);
    CHECK(Listed(*adler.get()) == "there.txt 1 14 ");
    const auto file = AttachAt(*adler.get(), 0, abi::MAPI_MODIFY);
    const abi::SPropValue name = TextValue(tag::kAttachLongFilename, L"renamed.txt");
    REQUIRE(file->SetProps(1, &name, nullptr) == abi::S_OK_);
    REQUIRE(file->SaveChanges(0) == abi::S_OK_);
    CHECK(adler->SaveChanges(abi::KEEP_OPEN_READWRITE) == abi::MAPI_E_NETWORK_ERROR);
    CHECK(FilesOnServer(profile, "Adler") == std::vector<std::string>{"there.txt 14"});
  }
  profile.TakeBack();
  profile.pair.Settle();
  profile.Lend();
  Session session;
  const auto adler = session.Open<abi::IMessage>(IdOfItem(session, *session.Contacts().get(), "Adler"));
  CHECK(DataOf(*AttachAt(*adler.get(), 0).get()) == "from elsewhere");
}

TEST_CASE("MAPI, iattach: what is written to a stream after its Commit comes behind what was there", "[mapi]") {
  Profile profile;
  Session session;
  const std::string id = IdOfItem(session, *session.Contacts().get(), "Adler");
  const auto adler = session.Open<abi::IMessage>(id, abi::MAPI_MODIFY);
  const std::string content = Pattern(400'000);
  Ref<abi::IAttach> file;
  abi::ULONG number = 0;
  REQUIRE(adler->CreateAttach(nullptr, 0, &number, file.out_as<void>()) == abi::S_OK_);
  const abi::SPropValue name = TextValue(tag::kAttachLongFilename, L"log.txt");
  REQUIRE(file->SetProps(1, &name, nullptr) == abi::S_OK_);
  {
    const auto stream = StreamOf(*file.get(), tag::kAttachData, abi::MAPI_CREATE | abi::MAPI_MODIFY);
    for (const auto& [from, to] : {std::pair(0, 1'000), {1'000, 300'000}, {300'000, 300'010}, {300'010, 400'000}}) {
      WriteAll(*stream.get(), content.substr(from, to - from), 50'000);
      REQUIRE(stream->Commit(0) == abi::S_OK_);
      REQUIRE(stream->Seek(0, abi::STREAM_SEEK_SET, nullptr) == abi::S_OK_);
      CHECK(ReadAll(*stream.get()) == content.substr(0, to));
    }
  }
  REQUIRE(file->SaveChanges(0) == abi::S_OK_);
  REQUIRE(adler->SaveChanges(0) == abi::S_OK_);
  CHECK(DataOf(*AttachAt(*session.Open<abi::IMessage>(id).get(), 0).get()) == content);
}

TEST_CASE("MAPI, pidtagattachmentcontactphoto: a contact's photo is an attachment, and a field of it", "[mapi]") {
  Profile profile;
  const std::string image = "\x89PNG\r\n\x1A\n" + Pattern(5'000);
  {
    Session session;
    const auto folder = session.Contacts();
    const std::string id = IdOfItem(session, *folder.get(), "Curie");
    const auto curie = session.Open<abi::IMessage>(id, abi::MAPI_MODIFY);
    Ref<abi::IAttach> photo;
    abi::ULONG number = 0;
    REQUIRE(curie->CreateAttach(nullptr, 0, &number, photo.out_as<void>()) == abi::S_OK_);
    abi::SPropValue mark{};
    mark.ulPropTag = tag::kAttachmentContactPhoto;
    mark.Value.b = 1;
    const abi::SPropValue values[] = {TextValue(tag::kAttachLongFilename, L"ContactPicture.jpg"), mark};
    REQUIRE(photo->SetProps(2, values, nullptr) == abi::S_OK_);
    {
      const auto stream = StreamOf(*photo.get(), tag::kAttachData, abi::MAPI_CREATE | abi::MAPI_MODIFY);
      WriteAll(*stream.get(), image, 1'000);
    }  // released without Commit: written all the same
    REQUIRE(photo->SaveChanges(0) == abi::S_OK_);
    REQUIRE(curie->SaveChanges(0) == abi::S_OK_);
    const auto again = session.Open<abi::IMessage>(id);
    CHECK(Listed(*again.get()) == "ContactPicture.jpg 1 " + std::to_string(image.size()) + " ");
    CHECK_FALSE(TruthOf(*again.get(), tag::kHasAttach));
    const auto there = AttachAt(*again.get(), 0);
    CHECK(TruthOf(*there.get(), tag::kAttachmentContactPhoto));
    CHECK(DataOf(*there.get()) == image);
  }
  profile.TakeBack();
  profile.pair.Settle();
  const auto names = profile.pair.ServerNames();
  const auto rows =
      Must(profile.pair.elsewhere().ListContacts(profile.pair.remote_folder, {"last_name", "number_of_images"}));
  CHECK(rows[2].at("last_name") == "Curie");
  CHECK(rows[2].at("number_of_images") == "1");
}

TEST_CASE("MAPI, mails: body, HTML, headers, files and a mail within are read from the source", "[mapi]") {
  Profile profile;
  profile.TakeBack();
  Must(profile.pair.elsewhere().ImportMail("default0/INBOX", kMail, 0));
  profile.pair.Settle();
  profile.Lend();
  Session session;
  const auto mails = session.Folder("E-Mail");
  const auto inbox = session.Open<abi::IMAPIFolder>(session.ChildOf(*mails.get(), "INBOX"));
  const auto report = session.Open<abi::IMessage>(IdOfItem(session, *inbox.get(), "Report"), abi::MAPI_BEST_ACCESS);
  CHECK_THAT(TextProp(*report.get(), tag::kBody), Catch::StartsWith("Gr\xFC\xDF"
                                                                    "e"));
  CHECK_THAT(TextProp(*report.get(), tag::kTransportHeaders),
             Catch::Contains("\r\nMessage-Id: <report@example.org>\r\n"));
  const auto html = StreamOf(*report.get(), tag::kHtml);
  CHECK_THAT(ReadAll(*html.get()), Catch::Contains("cid:dot"));
  const auto wide = StreamOf(*report.get(), tag::kBody);
  CHECK(ReadAll(*wide.get()).substr(0, 6) == std::string("G\0r\0\xFC\0", 6));
  const auto narrow = StreamOf(*report.get(), TagOf(IdOf(tag::kBody), PropType::kString8));
  CHECK(ReadAll(*narrow.get()).substr(0, 3) == "Gr\xFC");
  CHECK(Listed(*report.get()) ==
        "dot.png 1 3 a b.pdf 1 5 Inner 5 " + std::to_string(ContentOfPart(kMail, 2)->size()) + " ");
  CHECK(TruthOf(*AttachAt(*report.get(), 0).get(), tag::kAttachmentHidden));
  CHECK(TextProp(*AttachAt(*report.get(), 0).get(), tag::kAttachContentId) == "dot");
  CHECK(DataOf(*AttachAt(*report.get(), 1).get()) == "%PDF-");

  const auto part = AttachAt(*report.get(), 2);
  Ref<abi::IMessage> inner;
  REQUIRE(part->OpenProperty(tag::kAttachMessage, &abi::kIMessage, 0, 0, inner.out_as<abi::IUnknown>()) == abi::S_OK_);
  CHECK(TextProp(*inner.get(), tag::kSubject) == "Inner");
  CHECK(TextProp(*inner.get(), TagOf(0x0065, PropType::kUnicode)) == "bert@example.org");
  CHECK_THAT(TextProp(*inner.get(), tag::kBody), Catch::StartsWith("within"));
  CHECK(TextProp(*inner.get(), tag::kEntryId) == "(error)");
  CHECK(Listed(*inner.get()) == "t.csv 1 3 ");
  CHECK_THAT(DataOf(*AttachAt(*inner.get(), 0).get()), Catch::StartsWith("1;2"));
  CHECK(inner->SaveChanges(0) == abi::MAPI_E_NO_ACCESS);

  // What was sent is not written to.
  Ref<abi::IAttach> more;
  abi::ULONG number = 0;
  CHECK(report->CreateAttach(nullptr, 0, &number, more.out_as<void>()) == abi::MAPI_E_NO_ACCESS);
  CHECK(report->DeleteAttach(0, 0, nullptr, 0) == abi::MAPI_E_NO_ACCESS);
  CHECK(report->OpenAttach(0, nullptr, abi::MAPI_MODIFY, more.out_as<void>()) == abi::MAPI_E_NO_ACCESS);
  Ref<abi::IUnknown> none;
  CHECK(report->OpenProperty(tag::kBody, &abi::kIStream, 0, abi::MAPI_MODIFY, none.out()) == abi::MAPI_E_NO_ACCESS);
  CHECK(report->OpenProperty(TagOf(0x6999, PropType::kBinary), &abi::kIStream, 0, 0, none.out()) ==
        abi::MAPI_E_NOT_FOUND);
  CHECK(report->OpenProperty(TagOf(0x1000, PropType::kUnspecified), &abi::kIStream, 0, 0, none.out()) ==
        abi::MAPI_E_INVALID_PARAMETER);
  CHECK(report->OpenProperty(tag::kBody, &abi::kIMessage, 0, 0, none.out()) == abi::MAPI_E_NO_INTERFACE);
}

TEST_CASE("MAPI, mails: a source that only the server has is asked for when somebody looks into it, not before",
          "[mapi]") {
  Profile profile;
  profile.TakeBack();
  MustDo(profile.pair.account().PutSettings({{{std::string(setting::kWindowDays), "0"}}}));
  Must(profile.pair.elsewhere().ImportMail("default0/INBOX", kMail, 0));
  profile.pair.Settle();
  const auto mail = [&profile] {
    std::optional<ItemState> found;
    const auto view = profile.pair.account().View();
    MustDo(ForEachItem(*view, Must(FindFolder(*view, "E-Mail/INBOX")).id, [&found](const ItemState& item) {
      found = item;
      return false;
    }));
    REQUIRE(found);
    return *found;
  };
  const auto asked = [&mail] {
    return !IsEmpty(mail().HeadValue(field::kMailSourceWanted)) || !IsEmpty(mail().HeadValue(field::kMailSource));
  };
  int imported = 0;
  using Look = std::function<void(abi::IMessage&)>;
  const auto after = [&](const Look& look) {
    profile.Lend();
    {
      Session session;
      const auto mails = session.Folder("E-Mail");
      const auto inbox = session.Open<abi::IMAPIFolder>(session.ChildOf(*mails.get(), "INBOX"));
      look(*session.Open<abi::IMessage>(IdOfItem(session, *inbox.get(), "Report"), abi::MAPI_BEST_ACCESS).get());
    }
    profile.TakeBack();
    return asked();
  };
  REQUIRE_FALSE(asked());
  // What an indexer or a list does with each of them.
  CHECK_FALSE(after([](abi::IMessage& report) {
    HostBuffer<abi::SPropValue> props;
    HostBuffer<abi::SPropTagArray> tags;
    Ref<abi::IMAPITable> people;
    abi::ULONG count = 0;
    CHECK(TextProp(report, tag::kSubject) == "Report");
    CHECK(report.GetProps(nullptr, 0, &count, props.out()) == abi::S_OK_);
    CHECK(report.GetPropList(0, tags.out()) == abi::S_OK_);
    CHECK(report.GetRecipientTable(0, people.out()) == abi::S_OK_);
  }));
  CHECK(after([](abi::IMessage& report) { CHECK(TextProp(report, tag::kBody) == "(error)"); }));
  profile.pair.Settle();
  CHECK_FALSE(IsEmpty(mail().HeadValue(field::kMailSource)));
  for (const Look& look :
       std::initializer_list<Look>{[](abi::IMessage& report) {
                                     Ref<abi::IMAPITable> files;
                                     CHECK(report.GetAttachmentTable(0, files.out()) == abi::S_OK_);
                                   },
                                   [](abi::IMessage& report) {
                                     Ref<abi::IStream> html;
                                     CHECK(report.OpenProperty(tag::kHtml, &abi::kIStream, 0, 0,
                                                               html.out_as<abi::IUnknown>()) == abi::MAPI_E_NOT_FOUND);
                                   }}) {
    MustDo(profile.pair.account().DeleteForGood(mail().id));
    profile.pair.Settle();
    std::string another = kMail;
    another.replace(another.find("report@"), 6, "more" + std::to_string(++imported));
    Must(profile.pair.elsewhere().ImportMail("default0/INBOX", another, 0));
    profile.pair.Settle();
    REQUIRE_FALSE(asked());
    CHECK(after(look));
  }
}

TEST_CASE("MAPI, mails: what is here of one is shown though its source cannot be asked for", "[mapi]") {
  Profile profile;
  profile.TakeBack();
  MustDo(profile.pair.account().PutSettings({{{std::string(setting::kWindowDays), "0"}}}));
  Must(profile.pair.elsewhere().ImportMail("default0/INBOX", kMail, 0));
  profile.pair.Settle();
  profile.Lend();
  // The end of its journal is damaged: nothing is written any more.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(profile.Data() / Profile::kName))
    if (entry.path().extension() == ".log" && entry.path().parent_path().filename() == "db" && entry.file_size() > 7)
      std::filesystem::resize_file(entry.path(), entry.file_size() - 7);
  Session session;
  const auto mails = session.Folder("E-Mail");
  const auto inbox = session.Open<abi::IMAPIFolder>(session.ChildOf(*mails.get(), "INBOX"));
  const auto report = session.Open<abi::IMessage>(IdOfItem(session, *inbox.get(), "Report"));
  HostBuffer<abi::SPropValue> props;
  abi::ULONG count = 0;
  CHECK(report->GetProps(Tags{tag::kSubject, tag::kBody}, abi::MAPI_UNICODE, &count, props.out()) ==
        abi::MAPI_W_ERRORS_RETURNED);
  REQUIRE(count == 2);
  CHECK(TextOf(props[0]) == "Report");
  CHECK(props[1].Value.err == abi::MAPI_E_CALL_FAILED);
  CHECK(report->GetProps(Tags{tag::kBody}, abi::MAPI_UNICODE, &count, props.out()) == abi::MAPI_E_CALL_FAILED);
  Ref<abi::IMAPITable> files;
  CHECK(report->GetAttachmentTable(0, files.out()) == abi::MAPI_E_CALL_FAILED);
}

TEST_CASE("MAPI, imapiprop-openproperty: texts and bytes of any size are written as streams", "[mapi]") {
  Profile profile;
  std::string large = Pattern(300'000), note(40'000, 'n');
  Session session;
  const auto folder = session.Contacts();
  const std::string id = IdOfItem(session, *folder.get(), "Brandt");
  {
    const auto brandt = session.Open<abi::IMessage>(id, abi::MAPI_MODIFY);
    const auto bytes = StreamOf(*brandt.get(), TagOf(0x6999, PropType::kBinary), abi::MAPI_CREATE | abi::MAPI_MODIFY);
    WriteAll(*bytes.get(), large, 33'333);
    std::uint64_t at = 0;
    REQUIRE(bytes->Seek(2, abi::STREAM_SEEK_SET, &at) == abi::S_OK_);
    CHECK(at == 2);
    WriteAll(*bytes.get(), "XY", 1);
    large[2] = 'X';
    large[3] = 'Y';
    CHECK(bytes->Seek(-9, abi::STREAM_SEEK_SET, &at) == abi::STG_E_INVALIDFUNCTION);
    abi::STATSTG stat{};
    REQUIRE(bytes->Stat(&stat, 0) == abi::S_OK_);
    CHECK(stat.cbSize == large.size());
    CHECK(bytes->Commit(0) == abi::S_OK_);
    const auto text = StreamOf(*brandt.get(), tag::kBody, abi::MAPI_CREATE | abi::MAPI_MODIFY);
    std::string wide;
    for (const char c : note) wide += std::string(1, c) + '\0';
    WriteAll(*text.get(), wide, 9'999);
    CHECK(text->Commit(0) == abi::S_OK_);
    CHECK(TextProp(*brandt.get(), tag::kBody) == note);
    CHECK(TextProp(*session.Open<abi::IMessage>(id).get(), tag::kBody) == "(error)");  // not before SaveChanges
    REQUIRE(brandt->SaveChanges(0) == abi::S_OK_);
  }
  const auto again = session.Open<abi::IMessage>(id);
  CHECK(TextProp(*again.get(), tag::kBody) == note);
  const auto bytes = StreamOf(*again.get(), TagOf(0x6999, PropType::kBinary)),
             copy = StreamOf(*again.get(), tag::kBody);
  CHECK(ReadAll(*bytes.get()) == large);
  CHECK(bytes->Write("x", 1, nullptr) == abi::STG_E_ACCESSDENIED);
  CHECK(bytes->SetSize(0) == abi::STG_E_ACCESSDENIED);
  // From one into another, through CopyTo.
  const auto other = session.Open<abi::IMessage>(IdOfItem(session, *folder.get(), "Adler"), abi::MAPI_MODIFY);
  {
    const auto to = StreamOf(*other.get(), TagOf(0x6999, PropType::kBinary), abi::MAPI_CREATE | abi::MAPI_MODIFY);
    std::uint64_t read = 0, written = 0;
    REQUIRE(bytes->Seek(0, abi::STREAM_SEEK_SET, nullptr) == abi::S_OK_);
    REQUIRE(bytes->CopyTo(to.get(), UINT64_MAX, &read, &written) == abi::S_OK_);
    CHECK(read == large.size());
    CHECK(written == large.size());
  }
  const auto copied = StreamOf(*other.get(), TagOf(0x6999, PropType::kBinary));
  CHECK(ReadAll(*copied.get()) == large);
}

TEST_CASE("MAPI, imapitable-restrict: folders are found and sorted by what they have", "[mapi]") {
  Profile profile;
  Session session;
  const auto root = session.Open<abi::IMAPIFolder>("");
  const auto subtree = session.Open<abi::IMAPIFolder>(session.ChildOf(*root.get(), "Outpost"));
  Ref<abi::IMAPITable> table;
  REQUIRE(subtree->GetHierarchyTable(0, table.out()) == abi::S_OK_);
  REQUIRE(table->SetColumns(Tags{tag::kDisplayName}, 0) == abi::S_OK_);
  const auto shown = [&table] {
    REQUIRE(table->SeekRow(abi::BOOKMARK_BEGINNING, 0, nullptr) == abi::S_OK_);
    Rows rows;
    REQUIRE(table->QueryRows(50, 0, rows.out()) == abi::S_OK_);
    std::string names;
    for (std::size_t i = 0; i < rows.size(); ++i) names += TextOf(rows.At(i, 0)) + " ";
    return names;
  };
  const std::string all = shown();
  abi::SPropValue kind = TextValue(tag::kContainerClass, L"ipf.contact"), part = TextValue(tag::kDisplayName, L"TAS");
  abi::SRestriction is{abi::RES_PROPERTY, {}}, has{abi::RES_CONTENT, {}}, either{abi::RES_OR, {}};
  is.res.resProperty = {abi::RELOP_EQ, tag::kContainerClass, &kind};
  has.res.resContent = {abi::FL_SUBSTRING | abi::FL_IGNORECASE, tag::kDisplayName, &part};
  REQUIRE(table->Restrict(&is, 0) == abi::S_OK_);
  CHECK(shown().starts_with("Contacts "));
  abi::SRestriction both[] = {is, has};
  either.res.resAnd = {2, both};
  REQUIRE(table->Restrict(&either, 0) == abi::S_OK_);
  CHECK(shown().ends_with("Tasks "));
  abi::SSortOrderSet down{1, 0, 0, {{tag::kDisplayName, abi::TABLE_SORT_DESCEND}}};
  REQUIRE(table->SortTable(&down, 0) == abi::S_OK_);
  CHECK(shown().starts_with("Tasks "));
  REQUIRE(table->Restrict(nullptr, 0) == abi::S_OK_);
  CHECK(shown().size() == all.size());
  REQUIRE(table->FindRow(&is, abi::BOOKMARK_BEGINNING, 0) == abi::S_OK_);
  CHECK(table->FindRow(&has, abi::BOOKMARK_END, 0) == abi::MAPI_E_NOT_FOUND);
  abi::SRestriction strange{77, {}};
  CHECK(table->Restrict(&strange, 0) == abi::MAPI_E_TOO_COMPLEX);
}

TEST_CASE("MAPI, memory: each allocation of the host's fails once, also for names, streams and tables of one message",
          "[mapi]") {
  Profile profile;
  Session session;
  const auto folder = session.Contacts();
  const auto adler = session.Open<abi::IMessage>(IdOfItem(session, *folder.get(), "Adler"), abi::MAPI_MODIFY);
  {
    Ref<abi::IAttach> file;
    abi::ULONG number = 0;
    REQUIRE(adler->CreateAttach(nullptr, 0, &number, file.out_as<void>()) == abi::S_OK_);
    const abi::SPropValue name = TextValue(tag::kAttachLongFilename, L"a.txt");
    REQUIRE(file->SetProps(1, &name, nullptr) == abi::S_OK_);
    REQUIRE(file->SaveChanges(0) == abi::S_OK_);
  }
  const std::size_t live = LiveBlocks();
  const auto try_all = [live](auto call) {
    for (std::size_t n = 1; n < 1'000; ++n) {
      FailAllocation(n);
      const abi::HRESULT result = call();
      FailAllocation(0);
      REQUIRE(LiveBlocks() == live);
      if (!abi::Failed(result)) return n;
      REQUIRE(result == abi::MAPI_E_NOT_ENOUGH_MEMORY);
    }
    return std::size_t{0};
  };
  abi::ULONG count = 0;
  abi::GUID set{7, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
  wchar_t text[] = L"mine";
  abi::MAPINAMEID name{&set, abi::MNID_STRING, {}};
  name.Kind.lpwstrName = text;
  abi::MAPINAMEID* names[] = {&name};
  CHECK(try_all([&] {
          HostBuffer<abi::SPropTagArray> ids;
          return adler->GetIDsFromNames(1, names, abi::MAPI_CREATE, ids.out());
        }) == 2);
  CHECK(try_all([&] {
          HostBuffer<abi::SPropTagArray> ids;
          HostBuffer<abi::MAPINAMEID*> found;
          return adler->GetNamesFromIDs(ids.out(), &set, 0, &count, found.out());
        }) > 4);
  CHECK(count == 1);
  Ref<abi::IMAPITable> table;
  REQUIRE(adler->GetAttachmentTable(0, table.out()) == abi::S_OK_);
  CHECK(try_all([&] {
          table->SeekRow(abi::BOOKMARK_BEGINNING, 0, nullptr);
          Rows rows;
          return table->QueryRows(3, 0, rows.out());
        }) > 3);
  const abi::SPropValue refused = LongValue(tag::kMessageSize, 1);
  CHECK(try_all([&] {
          HostBuffer<abi::SPropProblemArray> problems;
          return adler->SetProps(1, &refused, problems.out());
        }) == 2);
  const auto brandt = session.Open<abi::IMessage>(IdOfItem(session, *folder.get(), "Brandt"), abi::MAPI_MODIFY);
  CHECK(try_all([&] {
          HostBuffer<abi::SPropProblemArray> problems;
          return adler->CopyProps(Tags{TagOf(0x3A11, PropType::kUnicode)}, 0, nullptr, &abi::kIMessage, brandt.get(), 0,
                                  problems.out());
        }) > 1);
}
