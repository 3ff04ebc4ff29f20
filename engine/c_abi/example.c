/*
 * How a program that is not Outlook uses Outpost: one user with two PCs, both of which are played here.
 *
 *   outpost_example SERVER USER PASSWORD FOLDER
 *
 * SERVER is one that may be written to: `outpost server --generate contacts=30`. Ends with 0 when all went as it says.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <time.h>

#include "engine/outpost.h"

enum { PATH_MAX_HERE = 4096, ID_BYTES = 33, WAIT_S = 30 };

static outpost_error why = {.size = sizeof(outpost_error)};

static void Stop(const char* what) {
  fprintf(stderr, "outpost_example: %s: %" PRId32 " %s\n", what, why.code, why.text);
  exit(1);
}
/* `what` is what was to be done. */
static void Do(const char* what, int32_t code) {
  if (code != OUTPOST_OK) Stop(what);
}
static void Expect(const char* what, int holds) {
  if (!holds) Stop(what);
}

/* The first text, or number, that is called so; these answers are small, a real program has a JSON library. */
static int FindText(const char* json, const char* name, char* out, size_t room) {
  char key[64];
  snprintf(key, sizeof key, "\"%s\":\"", name);
  const char* at = strstr(json, key);
  if (at == NULL) return 0;
  at += strlen(key);
  const size_t bytes = strcspn(at, "\"");
  if (bytes >= room) return 0;
  memcpy(out, at, bytes);
  out[bytes] = 0;
  return 1;
}
static uint64_t FindNumber(const char* json, const char* name) {
  char key[64];
  snprintf(key, sizeof key, "\"%s\":", name);
  const char* at = strstr(json, key);
  return at == NULL ? 0 : strtoull(at + strlen(key), NULL, 10);
}
static size_t Count(const char* json, const char* word) {
  size_t count = 0;
  for (const char* at = json; (at = strstr(at, word)) != NULL; at += strlen(word)) ++count;
  return count;
}

/* What a subscription tells, for the thread that waits for it. */
struct Heard {
  mtx_t mutex;
  cnd_t more;
  char id[ID_BYTES]; /* that is waited for */
  int told;
};
static void Hear(void* context, const char* change) {
  struct Heard* heard = context;
  char id[ID_BYTES] = "";
  FindText(change, "id", id, sizeof id);
  mtx_lock(&heard->mutex);
  if (strcmp(id, heard->id) == 0) heard->told = 1;
  cnd_signal(&heard->more);
  mtx_unlock(&heard->mutex);
}
static void WaitUntilHeard(struct Heard* heard) {
  struct timespec until;
  timespec_get(&until, TIME_UTC);
  until.tv_sec += WAIT_S;
  mtx_lock(&heard->mutex);
  while (!heard->told)
    if (cnd_timedwait(&heard->more, &heard->mutex, &until) != thrd_success) break;
  const int told = heard->told;
  mtx_unlock(&heard->mutex);
  Expect("what the other PC did is told", told);
}

static outpost_account* Begin(char** argv, const char* pc) {
  char data[PATH_MAX_HERE];
  snprintf(data, sizeof data, "%s/%s", argv[4], pc);
  const outpost_new_account made = {
      .size = sizeof made, .data = data, .server = argv[1], .user = argv[2], .password = argv[3]};
  char* json = NULL;
  Do("making an account", outpost_make(&made, &json, &why));
  outpost_free(json);
  const outpost_open_options options = {.size = sizeof options, .data = data};
  outpost_account* account = NULL;
  Do("opening it", outpost_open(&options, &account, &why));
  return account;
}

static void Sync(outpost_account* account) {
  char* json = NULL;
  Do("syncing", outpost_sync(account, &json, &why));
  if (strstr(json, "\"link\":\"online\"") == NULL) {
    fprintf(stderr, "%s\n", json);
    Stop("the server is worked with");
  }
  outpost_free(json);
}

static void SetName(outpost_account* account, const char* id, const char* name) {
  char fields[128];
  snprintf(fields, sizeof fields, "{\"last_name\":\"%s\",\"display_name\":\"%s\"}", name, name);
  char* json = NULL;
  Do("changing an item", outpost_set_item(account, id, fields, &json, &why));
  Expect("the change is in the answer", strstr(json, name) != NULL);
  outpost_free(json);
}

