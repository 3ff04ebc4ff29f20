#!/usr/bin/env python3
"""usage: exit_codes_test.py OUTPOST

Exit codes of every verb (docs/cli.md): 2 where the call cannot be understood, 1 where there is no account or damage was
found, 3 where the server cannot be reached, 0 where the answer is here. After an error standard output is empty, and
standard error says in one sentence what is wrong. Fails where a verb is in no list below."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

OUTPOST = sys.argv[1]
ID = "0123456789abcdef0123456789abcdef"
failures = []

# What each verb needs to be understood; a verb that needs nothing is not here.
NEEDS = {
    "account add": ["--server", "http://127.0.0.1:9", "--user", "anna"],
    "account policy": ["server-wins"],
    "account trust": ["--system"],
    "account proxy-password": ["--remove"],
    "account password": ["--password-stdin"],
    "completion": ["bash"],
    "consent give": ["Contacts"],
    "consent refuse": ["Contacts"],
    "folder delete": ["Contacts"],
    "folder move": ["Contacts", "--parent", "/"],
    "folder new": ["Team", "--type", "contact"],
    "folder rename": ["Contacts", "Team"],
    "folder restore": ["Contacts", "--at", "1"],
    "folder rights": ["Contacts"],
    "folder search change": ["Team"],
    "folder search delete": ["Team"],
    "folder search new": ["Team", "--type", "contact"],
    "freebusy": ["user:4"],
    "item answer": [ID, "accept"],
    "item attach": [ID, "/etc/hostname"],
    "item attachments": [ID],
    "item copy": [ID, "--folder", "Contacts"],
    "item delete": [ID],
    "item detach": [ID],
    "item draft": ["MAIL"],
    "item fetch": [ID],
    "item get": [ID],
    "item move": [ID, "--folder", "Contacts"],
    "item new": ["--folder", "Contacts", "first_name=Ada"],
    "item photo": [ID],
    "item propose": [ID, "--start", "2026-12-01T12:00Z"],
    "item restore": [ID, "--at", "1"],
    "item rich-text": [ID],
    "item send": ["MAIL"],
    "item set": [ID, "note=x"],
    "item source": [ID],
    "journal backup": ["BACKUP"],
    "journal bundle": ["BUNDLE"],
    "journal diff": ["1.."],
    "journal explain": [ID],
    "journal export": ["--ndjson"],
    "journal item": [ID],
    "journal restore": ["NOWHERE"],
    "journal salvage": ["anna@saved"],
    "journal settle": ["1"],
    "journal show": ["1"],
    "journal undo": ["1"],
    "journal view": ["--folder", "Contacts"],
    "journal why": [ID],
    "man": ["PAGES"],
    "password": ["--password-stdin"],
    "profile set": ["position=x"],
    "rules delete": ["Rule"],
    "rules move": ["Rule", "0"],
    "rules new": ["Rule", "--do", "keep"],
    "rules set": ["Rule", "--off"],
    "settings get": ["page"],
    "settings set": ["page", "50"],
    "signatures delete": ["Short"],
    "signatures new": ["Short"],
    "signatures set": ["Short", "--above"],
    "signatures show": ["Short"],
    "trash restore": [ID],
}
# These need no account, or run until they are stopped.
WITHOUT_ACCOUNT = {"account list": 0, "completion": 0, "man": 0, "account add": 3}
NOT_RUN = {"demo", "server"}
# On an account whose server never answered: what is asked of the server ends with 3, what is there with 0, else 1.
OFFLINE = {0: {"account allow-http", "account list", "account password", "account pause", "account policy",
               "account proxy-password", "account resume", "account resync", "account show", "account trust", "consent list",
               "folder list", "folder new", "folder search list", "folder search new", "item list", "journal audit", "journal backup", "journal bundle", "journal replay",
               "journal compact", "journal conflicts", "journal diff", "journal export", "journal log", "journal parked",
               "journal queue", "journal rebuild", "journal show", "journal stats", "journal tree", "journal verify",
               "people", "rules list", "settings get", "settings list", "settings set", "signatures list", "status",
               "trash list", "vacation show"},
           3: {"sync", "journal plan", "password"}}
STDIN = {"password": "new-secret\n", "account password": "secret\n", "account passphrase": "x\n"}


def run(words, data=None, stdin=""):
    arguments = [OUTPOST, *words] + (["--data", data] if data else [])
    return subprocess.run(arguments, input=stdin, capture_output=True, text=True, timeout=120)


def hold(what, done, code, told=True):
    if done.returncode != code:
        failures.append(f"{what}: exit {done.returncode} in place of {code}: {(done.stderr or done.stdout)[:200]!r}")
    if code != 0 and told and done.stdout:
        failures.append(f"{what}: an error, and standard output has {done.stdout[:100]!r}")
    if code != 0 and told and not done.stderr:
        failures.append(f"{what}: ends with {code}, and says nothing")


def verbs(work):
    pages = os.path.join(work, "pages")
    subprocess.run([OUTPOST, "man", pages], check=True, stdout=subprocess.DEVNULL, timeout=60)
    for name in sorted(os.listdir(pages)):
        text = open(os.path.join(pages, name)).read()
        words = re.search(r"^\.SH SYNOPSIS\n\.B (.*)$", text, re.M).group(1).replace("\\-", "-").removeprefix("outpost ")
        yield words, ".SH VERBS" in text


def main():
    os.environ["OUTPOST_PASSWORD"] = "secret"
    for name in ("OUTPOST_PASSPHRASE", "DBUS_SESSION_BUS_ADDRESS"):
        os.environ.pop(name, None)
    work = tempfile.mkdtemp(prefix="outpost-exit-")
    try:
        mail = os.path.join(work, "mail.eml")
        open(mail, "w").write("From: anna@example.org\nTo: bert@example.org\nSubject: Hello\n\nHello\n")
        places = {"MAIL": mail, "BACKUP": os.path.join(work, "backup"), "BUNDLE": os.path.join(work, "bundle"), "NOWHERE": os.path.join(work, "nowhere"),
                  "PAGES": os.path.join(work, "more")}
        account = os.path.join(work, "account")
        hold("account add --offline", run(["account", "add", "--server", "http://127.0.0.1:9", "--user", "anna", "--offline"],
                                          account), 0)
        count = 0
        for verb, is_group in verbs(work):
            words = verb.split() if verb != "outpost" else []
            hold(f"{verb} --nonsense", run([*words, "--nonsense"]), 2)
            hold(f"{verb} --help", run([*words, "--help"]), 0)
            if is_group:
                hold(f"{verb}", run(words), 2)
                continue
            if verb in NOT_RUN:
                continue
            count += 1
            call = [*words, *(places.get(one, one) for one in NEEDS.get(verb, []))]
            if verb in NEEDS and verb not in ("freebusy", "account trust", "account proxy-password", "journal diff",
                                              "folder search new"):
                hold(f"{verb} without what it needs", run(words, account), 2)
            empty = os.path.join(work, "empty")
            shutil.rmtree(empty, ignore_errors=True)
            hold(f"{verb} without an account", run(call, empty, STDIN.get(verb, "")), WITHOUT_ACCOUNT.get(verb, 1),
                 told=verb != "account add")
            if verb in ("account add", "account remove", "account passphrase", "journal salvage", "completion", "man"):
                continue
            wanted = next((code for code, ones in OFFLINE.items() if verb in ones), 1)
            # A sync tells in its report why it had to stop.
            copy = os.path.join(work, "copy")
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(account, copy)
            hold(f"{verb} offline", run(call, copy, STDIN.get(verb, "")), wanted, told=verb not in ("sync", "journal plan"))
        for name in set(NEEDS) - {verb for verb, is_group in verbs(work) if not is_group}:
            failures.append(f"{name}: is no verb any more")
        for words in (["sync", "--watch", "--dry-run"], ["journal", "log", "--text", "x"], ["journal", "export"],
                      ["journal", "diff", "then.."], ["settings", "set", "page", "no"]):
            hold(" ".join(words), run(words, account), 2)
        # Damage: the report tells it, and the exit code too.
        folder = os.path.join(account, os.listdir(account)[0], "journal", "db")
        run(["journal", "compact"], account)
        table = max((os.path.join(folder, one) for one in os.listdir(folder) if one.endswith(".sst")), key=os.path.getsize)
        with open(table, "r+b") as file:
            file.seek(20)
            byte = file.read(1)
            file.seek(20)
            file.write(bytes([byte[0] ^ 1]))
        hold("journal verify of a damaged journal", run(["journal", "verify"], account), 1, told=False)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for failure in failures:
        print(failure)
    print(f"{count} verbs, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
