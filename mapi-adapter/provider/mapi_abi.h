#pragma once
#include <cstddef>
#include <cstdint>

// What MAPI's headers say, in our own words: interfaces whose methods lie in the order of Microsoft's tables,
// structures of the documented widths, and the values in use. For nobody but provider/ and host/. Nothing here has a
// virtual destructor: such a slot would shift the others. Source: MicrosoftDocs/office-developer-client-docs,
// docs/outlook/mapi (the page of each name), and [MS-OXCDATA].
namespace outpost::mapi::abi {

#if defined(_WIN32) && defined(__i386__)
#define OUTPOST_MAPI_CALL __stdcall
#else
#define OUTPOST_MAPI_CALL
#endif

using ULONG = std::uint32_t;
using LONG = std::int32_t;
using BOOL16 = std::uint16_t;
using BYTE = std::uint8_t;
using HRESULT = std::int32_t;
using ULONG_PTR = std::uintptr_t;
using WCHAR = wchar_t;  // 2 bytes on Windows, 4 here: never stored
using BOOKMARK = ULONG_PTR;

struct GUID {
  std::uint32_t data1;
  std::uint16_t data2, data3;
  std::uint8_t data4[8];
  bool operator==(const GUID&) const = default;
};
using IID = GUID;
struct MAPIUID {
  BYTE ab[16];
};
constexpr GUID OleGuid(std::uint32_t first) { return {first, 0, 0, {0xC0, 0, 0, 0, 0, 0, 0, 0x46}}; }
inline constexpr IID kIUnknown = OleGuid(0x00000000), kIMAPITable = OleGuid(0x00020301),
                     kIMAPIAdviseSink = OleGuid(0x00020302), kIMAPIProp = OleGuid(0x00020303),
                     kIMsgStore = OleGuid(0x00020306), kIMessage = OleGuid(0x00020307),
                     kIMAPIContainer = OleGuid(0x0002030B), kIMAPIFolder = OleGuid(0x0002030C),
                     kIMAPISup = OleGuid(0x0002030F), kIMSProvider = OleGuid(0x00020310),
                     kIMSLogon = OleGuid(0x00020313), kIAttachment = OleGuid(0x00020308),
                     kIStream = OleGuid(0x0000000C), kIMAPIStatus = OleGuid(0x00020305);
inline constexpr IID kISequentialStream = {
    0x0C733A30, 0x2A1C, 0x11CE, {0xAD, 0xE5, 0x00, 0xAA, 0x00, 0x44, 0x77, 0x3D}};

// Values are those of the codes of the same names.
constexpr HRESULT Hr(std::uint32_t code) { return static_cast<HRESULT>(code); }
inline constexpr HRESULT S_OK_ = 0;
inline constexpr HRESULT MAPI_E_NO_INTERFACE = Hr(0x80004002), MAPI_E_CALL_FAILED = Hr(0x80004005),
                         MAPI_E_NO_ACCESS = Hr(0x80070005), MAPI_E_NOT_ENOUGH_MEMORY = Hr(0x8007000E),
                         MAPI_E_INVALID_PARAMETER = Hr(0x80070057), MAPI_E_NO_SUPPORT = Hr(0x80040102),
                         MAPI_E_UNKNOWN_FLAGS = Hr(0x80040106), MAPI_E_INVALID_ENTRYID = Hr(0x80040107),
                         MAPI_E_OBJECT_CHANGED = Hr(0x80040109), MAPI_E_OBJECT_DELETED = Hr(0x8004010A),
                         MAPI_E_NOT_FOUND = Hr(0x8004010F), MAPI_E_VERSION = Hr(0x80040110),
                         MAPI_E_LOGON_FAILED = Hr(0x80040111), MAPI_E_UNCONFIGURED = Hr(0x8004011C),
                         MAPI_E_FAILONEPROVIDER = Hr(0x8004011D), MAPI_E_COMPUTED = Hr(0x8004011A),
                         MAPI_E_UNKNOWN_ENTRYID = Hr(0x80040201), MAPI_E_INVALID_TYPE = Hr(0x80040302),
                         MAPI_E_UNEXPECTED_TYPE = Hr(0x80040304), MAPI_E_TOO_BIG = Hr(0x80040305),
                         MAPI_E_UNEXPECTED_ID = Hr(0x80040307), MAPI_E_TOO_COMPLEX = Hr(0x80040117),
                         MAPI_E_INVALID_BOOKMARK = Hr(0x80040405), MAPI_E_COLLISION = Hr(0x80040604),
                         MAPI_E_HAS_FOLDERS = Hr(0x80040609), MAPI_E_HAS_MESSAGES = Hr(0x8004060A),
                         MAPI_W_ERRORS_RETURNED = Hr(0x00040380), MAPI_W_POSITION_CHANGED = Hr(0x00040481),
                         MAPI_W_PARTIAL_COMPLETION = Hr(0x00040680);
inline constexpr HRESULT MAPI_E_NETWORK_ERROR = Hr(0x80040115);
inline constexpr HRESULT S_FALSE_ = 1, STG_E_INVALIDFUNCTION = Hr(0x80030001), STG_E_ACCESSDENIED = Hr(0x80030005),
                         STG_E_INVALIDPOINTER = Hr(0x80030009), STG_E_MEDIUMFULL = Hr(0x80030070);
constexpr bool Failed(HRESULT result) { return result < 0; }

inline constexpr ULONG kSpiVersion = 0x00010010;  // CURRENT_SPI_VERSION
inline constexpr ULONG MAPI_UNICODE = 0x80000000, MAPI_MODIFY = 0x1, MAPI_BEST_ACCESS = 0x10, MAPI_ASSOCIATED = 0x40,
                       MAPI_DEFERRED_ERRORS = 0x8, CONVENIENT_DEPTH = 0x1, MAPI_CREATE = 0x2;
inline constexpr ULONG OPEN_IF_EXISTS = 0x1;                                        // CreateFolder
inline constexpr ULONG DEL_MESSAGES = 0x1, FOLDER_DIALOG = 0x2, DEL_FOLDERS = 0x4;  // DeleteFolder
inline constexpr ULONG DEL_ASSOCIATED = 0x8, DELETE_HARD_DELETE = 0x10;             // EmptyFolder
inline constexpr ULONG MESSAGE_MOVE = 0x1, MESSAGE_DIALOG = 0x2;                    // CopyMessages
inline constexpr ULONG SUPPRESS_RECEIPT = 0x1, CLEAR_READ_FLAG = 0x4, GENERATE_RECEIPT_ONLY = 0x10,
                       CLEAR_RN_PENDING = 0x20, CLEAR_NRN_PENDING = 0x40;                      // SetReadFlags
inline constexpr ULONG KEEP_OPEN_READONLY = 0x1, KEEP_OPEN_READWRITE = 0x2, FORCE_SAVE = 0x4;  // SaveChanges
inline constexpr ULONG TBL_NOADVANCE = 0x1, TBL_BATCH = 0x2, TBL_ASYNC = 0x1, TBL_ALL_COLUMNS = 0x2;
inline constexpr BOOKMARK BOOKMARK_BEGINNING = 0, BOOKMARK_CURRENT = 1, BOOKMARK_END = 2;
inline constexpr ULONG MAPI_STORE = 1, MAPI_FOLDER = 3, MAPI_MESSAGE = 5, MAPI_ATTACH = 7,
                       MAPI_STATUS = 10;                                                 // PR_OBJECT_TYPE
inline constexpr ULONG NO_ATTACHMENT = 0, ATTACH_BY_VALUE = 1, ATTACH_EMBEDDED_MSG = 5;  // PR_ATTACH_METHOD
inline constexpr ULONG ATTACH_DIALOG = 0x1;                                              // DeleteAttach
inline constexpr ULONG STREAM_SEEK_SET = 0, STREAM_SEEK_CUR = 1, STREAM_SEEK_END = 2, STGTY_STREAM = 2,
                       STGM_READWRITE = 2;
inline constexpr ULONG FOLDER_ROOT = 0, FOLDER_GENERIC = 1;  // PR_FOLDER_TYPE
inline constexpr ULONG DT_FOLDER = 0x01000000;               // PR_DISPLAY_TYPE
inline constexpr ULONG TBLSTAT_COMPLETE = 0, TBLTYPE_SNAPSHOT = 0, TBLTYPE_DYNAMIC = 2;
inline constexpr ULONG TABLE_SORT_ASCEND = 0, TABLE_SORT_DESCEND = 1;
inline constexpr ULONG FOLDER_IPM_SUBTREE_VALID = 0x1;  // PR_VALID_FOLDER_MASK
inline constexpr ULONG STORE_ENTRYID_UNIQUE = 0x1, STORE_READONLY = 0x2, STORE_MODIFY_OK = 0x8, STORE_CREATE_OK = 0x10,
                       STORE_SORT_OK = 0x2000, STORE_RESTRICTION_OK = 0x1000, STORE_MV_PROPS_OK = 0x200,
                       STORE_NOTIFY_OK = 0x100, STORE_ATTACH_OK = 0x20, STORE_UNICODE_OK = 0x00040000;
inline constexpr ULONG STATUS_AVAILABLE = 0x1, STATUS_OFFLINE = 0x2, STATUS_FAILURE = 0x4,
                       STATUS_INBOUND_ENABLED = 0x10000, STATUS_INBOUND_ACTIVE = 0x20000,
                       STATUS_OUTBOUND_ENABLED = 0x100000, STATUS_OUTBOUND_ACTIVE = 0x200000;  // PR_STATUS_CODE
inline constexpr ULONG STATUS_VALIDATE_STATE = 0x1, STATUS_FLUSH_QUEUES = 0x8;                 // PR_RESOURCE_METHODS
inline constexpr ULONG STATUS_NO_DEFAULT_STORE = 0x40, MAPI_STORE_PROVIDER = 33;               // …FLAGS, …TYPE
inline constexpr ULONG SUPPRESS_UI = 0x1, REFRESH_XP_HEADER_CACHE = 0x2, PROCESS_XP_HEADER_CACHE = 0x4,
                       FORCE_XP_CONNECT = 0x8, FORCE_XP_DISCONNECT = 0x10, CONFIG_CHANGED = 0x20,
                       ABORT_XP_HEADER_OPERATION = 0x40;  // ValidateState
inline constexpr ULONG FLUSH_UPLOAD = 0x2, FLUSH_DOWNLOAD = 0x4, FLUSH_FORCE = 0x8, FLUSH_NO_UI = 0x10,
                       FLUSH_ASYNC_OK = 0x20;                                                            // FlushQueues
inline constexpr ULONG MAPI_MOVE = 0x1, MAPI_NOREPLACE = 0x2, MAPI_DECLINE_OK = 0x4, MAPI_DIALOG = 0x8;  // CopyTo
inline constexpr ULONG MSG_SERVICE_INSTALL = 1, MSG_SERVICE_CREATE = 2, MSG_SERVICE_CONFIGURE = 3,
                       MSG_SERVICE_DELETE = 4, MSG_SERVICE_UNINSTALL = 5, MSG_SERVICE_PROVIDER_CREATE = 6,
                       MSG_SERVICE_PROVIDER_DELETE = 7;  // MSGSERVICEENTRY
inline constexpr ULONG MNID_ID = 0, MNID_STRING = 1;
inline constexpr ULONG MAPI_NO_STRINGS = 0x1, MAPI_NO_IDS = 0x2;  // GetNamesFromIDs

struct FILETIME {
  std::uint32_t low, high;
};
struct SBinary {
  ULONG cb;
  BYTE* lpb;
};
union PropUnion {
  LONG l;
  double dbl;
  BOOL16 b;
  HRESULT err;
  FILETIME ft;
  char* lpszA;
  WCHAR* lpszW;
  SBinary bin;
  std::int16_t i;
  float flt;
  std::int64_t li;  // and PT_CURRENCY
  GUID* lpguid;
  struct {
    ULONG cValues;
    void* items;  // of those that follow, and of all others: where the values lie, one behind the other
  } MV;
  struct {
    ULONG cValues;
    LONG* lpl;
  } MVl;
  struct {
    ULONG cValues;
    WCHAR** lppszW;
  } MVszW;
  struct {
    ULONG cValues;
    SBinary* lpbin;
  } MVbin;
};
struct SPropValue {
  ULONG ulPropTag;
  ULONG dwAlignPad;
  PropUnion Value;
};
struct SPropTagArray {
  ULONG cValues;
  ULONG aulPropTag[1];
};
struct SPropProblem {
  ULONG ulIndex, ulPropTag;
  HRESULT scode;
};
struct SPropProblemArray {
  ULONG cProblem;
  SPropProblem aProblem[1];
};
struct SRow {
  ULONG ulAdrEntryPad;
  ULONG cValues;
  SPropValue* lpProps;
};
struct SRowSet {
  ULONG cRows;
  SRow aRow[1];
};
struct SSortOrder {
  ULONG ulPropTag, ulOrder;
};
struct SSortOrderSet {
  ULONG cSorts, cCategories, cExpanded;
  SSortOrder aSort[1];
};
struct MAPINAMEID {
  GUID* lpguid;
  ULONG ulKind;
  union {
    LONG lID;
    WCHAR* lpwstrName;
  } Kind;
};
struct ENTRYID {
  BYTE abFlags[4];
  BYTE ab[1];
};
struct ENTRYLIST {
  ULONG cValues;
  SBinary* lpbin;
};
struct SRestriction;
union RestrictionUnion {
  struct {
    ULONG relop, ulPropTag1, ulPropTag2;
  } resCompareProps;
  struct {
    ULONG cRes;
    SRestriction* lpRes;
  } resAnd;  // and RES_OR
  struct {
    ULONG ulReserved;
    SRestriction* lpRes;
  } resNot;
  struct {
    ULONG ulFuzzyLevel, ulPropTag;
    SPropValue* lpProp;
  } resContent;
  struct {
    ULONG relop, ulPropTag;
    SPropValue* lpProp;
  } resProperty;
  struct {
    ULONG relBMR, ulPropTag, ulMask;
  } resBitMask;
  struct {
    ULONG relop, ulPropTag, cb;
  } resSize;
  struct {
    ULONG ulReserved1, ulPropTag, ulReserved2;
  } resExist;
  struct {
    ULONG cValues;
    SRestriction* lpRes;
    SPropValue* lpProp;
  } resComment;
};
struct SRestriction {
  ULONG rt;
  RestrictionUnion res;
};
inline constexpr ULONG RES_AND = 0, RES_OR = 1, RES_NOT = 2, RES_CONTENT = 3, RES_PROPERTY = 4, RES_COMPAREPROPS = 5,
                       RES_BITMASK = 6, RES_SIZE = 7, RES_EXIST = 8, RES_COMMENT = 10;
inline constexpr ULONG RELOP_LT = 0, RELOP_LE = 1, RELOP_GT = 2, RELOP_GE = 3, RELOP_EQ = 4, RELOP_NE = 5;
inline constexpr ULONG FL_FULLSTRING = 0, FL_SUBSTRING = 1, FL_PREFIX = 2, FL_IGNORECASE = 0x10000,
                       FL_IGNORENONSPACE = 0x20000, FL_LOOSE = 0x40000;
inline constexpr ULONG BMR_EQZ = 0, BMR_NEZ = 1, DIR_BACKWARD = 1;
inline constexpr ULONG fnevObjectCreated = 0x4, fnevObjectDeleted = 0x8, fnevObjectModified = 0x10,
                       fnevObjectMoved = 0x20, fnevTableModified = 0x100;
inline constexpr ULONG TABLE_ROW_ADDED = 3, TABLE_ROW_DELETED = 4, TABLE_ROW_MODIFIED = 5, TABLE_RELOAD = 9;
struct TABLE_NOTIFICATION {
  ULONG ulTableEvent;
  HRESULT hResult;
  SPropValue propIndex, propPrior;
  SRow row;
};
struct OBJECT_NOTIFICATION {
  ULONG cbEntryID;
  ENTRYID* lpEntryID;
  ULONG ulObjType;
  ULONG cbParentID;
  ENTRYID* lpParentID;
  ULONG cbOldID;
  ENTRYID* lpOldID;
  ULONG cbOldParentID;
  ENTRYID* lpOldParentID;
  SPropTagArray* lpPropTagArray;
};
struct NOTIFICATION {
  ULONG ulEventType;
  union {
    OBJECT_NOTIFICATION obj;
    TABLE_NOTIFICATION tab;
  } info;
};
static_assert(sizeof(void*) != 8 ||
              (sizeof(TABLE_NOTIFICATION) == 72 && sizeof(OBJECT_NOTIFICATION) == 72 && sizeof(NOTIFICATION) == 80));
struct MAPIERROR;
struct ADRENTRY {
  ULONG ulReserved1;
  ULONG cValues;
  SPropValue* rgPropVals;
};
struct ADRLIST {
  ULONG cEntries;
  ADRENTRY aEntries[1];
};
inline constexpr ULONG MODRECIP_ADD = 0x2, MODRECIP_MODIFY = 0x4, MODRECIP_REMOVE = 0x8;  // ModifyRecipients
static_assert(sizeof(ADRENTRY) == sizeof(SRow) && sizeof(ADRLIST) == sizeof(SRowSet));
struct FLATMTSIDLIST;

static_assert(sizeof(GUID) == 16 && sizeof(MAPIUID) == 16 && sizeof(FILETIME) == 8 && alignof(FILETIME) == 4);
static_assert(sizeof(void*) != 8 || (sizeof(SBinary) == 16 && sizeof(PropUnion) == 16 && sizeof(SPropValue) == 24));
static_assert(sizeof(void*) != 4 || (sizeof(SBinary) == 8 && sizeof(PropUnion) == 8 && sizeof(SPropValue) == 16));
static_assert(offsetof(SPropValue, Value) == 8 && offsetof(SRowSet, aRow) == sizeof(void*));
static_assert(sizeof(SRow) == 8 + sizeof(void*) && sizeof(SPropTagArray) == 8 && sizeof(SSortOrderSet) == 20);
static_assert(sizeof(void*) != 8 || sizeof(MAPINAMEID) == 24);
static_assert(sizeof(void*) != 8 || (sizeof(RestrictionUnion) == 24 && sizeof(SRestriction) == 32));
static_assert(sizeof(SPropProblem) == 12 && sizeof(SPropProblemArray) == 16);

using AllocateBuffer = HRESULT(OUTPOST_MAPI_CALL*)(ULONG size, void** buffer);
using AllocateMore = HRESULT(OUTPOST_MAPI_CALL*)(ULONG size, void* object, void** buffer);
using FreeBuffer = ULONG(OUTPOST_MAPI_CALL*)(void* buffer);

struct IUnknown {
  virtual HRESULT OUTPOST_MAPI_CALL QueryInterface(const IID& iid, void** object) = 0;
  virtual ULONG OUTPOST_MAPI_CALL AddRef() = 0;
  virtual ULONG OUTPOST_MAPI_CALL Release() = 0;