/* Both PCs change the same: the server's word counts, and the loser is kept. */
static void Conflict(outpost_account* here, outpost_account* there, const char* id, const char* remote_id) {
  char* items = NULL;
  char other[ID_BYTES] = "";
  Sync(there);
  Do("listing", outpost_items(there, "Contacts", 0, 0, &items, &why));
  for (const char* at = items; (at = strstr(at, "{\"id\":\"")) != NULL; ++at) {
    char found[64] = "";
    if (FindText(at, "remote_id", found, sizeof found) && strcmp(found, remote_id) == 0)
      FindText(at, "id", other, sizeof other);
  }
  outpost_free(items);
  Expect("the other PC has it too, by an id of its own", other[0] != 0);
  SetName(there, other, "Vogel");
  Sync(there);
  SetName(here, id, "Habicht");
  Sync(here);

  char* json = NULL;
  Do("listing conflicts", outpost_conflicts(here, &json, &why));
  printf("conflicts: %s\n", json);
  Expect("the loser is kept", strstr(json, "Habicht") != NULL && strstr(json, "Vogel") != NULL);
  const uint64_t loser = FindNumber(json, "loser_seq");
  outpost_free(json);
  Do("turning it round", outpost_undo_conflict(here, loser, 0, &json, &why));
  printf("undone: %s\n", json);
  outpost_free(json);
  Sync(here);
  Do("listing conflicts", outpost_conflicts(here, &json, &why));
  Expect("it is settled", strcmp(json, "[]") == 0);
  outpost_free(json);
  Expect("it is not settled twice", outpost_settle_conflict(here, loser, &why) == OUTPOST_NOT_FOUND);

  Do("listing versions", outpost_item_versions(here, id, &json, &why));
  printf("versions: %zu\n", Count(json, "\"seq\":"));
  Expect("each is there",
         strstr(json, "Adler") != NULL && strstr(json, "Habicht") != NULL && strstr(json, "Vogel") != NULL);
  const uint64_t first = FindNumber(json, "seq");
  outpost_free(json);
  Do("going back", outpost_restore_item(here, id, first, &json, &why));
  Expect("it is changed", strcmp(json, "{\"restored\":\"changed\"}") == 0);
  outpost_free(json);
  Do("reading", outpost_item(here, id, &json, &why));
  Expect("it is what it was", strstr(json, "\"last_name\":\"Adler\"") != NULL);
  outpost_free(json);
}

/* The other PC deletes most of a folder. Where the server has forgotten that (`outpost server --option
 * tombstone_retention=1`), it looks as if they were missing, and here a person is asked first. */
static void Consent(outpost_account* here, outpost_account* there) {
  char* items = NULL;
  Do("setting how many may go unasked", outpost_set_setting(here, "consent_count", "5", &why));
  Sync(here);
  Sync(there);
  Do("listing", outpost_items(there, "Contacts", 0, 20, &items, &why));
  for (const char* at = items; (at = strstr(at, "{\"id\":\"")) != NULL; ++at) {
    char id[ID_BYTES];
    Expect("an item has an id", FindText(at, "id", id, sizeof id));
    Do("deleting", outpost_delete_item(there, id, &why));
  }
  outpost_free(items);
  Sync(there);
  Sync(here);
  char* json = NULL;
  Do("asking what waits", outpost_consents(here, &json, &why));
  printf("consents: %.120s...\n", json);
  if (strcmp(json, "[]") == 0) {
    printf("the server told of the deletions itself: they are believed, and nobody is asked\n");
    outpost_free(json);
    return;
  }
  Expect("the deletion waits", strstr(json, "\"folder\":\"Contacts\"") != NULL);
  outpost_free(json);
  Do("giving consent", outpost_answer_consent(here, "Contacts", 1, &why));
  Sync(here);
  Do("asking what waits", outpost_consents(here, &json, &why));
  Expect("nothing waits any more", strcmp(json, "[]") == 0);
  outpost_free(json);
  Expect("nothing is answered twice", outpost_answer_consent(here, "Contacts", 1, &why) == OUTPOST_NOT_FOUND);
}

int main(int argc, char** argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: outpost_example SERVER USER PASSWORD FOLDER\n");
    return 2;
  }
  if (outpost_abi_version() != OUTPOST_ABI_VERSION) return 2;
  outpost_account *here = Begin(argv, "one"), *there = Begin(argv, "two");
  struct Heard heard = {.told = 0};
  mtx_init(&heard.mutex, mtx_plain);
  cnd_init(&heard.more);
  outpost_subscription* subscription = NULL;

  Sync(here);
  char* json = NULL;
  Do("listing folders", outpost_folders(here, &json, &why));
  Expect("there is one for contacts", strstr(json, "\"path\":\"Contacts\"") != NULL);
  outpost_free(json);
  Do("making an item",
     outpost_create_item(here, "Contacts", NULL, "{\"last_name\":\"Adler\",\"display_name\":\"Adler\",\"birthday\":0}",
                         &json, &why));
  char id[ID_BYTES] = "", remote_id[64] = "";
  Expect("it has an id", FindText(json, "id", id, sizeof id));
  outpost_free(json);
  Sync(here);
  Do("reading it", outpost_item(here, id, &json, &why));
  printf("made: %s\n", json);
  Expect("it is on the server", FindText(json, "remote_id", remote_id, sizeof remote_id));
  outpost_free(json);

  strcpy(heard.id, id);
  Do("subscribing", outpost_subscribe(here, Hear, &heard, &subscription, &why));
  Conflict(here, there, id, remote_id);
  WaitUntilHeard(&heard);
  Do("unsubscribing", outpost_unsubscribe(subscription, &why));
  Consent(here, there);

  Do("asking how it stands", outpost_status(here, &json, &why));
  printf("status: %.160s...\n", json);
  Expect("nothing is lost", strstr(json, "\"lost\":0") != NULL);
  outpost_free(json);
  Do("closing", outpost_close(here, &why));
  Do("closing", outpost_close(there, &why));
  cnd_destroy(&heard.more);
  mtx_destroy(&heard.mutex);
  printf("all as expected\n");
  return 0;
}
