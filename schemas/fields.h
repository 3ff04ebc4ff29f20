#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "schemas/value.h"

namespace outpost {

// What an item is; the numbers are on disk for good.
enum class ItemType : std::uint8_t {
  kNone = 0,
  kFolder = 1,
  kContact = 2,
  kList = 3,
  kAppointment = 4,
  kTask = 5,
  kMail = 6,
  kPerson = 7,      // a user, group or resource of the server: in no folder, and never edited here
  kAttachment = 8,  // a file at an item, which is where its folder would be
  kRule = 9,        // what the server does with mails that arrive; the notice of absence is one
  kSignature = 10   // what a person puts below his mails
};
// "contact", …; nullopt for anything else.
const char* ItemTypeName(ItemType type);
// What the server keeps for the user beside all folders, as one list, without uids: rules and signatures. They lie in a
// folder that the dialect makes of the list, and that no list of folders shows.
constexpr bool IsUsersSetting(ItemType type) { return type == ItemType::kRule || type == ItemType::kSignature; }
// The type whose fields an item of `type` has, and whose items a folder for it holds: contacts for lists, else itself.
ItemType FieldOwner(ItemType type);
std::optional<ItemType> ItemTypeFromName(std::string_view name);

// What a field holds, as a person sees it. kDate: midnight UTC of a day; kTime: an instant; both in milliseconds since
// 1970 UTC. kDecimal: a number with at most two places, stored in hundredths.
enum class FieldKind : std::uint8_t { kText, kInt, kBool, kDate, kTime, kTexts, kBytes, kId, kDecimal };

// How two changes of the same group meet; see fields.tsv, column merge.
enum class Merge : std::uint8_t { kReplace, kSet, kByEntity, kByBit, kOnce, kServer, kImmutable };

// Whether a field travels: both ways, from the server only, or never (it is kept here).
enum class Sync : std::uint8_t { kBoth, kServer, kLocal };

struct Field {
  FieldId id;
  ItemType type;
  std::string_view name;
  FieldKind kind;
  std::uint32_t length_max;  // in characters; 0: not known
  GroupId group;             // id of the first field of its group; 0 for fields of merge server
  std::string_view group_name;
  Merge merge;
  Sync sync;
};

// The group of being there at all: what a create and a delete decide.
inline constexpr GroupId kExistence = 1;

// All fields, by ascending id; generated from fields.tsv. Lists have the fields of contacts.
std::span<const Field> AllFields();
// Null where there is none.
const Field* FindField(FieldId id);
const Field* FindField(ItemType type, std::string_view name);
// "name", "address_home", "existence", …; "unknown" where there is none.
std::string_view GroupName(GroupId group);
// The group of `type` with that name; nullopt where there is none.
std::optional<GroupId> FindGroup(ItemType type, std::string_view name);

// The groups of the fields in `patch` that travel to the server, ascending, each once. A patch of fields that stay here
// gives none.
std::vector<GroupId> GroupsOf(const FieldMap& patch);

// Fields that the engine itself knows by meaning.
namespace field {
inline constexpr FieldId kFolderParent = 11;
inline constexpr FieldId kFolderTitle = 12;
inline constexpr FieldId kFolderModule = 13;
inline constexpr FieldId kFolderType = 14;
inline constexpr FieldId kFolderOwnRights = 16;
inline constexpr FieldId kFolderPermissions = 17;
inline constexpr FieldId kFolderStandard = 18;
inline constexpr FieldId kFolderStandardType = 19;
inline constexpr FieldId kContactFolder = 160;
inline constexpr FieldId kContactUid = 172;
inline constexpr FieldId kContactDisplayName = 169;
inline constexpr FieldId kTaskTitle = 300;
inline constexpr FieldId kTaskStart = 301;
inline constexpr FieldId kTaskEnd = 302;
inline constexpr FieldId kTaskFullTime = 303;
inline constexpr FieldId kTaskRecurrenceType = 304;
inline constexpr FieldId kTaskDays = 305;
inline constexpr FieldId kTaskDayInMonth = 306;
inline constexpr FieldId kTaskMonth = 307;
inline constexpr FieldId kTaskInterval = 308;
inline constexpr FieldId kTaskUntil = 309;
inline constexpr FieldId kTaskOccurrences = 310;
inline constexpr FieldId kTaskStatus = 311;
inline constexpr FieldId kTaskPercent = 312;
inline constexpr FieldId kTaskCompleted = 313;
inline constexpr FieldId kTaskAlarm = 315;
inline constexpr FieldId kTaskUsers = 330;
inline constexpr FieldId kTaskFolder = 332;
inline constexpr FieldId kTaskUid = 339;
inline constexpr FieldId kTaskLocalRecurrence = 340;
inline constexpr FieldId kTaskAnswer = 357;
inline constexpr FieldId kTaskAnswerMessage = 358;
inline constexpr FieldId kAppointmentTitle = 400;
inline constexpr FieldId kAppointmentStart = 401;
inline constexpr FieldId kAppointmentEnd = 402;
inline constexpr FieldId kAppointmentFullTime = 403;
inline constexpr FieldId kAppointmentRecurrenceType = 404;
inline constexpr FieldId kAppointmentDays = 405;
inline constexpr FieldId kAppointmentDayInMonth = 406;
inline constexpr FieldId kAppointmentMonth = 407;
inline constexpr FieldId kAppointmentInterval = 408;
inline constexpr FieldId kAppointmentUntil = 409;
inline constexpr FieldId kAppointmentOccurrences = 410;
inline constexpr FieldId kAppointmentZone = 411;
inline constexpr FieldId kAppointmentDeleted = 412;
inline constexpr FieldId kAppointmentShownAs = 414;
inline constexpr FieldId kAppointmentSequence = 423;
inline constexpr FieldId kAppointmentUsers = 424;
inline constexpr FieldId kAppointmentConfirmations = 425;
inline constexpr FieldId kAppointmentFolder = 427;
inline constexpr FieldId kAppointmentUid = 434;
inline constexpr FieldId kAppointmentDatePosition = 435;
inline constexpr FieldId kAppointmentSeriesId = 436;
inline constexpr FieldId kAppointmentPosition = 437;
inline constexpr FieldId kAppointmentChanged = 438;
inline constexpr FieldId kAppointmentLocalRecurrence = 443;
inline constexpr FieldId kAppointmentAnswer = 460;
inline constexpr FieldId kAppointmentAnswerMessage = 461;
inline constexpr FieldId kAppointmentAnswersDay = 462;
inline constexpr FieldId kAppointmentMovedTo = 465;
inline constexpr FieldId kAppointmentOptional = 463;
inline constexpr FieldId kMailSubject = 600;
inline constexpr FieldId kMailFrom = 601;
inline constexpr FieldId kMailTo = 602;
inline constexpr FieldId kMailCc = 603;
inline constexpr FieldId kMailBcc = 604;
inline constexpr FieldId kMailSent = 605;
inline constexpr FieldId kMailReceived = 606;
inline constexpr FieldId kMailSize = 607;
inline constexpr FieldId kMailAttachment = 608;
inline constexpr FieldId kMailPriority = 609;
inline constexpr FieldId kMailReceiptTo = 610;
inline constexpr FieldId kMailMessageId = 611;
inline constexpr FieldId kMailReferences = 612;
inline constexpr FieldId kMailInReplyTo = 613;
inline constexpr FieldId kMailFolder = 614;
inline constexpr FieldId kMailSeen = 615;
inline constexpr FieldId kMailAnswered = 616;
inline constexpr FieldId kMailFlagged = 617;
inline constexpr FieldId kMailForwarded = 618;
inline constexpr FieldId kMailSpam = 619;
inline constexpr FieldId kMailDraft = 620;
inline constexpr FieldId kMailDeleted = 621;
inline constexpr FieldId kMailReceiptSent = 622;
inline constexpr FieldId kMailColor = 623;
inline constexpr FieldId kMailSource = 624;
inline constexpr FieldId kMailSourceWanted = 625;
inline constexpr FieldId kMailToBeSent = 626;
inline constexpr FieldId kMailDeleteForGood = 627;
inline constexpr FieldId kPersonKind = 800;
inline constexpr FieldId kPersonDisplayName = 801;
inline constexpr FieldId kPersonFirstName = 802;
inline constexpr FieldId kPersonLastName = 803;
inline constexpr FieldId kPersonMail = 804;
inline constexpr FieldId kPersonAliases = 805;
inline constexpr FieldId kPersonCompany = 806;
inline constexpr FieldId kPersonDepartment = 807;
inline constexpr FieldId kPersonPosition = 808;
inline constexpr FieldId kPersonTelephone = 809;
inline constexpr FieldId kPersonCellular = 810;
inline constexpr FieldId kPersonName = 811;
inline constexpr FieldId kPersonMembers = 812;
inline constexpr FieldId kPersonGroups = 813;
inline constexpr FieldId kPersonContact = 814;
inline constexpr FieldId kPersonAvailable = 815;
inline constexpr FieldId kPersonDescription = 816;
inline constexpr FieldId kPersonBusyWantedFrom = 817;
inline constexpr FieldId kPersonBusyWantedUntil = 818;
inline constexpr FieldId kPersonBusyFrom = 819;
inline constexpr FieldId kPersonBusyUntil = 820;
inline constexpr FieldId kPersonBusyAsked = 821;
inline constexpr FieldId kPersonBusy = 822;
inline constexpr FieldId kPersonBusyRefused = 823;
inline constexpr FieldId kContactAttachments = 147;
inline constexpr FieldId kContactNewestAttachment = 166;
inline constexpr FieldId kContactPhoto = 173;
inline constexpr FieldId kContactPhotos = 174;
inline constexpr FieldId kContactPhotoStamp = 210;
inline constexpr FieldId kContactPhotoOf = 211;
inline constexpr FieldId kContactIsList = 205;
inline constexpr FieldId kContactMembers = 206;
inline constexpr FieldId kTaskAttachments = 317;
inline constexpr FieldId kTaskNewestAttachment = 338;
inline constexpr FieldId kAppointmentAttachments = 417;
inline constexpr FieldId kAppointmentNewestAttachment = 433;
inline constexpr FieldId kAttachmentParent = 900;
inline constexpr FieldId kAttachmentName = 901;
inline constexpr FieldId kAttachmentSize = 902;
inline constexpr FieldId kAttachmentType = 903;
inline constexpr FieldId kAttachmentContent = 904;
inline constexpr FieldId kAttachmentWanted = 905;
inline constexpr FieldId kAttachmentRichText = 906;
inline constexpr FieldId kAttachmentCreated = 907;
inline constexpr FieldId kAttachmentCreatedBy = 908;
inline constexpr FieldId kRuleFolder = 950;
inline constexpr FieldId kRuleName = 951;
inline constexpr FieldId kRuleActive = 952;
inline constexpr FieldId kRulePosition = 953;
inline constexpr FieldId kRuleMatch = 954;
inline constexpr FieldId kRuleConditions = 955;
inline constexpr FieldId kRuleActions = 956;
inline constexpr FieldId kRuleStop = 957;
inline constexpr FieldId kRuleKind = 958;
inline constexpr FieldId kRuleVerbatim = 959;
inline constexpr FieldId kRuleSubject = 960;
inline constexpr FieldId kRuleText = 961;
inline constexpr FieldId kRuleDays = 962;
inline constexpr FieldId kRuleAddresses = 963;
inline constexpr FieldId kRuleSender = 964;
inline constexpr FieldId kRuleFirstDay = 965;
inline constexpr FieldId kRuleLastDay = 966;
inline constexpr FieldId kRuleProblem = 967;
inline constexpr FieldId kSignatureFolder = 1000;
inline constexpr FieldId kSignatureName = 1001;
inline constexpr FieldId kSignatureContent = 1002;
inline constexpr FieldId kSignatureHtml = 1003;
inline constexpr FieldId kSignaturePlacement = 1004;
inline constexpr FieldId kSignatureShared = 1005;
inline constexpr FieldId kSignatureCreatedBy = 1006;
// What an item says of its attachments: how many there are, and when the newest came; 0 for types that have none.
struct AttachmentFields {
  FieldId count = 0;
  FieldId newest = 0;
};
AttachmentFields AttachmentsOf(ItemType type);
// What the user himself has answered to an item that has participants, which the server tells among what all of them
// did; 0 for types without.
struct AnswerFields {
  FieldId answer = 0;
  FieldId message = 0;
  FieldId users = 0;  // of all, "user:4 accepted See you"
};
AnswerFields AnswerOf(ItemType type);
// The field that names the folder an item is in (for a folder its parent); 0 for types without one.
FieldId FolderOf(ItemType type);
// The field with the id that both sides know an item by, writable at creation only; 0 for types without one.
FieldId UidOf(ItemType type);
// Fields that nobody changes and that together tell an item again where the server gives it another id: when it moves,
// or anew for a whole folder. Empty for types whose ids last.
std::span<const FieldId> IdentityOf(ItemType type);
// What an item is beside its fields, kept here as a blob once it was fetched.
struct SourceFields {
  FieldId source;
  FieldId wanted;  // a person asked for it
  FieldId date;    // by which it is young enough to be fetched unasked; 0: it never is
  FieldId size;
};
// Null for types that are their fields.
const SourceFields* SourceOf(ItemType type);
// The field a person knows an item by (a title, a display name); 0 for types without one.
FieldId LabelOf(ItemType type);
}  // namespace field

}  // namespace outpost
