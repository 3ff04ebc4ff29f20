#include "tools/oxserver/generate.h"

#include <algorithm>
#include <array>
#include <span>

#include "tools/oxserver/text.h"

namespace outpost::oxserver {
namespace {

using Words = std::span<const char* const>;

// Given names, family names, places and a few words of prose of one script.
struct Culture {
  Words given, family, cities, words;
  const char* country;
  const char* dialling;
  bool family_first;
};

constexpr const char* kEnGiven[] = {"Ada",  "Grace",    "Oliver", "Amelia", "Noah",
                                    "Isla", "Theodore", "Ruth",   "Seán",   "Zoë"};
constexpr const char* kEnFamily[] = {"Lovelace", "Hopper", "O'Neill", "Smith-Jones", "Whitaker",
                                     "MacLeod",  "Brontë", "Okafor",  "Ng",          "Fairweather"};
constexpr const char* kEnCities[] = {"Leeds", "Bristol", "Cork", "Inverness", "Cardiff"};
constexpr const char* kEnWords[] = {"met",      "at",    "the",   "spring",   "fair;", "prefers",
                                    "letters,", "asked", "about", "delivery", "terms."};
constexpr const char* kDeGiven[] = {"Jürgen",     "Käthe",   "Sören", "Änne",     "Björn",
                                    "Lieselotte", "Günther", "Zoé",   "Matthias", "Ilse"};
constexpr const char* kDeFamily[] = {"Müller", "Weiß",   "Großmann", "von der Höh", "Schäfer",
                                     "Jäger",  "Öztürk", "Krüger",   "Fuß",         "Böhm"};
constexpr const char* kDeCities[] = {"Köln", "Gießen", "Nürnberg", "Saarbrücken", "Görlitz"};
constexpr const char* kDeWords[] = {"Rückruf", "nach",  "Ostern,", "Straße",    "über", "den",
                                    "Fluss,",  "grüßt", "die",     "Kollegen.", "Größe"};
constexpr const char* kPlGiven[] = {"Łukasz", "Małgorzata", "Świętosław", "Żaneta", "Dvořák",
                                    "Çağla",  "Nguyễn",     "Åse",        "Ştefan", "François"};
constexpr const char* kPlFamily[] = {"Wójcik", "Kowalczyk", "Zieliński", "Čapek",    "Ionescu",
                                     "Yıldız", "Trần",      "Ångström",  "Đorđević", "Lefèvre"};
constexpr const char* kPlCities[] = {"Łódź", "Kraków", "Plzeň", "İzmir", "Malmö"};
constexpr const char* kPlWords[] = {"spotkanie", "w",       "przyszłym", "tygodniu,", "prosić",
                                    "o",         "wycenę;", "děkuji",    "za",        "zprávu."};
constexpr const char* kRuGiven[] = {"Анна", "Дмитрий", "Ольга", "Сергей", "Ксения",
                                    "Юрий", "Фёдор",   "Щука",  "Їжак",   "Леся"};
constexpr const char* kRuFamily[] = {"Иванова", "Щербаков", "Ёлкина",      "Чайковский",
                                     "Мухина",  "Ґжицький", "Достоевская", "Цой"};
constexpr const char* kRuCities[] = {"Київ", "Софія", "Београд", "Алматы"};
constexpr const char* kRuWords[] = {"перезвонить", "после", "обеда,", "уточнить", "адрес", "склада", "и", "договор."};
constexpr const char* kElGiven[] = {"Ελένη", "Γιώργος", "Άννα", "Νίκος", "Ὀδυσσεύς", "Σοφία"};
constexpr const char* kElFamily[] = {"Παπαδόπουλος", "Ιωάννου", "Καζαντζάκης", "Σεφέρης", "Οικονόμου"};
constexpr const char* kElCities[] = {"Αθήνα", "Θεσσαλονίκη", "Πάτρα"};
constexpr const char* kElWords[] = {"συνάντηση", "την", "Παρασκευή,", "να", "στείλουμε", "προσφορά."};
constexpr const char* kArGiven[] = {"ليلى", "محمد", "فاطمة", "يوسف", "نور"};
constexpr const char* kArFamily[] = {"الخوارزمي", "حداد", "المصري", "بن علي", "شاهين"};
constexpr const char* kArCities[] = {"القاهرة", "بيروت", "تونس"};
constexpr const char* kArWords[] = {"اجتماع", "يوم", "الأحد،", "إرسال", "العرض", "قبل", "الظهر."};
constexpr const char* kHeGiven[] = {"שרה", "דוד", "נועה", "איתן", "תמר"};
constexpr const char* kHeFamily[] = {"כהן", "לוי", "בן־דוד", "מזרחי", "שפירא"};
constexpr const char* kHeCities[] = {"חיפה", "ירושלים", "באר שבע"};
constexpr const char* kHeWords[] = {"לחזור", "אליה", "ביום", "ראשון,", "לשלוח", "הצעה."};
constexpr const char* kZhGiven[] = {"伟", "秀英", "丽娜", "志強", "美玲", "𠮷男"};
constexpr const char* kZhFamily[] = {"王", "李", "歐陽", "张", "陳", "司马"};
constexpr const char* kZhCities[] = {"上海", "臺北", "成都"};
constexpr const char* kZhWords[] = {"下週", "開會,", "請", "先", "確認", "數量", "和", "交期。"};
constexpr const char* kKoGiven[] = {"민준", "서연", "지우", "하은", "도윤"};
constexpr const char* kKoFamily[] = {"김", "이", "박", "남궁", "최"};
constexpr const char* kKoCities[] = {"서울", "부산", "대구"};
constexpr const char* kKoWords[] = {"다음", "주", "회의", "전에", "견적을", "보내기."};
constexpr const char* kJaGiven[] = {"さくら", "太郎", "ユカリ", "健一", "ひかり"};
constexpr const char* kJaFamily[] = {"佐藤", "渡邊", "小野寺", "ジョンソン", "髙橋"};
constexpr const char* kJaCities[] = {"東京", "札幌", "つくば"};
constexpr const char* kJaWords[] = {"来週の", "打ち合わせ、", "資料を", "送る", "こと。", "よろしく"};
constexpr const char* kHiGiven[] = {"अनिता", "राहुल", "प्रिया", "विक्रम", "लक्ष्मी"};
constexpr const char* kHiFamily[] = {"शर्मा", "पटेल", "गुप्ता", "त्रिपाठी", "देशपांडे"};
constexpr const char* kHiCities[] = {"दिल्ली", "मुंबई", "जयपुर"};
constexpr const char* kHiWords[] = {"अगले", "सोमवार", "को", "फिर", "बात", "करनी", "है।"};

constexpr Culture kCultures[] = {{kEnGiven, kEnFamily, kEnCities, kEnWords, "United Kingdom", "+44", false},
                                 {kDeGiven, kDeFamily, kDeCities, kDeWords, "Deutschland", "+49", false},
                                 {kPlGiven, kPlFamily, kPlCities, kPlWords, "Polska", "+48", false},
                                 {kRuGiven, kRuFamily, kRuCities, kRuWords, "Україна", "+380", false},
                                 {kElGiven, kElFamily, kElCities, kElWords, "Ελλάδα", "+30", false},
                                 {kArGiven, kArFamily, kArCities, kArWords, "مصر", "+20", false},
                                 {kHeGiven, kHeFamily, kHeCities, kHeWords, "ישראל", "+972", false},
                                 {kZhGiven, kZhFamily, kZhCities, kZhWords, "中国", "+86", true},
                                 {kKoGiven, kKoFamily, kKoCities, kKoWords, "대한민국", "+82", true},
                                 {kJaGiven, kJaFamily, kJaCities, kJaWords, "日本", "+81", true},
                                 {kHiGiven, kHiFamily, kHiCities, kHiWords, "भारत", "+91", false}};

constexpr const char* kCompanies[] = {"Nordwind GmbH",  "Blue Harbour Ltd", "Żubr S.A.",  "Ocean & Sons",
                                      "株式会社みどり", "ООО Ромашка",      "Café Ébène", "Tinkertown"};
constexpr const char* kDepartments[] = {"Sales", "Einkauf", "R&D", "Légal", "Support", "人事部"};
constexpr const char* kPositions[] = {"Engineer",  "Leitung",   "Buyer", "Head of \"Special\" Projects",
                                      "Assistant", "Directrice"};
constexpr const char* kStreets[] = {"Mill Lane", "Hauptstraße", "Rue de la Paix", "Ulica Długa", "Via Appia"};
constexpr const char* kCategories[] = {"Customer", "Friends", "Supplier,Customer", "VIP", "Lieferant,Öffentlich"};

const char* Pick(Random& random, Words words) { return words[random.Below(words.size())]; }

std::string Digits(Random& random, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += static_cast<char>('0' + random.Below(10));
  return out;
}

std::string Phone(Random& random, const Culture& culture) {
  return std::string(culture.dialling) + ' ' + Digits(random, 3) + ' ' + Digits(random, 6);
}

std::string Prose(Random& random, const Culture& culture, std::size_t words) {
  std::string out;
  for (std::size_t i = 0; i < words; ++i) {
    if (!out.empty()) out += i % 12 == 0 ? "\n" : " ";
    out += Pick(random, culture.words);
  }
  return out;
}

// Mostly none, often short, sometimes close to the longest that a note may be.
std::string Note(Random& random, const Culture& culture) {
  const auto die = random.Below(100);
  if (die < 60) return {};
  if (die < 97) return Prose(random, culture, 3 + random.Below(40));
  return std::string(FirstCharacters(Prose(random, culture, 1200), 5000));
}

void AddAddress(Random& random, const Culture& culture, const std::string& place, FieldMap& fields) {
  fields["street_" + place] = std::string(Pick(random, kStreets)) + ' ' + std::to_string(1 + random.Below(199));
  fields["postal_code_" + place] = Digits(random, 5);
  fields["city_" + place] = Pick(random, culture.cities);
  if (random.Chance(2, 3)) fields["country_" + place] = culture.country;
}

void AddNumbers(Random& random, const Culture& culture, FieldMap& fields) {
  static constexpr std::pair<const char*, std::uint64_t> kChances[] = {{"cellular_telephone1", 70},
                                                                       {"telephone_business1", 55},
                                                                       {"telephone_home1", 30},
                                                                       {"fax_business", 10},
                                                                       {"telephone_other", 5}};
  for (const auto& [field, percent] : kChances) {
    if (random.Chance(percent, 100)) fields[field] = Phone(random, culture);
  }
}

void AddWork(Random& random, FieldMap& fields) {
  fields["company"] = Pick(random, kCompanies);
  if (random.Chance(1, 2)) fields["department"] = Pick(random, kDepartments);
  if (random.Chance(2, 3)) fields["position"] = Pick(random, kPositions);
  if (random.Chance(1, 4)) fields["url"] = "https://www.example.com/" + Digits(random, 4);
}

}  // namespace

Result<GenerateSpec> ParseGenerateSpec(std::string_view text) {
  GenerateSpec spec;
  for (const auto piece : Split(text, ',')) {
    const auto equals = piece.find('=');
    const auto name = piece.substr(0, equals);
    const auto number = equals == std::string_view::npos ? std::nullopt : ParseNumber(piece.substr(equals + 1));
    if (name == "appointments" || name == "tasks" || name == "mails") {
      return Error{Code::kInvalid, Retry::kNever,
                   "contacts can be invented; there is nothing yet that makes " + std::string(name)};
    }
    constexpr std::int64_t kContactsMax = 5'000'000, kFoldersMax = 10'000;
    if (name == "contacts" && number && *number >= 0 && *number <= kContactsMax)
      spec.contacts = static_cast<std::uint64_t>(*number);
    else if (name == "folders" && number && *number >= 1 && *number <= kFoldersMax)
      spec.folders = static_cast<std::uint64_t>(*number);
    else
      return Error{Code::kInvalid, Retry::kNever, "expected contacts=N[,folders=M], got: " + std::string(text)};
  }
  return spec;
}

FieldMap InventContact(Random& random) {
  const Culture& culture = kCultures[random.Below(std::size(kCultures))];
  FieldMap fields;
  const std::string given = Pick(random, culture.given), family = Pick(random, culture.family);
  fields["first_name"] = given;
  fields["last_name"] = family;
  fields["display_name"] = culture.family_first  ? family + ' ' + given
                           : random.Chance(1, 2) ? family + ", " + given
                                                 : given + ' ' + family;
  if (random.Chance(1, 10)) fields["second_name"] = Pick(random, culture.given);
  if (random.Chance(1, 12)) fields["title"] = "Dr.";
  if (random.Chance(1, 20)) fields["nickname"] = Pick(random, culture.given);
  if (random.Chance(85, 100)) fields["email1"] = "person" + Digits(random, 8) + "@example.com";
  if (random.Chance(1, 5)) fields["email2"] = "home." + Digits(random, 6) + "@example.org";
  AddNumbers(random, culture, fields);
  if (random.Chance(1, 2)) AddWork(random, fields);
  if (random.Chance(1, 2)) AddAddress(random, culture, "business", fields);
  if (random.Chance(1, 3)) AddAddress(random, culture, "home", fields);
  constexpr std::int64_t kDay = 86'400'000;
  if (random.Chance(1, 3))
    fields["birthday"] = std::to_string((static_cast<std::int64_t>(random.Below(30'000)) - 15'000) * kDay);
  if (random.Chance(1, 5)) fields["categories"] = Pick(random, kCategories);
  if (auto note = Note(random, culture); !note.empty()) fields["note"] = std::move(note);
  return fields;
}

Result<Generated> Generate(const GenerateSpec& spec, Random& random, ApiClient& client) {
  Generated done;
  OUTPOST_TRY(auto own, client.ContactsFolder());
  done.folders.push_back(own);
  for (std::uint64_t i = 1; i < spec.folders; ++i) {
    OUTPOST_TRY(auto folder, client.CreateFolder(own, "Contacts " + std::to_string(i)));
    done.folders.push_back(std::move(folder));
  }
  constexpr std::uint64_t kPortion = 1000;  // held in memory at once
  for (std::size_t folder = 0; folder < done.folders.size(); ++folder) {
    std::uint64_t left = spec.contacts / spec.folders + (folder < spec.contacts % spec.folders ? 1 : 0);
    while (left > 0) {
      std::vector<FieldMap> portion(std::min(left, kPortion));
      for (auto& contact : portion) contact = InventContact(random);
      OUTPOST_TRY(const auto ids, client.CreateContacts(done.folders[folder], portion));
      done.contacts += ids.size();
      left -= portion.size();
    }
  }
  return done;
}

}  // namespace outpost::oxserver
