// Mails written here: sent exactly once whatever happens to the line, drafts kept and edited, refusals named.
#include "engine/mail_body.h"
#include "engine/mail_head.h"
#include "engine/parked.h"
#include "journal/blobs.h"
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

const std::string kTrashId = "default0/Trash", kSentId = "default0/Sent", kDraftsId = "default0/Drafts",
                  kInboxId = "default0/INBOX";

std::string Letter(const std::string& subject, const std::string& from = "anna@example.com",
                   const std::string& to = "Bert <bert@example.com>") {
  return "From: " + from + "\nTo: " + to + "\nSubject: " + subject + "\n\nHello \xC3\xA4\n";
}

// A pair with somebody who gets mails.
class LetterPair {
 public:
  explicit LetterPair(oxserver::ServerOptions options = {}) : pair(std::move(options)) {
    bert = Must(oxserver::ApiClient::SignIn([this](const auto& request) { return pair.server().Handle(request); },
                                            "bert", "secret"));
    pair.Settle();
  }
  std::filesystem::path File(const std::string& bytes) {
    const auto path = pair.folder() / "letter.eml";
    MustDo(WriteFileDurably(path, bytes));
    return path;
  }
  ItemId Send(const std::string& bytes) { return Must(pair.account().WriteMail({File(bytes), false, {}})); }
  ItemId Draft(const std::string& bytes, const ItemId& replaces = {}) {
    return Must(pair.account().WriteMail({File(bytes), true, replaces}));
  }
  static std::string SubjectsIn(oxserver::ApiClient& user, const std::string& folder) {
    std::string all;
    for (const auto& mail : Must(user.ListMails(folder))) all += mail.subject + " ";
    return all;
  }
  std::string Delivered() { return SubjectsIn(*bert, kInboxId); }
  std::string There(const std::string& folder) { return SubjectsIn(pair.elsewhere(), folder); }
  std::string Here(const std::string& path) {
    std::string all;
    MustDo(ForEachItem(
        *pair.account().View(), Must(FindFolder(*pair.account().View(), path)).id, [&](const ItemState& item) {
          all += std::get<std::string>(item.HeadValue(field::kMailSubject)) + ":" + ItemStateName(item) + " ";
          return true;
        }));
    return all;
  }
  std::string CodeOf(const ItemId& id) {
    const ItemState item = pair.Item(id);
    return item.parked.empty() ? std::string() : item.parked.front().refusal.code;
  }
  std::string Source(const ItemId& id) {
    const Value source = pair.Item(id).HeadValue(field::kMailSource);
    REQUIRE(std::holds_alternative<BlobRef>(source));
    const auto reader = Must(pair.account().journal().blobs().Open(std::get<BlobRef>(source)));
    std::string bytes(reader->size(), '\0');
    REQUIRE(Must(reader->Read({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()})) == bytes.size());
    return bytes;
  }
  // Makes the account what a process that was killed at this moment would have left.
  void Kill() {
    pair.Close();
    std::filesystem::rename(pair.folder() / "account", pair.folder() / "lived");
    std::filesystem::rename(pair.folder() / "killed", pair.folder() / "account");
    pair.Reopen();
  }

  Pair pair;
  std::unique_ptr<oxserver::ApiClient> bert;
};

}  // namespace

