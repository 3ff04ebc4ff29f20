#include <catch2/catch.hpp>
#include <fstream>

#include "base/system/files.h"
#include "tests/oxserver/harness.h"
#include "tests/support/shared.h"
#include "tools/oxserver/generate.h"
#include "tools/oxserver/import.h"
#include "tools/oxserver/vcard_contact.h"

using namespace outpost;
using namespace outpost::oxserver;
using namespace outpost::oxserver::test;

namespace {

FieldMap Fields(const std::string& text) {
  const CardFile file = ReadCards(text);
  REQUIRE(file.failures.empty());
  REQUIRE(file.cards.size() == 1);
  return ToContact(file.cards[0]).fields;
}

std::string Card3(const std::string& lines) { return "BEGIN:VCARD\r\nVERSION:3.0\r\n" + lines + "END:VCARD\r\n"; }
std::string Card21(const std::string& lines) { return "BEGIN:VCARD\r\nVERSION:2.1\r\n" + lines + "END:VCARD\r\n"; }

std::unique_ptr<ApiClient> SignIn(Bench& bench) {
  auto client = ApiClient::SignIn(
      [&bench](const HttpRequest& r) {
        return bench.logic->Handle(r, {Origin::kInProcess, {}, false});
      },
      "anna", "secret");
  REQUIRE(client);
  return std::move(client).value();
}

}  // namespace

TEST_CASE("vcard: folding, escapes and groups of 3.0", "[oxserver][vcard]") {
  const auto fields =
      Fields(Card3("N:Doe;John;Richter\\, James;Mr.;Sr.\r\nNOTE:one\\ntwo\\; th\r\n ree \\\"q\\\"\r\n"
                   "item1.X-ABDATE:1975-03-01\r\nitem1.X-ABLabel:_$!<Anniversary>!$_\r\nURL:http\\://a.example\r\n"));
  CHECK(fields.at("second_name") == "Richter, James");
  CHECK(fields.at("note") == "one\ntwo; three \"q\"");
  CHECK(fields.at("anniversary") == "162864000000");
  CHECK(fields.at("url") == "http://a.example");
}

TEST_CASE("vcard: bare parameters, quoted-printable and charsets of 2.1", "[oxserver][vcard]") {
  const auto fields = Fields(Card21(
      "N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg\r\nTEL;WORK;FAX:1\r\nTEL;CELL:2\r\nTEL;CELL:3\r\n"
      "NOTE;QUOTED-PRINTABLE:a=0D=0A=\r\nb\\c\r\nTITLE:B\xFC"
      "cher\r\n"));
  CHECK(fields.at("last_name") == "Müller");
  CHECK(fields.at("first_name") == "Jörg");
  CHECK(fields.at("fax_business") == "1");
  CHECK(fields.at("cellular_telephone2") == "3");
  CHECK(fields.at("note") == "a\r\nb\\c");
  CHECK(fields.at("position") == "Bücher");
}

TEST_CASE("vcard: quoted parameters and dates of 4.0", "[oxserver][vcard]") {
  const auto fields = Fields(
      "BEGIN:VCARD\nVERSION:4.0\nFN:S\nTEL;VALUE=uri;TYPE=\"work,voice\";PREF=1:tel:+1-418\nBDAY:--0203\n"
      "ANNIVERSARY:20090808T1430-0500\nADR;TYPE=work:;Suite 2;2875 Laurier;Quebec;QC;G1V;Canada\nEND:VCARD\n");
  CHECK(fields.at("telephone_business1") == "+1-418");
  CHECK(fields.count("birthday") == 0);
  CHECK(fields.at("anniversary") == "1249689600000");
  CHECK(fields.at("street_business") == "Suite 2\n2875 Laurier");
}

TEST_CASE("vcard: days are counted right across leap years and before 1970", "[oxserver][vcard]") {
  CHECK(DateText("1970-01-01") == "0");
  CHECK(DateText("2000-02-29") == "951782400000");
  CHECK(DateText("19691231") == "-86400000");
  CHECK(DateText("1900-02-29").empty());
  CHECK(DateText("2024-13-01").empty());
  CHECK(DateText("1980").empty());
}

TEST_CASE("vcard: a bad card fails with its line, the others are read", "[oxserver][vcard]") {
  const std::string good = Card3("FN:ok\r\n");
  const CardFile file =
      ReadCards(good + "BEGIN:VCARD\r\nVERSION:3.0\r\nno property\r\nFN:x\r\nEND:VCARD\r\n" + good +
                "BEGIN:VCARD\r\nVERSION:9\r\nEND:VCARD\r\n" + "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:open\r\n" + good +
                "stray\r\n" + Card3("FN;CHARSET=KOI8-R:\xC1\r\n"));
  CHECK(file.cards.size() == 3);
  std::vector<std::size_t> lines;
  for (const auto& failure : file.failures) lines.push_back(failure.line);
  CHECK(lines == std::vector<std::size_t>{7, 15, 17, 24, 27});
}

TEST_CASE("vcard: what has no place is told, too long values are cut, bad addresses left out", "[oxserver][vcard]") {
  const CardFile file = ReadCards(Card3(
      "FN:x\r\nPHOTO;ENCODING=b:AAAA\r\nSUFFIX:y\r\nEMAIL:nonsense\r\nNICKNAME:" + std::string(100, 'n') + "\r\n"));
  const auto draft = ToContact(file.cards.at(0));
  CHECK(draft.left_out == std::vector<std::string>{"PHOTO is no image that is taken", "SUFFIX has no field",
                                                   "EMAIL is no mail address", "nickname was cut to 64 characters"});
  CHECK(draft.fields.at("nickname").size() == 64);
}

