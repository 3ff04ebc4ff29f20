#!/usr/bin/env python3
"""usage: snapshots_test.py OUTPOST FOLDER [--update]

What each verb of `outpost journal` shows to a person, held to FOLDER/VERB.txt: each call with what it said and its exit code.
What is another on every run (ids, times, hashes, sizes, places) is replaced by a word. Fails too where a verb has no
snapshot. With --update the files are written anew: look at the difference before it is committed."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

OUTPOST, FOLDER = sys.argv[1:3]
UPDATE = sys.argv[3:] == ["--update"]
failures = []
seen = {}


def masked(text, work, url):
    """Ids become ID1, ID2, … in the order in which they are first met, in all verbs together."""
    text = text.replace(work, "WORK").replace(url, "SERVER").replace(url.split("//")[1].split("/")[0], "HOST:PORT")
    text = re.sub(r"\b[0-9a-f]{64}\b", "HASH", text)

    def numbered(found):
        return seen.setdefault(found.group(), f"ID{len(seen) + 1}")

    text = re.sub(r"\b[0-9a-f]{32}\b", numbered, text)
    text = re.sub(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b", "DAY TIME", text)
    text = re.sub(r"\b20\d\d-\d\d-\d\d\b", "DAY", text)
    text = re.sub(r"\b1[789]\d{11}\b", "MILLISECONDS", text)
    text = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID", text)
    text = re.sub(r"\b\d{15,19}\b", "TOKEN", text)
    text = re.sub(r"\b[a-z]{12}@TOKEN\b", "ACCOUNT", text)  # of a bundle
    text = re.sub(r"^((?:records|decisions|requests) +)\d+$", r"\1NUMBER", text, flags=re.M)  # of a trace: by how it was synced
    text = re.sub(r"^(version +)[\d.]+$", r"\1VERSION", text, flags=re.M)
    return re.sub(r"(?<=\S)  +", "  ", text)  # the widths of columns follow what was replaced


def sizes_masked(text):
    """Numbers of bytes, and ratios of them, of reports."""
    lines = [re.sub(r"folder=[0-9a-f]{32}, events=\d+, ", "folder=ID, ", line) for line in text.splitlines(keepends=True)]
    places = [number for number, line in enumerate(lines) if line.startswith("  folder=")]
    for number, line in zip(places, sorted(lines[number] for number in places)):
        lines[number] = line  # largest first, and some are of one size
    text = "".join(lines)
    text = re.sub(r"((?:^|[ ,])(?:bytes|bytes_before|backup_bytes|bundle_bytes|trace_bytes|body_bytes|appends)(?:=| +))\d+", r"\1N", text, flags=re.M)
    return re.sub(r"^( *(?:events|state|meta|blob_rows|log|blobs|other|all|history_per_live|folded_per_events) +)[\d.]+$", r"\1N",
                  text, flags=re.M)


class World:
    def __init__(self, work):
        self.work = work
        arguments = [OUTPOST, "server", "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = self.process.stdout.readline().split()[-1]
        self.parts = {}

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)

    def call(self, name, *words):
        arguments = [OUTPOST, *words, "--data", os.path.join(self.work, name)]
        return subprocess.run(arguments, capture_output=True, text=True, timeout=120)

    def do(self, name, *words):
        done = self.call(name, *words)
        if done.returncode != 0:
            failures.append(f"{' '.join(words)}: exit {done.returncode}: {done.stderr}")
        return done.stdout

    def make(self, name, *words):
        """The id of what was made."""
        return re.search(r'"id":"([0-9a-f]{32})"', self.do(name, *words, "--json")).group(1)

    def ask(self, verb, *words, sizes=False):
        done = self.call("desk", "journal", verb, *words)
        said = done.stdout + done.stderr
        said = sizes_masked(said) if sizes else said
        shown = " ".join(["outpost", "journal", verb, *(f"'{one}'" if " " in one else one for one in words)])
        text = f"$ {shown}\n{said}" + (f"exit {done.returncode}\n" if done.returncode != 0 else "")
        self.parts.setdefault(verb, []).append(masked(text, self.work, self.url))


def story(world):
    """A contact that both sides changed, one that the server refused, one that waits, one that is gone."""
    for name in ("desk", "laptop"):
        world.do(name, "account", "add", "--server", world.url, "--user", "anna")
        world.do(name, "sync")
    ada = world.make("desk", "item", "new", "--folder", "Contacts", "first_name=Ada", "last_name=Lovelace", "company=Old")
    bert = world.make("desk", "item", "new", "--folder", "Contacts", "first_name=Bertha")
    world.do("desk", "sync")
    world.do("laptop", "sync")
    listed = world.do("laptop", "item", "list", "--where", "last_name = Lovelace", "--folder", "Contacts", "--json")
    world.do("laptop", "item", "set", re.search(r'"id":"([0-9a-f]{32})"', listed).group(1), "company=Theirs")
    world.do("laptop", "sync")
    world.do("desk", "item", "set", ada, "company=Ours")
    world.do("desk", "sync")
    world.do("desk", "item", "set", bert, "nickname=" + "n" * 100)
    world.do("desk", "sync")
    carol = world.make("desk", "item", "new", "--folder", "Contacts", "first_name=Carol")
    world.do("desk", "item", "set", carol, "note=waits")
    return ada, bert, carol


def ask_all(world, ada, bert, carol):
    last = int(world.do("desk", "journal", "log", "--last", "1").splitlines()[-1].split()[0])
    own = str(last - 12)
    world.ask("log", "--item", ada)
    world.ask("log", "--item", ada, "--content", "--limit", "2")
    world.ask("log", "--kind", "gap")
    world.ask("log", "--kind", "nonsense")
    world.ask("show", str(last))
    world.ask("show", "999999")
    world.ask("item", ada)
    world.ask("tree", "--content")
    world.ask("queue")
    world.ask("parked")
    world.ask("parked", "--content")
    world.ask("conflicts", "--content")
    world.ask("view", "--folder", "Contacts", "--content")
    world.ask("view", "--folder", "Contacts", "--at", "1")
    world.ask("diff", f"{last - 1}..")
    for item in (ada, bert, carol):
        world.ask("why", item)
    world.ask("why", carol, "--language", "de")
    world.ask("why", "Nobody")
    world.ask("explain", ada, "--content")
    world.ask("explain", ada, "--language", "fr")
    world.ask("export", "--vcf", "--content", "--item", "Bertha")
    world.ask("export", "--csv")
    world.ask("plan")
    world.ask("stats", sizes=True)
    world.ask("audit")
    world.ask("verify", "--rebuild", sizes=True)
    loser = re.search(r'"loser_seq":(\d+)', world.do("desk", "journal", "conflicts", "--json")).group(1)
    world.ask("undo", loser)
    world.ask("conflicts", "--all")
    world.ask("settle", loser)
    world.ask("rebuild")
    world.ask("compact", sizes=True)
    backup = os.path.join(world.work, "desk.outpost")
    world.ask("backup", backup, sizes=True)
    world.ask("backup", backup, sizes=True)
    bundle = os.path.join(world.work, "desk.bundle")
    world.ask("bundle", bundle, sizes=True)
    world.ask("replay", bundle)
    world.ask("restore", backup, "--account", "anna@restored")
    account = sorted(one for one in os.listdir(os.path.join(world.work, "desk")) if "127" in one)[0]
    world.ask("salvage", "anna@saved", "--account", account, sizes=True)


def verbs(work):
    pages = os.path.join(work, "pages")
    subprocess.run([OUTPOST, "man", pages], check=True, stdout=subprocess.DEVNULL, timeout=60)
    return {one.removeprefix("outpost-journal-").removesuffix(".1") for one in os.listdir(pages) if one.startswith("outpost-journal-")}


def main():
    os.environ.update(OUTPOST_PASSWORD="secret", LC_ALL="C.UTF-8", TZ="UTC")
    for name in ("OUTPOST_PASSPHRASE", "DBUS_SESSION_BUS_ADDRESS", "LANG", "LC_MESSAGES"):
        os.environ.pop(name, None)
    work = tempfile.mkdtemp(prefix="outpost-snapshots-")
    world = World(work)
    try:
        ask_all(world, *story(world))
        for verb in sorted(verbs(work) - set(world.parts)):
            failures.append(f"journal {verb}: is not asked here")
    finally:
        world.stop()
        shutil.rmtree(work, ignore_errors=True)
    if UPDATE:
        os.makedirs(FOLDER, exist_ok=True)
    for verb, parts in sorted(world.parts.items()):
        path, text = os.path.join(FOLDER, verb + ".txt"), "\n".join(parts)
        if UPDATE:
            open(path, "w").write(text)
        elif not os.path.exists(path):
            failures.append(f"{path} is not there")
        elif open(path).read() != text:
            import difflib
            lines = difflib.unified_diff(open(path).read().splitlines(), text.splitlines(), path, "now", lineterm="")
            failures.append("\n".join(lines))
    for failure in failures:
        print(failure)
    print(f"{len(world.parts)} verbs, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
