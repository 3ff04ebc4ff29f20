#include "tests/oxserver/harness.h"

using namespace outpost::oxserver;
using namespace outpost::oxserver::test;

namespace {

struct File {
  std::string name;
  std::string bytes;
};

// What the page of an upload hands to its script.
Json Attach(Client& client, const Json& place, const std::vector<File>& files) {
  std::string body;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto number = std::to_string(i);
    body += "--b\r\nContent-Disposition: form-data; name=\"json_" + number + "\"\r\n\r\n" + place.dump() +
            "\r\n--b\r\nContent-Disposition: form-data; name=\"file_" + number + "\"; filename=\"" + files[i].name +
            "\"\r\nContent-Type: text/plain\r\n\r\n" + files[i].bytes + "\r\n";
  }
  const auto page = client.Raw("POST", "attachment?action=attach&session=" + client.session, body + "--b--\r\n",
                               "multipart/form-data; boundary=b");
  const std::string start = "parent.callback_attach(";
  const auto at = page.body.find(start);
  REQUIRE(at != std::string::npos);
  return Json::parse(page.body.substr(at + start.size(), page.body.find(")</script>") - at - start.size()));
}

struct Bed {
  explicit Bed(LogicOptions options = {}) : bench(std::move(options)), anna(bench), bert(bench, "bert") {
    const auto made = anna.New({{"last_name", "L"}});
    contact = made["data"]["id"];
    folder = anna.Folder();
    stamp = made["timestamp"];
    place = {{"folder", std::stoi(folder)}, {"attached", std::stoi(contact)}, {"module", 7}};
  }
  std::string Where() const { return "&module=7&folder=" + folder + "&attached=" + contact; }
  Json All(Client& client) { return client.Get("attachment?action=all&columns=1,803,804,805,806" + Where()); }
  Json Contact() { return anna.Get("contacts?action=get&id=" + contact + "&folder=" + folder)["data"]; }
  Bench bench;
  Client anna, bert;
  std::string contact, folder;
  std::int64_t stamp = 0;
  Json place;
};

}  // namespace

TEST_CASE("attachments: added in one upload, read, taken away; each changes the object", "[oxserver][attachments]") {
  Bed bed;
  const std::string odd = "a;b %22c%22.txt", bytes = std::string("\0\r\n--x\xff", 7);
  const auto made = Attach(bed.anna, bed.place, {{odd, bytes}, {"two.txt", ""}});
  REQUIRE(made["data"].size() == 2);
  CHECK(made["timestamp"].get<std::int64_t>() > bed.stamp);
  const auto rows = bed.All(bed.anna)["data"];
  REQUIRE(rows.size() == 2);
  CHECK(rows[0] == Json{made["data"][0], "a;b \"c\".txt", 7, "text/plain", false});
  CHECK(rows[1][2] == 0);
  auto contact = bed.Contact();
  CHECK(contact["number_of_attachments"] == 2);
  const auto delta = bed.anna.Delta(bed.stamp);
  CHECK(delta["data"].size() == 1);
  CHECK(delta["timestamp"] == made["timestamp"]);
  CHECK(CodeOf(bed.anna.Update(bed.contact, bed.stamp, {{"note", "late"}})) == "CON-0119");

  const std::string id = made["data"][0].dump();
  const auto file =
      bed.anna.Raw("GET", "attachment?action=document&session=" + bed.anna.session + "&id=" + id + bed.Where());
  CHECK(file.body == bytes);
  CHECK(FindHeader(file.headers, "Content-Type") == "text/plain");
  CHECK(bed.anna.Get("attachment?action=get&id=" + id + bed.Where())["data"]["file_size"] == 7);
  CHECK(bed.anna.Put("attachment?action=list&columns=1" + bed.Where(), made["data"])["data"].size() == 2);
  CHECK(CodeOf(bed.anna.Get("attachment?action=document&id=999" + bed.Where())) == "ATT-0405");

  const auto gone = bed.anna.Put("attachment?action=detach" + bed.Where(), Json{id});
  CHECK_FALSE(gone.contains("data"));
  CHECK(bed.Contact()["number_of_attachments"] == 1);
  CHECK(bed.anna.Delta(made["timestamp"])["data"].size() == 1);
  const auto updates = bed.anna.Get("attachment?action=updates&columns=1&timestamp=0" + bed.Where());
  CHECK(updates["data"] == Json::array({Json::array({made["data"][1]}), made["data"][0]}));
  CHECK(CodeOf(bed.anna.Put("attachment?action=detach" + bed.Where(), Json{id})) == "ATT-0405");
  CHECK(CodeOf(bed.anna.Put("multiple", Json::array({{{"module", "attachment"}, {"action", "all"}}}))[0]) ==
        "SVL-0007");

  bed.anna.Delete(kFar, {{"id", bed.contact}, {"folder", bed.folder}});
  CHECK(CodeOf(bed.All(bed.anna)) == "CON-0125");
}

