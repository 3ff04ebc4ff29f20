#!/usr/bin/env python3
"""Hold the occurrences that a server shows against dateutil's, for every series of a folder of iCalendar files.

usage: occurrences.py URL FOLDER      (the files are on the server already, as anna's)

Twice ten years, each read in three time zones. The rule is taken from the file, not from the server. Prints what
differs; exit 1 where anything does, 77 without dateutil.
"""
import datetime, pathlib, re, sys
from zoneinfo import ZoneInfo

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import session

try:
    from dateutil.rrule import rrulestr
except ImportError:
    sys.exit(77)

EPOCH = datetime.datetime(1970, 1, 1)
DAY = datetime.timedelta(days=1)
WINDOWS = [(datetime.datetime(year, 1, 1), datetime.datetime(year + 10, 1, 1)) for year in (1997, 2019)]
ZONES = ("Europe/Berlin", "America/New_York", "Pacific/Auckland")


def ms(moment):
    return (moment - EPOCH) // datetime.timedelta(milliseconds=1)


def events(folder):
    """uid, rule, EXDATE lines of every series whose uid is there once."""
    found, seen = {}, set()
    for path in sorted(pathlib.Path(folder).rglob("*.ics")):
        text = re.sub(r"\r?\n[ \t]", "", path.read_text(encoding="utf-8", errors="replace"))
        for block in re.findall(r"BEGIN:VEVENT\r?\n(.*?)END:VEVENT", text, re.S | re.I):
            block = re.sub(r"BEGIN:(VALARM).*?END:\1", "", block, flags=re.S | re.I)
            lines = block.splitlines()
            value = lambda name: next((l.split(":", 1)[1].strip() for l in lines if re.match(name + "[;:]", l, re.I)), None)
            uid, rule = value("UID"), value("RRULE")
            if not uid or not rule or value("RECURRENCE-ID") or value("RDATE") or value("EXRULE"):
                seen.add(uid)
                continue
            found.pop(uid, None) if uid in seen else found.__setitem__(uid, rule)
            seen.add(uid)
    return found


def clock(instant, zone):
    """What the clock in `zone` shows at a UTC instant."""
    return instant.replace(tzinfo=datetime.timezone.utc).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def local_until(rule, zone):
    """The rule with its end as the clock of the series shows it: it counts without a zone here."""
    instant = re.search(r"UNTIL=(\d{8}T\d{6})Z", rule)
    if instant:
        shown = clock(datetime.datetime.strptime(instant.group(1), "%Y%m%dT%H%M%S"), zone)
        return rule.replace(instant.group(0), "UNTIL=" + shown.strftime("%Y%m%dT%H%M%S"))
    return re.sub(r"UNTIL=(\d{8})(?=;|$)", r"UNTIL=\1T235959", rule)


def main():
    client, rules = session.Client(sys.argv[1], "anna", "secret"), events(sys.argv[2])
    everything = dict(start=ms(datetime.datetime(1600, 1, 1)), end=ms(datetime.datetime(2200, 1, 1)))
    series = {}
    for number, uid, start, whole_days, zone, kind, changed, deleted in client.call(
            "GET", "calendar", action="all", columns="1,223,201,401,408,209,210,211", recurrence_master="true", timezone="UTC", **everything)["data"]:
        if not kind or uid not in rules:
            continue
        begins = EPOCH + datetime.timedelta(milliseconds=start)
        begins = begins if whole_days else clock(begins, zone)
        series[number] = (uid, zone, whole_days, rrulestr(local_until(rules[uid], zone), dtstart=begins), set((changed or []) + (deleted or [])))
    wrong = occurrences = 0
    for first, last in WINDOWS:
        for reader in ZONES:
            shown = {}
            for number, start, position in client.call("GET", "calendar", action="all", columns="1,201,207", timezone=reader,
                                                       start=ms(first - 9 * DAY), end=ms(last + 9 * DAY))["data"]:
                if position:
                    shown.setdefault(number, []).append(start)
            for number, (uid, zone, whole_days, rule, gone) in series.items():
                expected = []
                for moment in rule.between(first - 9 * DAY, last + 9 * DAY):
                    if ms(datetime.datetime.combine(moment.date(), datetime.time())) in gone:
                        continue
                    if not whole_days:  # of an hour that comes twice the later one
                        utc = moment.replace(tzinfo=ZoneInfo(zone), fold=1).astimezone(datetime.timezone.utc).replace(tzinfo=None)
                        moment = clock(utc, reader)
                    expected.append(ms(moment))
                within = lambda times: sorted(t for t in times if ms(first) <= t < ms(last))
                occurrences += len(within(expected))
                if within(expected) != within(shown.get(number, [])):
                    wrong += 1
                    print(f"{uid} ({rules[uid]}, {zone}) read in {reader}: {within(shown.get(number, []))[:4]}, expected {within(expected)[:4]}")
    print(f"{len(series)} series, {occurrences} occurrences, {wrong} wrong")
    sys.exit(1 if wrong or not occurrences else 0)


if __name__ == "__main__":
    main()