TEST_CASE("import: every card of the corpus goes in", "[oxserver][vcard]") {
  const auto corpus = outpost::test::Shared("corpus/contacts");
  if (corpus.empty()) return;
  Bench bench;
  auto client = SignIn(bench);
  const auto report = Import(corpus, *client);
  REQUIRE(report);
  for (const auto& failed : report.value().failed)
    UNSCOPED_INFO(failed.file << ":" << failed.line << " " << failed.reason);
  CHECK(report.value().failed.empty());
  CHECK(report.value().skipped.empty());
  CHECK(report.value().imported == 11);
  const auto contacts = client->ListContacts(client->ContactsFolder().value(), {"last_name", "company", "spouse_name"});
  REQUIRE(contacts);
  CHECK(contacts.value().size() == report.value().imported);
}

TEST_CASE("import: bad cards by file and line, other files skipped, folders recursive", "[oxserver][vcard]") {
  const auto folder = MakeTemporaryFolder("oxserver-import").value();
  std::filesystem::create_directories(folder / "sub");
  std::ofstream(folder / "sub" / "a.vcf", std::ios::binary)
      << Card3("FN:one\r\n") << "BEGIN:VCARD\r\nbroken\r\nEND:VCARD\r\n"
      << Card3("FN:two\r\n");
  std::ofstream(folder / "b.txt") << "BEGIN:VCARD\n";
  std::ofstream(folder / "empty.vcf");
  Bench bench;
  auto client = SignIn(bench);
  const auto report = Import(folder, *client).value();
  CHECK(report.imported == 2);
  REQUIRE(report.failed.size() == 2);
  CHECK(report.failed[0].file == "empty.vcf");
  CHECK(report.failed[1].file == "sub/a.vcf");
  CHECK(report.failed[1].line == 6);
  REQUIRE(report.skipped.size() == 1);
  CHECK(report.skipped[0].file == "b.txt");
  CHECK(Import(folder / "none", *client).error().code == Code::kNotFound);
  std::filesystem::remove_all(folder);
}

TEST_CASE("import action: an HTML page whose callback carries the envelope", "[oxserver][vcard]") {
  Bench bench;
  Client client(bench);
  const std::string body = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.vcf\"\r\n\r\n" +
                           Card3("FN:</script>\r\n") + "BEGIN:VCARD\r\nbroken\r\nEND:VCARD\r\n\r\n--b--\r\n";
  const auto page = client.Raw("POST", "import?action=VCARD&folder=" + client.Folder() + "&session=" + client.session,
                               body, "multipart/form-data; boundary=b");
  CHECK(FindHeader(page.headers, "Content-Type").find("text/html") == 0);
  const auto start = page.body.find("callback_import({") + 16;
  const Json envelope = Json::parse(page.body.substr(start, page.body.rfind("})") + 1 - start));
  REQUIRE(envelope["data"].size() == 2);
  CHECK(envelope["data"][0]["folder_id"] == client.Folder());
  CHECK(envelope["data"][1]["code"] == "VCRD-0001");
}

TEST_CASE("generate: the same seed makes the same people, and all of them go in", "[oxserver]") {
  SeededRandom a(3), b(3);
  for (int i = 0; i < 50; ++i) CHECK(InventContact(a) == InventContact(b));
  Bench bench;
  auto client = SignIn(bench);
  SeededRandom random(1);
  const auto done = Generate(ParseGenerateSpec("contacts=2500,folders=3").value(), random, *client);
  REQUIRE(done);
  CHECK(done.value().contacts == 2500);
  CHECK(done.value().folders.size() == 3);
  CHECK(client->ListContacts(done.value().folders[2], {"id"}).value().size() == 833);
  CHECK(ParseGenerateSpec("tasks=3").error().context.find("tasks") != std::string::npos);
  CHECK_FALSE(ParseGenerateSpec("contacts=-1"));
}

TEST_CASE("api client: edits from elsewhere", "[oxserver]") {
  Bench bench;
  auto client = SignIn(bench);
  const auto folder = client->ContactsFolder().value();
  const auto id = client->CreateContact(folder, {{"last_name", "x"}, {"birthday", "86400000"}}).value();
  REQUIRE(client->UpdateContact(folder, id, {{"last_name", "y"}}));
  CHECK(client->GetContact(folder, id).value().at("last_name") == "y");
  CHECK(client->GetContact(folder, id).value().at("birthday") == "86400000");
  const auto sub = client->CreateFolder(folder, "sub").value();
  REQUIRE(client->RenameFolder(sub, "renamed"));
  CHECK(client->ListFolders(folder).value().at(0).title == "renamed");
  REQUIRE(client->ShareFolder(sub, 4, 257));
  REQUIRE(client->DeleteFolder(sub));
  REQUIRE(client->DeleteContact(folder, id));
  CHECK(client->GetContact(folder, id).error().context.find("CON-0125") != std::string::npos);
  CHECK(client->ImportVcards(folder, Card3("FN:v\r\n") + "BEGIN:VCARD\r\nbad\r\nEND:VCARD\r\n").value().size() == 2);
}
