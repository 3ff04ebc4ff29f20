#!/usr/bin/env python3
"""docs/fields.md, made of schemas/fields.tsv: `fields_page.py` writes it to standard output, `fields_page.py --check PAGE` says whether a page is what it would be."""
import csv
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

# The test that takes every field of a kind from one PC to the server, to another PC, edits it there and takes it back; it fails where a
# field that travels is missing from it.
ROUND_TRIP = {
    "contact": "contacts: every field goes to the server, to another PC, is edited there and comes back",
    "task": "tasks: every field goes to the server, to another PC, is edited there and comes back",
    "appointment": "appointments: every field goes to the server, to another PC, is edited there and comes back",
}
# Fields that these tests leave out, and kinds without such a test: where they are shown.
APART = {
    "contact.folder_id": "a contact moved here is moved on the server",
    "contact.image1": "photos: from here to the server and to another PC, changed and taken away on either side",
    "contact.mark_as_distributionlist": "lists: free addresses and contacts, both ways, with what else the server keeps of them",
    "contact.distribution_list": "lists: free addresses and contacts, both ways, with what else the server keeps of them",
    "task.folder_id": "tasks: a folder takes what it holds, and a task moves between folders of tasks",
    "appointment.folder_id": "appointments: a series and its days stay in their folder",
    "appointment.delete_exceptions": "appointments: a series is one item, whose rule is edited without losing its organiser's zone",
    "appointment.recurrence_date_position": "appointments: a series is one item, whose rule is edited without losing its organiser's zone",
    "folder": "folders are made, renamed, moved and deleted here; shown at once and told later",
    "folder.permissions": "the rights in a folder are changed here; entries that nobody touched stay as they are",
    "mail": "mail: flags and colours set here reach the server, and those set there stay",
    "mail.folder_id": "mail: a move gives another id and stays the same mail, whoever makes it",
    "mail.receipt_sent": "mail: deleted for good, it passes by the trash; a receipt is sent once, and only by a person",
    "attachment": "attachments: from here to the server and to another PC, byte by byte",
    "rule": "rules: made, changed, moved and deleted offline, they reach the server; those of elsewhere come",
    "signature": "signatures: made, changed and deleted offline, they reach the server; those of elsewhere come",
}
KINDS = {
    "folder": "Folders", "contact": "Contacts and distribution lists", "task": "Tasks", "appointment": "Appointments", "mail": "Mails",
    "person": "Users, groups and resources", "attachment": "Attachments", "rule": "Mail rules", "signature": "Signatures",
}


def read():
    with open(HERE / "fields.tsv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def tests():
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((HERE.parent / "tests").rglob("*_test.cpp")))


def test_of(row):
    full = row["type"] + "." + row["name"]
    return APART.get(full) or ROUND_TRIP.get(row["type"]) or APART.get(row["type"])


def result(row):
    if row["sync"] == "server":
        return "from the server"
    if row["sync"] == "later":
        return "on this PC; the server's place for it is not used yet"
    if row["sync"] == "no":
        return "on this PC only"
    if row["merge"] == "once":
        return "there and back, given once"
    return "there and back"


def mapi(rows):
    names = []
    for row in rows:
        if row["mapi_canonical"] != "-" and row["mapi_canonical"] not in names:
            names.append(row["mapi_canonical"])
    return ", ".join(names)


def page():
    rows = read()
    out = ["# Fields: what becomes of each", "",
           "Made of [schemas/fields.tsv](../schemas/fields.md) by `schemas/fields_page.py`; a test holds that it is. **There and back**: set here, it goes to the server, to a second PC, is edited there and",
           "comes back equal, which the test named above the table shows, or the one in the field's own row. **From the server**: shown, and never written by us. **On this PC only**: kept, in history and in backups, and told to nobody.",
           ""]
    for kind, title in KINDS.items():
        fields = {}
        for row in rows:
            if row["type"] == kind:
                fields.setdefault(row["id"], []).append(row)
        out += [f"## {title}", ""]
        shown = ROUND_TRIP.get(kind) or APART.get(kind)
        if shown:
            out += [f"Shown by `\"{shown}\"`.", ""]
        out += ["| field | OX column | MAPI | result |", "|---|---|---|---|"]
        for lines in fields.values():
            row = lines[0]
            what = result(row)
            own = test_of(row)
            if row["sync"] == "yes" and own and own != shown:
                what += f": `\"{own}\"`"
            column = "" if row["ox_column"] == "-" else row["ox_column"]
            out.append(f"| `{row['name']}` | {column} | {mapi(lines)} | {what} |")
        out.append("")
    return "\n".join(out)


def main():
    named = set(APART.values()) | set(ROUND_TRIP.values())
    source = tests()
    missing = [name for name in sorted(named) if '"' + name not in source]
    if missing:
        sys.exit("no such tests: " + "; ".join(missing))
    text = page()
    if sys.argv[1:2] == ["--check"]:
        if Path(sys.argv[2]).read_text(encoding="utf-8") != text:
            sys.exit(f"{sys.argv[2]} is not what schemas/fields.tsv gives: python3 schemas/fields_page.py > docs/fields.md")
        return
    sys.stdout.write(text)


main()
