"""mails.py COUNT MAILDIR FOLDER: the same invented mails into a maildir's folder and, as .eml files, into another."""
import datetime
import os
import random
import sys

count, maildir, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
chance = random.Random(20261123)
words = [''.join(chance.choice('abcdefghijklmnoprstuvwz') for _ in range(chance.randint(2, 9))) for _ in range(3000)]


def text(number):
    return ' '.join(chance.choice(words) for _ in range(number))


now = datetime.datetime.now(datetime.timezone.utc)
for number in range(count):
    sent = now - datetime.timedelta(minutes=7 * number + 5)
    lines = [f'From: {text(1)} <{chance.choice(words)}@example.org>', 'To: anna <anna@example.com>',
             f'Subject: {text(5)}', f'Date: {sent:%a, %d %b %Y %H:%M:%S} +0000',
             f'Message-Id: <{number}.{chance.getrandbits(64):x}@example.org>', 'MIME-Version: 1.0',
             'Content-Type: text/plain; charset=utf-8', '']
    lines += [text(12) for _ in range(chance.randint(5, 40))]
    mail = ('\r\n'.join(lines) + '\r\n').encode()
    for path in (os.path.join(maildir, f'{int(sent.timestamp())}.{number}.peers:2,S'),
                 os.path.join(folder, f'{number:06}.eml')):
        with open(path, 'wb') as file:
            file.write(mail)