TEST_CASE("attachments: rights are those of the object; sizes and names have limits", "[oxserver][attachments]") {
  LogicOptions options;
  options.attachment_size_max = 10;
  options.attachment_quota = 15;
  Bed bed(std::move(options));
  CHECK(CodeOf(bed.All(bed.bert)) == "CON-0104");
  bed.anna.Share(bed.folder, 4, 257);
  CHECK(bed.All(bed.bert)["data"].empty());
  CHECK(CodeOf(Attach(bed.bert, bed.place, {{"x", "y"}})) == "CON-0176");
  CHECK(CodeOf(bed.bert.Put("attachment?action=detach" + bed.Where(), Json::array())) == "CON-0176");
  const auto large = Attach(bed.anna, bed.place, {{"x", "12345678901"}});
  CHECK(CodeOf(large) == "ATT-0403");
  CHECK(large["category"] == 11);
  CHECK(Attach(bed.anna, bed.place, {{"x", "1234567890"}})["data"].size() == 1);
  CHECK(CodeOf(Attach(bed.anna, bed.place, {{"x", "12345"}, {"y", "1"}})) == "ATT-0404");  // none of them
  CHECK(bed.Contact()["number_of_attachments"] == 1);
  const auto name = Attach(bed.anna, bed.place, {{std::string(256, 'n'), "1"}});
  CHECK(name["problematic"] == Json::array({{{"id", 803}, {"length", 256}, {"max_size", 255}}}));
  CHECK(CodeOf(Attach(bed.anna, {{"folder", 1}, {"attached", 1}, {"module", 137}}, {{"x", "1"}})) == "SVL-0010");
  CHECK(CodeOf(Attach(bed.anna, bed.place, {})) == "SVL-0002");
}

TEST_CASE("photos: uploaded with the contact or within it, handed out by address, and gone with null",
          "[oxserver][contacts]") {
  LogicOptions options;
  options.photo_size_max = 40;
  Bed bed(std::move(options));
  const std::string png = std::string("\x89PNG\r\n\x1A\n\0--b", 12), gif = "GIF89a";
  const auto upload = [&](Client& client, const std::string& query, const Json& json, const std::string& bytes,
                          const std::string& type) {
    const auto page = client.Raw("POST", "contacts?" + query + "&session=" + client.session,
                                 "--b\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n" + json.dump() +
                                     "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n"
                                     "Content-Type: " +
                                     type + "\r\n\r\n" + bytes + "\r\n--b--\r\n",
                                 "multipart/form-data; boundary=b");
    const auto at = page.body.find("({");
    REQUIRE(at != std::string::npos);
    return Json::parse(page.body.substr(at + 1, page.body.find(")</script>") - at - 1));
  };
  const auto at_contact = [&](std::int64_t stamp) {
    return "action=update&folder=" + bed.folder + "&id=" + bed.contact + "&timestamp=" + std::to_string(stamp);
  };
  CHECK_FALSE(bed.Contact().contains("image1_url"));
  const auto changed = upload(bed.anna, at_contact(bed.stamp), {{"note", "n"}}, png, "image/png");
  CHECK(changed["timestamp"].get<std::int64_t>() > bed.stamp);
  const auto contact = bed.Contact();
  CHECK(contact["note"] == "n");
  CHECK(contact["number_of_images"] == 1);
  CHECK(contact["image1_content_type"] == "image/png");
  const std::string url = contact["image1_url"];
  const auto image = bed.anna.Raw("GET", url.substr(6));  // its cookies say who asks
  CHECK(image.status == 200);
  CHECK(image.body == png);
  CHECK(FindHeader(image.headers, "Content-Type") == "image/png");
  CHECK(bed.bert.Raw("GET", url.substr(6)).status == 404);
  CHECK(Json::parse(Client(bed.bench, "anna", "other").Raw("GET", url.substr(6) + "&session=x").body)["code"] ==
        "SES-0203");
  CHECK(CodeOf(upload(bed.anna, at_contact(bed.stamp), Json::object(), gif, "image/gif")) == "CON-0119");
  CHECK(CodeOf(upload(bed.bert, at_contact(kFar), Json::object(), gif, "image/gif")) == "CON-0104");
  const auto large = upload(bed.anna, at_contact(kFar), Json::object(), "BM" + std::string(39, 'x'), "image/bmp");
  CHECK(CodeOf(large) == "CON-0101");
  CHECK(large["error_params"] == Json{"41", "40"});
  CHECK(CodeOf(upload(bed.anna, at_contact(kFar), Json::object(), "text", "image/png")) == "CON-0136");
  CHECK(CodeOf(upload(bed.anna, at_contact(kFar), Json::object(), gif, "text/plain")) == "CON-0158");
  CHECK(CodeOf(bed.anna.Update(bed.contact, kFar, {{"image1", "?"}})) == "CON-0136");
  CHECK(bed.Contact()["image1_url"] == url);

  const auto made = upload(bed.anna, "action=new", {{"folder_id", bed.folder}, {"last_name", "M"}}, gif, "image/gif");
  CHECK(made["data"].contains("id"));
  bed.anna.Update(bed.contact, kFar, {{"image1", nullptr}});
  CHECK_FALSE(bed.Contact().contains("image1_url"));
  CHECK_FALSE(bed.Contact().contains("image_last_modified"));
  CHECK(bed.anna.Raw("GET", url.substr(6)).status == 404);
  CHECK(CodeOf(bed.anna.Update(bed.contact, kFar, {{"image1", "R0lGODlh"}})).empty());
  CHECK(bed.Contact()["image1_content_type"] == "image/jpeg");  // as nobody told another
}
