#!/usr/bin/env python3
"""Hear of a new mail over the embedded server's line for news, by a Socket.IO library that is not ours.

usage: listen.py URL             (such as http://127.0.0.1:8080/ajax)

Ends with 77 where the library is not installed.
"""
import sys, threading

sys.path.insert(0, sys.path[0])
from session import Client

try:
    import socketio, websocket  # the latter is what the former connects with
except ImportError:
    sys.exit(77)


def connect(base, client):
    hub = socketio.Client(reconnection=False)
    heard = threading.Event()

    @hub.on("ox:mail:new")
    def on_mail(data):
        if data.get("folder") == "default0/INBOX" and data.get("id"):
            heard.set()

    jar = next(h for h in client.http.handlers if hasattr(h, "cookiejar")).cookiejar
    cookies = "; ".join(f"{c.name}={c.value}" for c in jar)
    hub.connect(base[: -len("/ajax")] + "?session=" + client.session, headers={"Cookie": cookies, "User-Agent": "contract"},
                transports=["websocket"], socketio_path="/socket.io/appsuite")
    return hub, heard


def main():
    base = sys.argv[1]
    anna, bert = Client(base, "anna", "secret"), Client(base, "bert", "secret")
    hub, heard = connect(base, bert)
    mail = b"From: anna@example.com\r\nTo: bert@example.com\r\nSubject: news\r\n\r\nnews\r\n"
    anna.send("PUT", "mail?action=new&session=" + anna.session, mail, "message/rfc822")
    if not heard.wait(30):
        sys.exit("no word of the mail")
    hub.disconnect()
    stranger = socketio.Client(reconnection=False)
    try:
        stranger.connect(base[: -len("/ajax")] + "?session=none", transports=["websocket"], socketio_path="/socket.io/appsuite")
    except socketio.exceptions.ConnectionError:
        return
    sys.exit("a line without a session")


if __name__ == "__main__":
    main()
