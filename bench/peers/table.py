"""table.py POUCH MAIL_PULL MAIL_IDLE OUR_MAIL_PULL MAILS CONTACTS.json IDLE.json: the table for docs/performance.md."""
import json
import subprocess
import sys

pouch = json.loads(sys.argv[1])
mail_pull, mail_idle, our_mail_pull, mails = map(float, sys.argv[2:6])


def figure(name, scenario, part):
    with open(name) as file:
        return next(row['value'] for row in json.load(file) if row['scenario'] == scenario and part in row['figure'])


def version(*command):
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return text.split('\n')[0].strip()


def row(what, ours, theirs, unit, ratio, target, reached):
    print(f'| {what} | {ours:,.4g} {unit} | {theirs:,.4g} {unit} | {ratio:.3g} | {target} | {"yes" if reached else "no"} |')


items = pouch['items']
with open('../package.json') as file:
    wanted = json.load(file)['dependencies']
print(f'PouchDB {wanted["pouchdb"]} and express-pouchdb {wanted["express-pouchdb"]} (leveldb on disk, node '
      f'{version("node", "--version")}), {version("mbsync", "--version")} with Dovecot {version("dovecot", "--version")}; '
      f'{items:,} contacts of {pouch["bytes"]:.0f} bytes as JSON, {mails:,.0f} mails\n')
print('| what | outpost | peer | ratio | target | reached |\n|---|---|---|---|---|---|')
pull, push = figure('contacts.json', 'pull', 'first sync'), figure('contacts.json', 'push', 'shipping')
row('pull, PouchDB', pull, items / pouch['pull'], 'items/s', pull * pouch['pull'] / items, 'at least 10',
    pull * pouch['pull'] / items >= 10)
row('push of an edit of each, PouchDB', push, items / pouch['push'], 'edits/s', push * pouch['push'] / items,
    'at least 20', push * pouch['push'] / items >= 20)
idle = figure('contacts.json', 'idle', 'a round')
row('round without news, PouchDB', idle, pouch['idle'] * 1000, 'ms', idle / pouch['idle'] / 1000, '-', True)
idle = figure('idle.json', 'idle', 'a round')
row(f'round without news, {mails:,.0f} items, mbsync', idle, mail_idle * 1000, 'ms', idle / mail_idle / 1000,
    'at most 0.05', idle / mail_idle / 1000 <= 0.05)
row('first sync of the mails with their sources, mbsync', mails / our_mail_pull, mails / mail_pull, 'mails/s',
    mail_pull / our_mail_pull, '-', True)