 protected:
  ~IUnknown() = default;
};

struct IMAPITable;
struct IMessage;
struct IMAPIFolder;
struct IMAPIProgress;

struct IMAPIAdviseSink : IUnknown {
  virtual ULONG OUTPOST_MAPI_CALL OnNotify(ULONG count, NOTIFICATION* notifications) = 0;

 protected:
  ~IMAPIAdviseSink() = default;
};

struct IMAPIProp : IUnknown {
  virtual HRESULT OUTPOST_MAPI_CALL GetLastError(HRESULT result, ULONG flags, MAPIERROR** error) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SaveChanges(ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL GetProps(const SPropTagArray* tags, ULONG flags, ULONG* count,
                                             SPropValue** props) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL GetPropList(ULONG flags, SPropTagArray** tags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL OpenProperty(ULONG tag, const IID* iid, ULONG interface_options, ULONG flags,
                                                 IUnknown** object) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SetProps(ULONG count, const SPropValue* props, SPropProblemArray** problems) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL DeleteProps(const SPropTagArray* tags, SPropProblemArray** problems) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL CopyTo(ULONG excluded, const IID* iids, const SPropTagArray* tags, ULONG_PTR ui,
                                           IMAPIProgress* progress, const IID* iid, void* destination, ULONG flags,
                                           SPropProblemArray** problems) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL CopyProps(const SPropTagArray* tags, ULONG_PTR ui, IMAPIProgress* progress,
                                              const IID* iid, void* destination, ULONG flags,
                                              SPropProblemArray** problems) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL GetNamesFromIDs(SPropTagArray** tags, const GUID* set, ULONG flags, ULONG* count,
                                                    MAPINAMEID*** names) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL GetIDsFromNames(ULONG count, MAPINAMEID** names, ULONG flags,
                                                    SPropTagArray** tags) = 0;

 protected:
  ~IMAPIProp() = default;
};

struct IMAPIContainer : IMAPIProp {
  virtual HRESULT OUTPOST_MAPI_CALL GetContentsTable(ULONG flags, IMAPITable** table) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL GetHierarchyTable(ULONG flags, IMAPITable** table) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL OpenEntry(ULONG size, const ENTRYID* id, const IID* iid, ULONG flags, ULONG* type,
                                              IUnknown** object) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SetSearchCriteria(SRestriction* restriction, ENTRYLIST* containers,
                                                      ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL GetSearchCriteria(ULONG flags, SRestriction** restriction, ENTRYLIST** containers,
                                                      ULONG* state) = 0;

 protected:
  ~IMAPIContainer() = default;
};

struct IMAPIFolder : IMAPIContainer {
  virtual HRESULT OUTPOST_MAPI_CALL CreateMessage(const IID* iid, ULONG flags, IMessage** message) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL CopyMessages(ENTRYLIST* list, const IID* iid, void* destination, ULONG_PTR ui,
                                                 IMAPIProgress* progress, ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL DeleteMessages(ENTRYLIST* list, ULONG_PTR ui, IMAPIProgress* progress,
                                                   ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL CreateFolder(ULONG type, void* name, void* comment, const IID* iid, ULONG flags,
                                                 IMAPIFolder** folder) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL CopyFolder(ULONG size, const ENTRYID* id, const IID* iid, void* destination,
                                               void* name, ULONG_PTR ui, IMAPIProgress* progress, ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL DeleteFolder(ULONG size, const ENTRYID* id, ULONG_PTR ui, IMAPIProgress* progress,
                                                 ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SetReadFlags(ENTRYLIST* list, ULONG_PTR ui, IMAPIProgress* progress,
                                                 ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL GetMessageStatus(ULONG size, const ENTRYID* id, ULONG flags, ULONG* status) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SetMessageStatus(ULONG size, const ENTRYID* id, ULONG status, ULONG mask,
                                                     ULONG* old) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SaveContentsSort(const SSortOrderSet* order, ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL EmptyFolder(ULONG_PTR ui, IMAPIProgress* progress, ULONG flags) = 0;

 protected:
  ~IMAPIFolder() = default;
};

// No method of its own.
struct IAttach : IMAPIProp {
 protected:
  ~IAttach() = default;
};

struct IMAPIStatus : IMAPIProp {
  virtual HRESULT OUTPOST_MAPI_CALL ValidateState(ULONG_PTR ui, ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SettingsDialog(ULONG_PTR ui, ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL ChangePassword(void* old, void* wanted, ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL FlushQueues(ULONG_PTR ui, ULONG size, ENTRYID* transport, ULONG flags) = 0;

 protected:
  ~IMAPIStatus() = default;
};

struct STATSTG {
  WCHAR* pwcsName;
  ULONG type;
  std::uint64_t cbSize;
  FILETIME mtime, ctime, atime;
  ULONG grfMode, grfLocksSupported;
  GUID clsid;
  ULONG grfStateBits, reserved;
};
static_assert(sizeof(void*) != 8 || sizeof(STATSTG) == 80);

// Source: the pages of ISequentialStream and IStream (Win32, structured storage); positions are their LARGE_INTEGERs.
struct IStream : IUnknown {
  virtual HRESULT OUTPOST_MAPI_CALL Read(void* bytes, ULONG size, ULONG* read) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Write(const void* bytes, ULONG size, ULONG* written) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Seek(std::int64_t move, ULONG origin, std::uint64_t* position) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SetSize(std::uint64_t size) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL CopyTo(IStream* to, std::uint64_t size, std::uint64_t* read,
                                           std::uint64_t* written) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Commit(ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Revert() = 0;
  virtual HRESULT OUTPOST_MAPI_CALL LockRegion(std::uint64_t from, std::uint64_t size, ULONG type) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL UnlockRegion(std::uint64_t from, std::uint64_t size, ULONG type) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Stat(STATSTG* stat, ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Clone(IStream** clone) = 0;

 protected:
  ~IStream() = default;
};

struct IMessage : IMAPIProp {
  virtual HRESULT OUTPOST_MAPI_CALL GetAttachmentTable(ULONG flags, IMAPITable** table) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL OpenAttach(ULONG number, const IID* iid, ULONG flags, void** attachment) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL CreateAttach(const IID* iid, ULONG flags, ULONG* number, void** attachment) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL DeleteAttach(ULONG number, ULONG_PTR ui, IMAPIProgress* progress, ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL GetRecipientTable(ULONG flags, IMAPITable** table) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL ModifyRecipients(ULONG flags, ADRLIST* recipients) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SubmitMessage(ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SetReadFlag(ULONG flags) = 0;

 protected:
  ~IMessage() = default;
};

struct IMsgStore : IMAPIProp {
  virtual HRESULT OUTPOST_MAPI_CALL Advise(ULONG size, const ENTRYID* id, ULONG mask, IMAPIAdviseSink* sink,
                                           ULONG_PTR* connection) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Unadvise(ULONG_PTR connection) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL CompareEntryIDs(ULONG size1, const ENTRYID* id1, ULONG size2, const ENTRYID* id2,
                                                    ULONG flags, ULONG* same) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL OpenEntry(ULONG size, const ENTRYID* id, const IID* iid, ULONG flags, ULONG* type,
                                              IUnknown** object) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SetReceiveFolder(void* message_class, ULONG flags, ULONG size,
                                                     const ENTRYID* id) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL GetReceiveFolder(void* message_class, ULONG flags, ULONG* size, ENTRYID** id,
                                                     void** explicit_class) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL GetReceiveFolderTable(ULONG flags, IMAPITable** table) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL StoreLogoff(ULONG* flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL AbortSubmit(ULONG size, const ENTRYID* id, ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL GetOutgoingQueue(ULONG flags, IMAPITable** table) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SetLockState(IMessage* message, ULONG state) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL FinishedMsg(ULONG flags, ULONG size, const ENTRYID* id) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL NotifyNewMail(NOTIFICATION* notification) = 0;

 protected:
  ~IMsgStore() = default;
};

struct IMAPITable : IUnknown {
  virtual HRESULT OUTPOST_MAPI_CALL GetLastError(HRESULT result, ULONG flags, MAPIERROR** error) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Advise(ULONG mask, IMAPIAdviseSink* sink, ULONG_PTR* connection) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Unadvise(ULONG_PTR connection) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL GetStatus(ULONG* status, ULONG* type) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SetColumns(const SPropTagArray* tags, ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL QueryColumns(ULONG flags, SPropTagArray** tags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL GetRowCount(ULONG flags, ULONG* count) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SeekRow(BOOKMARK origin, LONG rows, LONG* sought) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SeekRowApprox(ULONG numerator, ULONG denominator) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL QueryPosition(ULONG* row, ULONG* numerator, ULONG* denominator) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL FindRow(SRestriction* restriction, BOOKMARK origin, ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Restrict(SRestriction* restriction, ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL CreateBookmark(BOOKMARK* bookmark) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL FreeBookmark(BOOKMARK bookmark) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SortTable(const SSortOrderSet* order, ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL QuerySortOrder(SSortOrderSet** order) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL QueryRows(LONG count, ULONG flags, SRowSet** rows) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Abort() = 0;
  virtual HRESULT OUTPOST_MAPI_CALL ExpandRow(ULONG size, BYTE* key, ULONG count, ULONG flags, SRowSet** rows,
                                              ULONG* more) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL CollapseRow(ULONG size, BYTE* key, ULONG flags, ULONG* count) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL WaitForCompletion(ULONG flags, ULONG timeout, ULONG* status) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL GetCollapseState(ULONG flags, ULONG size, BYTE* key, ULONG* state_size,
                                                     BYTE** state) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SetCollapseState(ULONG flags, ULONG size, BYTE* state, BOOKMARK* location) = 0;

 protected:
  ~IMAPITable() = default;
};

struct IMSLogon : IUnknown {
  virtual HRESULT OUTPOST_MAPI_CALL GetLastError(HRESULT result, ULONG flags, MAPIERROR** error) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Logoff(ULONG* flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL OpenEntry(ULONG size, const ENTRYID* id, const IID* iid, ULONG flags, ULONG* type,
                                              IUnknown** object) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL CompareEntryIDs(ULONG size1, const ENTRYID* id1, ULONG size2, const ENTRYID* id2,
                                                    ULONG flags, ULONG* same) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Advise(ULONG size, const ENTRYID* id, ULONG mask, IMAPIAdviseSink* sink,
                                           ULONG_PTR* connection) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Unadvise(ULONG_PTR connection) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL OpenStatusEntry(const IID* iid, ULONG flags, ULONG* type, void** entry) = 0;

 protected:
  ~IMSLogon() = default;
};

// The methods of a support object that stores call so far; those between stand for the others, in their order.
struct IMAPISupport : IUnknown {
  virtual HRESULT OUTPOST_MAPI_CALL GetLastError(HRESULT result, ULONG flags, MAPIERROR** error) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL GetMemAllocRoutines(AllocateBuffer*, AllocateMore*, FreeBuffer*) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Subscribe(void* key, ULONG mask, ULONG flags, IMAPIAdviseSink* sink,
                                              ULONG_PTR* connection) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Unsubscribe(ULONG_PTR connection) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Notify(void* key, ULONG count, NOTIFICATION* notifications, ULONG* flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL ModifyStatusRow(ULONG count, SPropValue* columns, ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL OpenProfileSection(MAPIUID* uid, ULONG flags, void** section) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL RegisterPreprocessor(void*, void*, void*, void*, void*, ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL NewUID(MAPIUID* uid) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL MakeInvalid(ULONG flags, void* object, ULONG references, ULONG methods) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SpoolerYield(ULONG flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SpoolerNotify(ULONG flags, void* data) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL CreateOneOff(void* name, void* type, void* address, ULONG flags, ULONG* size,
                                                 ENTRYID** id) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SetProviderUID(const MAPIUID* uid, ULONG flags) = 0;

 protected:
  ~IMAPISupport() = default;
};

// What a message service's entry point configures. A profile section is an IMAPIProp with no method of its own.
struct IProviderAdmin : IUnknown {
  virtual HRESULT OUTPOST_MAPI_CALL GetLastError(HRESULT result, ULONG flags, MAPIERROR** error) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL GetProviderTable(ULONG flags, IMAPITable** table) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL CreateProvider(void* name, ULONG count, SPropValue* props, ULONG_PTR ui,
                                                   ULONG flags, MAPIUID* uid) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL DeleteProvider(MAPIUID* uid) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL OpenProfileSection(MAPIUID* uid, const IID* iid, ULONG flags,
                                                       IMAPIProp** section) = 0;

 protected:
  ~IProviderAdmin() = default;
};

struct IMSProvider : IUnknown {
  virtual HRESULT OUTPOST_MAPI_CALL Shutdown(ULONG* flags) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL Logon(IMAPISupport* support, ULONG_PTR ui, void* profile, ULONG size,
                                          const ENTRYID* id, ULONG flags, const IID* iid, ULONG* security_size,
                                          BYTE** security, MAPIERROR** error, IMSLogon** logon, IMsgStore** store) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL SpoolerLogon(IMAPISupport* support, ULONG_PTR ui, void* profile, ULONG size,
                                                 const ENTRYID* id, ULONG flags, const IID* iid, ULONG security_size,
                                                 BYTE* security, MAPIERROR** error, IMSLogon** logon,
                                                 IMsgStore** store) = 0;
  virtual HRESULT OUTPOST_MAPI_CALL CompareStoreIDs(ULONG size1, const ENTRYID* id1, ULONG size2, const ENTRYID* id2,
                                                    ULONG flags, ULONG* same) = 0;

 protected:
  ~IMSProvider() = default;
};

}  // namespace outpost::mapi::abi
