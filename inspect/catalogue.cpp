#include "inspect/catalogue.h"

#include <algorithm>

namespace outpost {
namespace {

struct CatalogueEntry {
  std::string_view key;
  std::string_view texts[3];  // in the order of Language
};

// Sentences about an event speak of its item as "it": where several items are told of, the item stands in front.
constexpr CatalogueEntry kCatalogue[] = {
    // Who did it.
    {"who.user", {"A person", "Eine Person", "Une personne"}},
    {"who.server", {"The server", "Der Server", "Le serveur"}},
    {"who.engine", {"Outpost", "Outpost", "Outpost"}},
    {"who.restore", {"A restore", "Eine Wiederherstellung", "Une restauration"}},
    // What an item is.
    {"type.none", {"account", "Konto", "compte"}},
    {"type.folder", {"folder", "Ordner", "dossier"}},
    {"type.contact", {"contact", "Kontakt", "contact"}},
    {"type.list", {"distribution list", "Verteilerliste", "liste de distribution"}},
    {"type.appointment", {"appointment", "Termin", "rendez-vous"}},
    {"type.task", {"task", "Aufgabe", "tâche"}},
    {"type.mail", {"mail", "E-Mail", "e-mail"}},
    {"type.person", {"person", "Person", "personne"}},
    {"type.attachment", {"attachment", "Anhang", "pièce jointe"}},
    {"type.rule", {"mail rule", "Mailregel", "règle de courrier"}},
    {"type.signature", {"signature", "Signatur", "signature"}},
    {"item", {"{type}[ {name}]", "{type}[ {name}]", "{type}[ {name}]"}},
    {"folder.id", {"folder {id}", "Ordner {id}", "le dossier {id}"}},
    {"group.existence", {"its existence", "seine Existenz", "son existence"}},
    {"value.change",
     {"{field} {new}[ (before: {old})]", "{field} {new}[ (vorher: {old})]", "{field} {new}[ (avant : {old})]"}},
    {"value.nothing", {"nothing", "nichts", "rien"}},
    {"value.bytes", {"{count} bytes", "{count} Bytes", "{count} octets"}},
    {"run",
     {"{sentence} ({count} times, events {first} to {last})", "{sentence} ({count}-mal, Ereignisse {first} bis {last})",
      "{sentence} ({count} fois, événements {first} à {last})"}},

    // One or more for every kind of event.
    {"local_created",
     {"{who} made it here[ in {folder}][, with {fields}].", "{who} hat es hier angelegt[ in {folder}][, mit {fields}].",
      "{who} l'a créé ici[ dans {folder}][, avec {fields}]."}},
    {"local_changed",
     {"{who} changed {fields} here.", "{who} hat hier geändert: {fields}.", "{who} a modifié ici : {fields}."}},
    {"local_moved",
     {"{who} moved it here[ from {from}] to {folder}[ and changed {fields}].",
      "{who} hat es hier[ aus {from}] nach {folder} verschoben[ und geändert: {fields}].",
      "{who} l'a déplacé ici[ depuis {from}] vers {folder}[ et a modifié : {fields}]."}},
    {"local_deleted", {"{who} deleted it here.", "{who} hat es hier gelöscht.", "{who} l'a supprimé ici."}},
    {"remote_created",
     {"The server has it[ in {folder}][, as {remote_id}]: from now on it is here too.",
      "Der Server hat es[ in {folder}][, als {remote_id}]: von nun an ist es auch hier.",
      "Le serveur l'a[ dans {folder}][, sous {remote_id}] : désormais il est ici aussi."}},
    {"remote_changed",
     {"On the server these were changed by somebody else: {fields}.",
      "Auf dem Server hat jemand anderes geändert: {fields}.",
      "Sur le serveur, quelqu'un d'autre a modifié : {fields}."}},
    {"remote_noted",
     {"The server told again what it alone keeps of it[: {fields}].",
      "Der Server hat neu gemeldet, was nur er darüber führt[: {fields}].",
      "Le serveur a redit ce que lui seul en tient[ : {fields}]."}},
    {"remote_moved",
     {"On the server somebody else moved it[ from {from}] to {folder}[ and changed {fields}].",
      "Auf dem Server hat es jemand anderes[ aus {from}] nach {folder} verschoben[ und geändert: "
      "{fields}].",
      "Sur le serveur, quelqu'un d'autre l'a déplacé[ depuis {from}] vers {folder}[ et a modifié : "
      "{fields}]."}},
    {"remote_deleted",
     {"It is not on the server any more, so it went here too.",
      "Es ist auf dem Server nicht mehr da, darum ist es auch hier gegangen.",
      "Il n'est plus sur le serveur : il a donc disparu ici aussi."}},
    {"outcome.created",
     {"The server made it[, as {remote_id}].", "Der Server hat es angelegt[, als {remote_id}].",
      "Le serveur l'a créé[, sous {remote_id}]."}},
    {"outcome.deleted",
     {"The server deleted it, as was asked here.", "Der Server hat es gelöscht, wie hier verlangt.",
      "Le serveur l'a supprimé, comme demandé ici."}},
    {"outcome.acknowledged",
     {"The server has {groups} from here[ (the edit of event {edit})].",
      "Der Server hat {groups} von hier[ (die Änderung von Ereignis {edit})].",
      "Le serveur a reçu {groups} d'ici[ (la modification de l'événement {edit})]."}},
    {"outcome.merged",
     {"Both sides had come to the same, nothing was left to send: {groups}.",
      "Beide Seiten kamen zum selben, nichts war mehr zu senden: {groups}.",
      "Les deux côtés disaient la même chose, rien n'était plus à envoyer : {groups}."}},
    {"outcome.superseded",
     {"A later edit here took the place of the one[ of event {edit}] before it was sent: "
      "{groups}.",
      "Eine spätere Änderung hier trat an die Stelle der früheren[ von Ereignis {edit}], ehe sie "
      "gesendet wurde: {groups}.",
      "Une modification ultérieure ici a pris la place de celle[ de l'événement {edit}] avant "
      "l'envoi : {groups}."}},
    {"outcome.parked",
     {"The server did not take {groups}[ (the edit of event {edit})]: {reason}. It waits for a "
      "person.",
      "Der Server hat {groups} nicht angenommen[ (die Änderung von Ereignis {edit})]: {reason}. Es "
      "wartet auf eine Person.",
      "Le serveur n'a pas accepté {groups}[ (la modification de l'événement {edit})] : {reason}. Une "
      "personne doit décider."}},
    {"outcome.loser",
     {"Both sides had changed {groups} differently: the server's[ (event {rival})] stands, what was "
      "typed here[ in event {edit}] is kept as loser.",
      "Beide Seiten hatten {groups} verschieden geändert: das des Servers[ (Ereignis {rival})] gilt, "
      "das hier[ in Ereignis {edit}] Getippte ist als Verlierer aufgehoben.",
      "Les deux côtés avaient modifié {groups} différemment : la version du serveur[ (événement "
      "{rival})] l'emporte, la saisie d'ici[ de l'événement {edit}] est conservée comme perdante."}},
    {"overruled",
     {"Both sides had changed {groups} differently: what was typed here[ in event {edit}] stands, the "
      "server's[ (event {rival})] is kept as loser.",
      "Beide Seiten hatten {groups} verschieden geändert: das hier[ in Ereignis {edit}] Getippte gilt, "
      "das des Servers[ (Ereignis {rival})] ist als Verlierer aufgehoben.",
      "Les deux côtés avaient modifié {groups} différemment : la saisie d'ici[ de l'événement {edit}] "
      "l'emporte, la version du serveur[ (événement {rival})] est conservée comme perdante."}},
    {"batch_opened",
     {"A request with the changes of {count} items was about to leave[ (batch {batch})].",
      "Eine Anfrage mit den Änderungen von {count} Elementen stand vor dem Senden[ (Stapel {batch})].",
      "Une requête avec les modifications de {count} éléments allait partir[ (lot {batch})]."}},
    {"batch_closed",
     {"The server has answered the request[ (batch {batch})].",
      "Der Server hat die Anfrage beantwortet[ (Stapel {batch})].",
      "Le serveur a répondu à la requête[ (lot {batch})]."}},
    {"batch_resumed",
     {"The answer to the request[ (batch {batch})] was lost: what became of it was read back from the server.",
      "Die Antwort auf die Anfrage[ (Stapel {batch})] ging verloren: was daraus wurde, ist vom Server nachgelesen.",
      "La réponse à la requête[ (lot {batch})] s'est perdue : son sort a été relu sur le serveur."}},
    {"cursor_moved",
     {"All that the server told of it[ up to its stamp {cursor}] is here.",
      "Alles, was der Server dazu meldete[ bis zu seinem Stempel {cursor}], ist hier.",
      "Tout ce que le serveur en a dit[ jusqu'à son repère {cursor}] est ici."}},
    {"cursor_moved.compared",
     {"It was compared in full with the server[ (stamp {cursor})].",
      "Es wurde vollständig mit dem Server verglichen[ (Stempel {cursor})].",
      "Il a été comparé en entier avec le serveur[ (repère {cursor})]."}},
    {"consent.asked",
     {"{count} of its {held} items are missing on the server: their deletion here waits for a "
      "person's consent.",
      "{count} seiner {held} Elemente fehlen auf dem Server: ihre Löschung hier wartet auf die "
      "Zustimmung einer Person.",
      "{count} de ses {held} éléments manquent sur le serveur : leur suppression ici attend l'accord "
      "d'une personne."}},
    {"consent.closed",
     {"It is closed to this account now: its {count} items stay here until a person lets them go.",
      "Es ist für dieses Konto nun verschlossen: seine {count} Elemente bleiben hier, bis eine "
      "Person sie gehen lässt.",
      "Il est désormais fermé à ce compte : ses {count} éléments restent ici jusqu'à ce qu'une "
      "personne les laisse partir."}},
    {"consent.given",
     {"A person let {count} items go that are missing on the server.",
      "Eine Person lässt {count} Elemente gehen, die auf dem Server fehlen.",
      "Une personne laisse partir {count} éléments qui manquent sur le serveur."}},
    {"consent.refused",
     {"A person keeps {count} items that are missing on the server.",
      "Eine Person behält {count} Elemente, die auf dem Server fehlen.",
      "Une personne garde {count} éléments qui manquent sur le serveur."}},
    {"consent.own_asked",
     {"{count} of its {held} items were deleted here: that they go on the server waits for a person's "
      "consent.",
      "{count} seiner {held} Elemente wurden hier gelöscht: dass sie auf dem Server gehen, wartet auf "
      "die Zustimmung einer Person.",
      "{count} de ses {held} éléments ont été supprimés ici : leur suppression sur le serveur attend "
      "l'accord d'une personne."}},
    {"consent.own_given",
     {"A person lets {count} items go on the server that were deleted here.",
      "Eine Person lässt {count} Elemente auf dem Server gehen, die hier gelöscht wurden.",
      "Une personne laisse partir du serveur {count} éléments supprimés ici."}},
    {"consent.own_refused",
     {"A person takes the deletion of {count} items back.",
      "Eine Person nimmt die Löschung von {count} Elementen zurück.",
      "Une personne revient sur la suppression de {count} éléments."}},
    {"account_set",
     {"Settings were made: {settings}.", "Einstellungen wurden gesetzt: {settings}.",
      "Des réglages ont été faits : {settings}."}},
    {"conflict_settled.undone",
     {"A person turned the decision of the conflict round: {groups}.",
      "Eine Person hat die Entscheidung des Konflikts umgedreht: {groups}.",
      "Une personne a renversé la décision du conflit : {groups}."}},
    {"conflict_settled.kept",
     {"A person let the decision of the conflict stand: {groups}.",
      "Eine Person lässt die Entscheidung des Konflikts gelten: {groups}.",
      "Une personne laisse la décision du conflit : {groups}."}},
    {"item_restated",
     {"Its state was said again, so that older history can go; what was before is not kept.",
      "Sein Stand wurde neu festgehalten, damit ältere Geschichte gehen kann; was davor war, ist "
      "nicht aufgehoben.",
      "Son état a été redit pour que l'histoire plus ancienne puisse partir ; ce qui précède n'est "
      "pas conservé."}},
    {"account_restated",
     {"{count} rows of the account's state ({section}) were said again.",
      "{count} Zeilen vom Stand des Kontos ({section}) wurden neu festgehalten.",
      "{count} lignes de l'état du compte ({section}) ont été redites."}},
    {"checkpoint.begins",
     {"A checkpoint begins: the whole state is said again from here on.",
      "Ein Sicherungspunkt beginnt: von hier an wird der ganze Stand neu festgehalten.",
      "Un point de contrôle commence : tout l'état est redit à partir d'ici."}},
    {"checkpoint.ends",
     {"The checkpoint of event {begin} is whole: {count} items were said again.",
      "Der Sicherungspunkt von Ereignis {begin} ist vollständig: {count} Elemente wurden neu "
      "festgehalten.",
      "Le point de contrôle de l'événement {begin} est complet : {count} éléments ont été redits."}},
    {"gap.dropped",
     {"{count} older events were dropped, as the settings say; history is whole from event {from} on.",
      "{count} ältere Ereignisse wurden gelöscht, wie eingestellt; die Geschichte ist ab Ereignis "
      "{from} ganz.",
      "{count} événements plus anciens ont été retirés, selon les réglages ; l'histoire est entière à "
      "partir de l'événement {from}."}},
    {"gap.damaged",
     {"{count} events were lost by damage; history is whole from event {from} on.",
      "{count} Ereignisse gingen durch Beschädigung verloren; die Geschichte ist ab Ereignis {from} "
      "ganz.",
      "{count} événements ont été perdus par dommage ; l'histoire est entière à partir de l'événement "
      "{from}."}},
    {"item_forgotten",
     {"It had been gone for as long as history is kept: nothing of it is kept from here on.",
      "Es war so lange fort, wie Geschichte aufgehoben wird: von hier an ist nichts davon "
      "aufgehoben.",
      "Il était parti depuis aussi longtemps que l'histoire est conservée : plus rien n'en est "
      "gardé."}},
    {"unknown",
     {"Something happened that this version does not know (kind {kind}).",
      "Etwas geschah, das diese Version nicht kennt (Art {kind}).",
      "Il s'est passé quelque chose que cette version ne connaît pas (genre {kind})."}},
    {"unreadable",
     {"This event cannot be read: {problem}.", "Dieses Ereignis ist nicht lesbar: {problem}.",
      "Cet événement est illisible : {problem}."}},

    // Why something is parked: codes of ours, "limit" and "other" for the server's.
    {"code.limit",
     {"{field} has {length}, at most {limit} are taken ({code})",
      "{field} hat {length}, höchstens {limit} werden angenommen ({code})",
      "{field} fait {length}, {limit} au plus sont acceptés ({code})"}},
    {"code.other",
     {"the server refused it[ because of {field}] ({code})", "der Server lehnt es[ wegen {field}] ab ({code})",
      "le serveur le refuse[ à cause de {field}] ({code})"}},
    {"code.no_right",
     {"the account lacks the right ({code})", "dem Konto fehlt das Recht ({code})",
      "le compte n'a pas le droit ({code})"}},
    {"code.server_fails",
     {"whenever it was sent the server failed", "so oft es gesendet wurde, versagte der Server",
      "à chaque envoi le serveur a échoué"}},
    {"code.changed_meanwhile",
     {"whenever it was sent the server had another version of it",
      "so oft es gesendet wurde, hatte der Server eine andere Fassung",
      "à chaque envoi le serveur en avait une autre version"}},
    {"code.item_not_on_server",
     {"the server does not have what it belongs to", "der Server hat nicht, wozu es gehört",
      "le serveur n'a pas ce à quoi il appartient"}},
    {"code.folder_not_on_server",
     {"the server does not have its folder", "der Server hat seinen Ordner nicht", "le serveur n'a pas son dossier"}},
    {"code.series_not_on_server",
     {"the server does not have the series it is a day of", "der Server hat die Serie nicht, deren Tag es ist",
      "le serveur n'a pas la série dont il est un jour"}},
    {"code.source_not_here",
     {"the mail itself is not here to be sent", "die E-Mail selbst ist nicht hier, um gesendet zu werden",
      "l'e-mail lui-même n'est pas ici pour être envoyé"}},
    {"code.maybe_deleted_on_server",
     {"its answer was lost, and somebody may have deleted it on the server since: sent "
      "again it could come back",
      "die Antwort ging verloren, und jemand kann es seither auf dem Server gelöscht "
      "haben: noch einmal gesendet, käme es wieder",
      "la réponse s'est perdue et quelqu'un peut l'avoir supprimé depuis sur le "
      "serveur : renvoyé, il pourrait revenir"}},
    {"code.maybe_renamed_on_server",
     {"its answer was lost, and somebody may have renamed or moved it on the server "
      "since: sent again it could be there twice",
      "die Antwort ging verloren, und jemand kann es seither auf dem Server umbenannt "
      "oder verschoben haben: noch einmal gesendet, wäre es vielleicht doppelt",
      "la réponse s'est perdue et quelqu'un peut l'avoir renommé ou déplacé depuis sur "
      "le serveur : renvoyé, il pourrait être en double"}},
    {"code.on_server_as_another_item",
     {"the server has it already, as another item of this account",
      "der Server hat es schon, als ein anderes Element dieses Kontos",
      "le serveur l'a déjà, comme un autre élément de ce compte"}},
    {"code.moved_away_still_inside",
     {"something is in it on the server that was moved away here in vain: it would go "
      "as well",
      "auf dem Server liegt etwas darin, das hier vergeblich verschoben wurde: es "
      "ginge mit",
      "le serveur y garde un élément déplacé ici en vain : il partirait avec"}},

    // Why an item is as it is (why.h). `next.` says what to do, where there is something to do.
    {"why.well",
     {"Nothing waits and nothing was refused: it is as the server last told it[, in event {seq}].",
      "Nichts wartet und nichts wurde abgelehnt: es ist, wie der Server es zuletzt gemeldet hat[, in "
      "Ereignis {seq}].",
      "Rien n'attend et rien n'a été refusé : il est tel que le serveur l'a dit en dernier[, à l'événement "
      "{seq}]."}},
    {"why.unsent",
     {"The edit of {fields} (event {seq}) is yet to be sent[; {tries} requests carried it, and none "
      "decided it].",
      "Die Änderung von {fields} (Ereignis {seq}) ist noch zu senden[; {tries} Anfragen trugen sie, "
      "keine hat sie entschieden].",
      "La modification de {fields} (événement {seq}) reste à envoyer[ ; {tries} requêtes l'ont portée "
      "sans la décider]."}},
    {"next.unsent", {"outpost sync sends it", "outpost sync sendet sie", "outpost sync l'envoie"}},
    {"why.unanswered",
     {"The edit of {fields} (event {seq}) left with batch {batch} (event {sent}), whose answer never "
      "came: what became of it is read back before anything is sent again, so that nothing is done "
      "twice.",
      "Die Änderung von {fields} (Ereignis {seq}) ging mit Stapel {batch} (Ereignis {sent}) hinaus, "
      "dessen Antwort nie kam: was daraus wurde, wird nachgelesen, ehe etwas noch einmal gesendet "
      "wird, damit nichts doppelt geschieht.",
      "La modification de {fields} (événement {seq}) est partie avec le lot {batch} (événement "
      "{sent}), dont la réponse n'est jamais venue : son sort est relu avant tout nouvel envoi, pour "
      "que rien ne soit fait deux fois."}},
    {"next.unanswered", {"outpost sync reads it back", "outpost sync liest es nach", "outpost sync le relit"}},
    {"why.folder_waits",
     {"Its folder {folder} is not on the server yet: it goes first.",
      "Sein Ordner {folder} ist noch nicht auf dem Server: der geht voran.",
      "Son dossier {folder} n'est pas encore sur le serveur : il passe d'abord."}},
    {"next.folder_waits",
     {"outpost journal why {folder_id}", "outpost journal why {folder_id}", "outpost journal why {folder_id}"}},
    {"why.reading",
     {"It has not been read in full yet: {count} of its items are here[, and the last change of it came at {time} "
      "(event "
      "{seq})].",
      "Er ist noch nicht ganz gelesen: {count} seiner Einträge sind hier[, und die letzte Änderung kam um {time} "
      "(Ereignis {seq})].",
      "Il n'a pas encore été lu en entier : {count} de ses éléments sont ici[, et le dernier changement est arrivé à "
      "{time} (événement {seq})]."}},
    {"next.reading",
     {"outpost status says how far it is, and whether anybody reads",
      "outpost status sagt, wie weit es ist, und ob jemand liest",
      "outpost status dit où il en est, et si quelqu'un lit"}},
    {"why.budget",
     {"The account may send {count} requests in 5 minutes (setting requests_per_5_minutes[, event {seq}]); {usual} are "
      "usual. That sets its pace.",
      "Das Konto darf in 5 Minuten {count} Anfragen stellen (Einstellung requests_per_5_minutes[, Ereignis {seq}]); "
      "üblich sind {usual}. Das bestimmt sein Tempo.",
      "Le compte peut envoyer {count} requêtes en 5 minutes (réglage requests_per_5_minutes[, événement {seq}]) ; "
      "l'usage est de {usual}. Cela fixe son allure."}},
    {"next.budget",
     {"outpost settings set requests_per_5_minutes {usual}", "outpost settings set requests_per_5_minutes {usual}",
      "outpost settings set requests_per_5_minutes {usual}"}},
    {"why.bandwidth",
     {"The account may use {count} KiB/s (setting bandwidth[, event {seq}]). That sets its pace.",
      "Das Konto darf {count} KiB/s nutzen (Einstellung bandwidth[, Ereignis {seq}]). Das bestimmt sein Tempo.",
      "Le compte peut utiliser {count} Kio/s (réglage bandwidth[, événement {seq}]). Cela fixe son allure."}},
    {"next.bandwidth",
     {"outpost settings set bandwidth \"\"", "outpost settings set bandwidth \"\"",
      "outpost settings set bandwidth \"\""}},
    {"why.paused", {"The account is paused.", "Das Konto ruht.", "Le compte est en pause."}},
    {"next.paused", {"outpost account resume", "outpost account resume", "outpost account resume"}},
    {"why.link",
     {"The last run ended at {time} as {state}[: {problem}].",
      "Der letzte Lauf endete um {time} als {state}[: {problem}].",
      "Le dernier passage s'est terminé à {time} en {state}[ : {problem}]."}},
    {"next.link", {"outpost status", "outpost status", "outpost status"}},
    {"why.parked",
     {"The edit of {groups} (event {seq}) is parked: {reason}.",
      "Die Änderung von {groups} (Ereignis {seq}) ist geparkt: {reason}.",
      "La modification de {groups} (événement {seq}) est mise de côté : {reason}."}},
    {"next.parked",
     {"change it with outpost item set {id}, or send it once more with outpost sync --retry {id}",
      "mit outpost item set {id} ändern, oder mit outpost sync --retry {id} noch einmal senden",
      "la changer par outpost item set {id}, ou la renvoyer par outpost sync --retry {id}"}},
    {"next.parked_folder",
     {"rename it with outpost folder rename {id} NAME, or send it once more with outpost sync --retry {id}",
      "mit outpost folder rename {id} NAME umbenennen, oder mit outpost sync --retry {id} noch einmal senden",
      "le renommer par outpost folder rename {id} NAME, ou le renvoyer par outpost sync --retry {id}"}},
    {"why.server_won",
     {"Both sides changed {group} to different values before either knew of the other: by the policy "
      "the server's[ (event {rival})] stands. What was typed here (event {seq}) is kept.",
      "Beide Seiten änderten {group} verschieden, ehe eine von der anderen wusste: nach der Regel "
      "gilt das des Servers[ (Ereignis {rival})]. Das hier Getippte (Ereignis {seq}) ist "
      "aufgehoben.",
      "Les deux côtés ont modifié {group} différemment avant de se connaître : selon la règle, la "
      "version du serveur[ (événement {rival})] l'emporte. La saisie d'ici (événement {seq}) est "
      "conservée."}},
    {"next.server_won",
     {"outpost journal undo {seq} takes what was typed here, outpost journal settle {seq} lets it "
      "be",
      "outpost journal undo {seq} nimmt das hier Getippte, outpost journal settle {seq} lässt es "
      "dabei",
      "outpost journal undo {seq} reprend la saisie d'ici, outpost journal settle {seq} en reste "
      "là"}},
    {"why.client_won",
     {"Both sides changed {group} to different values before either knew of the other: by the policy "
      "what was typed here[ (event {rival})] stands. The server's (event {seq}) is kept.",
      "Beide Seiten änderten {group} verschieden, ehe eine von der anderen wusste: nach der Regel "
      "gilt das hier Getippte[ (Ereignis {rival})]. Das des Servers (Ereignis {seq}) ist "
      "aufgehoben.",
      "Les deux côtés ont modifié {group} différemment avant de se connaître : selon la règle, la "
      "saisie d'ici[ (événement {rival})] l'emporte. La version du serveur (événement {seq}) est "
      "conservée."}},
    {"next.client_won",
     {"outpost journal undo {seq} takes the server's, outpost journal settle {seq} lets it be",
      "outpost journal undo {seq} nimmt das des Servers, outpost journal settle {seq} lässt es "
      "dabei",
      "outpost journal undo {seq} reprend celle du serveur, outpost journal settle {seq} en reste "
      "là"}},
    {"why.changed_elsewhere",
     {"What was typed here in {fields} (event {seq}) reached the server (event {told}); "
      "somebody else changed it there afterwards (event {by}).",
      "Das hier in {fields} Getippte (Ereignis {seq}) kam auf dem Server an (Ereignis "
      "{told}); danach hat es dort jemand anderes geändert (Ereignis {by}).",
      "La saisie d'ici dans {fields} (événement {seq}) est arrivée sur le serveur (événement "
      "{told}) ; ensuite quelqu'un d'autre l'y a modifiée (événement {by})."}},
    {"next.changed_elsewhere",
     {"outpost item restore {id} --at {told} brings it back", "outpost item restore {id} --at {told} holt es zurück",
      "outpost item restore {id} --at {told} la rétablit"}},
    {"why.deleted_here",
     {"It was deleted here by a person (event {seq})[, and the server deleted it too (event "
      "{told})].",
      "Eine Person hat es hier gelöscht (Ereignis {seq})[, und der Server hat es auch gelöscht "
      "(Ereignis {told})].",
      "Une personne l'a supprimé ici (événement {seq})[, et le serveur aussi (événement "
      "{told})]."}},
    {"why.deleted_there",
     {"It is not on the server any more: somebody deleted it elsewhere, and that was told in "
      "event {seq}.",
      "Es ist nicht mehr auf dem Server: jemand hat es anderswo gelöscht, gemeldet in Ereignis "
      "{seq}.",
      "Il n'est plus sur le serveur : quelqu'un l'a supprimé ailleurs, annoncé à l'événement "
      "{seq}."}},
    {"why.deleted_by_consent",
     {"It was missing on the server; a person consented to its deletion here (event "
      "{consent}), and it went in event {seq}.",
      "Es fehlte auf dem Server; eine Person stimmte der Löschung hier zu (Ereignis "
      "{consent}), und es ging in Ereignis {seq}.",
      "Il manquait sur le serveur ; une personne a consenti à sa suppression ici (événement "
      "{consent}), et il est parti à l'événement {seq}."}},
    {"why.deleted_with_folder",
     {"It went with its folder {folder} (event {seq}).", "Es ging mit seinem Ordner {folder} (Ereignis {seq}).",
      "Il est parti avec son dossier {folder} (événement {seq})."}},
    {"next.deleted",
     {"outpost item restore {id} --at {before} brings it back",
      "outpost item restore {id} --at {before} holt es zurück", "outpost item restore {id} --at {before} le rétablit"}},
    {"why.moved_here",
     {"It is in {folder} now: a person moved it here[ from {from}] (event {seq}).",
      "Es liegt nun in {folder}: eine Person hat es hier[ aus {from}] verschoben (Ereignis {seq}).",
      "Il est maintenant dans {folder} : une personne l'a déplacé ici[ depuis {from}] (événement "
      "{seq})."}},
    {"why.moved_there",
     {"It is in {folder} now: somebody else moved it on the server[ from {from}] (event {seq}).",
      "Es liegt nun in {folder}: jemand anderes hat es auf dem Server[ aus {from}] verschoben "
      "(Ereignis {seq}).",
      "Il est maintenant dans {folder} : quelqu'un d'autre l'a déplacé sur le serveur[ depuis "
      "{from}] (événement {seq})."}},
    {"why.held",
     {"It is one of {count} items of its folder that are missing on the server: so many at once are not "
      "deleted here without a person's consent (event {seq}).",
      "Es ist eines von {count} Elementen seines Ordners, die auf dem Server fehlen: so viele auf einmal "
      "werden hier nicht ohne Zustimmung einer Person gelöscht (Ereignis {seq}).",
      "C'est l'un des {count} éléments de son dossier qui manquent sur le serveur : autant à la fois ne "
      "sont pas supprimés ici sans l'accord d'une personne (événement {seq})."}},
    {"why.held_closed",
     {"Its folder is closed to this account since event {seq}: whether the item is still there "
      "nobody can tell, so its {count} items stay here until a person lets them go.",
      "Sein Ordner ist für dieses Konto seit Ereignis {seq} verschlossen: ob es noch da ist, weiß "
      "niemand, darum bleiben seine {count} Elemente hier, bis eine Person sie gehen lässt.",
      "Son dossier est fermé à ce compte depuis l'événement {seq} : nul ne sait s'il y est encore, "
      "ses {count} éléments restent donc ici jusqu'à ce qu'une personne les laisse partir."}},
    {"next.held",
     {"outpost consent give {folder_id} deletes them here, outpost consent refuse {folder_id} keeps them",
      "outpost consent give {folder_id} löscht sie hier, outpost consent refuse {folder_id} behält sie",
      "outpost consent give {folder_id} les supprime ici, outpost consent refuse {folder_id} les garde"}},
    {"why.folder_gone",
     {"Its folder {folder} is not shown any more, so neither is what is in it.",
      "Sein Ordner {folder} wird nicht mehr gezeigt, also auch nicht, was darin ist.",
      "Son dossier {folder} n'est plus affiché, donc son contenu non plus."}},
    {"next.folder_gone",
     {"outpost journal why {folder_id}", "outpost journal why {folder_id}", "outpost journal why {folder_id}"}},
    {"why.forgotten",
     {"It had been gone for as long as history is kept; in event {seq} what was left of it went too.",
      "Es war so lange fort, wie Geschichte aufgehoben wird; in Ereignis {seq} ging auch der Rest.",
      "Il était parti depuis aussi longtemps que l'histoire est conservée ; à l'événement {seq}, le "
      "reste est parti aussi."}},
    {"why.twin_here",
     {"{twin} looks the same: both were made on this computer, by events {seq} and {other}.",
      "{twin} sieht gleich aus: beide wurden auf diesem Rechner angelegt, von Ereignis {seq} und "
      "{other}.",
      "{twin} paraît identique : les deux ont été créés sur cet ordinateur, par les événements {seq} "
      "et {other}."}},
    {"why.twin_there",
     {"{twin} looks the same: both came from the server (events {seq} and {other}), they are two "
      "there as well, with uids of their own.",
      "{twin} sieht gleich aus: beide kamen vom Server (Ereignisse {seq} und {other}), auch dort "
      "sind es zwei, mit eigenen UIDs.",
      "{twin} paraît identique : les deux viennent du serveur (événements {seq} et {other}), ils y "
      "sont deux aussi, chacun avec son uid."}},
    {"why.twin_both",
     {"{twin} looks the same: one was made here (event {mine}), the other came from the server (event "
      "{theirs}), made elsewhere. The one made here was sent {tries} times and the server made one of "
      "it: it is not a repeated send.",
      "{twin} sieht gleich aus: eines wurde hier angelegt (Ereignis {mine}), das andere kam vom "
      "Server (Ereignis {theirs}), anderswo angelegt. Das hiesige wurde {tries}-mal gesendet, und der "
      "Server hat eines daraus gemacht: es ist kein doppeltes Senden.",
      "{twin} paraît identique : l'un a été créé ici (événement {mine}), l'autre vient du serveur "
      "(événement {theirs}), créé ailleurs. Celui d'ici a été envoyé {tries} fois et le serveur en a "
      "fait un seul : ce n'est pas un envoi répété."}},
    {"why.twin_uid",
     {"{twin} has the same uid: the server holds copies of it in two places (events {seq} and "
      "{other}).",
      "{twin} hat dieselbe UID: der Server hält Kopien an zwei Stellen (Ereignisse {seq} und "
      "{other}).",
      "{twin} a le même uid : le serveur en tient des copies à deux endroits (événements {seq} et "
      "{other})."}},
    {"next.twin",
     {"delete the one that is too many with outpost item delete", "das überzählige mit outpost item delete löschen",
      "supprimer celui qui est de trop par outpost item delete"}},
};

const CatalogueEntry* FindEntry(std::string_view key) {
  const auto* found = std::find_if(std::begin(kCatalogue), std::end(kCatalogue),
                                   [&](const CatalogueEntry& entry) { return entry.key == key; });
  return found != std::end(kCatalogue) ? found : nullptr;
}

const std::string* WordOf(const Words& words, std::string_view name) {
  for (const auto& [known, word] : words)
    if (known == name) return &word;
  return nullptr;
}

// `text`, which has no brackets, with the words in it; `whole` is cleared when one of them is empty.
std::string Filled(std::string_view text, const Words& words, bool& whole) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto open = text.find('{', at);
    out += text.substr(at, open - at);
    if (open == std::string_view::npos) break;
    const auto close = text.find('}', open);
    const std::string* word = WordOf(words, text.substr(open + 1, close - open - 1));
    if (word == nullptr || word->empty())
      whole = false;
    else
      out += *word;
    at = close + 1;
  }
  return out;
}

}  // namespace