TEST_CASE("compose: a mail is shown at once, leaves with the next sync, and its copy is in Sent", "[engine][compose]") {
  LetterPair writer;
  const ItemId id = writer.Send(Letter("=?utf-8?Q?gr=C3=BC=C3=9Fe?="));
  CHECK(writer.Here("E-Mail/Sent") ==
        "gr\xC3\xBC\xC3\x9F"
        "e:pending ");
  CHECK(writer.Delivered().empty());
  CHECK(writer.pair.Item(id).HeadValue(field::kMailTo) == Value(std::vector<std::string>{"Bert <bert@example.com>"}));
  const std::string source = writer.Source(id);
  writer.pair.Settle();
  CHECK(writer.Delivered() ==
        "gr\xC3\xBC\xC3\x9F"
        "e ");
  CHECK(writer.There(kSentId) ==
        "gr\xC3\xBC\xC3\x9F"
        "e ");
  CHECK(writer.Here("E-Mail/Sent") ==
        "gr\xC3\xBC\xC3\x9F"
        "e:synced ");
  const ItemState sent = writer.pair.Item(id);
  CHECK(sent.on_server);
  CHECK(sent.version > 0);
  CHECK(IsNull(sent.HeadValue(field::kMailToBeSent)));
  CHECK(sent.HeadValue(field::kMailSeen) == Value(true));
  CHECK(Must(writer.pair.elsewhere().MailSource(kSentId, "1")) == source);
  CHECK(writer.Source(id) == source);
  CHECK(source.find("Message-ID: <" + id.Hex() + "@example.com>\r\n") != std::string::npos);
  CHECK(source.find("\r\n\r\nHello \xC3\xA4\r\n") != std::string::npos);
  const auto events = writer.pair.account().View()->last();
  CHECK(writer.pair.Sync().requests == 1);
  CHECK(writer.pair.account().View()->last() == events);
  // The same file once more is another mail.
  Must(writer.pair.account().WriteMail({writer.File(source), false, {}}));
  writer.pair.Settle();
  CHECK(Must(writer.bert->ListMails(kInboxId)).size() == 2);
  writer.pair.CheckWhole();
}

TEST_CASE("compose: a mail whose answer is lost is found by its Message-Id, and never sent twice",
          "[engine][compose]") {
  const std::string bert = "bert@example.com", himself_too = bert + ", anna@example.com";
  for (const auto& [fault, to] : {std::pair{"drop-reply:mail.new:1", himself_too},
                                  {"truncate:mail.new:1", bert},
                                  {"503:mail.new:1", bert},
                                  {"drop-request:mail.new:1", bert},
                                  {"session-expired:mail.new:1", bert},
                                  {"drop-reply:mail.examine:2", bert},
                                  {"session-expired:mail.examine:2", bert}}) {
    INFO(fault << " " << to);
    LetterPair writer;
    MustDo(writer.pair.server().AddFault(fault));
    const ItemId one = writer.Send(Letter("one", "anna@example.com", to));
    const ItemId two = writer.Send(Letter("two", "anna@example.com", to));
    writer.pair.Settle();
    writer.pair.Settle();
    CHECK(Must(writer.bert->ListMails(kInboxId)).size() == 2);
    CHECK(Must(writer.pair.elsewhere().ListMails(kSentId)).size() == 2);
    CHECK(writer.pair.Item(one).on_server);
    CHECK(writer.pair.Item(two).on_server);
    CHECK(Must(writer.pair.account().Status()).conflicts == 0);
    writer.pair.CheckWhole();
  }
}

TEST_CASE("compose: a process that dies while a mail leaves sends nothing twice, and nothing is lost",
          "[engine][compose]") {
  // Killed when the server had it, and when what its id is good for was asked.
  for (const int at : {0, 1}) {
    INFO(at);
    LetterPair writer;
    const ItemId id = writer.Send(Letter("once"));
    int left = -1;
    writer.pair.before_answer = [&](const oxserver::HttpRequest& request) {
      const bool sent = request.target.find("action=new") != std::string::npos;
      if (!sent && left < 0) return;
      if (++left == at)
        std::filesystem::copy(writer.pair.folder() / "account", writer.pair.folder() / "killed",
                              std::filesystem::copy_options::recursive);
    };
    writer.pair.Settle();
    writer.pair.before_answer = nullptr;
    REQUIRE(left >= at);
    writer.Kill();
    CHECK(writer.Here("E-Mail/Sent") == "once:pending ");
    writer.pair.Settle();
    CHECK(writer.Delivered() == "once ");
    CHECK(writer.There(kSentId) == "once ");
    CHECK(writer.Here("E-Mail/Sent") == "once:synced ");
    CHECK(writer.pair.Item(id).on_server);
    writer.pair.CheckWhole();
  }
}

