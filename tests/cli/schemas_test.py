#!/usr/bin/env python3
"""usage: schemas_test.py OUTPOST FOLDER-OF-SCHEMAS

Calls every verb of the program that takes --json, on real accounts beside the embedded server, and holds what it says to
schemas/cli/VERB.json. Fails too where a verb has no schema, a schema no verb, or a verb was never called here. Without the
validator (python3-jsonschema) it is skipped."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("[skipped] python3-jsonschema is not installed")
    sys.exit(0)

OUTPOST, SCHEMAS = sys.argv[1:3]
NO_JSON = {"completion", "item source"}  # a script, and the bytes of a mail
schemas = {}
called = set()
failures = []


def load_schemas():
    common = json.load(open(os.path.join(SCHEMAS, "common.json")))
    for name in sorted(os.listdir(SCHEMAS)):
        schema = json.load(open(os.path.join(SCHEMAS, name)))
        jsonschema.Draft202012Validator.check_schema(schema)
        if name == "common.json":
            continue
        resolver = jsonschema.RefResolver("", schema, store={"common.json": common})
        schemas[name[: -len(".json")]] = (schema, resolver)


def check(verb, value, stream=False):
    called.add(verb)
    schema, resolver = schemas[verb.replace(" ", "-")]
    if stream and schema.get("type") == "array":
        schema = schema["items"]
    errors = list(jsonschema.Draft202012Validator(schema, resolver=resolver).iter_errors(value))
    for error in errors[:3]:
        failures.append(f"{verb}: {'/'.join(map(str, error.absolute_path))}: {error.message[:400]}")


class Computer:
    def __init__(self, work, name):
        self.data = os.path.join(work, name)

    def start(self, words, stdin=""):
        arguments = [OUTPOST, *words, "--data", self.data, "--json"]
        return subprocess.run(arguments, input=stdin, capture_output=True, text=True, timeout=120)

    def __call__(self, verb, *words, stdin="", code=0, lines=False):
        done = self.start([*verb.split(), *map(str, words)], stdin)
        if done.returncode != code:
            failures.append(f"{verb} {words}: exit {done.returncode}: {done.stderr}{done.stdout[:300]}")
            return None
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        if lines:
            for row in rows:
                check(verb, row, stream=True)
            return rows
        if len(rows) != 1:
            failures.append(f"{verb} {words}: {len(rows)} lines")
            return None
        check(verb, rows[0])
        return rows[0]

    def follow(self, verb, *words, until):
        """A stream: its lines until `until` is true of one, then it is stopped."""
        arguments = [OUTPOST, *verb.split(), *words, "--data", self.data, "--json"]
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        for line in process.stdout:
            row = json.loads(line)
            check(verb, row, stream=True)
            if until(row):
                break
        process.terminate()
        if process.wait(timeout=60) != 0:
            failures.append(f"{verb} {words}: a stream that is stopped ended with {process.returncode}")


class Server:
    def __init__(self, *words):
        arguments = [OUTPOST, "server", "--listen", "127.0.0.1:0", "--json", *words]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        told = json.loads(self.process.stdout.readline())
        check("server", told)
        self.url = told["listening"]

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)


def verbs_with_json(work):
    pages = os.path.join(work, "pages")
    subprocess.run([OUTPOST, "man", pages], check=True, stdout=subprocess.DEVNULL, timeout=60)
    for name in sorted(os.listdir(pages)):
        text = open(os.path.join(pages, name)).read()
        if "\\-\\-json" in text:
            synopsis = re.search(r"^\.SH SYNOPSIS\n\.B (.*)$", text, re.M).group(1)
            yield synopsis.replace("\\-", "-").removeprefix("outpost ")


def accounts_and_settings(desk, server, work):
    desk("account add", "--server", server.url, "--user", "anna")
    desk("sync", "--progress", lines=True)
    desk("account list")
    desk("account show")
    desk("account password", "--password-stdin", stdin="secret\n")
    desk("account policy", "client-wins")
    desk("account policy", "server-wins")
    desk("account resync")
    desk("account pause")
    desk("account resume")
    desk("account allow-http")
    desk("account trust", "--system")
    desk("account proxy-password", "--password-stdin", stdin="x\n")
    desk("account proxy-password", "--remove")
    locked = Computer(work, "locked")
    os.environ["OUTPOST_PASSPHRASE"] = "one two three"
    locked("account add", "--server", server.url, "--user", "bert", "--encrypt", "--offline")
    locked("account passphrase", stdin="four five six\n")
    del os.environ["OUTPOST_PASSPHRASE"]
    locked("account remove", "--force")
    desk("settings list")
    desk("settings get", "page")
    desk("settings set", "page", "50")
    desk("status")
    desk.follow("status", "--watch", until=lambda row: True)
    desk("password", "--password-stdin", "--strength", stdin="correct horse battery staple\n")
    desk("password", "--password-stdin", stdin="secret\n")


def folders(desk):
    desk("folder list")
    made = desk("folder new", "Team", "--parent", "Contacts")
    desk("folder rename", made["id"], "Friends")
    desk("folder move", made["id"], "--parent", "/")
    desk("sync")
    desk("folder rights", made["id"], "--grant", "user:4=editor")
    desk("folder restore", "Contacts", "--at", 30)
    desk("folder search new", "Adas", "--in", "Contacts", "--where", "first_name = Ada")
    desk("folder search list")
    desk("folder search change", "Adas", "--below")
    desk("folder search delete", "Adas")
    desk("folder delete", made["id"])


def items(desk, laptop, work):
    ada = desk("item new", "--folder", "Contacts", "first_name=Ada", "last_name=Lovelace", "email1=ada@example.org")["id"]
    desk("item set", ada, "note=Analyst")
    photo = os.path.join(work, "photo.png")
    open(photo, "wb").write(bytes.fromhex("89504e470d0a1a0a0000000d49484452") + b"0" * 60)
    desk("item photo", ada, "--set", photo)
    rich = os.path.join(work, "note.rtf")
    open(rich, "w").write("{\\rtf1 Analyst}")
    desk("item rich-text", ada)
    desk("item rich-text", ada, "--set", rich)
    desk("item rich-text", ada, "--remove")
    attached = desk("item attach", ada, photo, "--type", "image/png")
    desk("item attachments", ada)
    desk("sync")
    desk("item fetch", attached["id"])
    desk("item detach", attached["id"])
    team = desk("folder new", "Other", "--parent", "Contacts")["id"]
    desk("item move", ada, "--folder", team)
    desk("item get", ada)
    desk("item restore", ada, "--at", desk("journal item", ada)["events"][0]["seq"])
    series = desk("item new", "--folder", "Calendar", "title=Stand-up", "start_date=2026-12-01T08:00Z", "timezone=UTC",
                  "recurrence_type=1", "interval=1", "occurrences=5", "participants=user:4")["id"]
    meeting = desk("item new", "--folder", "Calendar", "title=Talk", "start_date=2026-12-01T10:00Z",
                   "participants=user:4")["id"]
    weekly = desk("folder new", "Weekly", "--type", "appointment")["id"]
    desk("sync")
    desk("item move", series, "--folder", weekly, "--copy-series")
    desk("sync")
    series = desk("item list", "--folder", weekly)[0]["id"]
    desk("item delete", series, "--occurrence", "2026-12-02")
    desk("item new", "--folder", "Tasks", "title=Call Ada")
    desk("sync")
    desk("item list")
    desk("item list", "--folder", "Contacts", "--columns", "first_name,last_name", "--sort", "last_name")
    desk("item list", "--folder", "Calendar", "--from", "2026-12-01", "--to", "2026-12-07")
    desk("item list", "--folder", "Tasks", "--group", "status")
    desk("item answer", series, "accept")
    desk("freebusy", "user:4", "--from", "2026-12-01")
    laptop("account add", "--server", desk("account show")["settings"]["server"], "--user", "bert")
    laptop("sync")
    invited = [one for one in laptop("item list", "--folder", "Calendar") if one["fields"].get("title") == "Talk"]
    laptop("item propose", (invited or [{"id": meeting}])[0]["id"], "--start", "2026-12-01T12:00Z",
           "--from", "bert@example.org")
    mail = os.path.join(work, "mail.eml")
    me = desk("profile show")["fields"].get("email1", "anna@example.org")
    open(mail, "w").write(f"From: {me}\nTo: bert@example.org\nSubject: Hello\n\nHello\n")
    desk("item draft", mail)
    sent = desk("item send", mail)["id"]
    desk("item copy", sent, "--folder", "E-Mail/INBOX")
    gone = desk("item new", "--folder", "Contacts", "first_name=Gone")["id"]
    desk("sync")
    desk("item delete", gone)
    desk("trash list")
    desk("trash restore", gone)
    return ada


def people_and_mail(desk):
    desk("people")
    desk("people", "--address", "a")
    desk("profile show")
    desk("profile set", "position=Analyst")
    made = desk("signatures new", "Short", "--content", "Anna")["id"]
    desk("signatures list")
    desk("signatures show", made)
    desk("signatures set", made, "--above")
    desk("signatures delete", made)
    rule = desk("rules new", "Lists", "--if", "subject contains [list]", "--do", "mark seen")["id"]
    desk("rules list")
    desk("rules set", rule, "--off")
    desk("rules move", rule, 0)
    desk("vacation show")
    desk("vacation set", "--text", "Away")
    desk("vacation show")
    desk("vacation off")
    desk("rules delete", rule)


def conflict(desk, other, number):
    """Both sides change one field: the sequence that lost."""
    mine = desk("item new", "--folder", "Contacts", f"first_name=Clash{number}")["id"]
    desk("sync")
    other("sync")
    found = [one for one in other("item list", "--folder", "Contacts") if one["fields"].get("first_name") == f"Clash{number}"]
    other("item set", found[0]["id"], "company=Theirs")
    other("sync")
    desk("item set", mine, "company=Ours")
    desk("sync")
    return mine


def journal(desk, other, ada, work):
    first, second = conflict(desk, other, 1), conflict(desk, other, 2)
    desk("item set", ada, "nickname=" + "n" * 100)
    desk("sync")
    desk("item set", ada, "department=Waits")
    for content in ((), ("--content",)):
        desk("journal log", *content)
        desk("journal item", ada, *content)
        desk("journal show", desk("journal log", "--kind", "local_changed", "--last", 1)[0]["seq"], *content)
        for verb in ("tree", "queue", "parked", "conflicts", "stats"):
            desk("journal " + verb, *content)
        desk("journal conflicts", "--all", *content)
        desk("journal view", "--folder", "Contacts", "--at", 40, *content)
        desk("journal diff", "30..", *content)
        desk("journal why", ada, *content)
        desk("journal explain", ada, *content)
        desk("journal export", "--ndjson", *content, lines=True)
    for name in ("queue", "parked", "conflicts"):
        if not desk("journal " + name):
            failures.append(f"journal {name}: nothing to hold to its schema")
    desk.follow("journal log", "--follow", "--last", "1", until=lambda row: True)
    desk("journal parked", "--would-now-succeed")
    desk("journal plan")
    desk("sync", "--dry-run")
    desk("journal undo", first)
    desk("journal settle", second)
    desk("journal audit")
    desk("journal verify", "--rebuild")
    desk("journal rebuild")
    desk("journal compact")
    backup = os.path.join(work, "desk.outpost")
    desk("journal backup", backup)
    desk("journal verify", backup)
    bundle = os.path.join(work, "desk.bundle")
    desk("journal bundle", bundle)
    desk("journal replay", bundle)
    desk("journal replay", "--all", lines=True)
    desk("journal restore", backup, "--account", "anna@restored")
    desk("journal salvage", "anna@saved", "--account", os.path.basename(desk("account list")[0]["folder"]))


def demo(work):
    Computer(work, "demo")("demo", "--items", 60)


def deletions_that_wait(work):
    cards = os.path.join(work, "all.vcf")
    with open(cards, "w") as file:
        for number in range(120):
            file.write(f"BEGIN:VCARD\nVERSION:3.0\nFN:n{number}\nN:n{number};;;;\nEND:VCARD\n")
    server = Server("--option", "tombstone_retention=1", "--import", cards)
    here, third, there = (Computer(work, name) for name in ("here", "third", "there"))
    for one in (here, third, there):
        one("account add", "--server", server.url, "--user", "anna")
        one("sync")
    ids = [one["id"] for one in there("item list", "--folder", "Contacts") if one["fields"].get("last_name", "").startswith("n")]
    there("item delete", *ids[:100])
    there("sync")
    here("sync")
    third("sync")
    if not here("consent list"):
        failures.append("consent list: nothing waits")
    here("status")
    here("consent refuse", "Contacts")
    third("consent give", "Contacts")
    server.stop()


def main():
    os.environ["OUTPOST_PASSWORD"] = "secret"
    for name in ("OUTPOST_PASSPHRASE", "DBUS_SESSION_BUS_ADDRESS"):
        os.environ.pop(name, None)
    load_schemas()
    work = tempfile.mkdtemp(prefix="outpost-schemas-")
    try:
        wanted = set(verbs_with_json(work)) - NO_JSON
        for verb in sorted(wanted):
            if verb.replace(" ", "-") not in schemas:
                print(f"{verb} takes --json and has no schema")
                return 1
        for name in set(schemas) - {verb.replace(" ", "-") for verb in wanted}:
            print(f"the schema {name}.json belongs to no verb")
            return 1
        server = Server("--generate", "contacts=20")
        desk, laptop, other = (Computer(work, name) for name in ("desk", "laptop", "other"))
        accounts_and_settings(desk, server, work)
        other("account add", "--server", server.url, "--user", "anna")
        folders(desk)
        ada = items(desk, laptop, work)
        people_and_mail(desk)
        journal(desk, other, ada, work)
        desk("man", os.path.join(work, "man"))
        server.stop()
        deletions_that_wait(work)
        demo(work)
        for verb in sorted(wanted - called):
            failures.append(f"{verb}: never called here")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for failure in failures:
        print(failure)
    print(f"{len(called)} verbs called, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