std::optional<Language> LanguageFromName(std::string_view name) {
  const std::string_view first = name.substr(0, name.find_first_of("_.-@"));
  for (const Language language : kLanguages)
    if (first == LanguageName(language)) return language;
  return std::nullopt;
}

const char* LanguageName(Language language) {
  switch (language) {
    case Language::kEnglish:
      return "en";
    case Language::kGerman:
      return "de";
    case Language::kFrench:
      return "fr";
  }
  return "en";
}

std::string_view RawText(Language language, std::string_view key) {
  const CatalogueEntry* entry = FindEntry(key);
  return entry != nullptr ? entry->texts[static_cast<std::size_t>(language)] : std::string_view();
}

bool HasText(std::string_view key) { return FindEntry(key) != nullptr; }

std::vector<std::string_view> CatalogueKeys() {
  std::vector<std::string_view> keys;
  for (const CatalogueEntry& entry : kCatalogue) keys.push_back(entry.key);
  return keys;
}

std::string Say(Language language, std::string_view key, const Words& words) {
  std::string_view text = RawText(language, key);
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('[');
    bool whole = true;
    out += Filled(text.substr(0, open), words, whole);
    if (open == std::string_view::npos) break;
    const auto close = text.find(']', open);
    bool kept = true;
    const std::string part = Filled(text.substr(open + 1, close - open - 1), words, kept);
    if (kept) out += part;
    text.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace outpost