TEST_CASE("compose: where a sent mail may have come and gone unseen, a person is asked before it is sent again",
          "[engine][compose]") {
  LetterPair writer;
  const ItemId id = writer.Send(Letter("gone"));
  writer.pair.before_answer = [&](const oxserver::HttpRequest& request) {
    if (request.target.find("action=new") == std::string::npos) return;
    std::filesystem::copy(writer.pair.folder() / "account", writer.pair.folder() / "killed",
                          std::filesystem::copy_options::recursive);
  };
  writer.pair.Settle();
  writer.pair.before_answer = nullptr;
  MustDo(writer.pair.elsewhere().DeleteMail(kSentId, "1", true));
  writer.Kill();
  writer.pair.Settle();
  CHECK(writer.Delivered() == "gone ");
  CHECK(writer.CodeOf(id) == "maybe_deleted_on_server");
  CHECK(writer.Here("E-Mail/Sent") == "gone:parked ");
  // A flag is no word to send it again. He knows, and says so.
  CHECK(writer.pair.account().Set(id, {{field::kMailFlagged, true}}).error().code == Code::kInvalid);
  MustDo(writer.pair.account().Delete(id));
  writer.pair.Settle();
  CHECK_FALSE(writer.pair.Item(id).Visible());
  CHECK(writer.Delivered() == "gone ");
  writer.pair.CheckWhole();
}

TEST_CASE("compose: what the server will not send is parked with its code, the rest goes", "[engine][compose]") {
  oxserver::ServerOptions options;
  options.logic.recipients_max = 2;
  options.logic.mail_size_max = 2'000;
  LetterPair writer(std::move(options));
  const ItemId alias = writer.Send(Letter("alias", "Somebody <else@example.com>"));
  const ItemId many = writer.Send(Letter("many", "anna@example.com", "bert@example.com, b@x.org, c@x.org"));
  const ItemId large = writer.Send(Letter("large") + std::string(3'000, 'x'));
  const ItemId good = writer.Send(Letter("good"));
  writer.pair.Settle();
  CHECK(writer.CodeOf(alias) == "MSG-0056");
  CHECK(writer.CodeOf(many) == "MSG-0076");
  CHECK(writer.CodeOf(large) == "MSG-0088");
  CHECK(writer.pair.Item(good).on_server);
  CHECK(writer.Delivered() == "good ");
  CHECK(writer.Source(large).size() > 3'000);
  // What is no mail is none.
  for (const std::string& bytes : {std::string("no header\n"), std::string("Subject: x\n\nno sender\n"),
                                   std::string("From: anna@example.com\n\nto nobody\n"), std::string()})
    CHECK(writer.pair.account().WriteMail({writer.File(bytes), false, {}}).error().code == Code::kInvalid);
  CHECK(writer.pair.account().WriteMail({"/none/here", false, {}}).error().code == Code::kNotFound);
  writer.pair.CheckWhole();
}

TEST_CASE("compose: a mail that left without a copy is not sent again; its copy is put there, or parked",
          "[engine][compose]") {
  oxserver::ServerOptions options;
  options.logic.mail_quota = 1'000;
  LetterPair writer(std::move(options));
  const std::string filler =
      Must(writer.pair.elsewhere().ImportMail(kInboxId, Letter("filler") + std::string(800, 'x')));
  const ItemId id = writer.Send(Letter("sent"));
  writer.pair.Settle();
  CHECK(writer.Delivered() == "sent ");
  CHECK(writer.There(kSentId).empty());
  CHECK(writer.CodeOf(id) == "MSG-0117");
  MustDo(writer.pair.elsewhere().DeleteMail(kInboxId, filler, true));
  MustDo(writer.pair.account().Retry(id));
  writer.pair.Settle();
  CHECK(writer.pair.Item(id).on_server);
  CHECK(writer.There(kSentId) == "sent ");
  CHECK(writer.Delivered() == "sent ");
  writer.pair.CheckWhole();
}

TEST_CASE("compose: drafts are kept, edited and sent; the old ones go for good", "[engine][compose]") {
  LetterPair writer;
  const ItemId first = writer.Draft("From: anna@example.com\nSubject: first\n\n");
  CHECK(writer.Here("E-Mail/Drafts") == "first:pending ");
  writer.pair.Settle();
  const auto drafts = Must(writer.pair.elsewhere().ListMails(kDraftsId));
  REQUIRE(drafts.size() == 1);
  CHECK((drafts[0].flags & 4) != 0);
  CHECK(writer.pair.Item(first).HeadValue(field::kMailDraft) == Value(true));
  const ItemId second = writer.Draft(Letter("second"), first);
  writer.pair.Settle();
  CHECK(writer.There(kDraftsId) == "second ");
  CHECK(writer.There(kTrashId).empty());
  CHECK(writer.Here("E-Mail/Drafts") == "second:synced ");
  // Edited twice before anything is told: only the last is.
  const ItemId third = writer.Draft(Letter("third"), second);
  const ItemId fourth = writer.Draft(Letter("fourth"), third);
  writer.pair.Settle();
  CHECK(writer.There(kDraftsId) == "fourth ");
  const ItemId sent = Must(writer.pair.account().WriteMail({{}, false, fourth}));
  writer.pair.Settle();
  CHECK(writer.Delivered() == "fourth ");
  CHECK(writer.There(kDraftsId).empty());
  CHECK(writer.There(kSentId) == "fourth ");
  CHECK(writer.There(kTrashId).empty());
  CHECK(writer.pair.account().WriteMail({writer.File(Letter("x")), false, sent}).error().code == Code::kInvalid);
  writer.pair.CheckWhole();
}

TEST_CASE("compose: a mail that was deleted for good is put back, whoever it is from, and sent to nobody",
          "[engine][compose]") {
  LetterPair writer;
  const ItemId id = writer.Send(Letter("kept"));
  Must(writer.pair.elsewhere().ImportMail(kInboxId,
                                          "Message-ID: <x@y>\r\n" + Letter("theirs", "Ada <ada@example.org>")));
  for (const auto& folder : {kInboxId, kSentId})
    Must(writer.pair.elsewhere().ImportMail(folder, "Message-ID: <" + folder + ">\r\n" + Letter("stays")));
  writer.pair.Settle();
  ItemId theirs;
  MustDo(ForEachItem(*writer.pair.account().View(), Must(FindFolder(*writer.pair.account().View(), "E-Mail/INBOX")).id,
                     [&](const ItemState& item) {
                       if (item.HeadValue(field::kMailSubject) == Value(std::string("theirs"))) theirs = item.id;
                       return true;
                     }));
  REQUIRE(theirs);
  MustDo(writer.pair.elsewhere().DeleteMail(kSentId, "2", true));
  MustDo(writer.pair.elsewhere().DeleteMail(kInboxId, "1", true));
  writer.pair.Settle();
  CHECK_FALSE(writer.pair.Item(id).Visible());
  MustDo(writer.pair.account().Restore(id, {}));
  MustDo(writer.pair.account().Restore(theirs, {}));
  writer.pair.Settle();
  CHECK(writer.There(kSentId) == "stays kept ");
  CHECK(writer.There(kInboxId) == "stays theirs ");
  CHECK(writer.Delivered() == "kept ");
  writer.pair.CheckWhole();
}

TEST_CASE("compose: a mail is copied with its bytes, and sent to nobody", "[engine][compose]") {
  LetterPair writer;
  const ItemId sent = writer.Send(Letter("twice"));
  writer.pair.Settle();
  MustDo(writer.pair.account().Set(sent, {{field::kMailFlagged, true}}));
  const auto drafts = Must(FindFolder(*writer.pair.account().View(), "E-Mail/INBOX")).id;
  const ItemId copy = Must(writer.pair.account().CopyMail(sent, drafts));
  MustDo(writer.pair.server().AddFault("drop-reply:mail.import:1"));
  writer.pair.Settle();
  writer.pair.Settle();
  const auto there = Must(writer.pair.elsewhere().ListMails(kInboxId));
  REQUIRE(there.size() == 1);
  CHECK((there[0].flags & 40) == 40);  // seen and flagged
  CHECK(Must(writer.pair.elsewhere().MailSource(kInboxId, there[0].id)) == writer.Source(sent));
  CHECK(writer.pair.Item(copy).on_server);
  CHECK(writer.pair.Item(sent).on_server);
  CHECK(writer.There(kSentId) == "twice ");
  CHECK(writer.Delivered() == "twice ");
  CHECK_FALSE(writer.pair.account().CopyMail(sent, writer.pair.Contacts()));
  Must(writer.pair.elsewhere().ImportMail(
      kInboxId, "Message-ID: <old@x>\r\nDate: Fri, 10 Nov 2000 12:00:00 +0100\r\n" + Letter("old")));
  writer.pair.Settle();
  ItemId old;
  MustDo(ForEachItem(*writer.pair.account().View(), drafts, [&](const ItemState& item) {
    if (item.HeadValue(field::kMailSubject) == Value(std::string("old"))) old = item.id;
    return true;
  }));
  CHECK(writer.pair.account().CopyMail(old, drafts).error().code == Code::kNotFound);
  writer.pair.CheckWhole();
}

TEST_CASE("mail: deleted for good, it passes by the trash; a receipt is sent once, and only by a person",
          "[engine][compose]") {
  for (const char* fault : {"", "drop-reply:mail.receipt_ack:1"}) {
    INFO(fault);
    LetterPair writer;
    const std::string asks = "Disposition-Notification-To: bert@example.com\r\nMessage-ID: <asks@x>\r\n";
    Must(writer.pair.elsewhere().ImportMail(kInboxId, asks + Letter("asks", "Bert <bert@example.com>")));
    Must(writer.pair.elsewhere().ImportMail(kInboxId, "Message-ID: <no@x>\r\n" + Letter("does not")));
    writer.pair.Settle();
    std::map<std::string, ItemId> mails;
    MustDo(ForEachItem(*writer.pair.account().View(),
                       Must(FindFolder(*writer.pair.account().View(), "E-Mail/INBOX")).id, [&](const ItemState& item) {
                         mails[std::get<std::string>(item.HeadValue(field::kMailSubject))] = item.id;
                         return true;
                       }));
    const ItemId mail = mails.at("asks"), other = mails.at("does not");
    CHECK(writer.pair.Item(mail).HeadValue(field::kMailReceiptTo) == Value(std::string("bert@example.com")));
    MustDo(writer.pair.account().Set(mail, {{field::kMailSeen, true}}));
    writer.pair.Settle();
    CHECK(writer.Delivered().empty());
    CHECK_FALSE(writer.pair.account().Set(other, {{field::kMailReceiptSent, true}}));
    if (*fault != '\0') MustDo(writer.pair.server().AddFault(fault));
    MustDo(writer.pair.account().Set(mail, {{field::kMailReceiptSent, true}, {field::kMailFlagged, true}}));
    writer.pair.Settle();
    writer.pair.Settle();
    CHECK(writer.Delivered() == "Read acknowledgement ");
    CHECK(writer.pair.Item(mail).HeadValue(field::kMailReceiptSent) == Value(true));
    CHECK(writer.pair.Item(mail).HeadValue(field::kMailFlagged) == Value(true));
    CHECK_FALSE(writer.pair.account().Set(mail, {{field::kMailReceiptSent, false}}));
    MustDo(writer.pair.account().DeleteForGood(mail));
    writer.pair.Settle();
    CHECK(writer.There(kInboxId) == "does not ");
    CHECK(writer.There(kTrashId).empty());
    CHECK(Must(writer.pair.account().Status()).conflicts == 0);
    writer.pair.CheckWhole();
  }
}

TEST_CASE("compose: headers are read as they are written", "[engine][compose]") {
  const auto head = ReadMailHead(
      "From: \"Lovelace, Ada\" <ada@example.org>\r\nTo: a@x.org (one, two),\r\n =?iso-8859-1?Q?Ren=E9?= <r@x.org>\r\n"
      "Subject: =?utf-8?B?w6Q=?=\r\n =?UTF-8?q?_b?= =?koi8-r?q?=C1?=\r\nDate: Fri, 10 Nov 2023 12:00:00 "
      "+0100\r\n\r\nTo: "
      "no\r\n");
  CHECK(head.from == std::vector<std::string>{"Lovelace, Ada <ada@example.org>"});
  CHECK(head.to == std::vector<std::string>{"one, two <a@x.org>", "Ren\xC3\xA9 <r@x.org>"});
  CHECK(head.subject == "\xC3\xA4 b\xD0\xB0");
  CHECK(head.sent == 1'699'614'000'000);
  CHECK(MailDate(1'699'614'000'000) == "Fri, 10 Nov 2023 11:00:00 +0000");
  for (const char* text : {"", "Fri", "31 Feb 2023 12:00", "10 Nov 2023 25:00", "10 Foo 2023 12:00:00"})
    CHECK_FALSE(ParseMailDate(text));
  CHECK(WithHeader("A: 1\r\nDate: x\r\n y\r\nB: 2\r\n\r\nDate: z", "date", "now") ==
        "date: now\r\nA: 1\r\nB: 2\r\n\r\nDate: z");
  CHECK_FALSE(ReadMailHead("\r\nFrom: x\r\n").valid);
}

TEST_CASE(
    "compose: what a person reads in a mail is found in it, what is attached and what is made for programs is not",
    "[engine][compose]") {
  const std::string source =
      "Subject: no\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
      "--a\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
      "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
      "Gr=FC=DFe aus K=\r\n=F6ln\r\n"
      "--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
      // <style>p{}</style><p>w<b>or</b>d<br>next&nbsp;&#x5c71;&amp;<!-- not --><script>var x="</p>"</script>end<
      "PHN0eWxlPnB7fTwvc3R5bGU+PHA+dzxiPm9yPC9iPmQ8YnI+bmV4dCZuYnNwOyYjeDVjNzE7JmFtcDs8IS0tIG5vdCAtLT48c2NyaXB0PnZh\r\n"
      "ciB4PSI8L3A+Ijwvc2NyaXB0PmVuZDw=\r\n"
      "--b--\r\n"
      "--a\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nattached\r\n"
      "--a\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nforwarded\r\n"
      "--a--\r\n";
  const std::string text = ReadMailBody(source);
  INFO(text);
  for (const char* there : {"Gr\xC3\xBC\xC3\x9F"
                            "e aus K\xC3\xB6ln",
                            "word next\xC2\xA0\xE5\xB1\xB1&", "end", "forwarded"})
    CHECK(text.find(there) != std::string::npos);
  for (const char* not_there : {"p{}", "var", "not", "attached", "Subject", "<p", "<b", "</"})
    CHECK(text.find(not_there) == std::string::npos);
  for (std::size_t size = 0; size < source.size(); size += 7) CHECK(ReadMailBody(source.substr(0, size)).size() < 200);
  CHECK(ReadMailBody("Subject: plain\r\n\r\nOn the engine.").starts_with("On the engine."));
}
