#!/usr/bin/env python3
"""Drive the embedded OX server through every operation it serves, as a client that is not ours.

usage: session.py URL            (such as http://127.0.0.1:8080/ajax)

Only the standard library: cookies, forms, JSON and multipart as any other client would send them. Every call must be answered
with HTTP 200 and without an error, but for those that are meant to fail.
"""
import http.cookiejar, json, re, sys, urllib.parse, urllib.request

FAR = "9000000000000000"


class Client:
    def __init__(self, base, user, password):
        self.base = base
        self.http = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.http.addheaders = [("User-Agent", "contract")]
        form = urllib.parse.urlencode({"name": user, "password": password, "client": "contract", "version": "1"})
        answer = json.loads(self.send("POST", "login?action=login&authId=" + user, form.encode(), "application/x-www-form-urlencoded"))
        self.session = answer["session"]

    def send(self, method, target, body=None, kind=None):
        request = urllib.request.Request(self.base + "/" + target, data=body, method=method)
        if kind:
            request.add_header("Content-Type", kind)
        with self.http.open(request) as answer:
            return answer.read().decode()

    def call(self, method, path, body=None, fails=False, **query):
        query["session"] = self.session
        target = path + "?" + urllib.parse.urlencode(query)
        data = None if body is None else json.dumps(body).encode()
        answer = json.loads(self.send(method, target, data, "application/json" if data else None))
        failed = isinstance(answer, dict) and "error" in answer and answer.get("category") != 13
        if failed != fails:
            sys.exit(f"{method} {path} {query.get('action')}: {answer}")
        return answer

    def form(self, path, parts, **query):
        """An upload of named parts, each (text, type or None); the envelope of the page that answers."""
        query["session"] = self.session
        body = b""
        for name, (content, kind) in parts.items():
            body += f'--x\r\nContent-Disposition: form-data; name="{name}"'.encode()
            body += b"" if kind is None else f'; filename="f"\r\nContent-Type: {kind}'.encode()
            body += b"\r\n\r\n" + content + b"\r\n"
        page = self.send("POST", path + "?" + urllib.parse.urlencode(query), body + b"--x--\r\n", "multipart/form-data; boundary=x")
        return json.loads(re.search(r"\((\{.*\})\)", page).group(1))

    def upload(self, path, text, **query):
        query["session"] = self.session
        body = ("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.vcf\"\r\nContent-Type: text/vcard\r\n\r\n"
                + text + "\r\n--x--\r\n")
        page = self.send("POST", path + "?" + urllib.parse.urlencode(query), body.encode(), "multipart/form-data; boundary=x")
        return json.loads(re.search(r"\((\{.*\})\)", page).group(1))


def folders(c, own):
    columns = "1,2,3,4,5,6,20,300,301,302,304,305,306,308,309,314,315,316,318,3010,3020,3030"
    c.call("GET", "folders", action="root", columns=columns, tree="0")
    c.call("GET", "folders", action="list", parent="1", columns=columns, allowed_modules="contacts")
    c.call("GET", "folders", action="path", id=own, columns=columns)
    c.call("GET", "folders", action="get", id=own, timezone="UTC")
    c.call("GET", "folders", action="allVisible", content_type="contacts", columns=columns)
    c.call("GET", "folders", action="shares", content_type="contacts", columns=columns)
    made = c.call("PUT", "folders", {"folder": {"title": "Made", "module": "contacts"}}, action="new", folder_id=own)
    c.call("PUT", "folders", {"folder": {"title": "Renamed"}}, action="update", id=made["data"], timestamp=made["timestamp"])
    c.call("PUT", "folders", [made["data"]], action="clear")
    c.call("PUT", "folders", [made["data"], own], action="delete", timestamp=FAR)
    c.call("GET", "folders", action="updates", parent="1", timestamp="0", columns=columns, ignore="false")


def contacts(c, own):
    columns = "1,2,3,4,5,6,20,100,101,102,104,105,223,500,501,502,511,518,524,555,592,594,596,602,606,610"
    made = c.call("PUT", "contacts", {"folder_id": own, "first_name": "Ada", "last_name": "Löwe", "birthday": 86400000, "uid": "u1",
                                      "email1": "ada@example.com", "private_flag": False, "color_label": 3}, action="new", timezone="UTC")
    ref = {"id": made["data"]["id"], "folder": own}
    c.call("PUT", "contacts", {"folder_id": own, "display_name": "list", "mark_as_distributionlist": True, "distribution_list": [
        {"display_name": "B", "mail": "b@example.com", "mail_field": 0}]}, action="new")
    c.call("GET", "contacts", action="all", folder=own, columns=columns, sort="502", order="asc")
    c.call("PUT", "contacts", [ref], action="list", columns=columns)
    c.call("PUT", "contacts", [3, 4], action="listuser", columns=columns)
    c.call("GET", "contacts", action="getuser", id=4)
    c.call("GET", "contacts", action="get", **ref)
    changed = c.call("PUT", "contacts", {"note": "n"}, action="update", timestamp=made["timestamp"], **ref)
    c.call("PUT", "contacts", {"note": "x"}, action="update", timestamp=made["timestamp"], fails=True, **ref)
    with_photo = c.form("contacts", {"json": (b'{"note": "p"}', None), "file": (b"GIF89a", "image/gif")}, action="update", timestamp=FAR, **ref)
    if "timestamp" not in with_photo:
        sys.exit(f"contacts: the photo is not taken: {with_photo}")
    second = c.form("contacts", {"json": (json.dumps({"folder_id": own, "last_name": "P"}).encode(), None), "file": (b"GIF89a", "image/gif")}, action="new")
    if c.send("GET", "image/contact/picture?" + urllib.parse.urlencode(dict(ref, session=c.session))) != "GIF89a":
        sys.exit("contacts: the photo is another")
    changed = c.call("PUT", "contacts", {"image1": None}, action="update", timestamp=with_photo["timestamp"], **ref)
    c.call("PUT", "contacts", [{"id": second["data"]["id"], "folder": own}], action="delete", timestamp=second["timestamp"])
    c.call("PUT", "contacts", {"pattern": "*"}, action="search", columns=columns)
    c.call("PUT", "contacts", {"filter": ["=", {"field": "uid"}, "u1"]}, action="advancedSearch", columns=columns)
    c.upload("import", "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Card\r\nEND:VCARD\r\n", action="VCARD", folder=own)
    c.call("PUT", "contacts", [ref], action="delete", timestamp=changed["timestamp"])
    c.call("GET", "contacts", action="updates", folder=own, columns=columns, timestamp="0", ignore="false")


def attachments(c, own):
    columns = "1,2,3,4,5,6,20,800,801,802,803,804,805,806"
    made = c.call("PUT", "contacts", {"folder_id": own, "last_name": "Files"}, action="new")
    ref = {"attached": made["data"]["id"], "folder": own, "module": "7"}
    query = urllib.parse.urlencode({"action": "attach", "session": c.session})
    part = "--x\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n%s\r\n"
    body = "".join(part % ("json_%d" % i, "", json.dumps({"folder": int(own), "attached": int(ref["attached"]), "module": 7}))
                   + part % ("file_%d" % i, "; filename=\"%d.txt\"" % i, "content %d" % i) for i in (0, 1)) + "--x--\r\n"
    page = c.send("POST", "attachment?" + query, body.encode(), "multipart/form-data; boundary=x")
    ids = json.loads(re.search(r"callback_attach\((\{.*\})\)", page).group(1))["data"]
    c.call("GET", "attachment", action="all", columns=columns, sort="803", order="asc", **ref)
    c.call("PUT", "attachment", ids, action="list", columns=columns, **ref)
    c.call("GET", "attachment", action="get", id=ids[0], **ref)
    query = urllib.parse.urlencode({"action": "document", "id": ids[1], "session": c.session, **ref})
    if c.send("GET", "attachment?" + query) != "content 1":
        sys.exit("attachment: the file is another")
    c.call("PUT", "attachment", [str(ids[0])], action="detach", **ref)
    c.call("GET", "attachment", action="updates", columns=columns, timestamp="0", **ref)
    c.call("PUT", "contacts", [{"id": ref["attached"], "folder": own}], action="delete", timestamp=FAR)


def tasks(c, own):
    columns = "1,2,3,4,5,6,20,100,101,102,104,105,200,201,202,203,204,209,212,213,214,215,216,220,221,222,223,300,301,302,303,305,307,308,309,312,313,314,315,316,317,401"
    own = int(own)
    made = c.call("PUT", "tasks", {"folder_id": own, "title": "Call", "start_time": 86400000, "end_time": 172800000, "full_time": True,
                                   "status": 2, "percent_completed": 10, "priority": 1, "alarm": 90000000, "target_duration": "60",
                                   "actual_costs": 1.5, "participants": [{"type": 1, "id": 3}, {"type": 5, "mail": "x@example.org"}],
                                   "recurrence_type": 2, "interval": 1, "days": 62, "until": 864000000}, action="new", timezone="UTC")
    ref = {"id": made["data"]["id"], "folder": own}
    c.call("GET", "tasks", action="all", folder=own, columns=columns, sort="200", order="asc")
    c.call("PUT", "tasks", [ref], action="list", columns=columns)
    c.call("GET", "tasks", action="get", **ref)
    changed = c.call("PUT", "tasks", {"note": "n", "recurrence_type": 0}, action="update", timestamp=made["timestamp"], **ref)
    c.call("PUT", "tasks", {"note": "x"}, action="update", timestamp=made["timestamp"], fails=True, **ref)
    confirmed = c.call("PUT", "tasks", {"confirmation": 1, "confirmmessage": "yes"}, action="confirm", timestamp=changed["timestamp"], **ref)
    c.call("GET", "tasks", action="get", **ref)
    c.call("PUT", "tasks", {"pattern": "call"}, action="search", columns=columns)
    c.call("PUT", "tasks", [ref], action="delete", timestamp=confirmed["timestamp"])
    c.call("GET", "tasks", action="updates", folder=own, columns=columns, timestamp="0", ignore="false")


def calendar(c, own):
    columns = "1,2,3,4,5,6,20,100,101,102,104,105,200,201,202,203,204,206,207,208,209,210,211,212,213,214,215,216,220,221,222,223,224,225,226,227,228,229,400,401,402,408,410"
    june = 1717200000000
    hour = 3600000
    made = c.call("PUT", "calendar", {"folder_id": own, "title": "Round", "location": "Room", "note": "n", "start_date": june, "end_date": june + hour,
                                      "full_time": False, "shown_as": 2, "alarm": 15, "categories": "red", "color_label": 2, "private_flag": False,
                                      "timezone": "Europe/Berlin", "recurrence_type": 2, "interval": 1, "days": 62, "occurrences": 10, "uid": "a1",
                                      "participants": [{"type": 1, "id": 3}, {"type": 5, "mail": "x@example.org"}], "ignore_conflicts": True,
                                      "notification": False}, action="new", timezone="UTC")
    ref = {"id": made["data"]["id"], "folder": own}
    clash = c.call("PUT", "calendar", {"folder_id": own, "title": "Clash", "start_date": june + 2 * 86400000, "end_date": june + 3 * 86400000}, action="new",
                   timezone="UTC")
    if "conflicts" not in clash["data"]:
        sys.exit(f"no conflict: {clash}")
    c.call("GET", "calendar", action="all", start=0, end=FAR, folder=own, columns=columns, recurrence_master="true")
    c.call("GET", "calendar", action="all", start=june, end=june + 7 * 86400000, columns=columns)
    c.call("GET", "calendar", action="has", start=june, end=june + 7 * 86400000)
    c.call("GET", "calendar", action="newappointments", start=june, end=june + 7 * 86400000, limit=3, columns=columns)
    c.call("PUT", "calendar", [ref, dict(ref, recurrence_position=2)], action="list", columns=columns)
    c.call("GET", "calendar", action="get", **ref)
    changed = c.call("PUT", "calendar", {"note": "m", "ignore_conflicts": True}, action="update", timestamp=made["timestamp"], **ref)
    c.call("PUT", "calendar", {"note": "x"}, action="update", timestamp=made["timestamp"], fails=True, **ref)
    one = c.call("PUT", "calendar", {"title": "Other", "recurrence_position": 2, "ignore_conflicts": True}, action="update",
                 timestamp=changed["timestamp"], **ref)
    c.call("GET", "calendar", action="get", id=one["data"]["id"], folder=own)
    c.call("GET", "calendar", action="get", recurrence_position=3, **ref)
    c.call("GET", "calendar", action="getChangeExceptions", columns=columns, **ref)
    c.call("PUT", "calendar", [dict(ref, pos=3)], action="delete", timestamp=FAR)
    c.call("GET", "calendar", action="get", **ref)
    confirmed = c.call("PUT", "calendar", {"confirmation": 3, "confirmmessage": "perhaps"}, action="confirm", timestamp=FAR, **ref)
    c.call("GET", "calendar", action="freebusy", id=3, type=1, start=june, end=june + 7 * 86400000)
    c.call("GET", "calendar", action="resolveuid", uid="a1")
    c.call("PUT", "calendar", {"pattern": "round"}, action="search", columns=columns)
    c.call("PUT", "calendar", {"folder_id": own}, action="copy", ignore_conflicts="true", timezone="UTC", **ref)
    c.call("PUT", "calendar", [ref], action="delete", timestamp=confirmed["timestamp"])
    c.call("GET", "calendar", action="updates", folder=own, columns=columns, timestamp="0", recurrence_master="true")


def mail(c):
    columns = "102,600,601,602,603,604,605,606,607,608,609,610,611,612,613,614,652,653,654,655"
    inbox, text = "default0/INBOX", "From: Anna <anna@example.com>\r\nTo: bert@example.com\r\nSubject: Hi\r\nX-Own: 1\r\nMessage-ID: <1@x>\r\n\r\nHello\r\n"
    c.call("GET", "folders", action="allVisible", content_type="mail", columns="1,6,20,300,301,302,304,305,308,309,310,311,312,313,314,316,318")
    c.call("GET", "folders", action="get", id=inbox)
    c.call("PUT", "folders", {"folder": {"title": "Work", "module": "mail"}}, action="new", folder_id="default0")
    c.call("PUT", "folders", {"folder": {"title": "Job"}}, action="update", id="default0/Work")
    one = c.upload("mail", text, action="import", folder=inbox, force="true", flags=0)["data"][0]["id"]
    ref = {"id": one, "folder": inbox}
    c.call("GET", "mail", action="all", folder=inbox, columns=columns, sort="610", order="desc", headers="X-Own", unseen="true")
    c.call("PUT", "mail", [ref], action="list", columns=columns)
    c.call("GET", "mail", action="count", folder=inbox)
    c.call("GET", "mail", action="examine", folder=inbox)
    c.call("GET", "mail", action="updates", folder=inbox, columns=columns)
    c.call("GET", "mail", action="get", unseen="true", attach_src="1", **ref)
    if c.call("GET", "mail", action="get", unseen="true", folder=inbox, message_id="<1@x>")["data"]["id"] != one:
        sys.exit("mail: its Message-Id is another mail's")
    c.call("GET", "mail", action="get", fails=True, unseen="true", folder=inbox, message_id="<2@x>")
    c.call("GET", "mail", action="get", src="1", unseen="true", **ref)
    c.call("GET", "mail", action="get", hdr="1", unseen="true", **ref)
    query = {"action": "get", "src": "1", "save": "1", "unseen": "true", "session": c.session, **ref}
    if c.send("GET", "mail?" + urllib.parse.urlencode(query)) != text:
        sys.exit("mail: the source is another")
    c.call("PUT", "mail", {"flags": 8, "value": True, "color_label": 2}, action="update", **ref)
    copied = c.call("PUT", "mail", {"folder_id": "default0/Job"}, action="copy", **ref)["data"]
    moved = c.call("PUT", "mail", {"folder_id": "default0/Drafts"}, action="update", **ref)["data"]
    c.call("GET", "mail", action="get", fails=True, **ref)
    c.call("PUT", "mail", {}, action="all_seen", folder="default0/Job")
    c.call("PUT", "mail", [{"id": copied["id"], "folder": "default0/Job"}], action="delete")
    c.call("PUT", "mail", [{"id": moved["id"], "folder": "default0/Drafts"}], action="delete", harddelete="true")
    for folder in ("", "&folder=default0%2FDrafts&flags=4"):
        sent = json.loads(c.send("PUT", "mail?action=new&session=" + c.session + folder, text.encode(), "text/plain"))
        if "id" not in sent["data"]:
            sys.exit(f"mail: not sent: {sent}")
    asks = c.upload("mail", "Disposition-Notification-To: bert@example.com\r\n" + text, action="import", folder=inbox, force="true")["data"][0]["id"]
    c.call("PUT", "mail", {"folder": inbox, "id": asks, "from": "anna@example.com"}, action="receipt_ack")
    c.call("PUT", "mail", {"folder": inbox, "id": asks, "from": "else@example.com"}, action="receipt_ack", fails=True)
    c.call("PUT", "mail", ["default0/Trash"], action="clear")
    c.call("PUT", "folders", ["default0/Job"], action="delete", timestamp=FAR)


def filters(c):
    header = {"id": "header", "comparison": "contains", "headers": ["Subject"], "values": ["x"]}
    date = {"id": "currentdate", "comparison": "ge", "datepart": "date", "datevalue": [1700006400000]}
    notice = {"id": "vacation", "days": "7", "addresses": [], "subject": "Away", "text": "Back soon"}
    c.call("GET", "mailfilter/v2", action="config")
    one = c.call("PUT", "mailfilter/v2", {"rulename": "one", "active": True, "test": header, "actioncmds": [{"id": "keep"}]}, action="new")["data"]
    two = c.call("PUT", "mailfilter/v2", {"rulename": "two", "active": False, "flags": ["vacation"], "test": date, "actioncmds": [notice],
                                          "position": 0}, action="new")["data"]
    c.call("PUT", "mailfilter/v2", {"id": one, "rulename": "1", "actioncmds": [{"id": "move", "into": "default0/Trash"}, {"id": "stop"}]}, action="update")
    c.call("PUT", "mailfilter/v2", [one, two], action="reorder")
    names = [rule["rulename"] for rule in c.call("GET", "mailfilter/v2", action="list")["data"]]
    if names != ["1", "two"]:
        sys.exit(f"mailfilter: {names}")
    c.call("GET", "mailfilter/v2", action="list", flag="vacation")
    c.call("PUT", "mailfilter/v2", {"id": two}, action="delete")
    c.call("PUT", "mailfilter/v2", {"id": two}, action="delete", fails=True)
    c.call("PUT", "mailfilter/v2", action="deletescript")


def snippets(c):
    body = {"type": "signature", "module": "io.ox/mail", "displayname": "Work", "content": "A.", "misc": {"insertion": "below"}}
    one = c.call("PUT", "snippet", body, action="new")["data"]
    c.call("PUT", "snippet", {"content": "B.", "shared": True}, action="update", id=one)
    c.call("GET", "snippet", action="get", id=one)
    if [each["content"] for each in c.call("GET", "snippet", action="all", type="signature")["data"]] != ["B."]:
        sys.exit("snippet: not as it was written")
    c.call("PUT", "snippet", [one], action="list")
    c.call("PUT", "snippet", {"displayname": "x"}, action="new", fails=True)
    c.call("PUT", "snippet", [one], action="delete")
    c.call("GET", "snippet", action="get", id=one, fails=True)


def rest(c, own):
    for path in ("identifier", "context_id", "contact_id", "timezone", "currentTime", "serverVersion", "folder/contacts", "language"):
        c.call("GET", "config/" + path)
    c.call("PUT", "config/gui", {"data": {"a": 1}})
    c.call("GET", "config/gui")
    c.call("GET", "capabilities", action="all")
    c.call("GET", "capabilities", action="get", id="contacts")
    c.call("GET", "user", action="all", columns="1,500,555,610,611,612,613,614,615")
    c.call("PUT", "user", ["3", "4"], action="list", columns="1,500")
    c.call("GET", "user", action="get", id="4")
    c.call("GET", "user/me")
    group = c.call("PUT", "group", {"name": "team", "display_name": "Team", "members": [3, 4]}, action="new")
    c.call("PUT", "group", {"display_name": "The team"}, action="update", id=group["data"]["id"], timestamp=group["timestamp"])
    c.call("PUT", "group", {"members": [3]}, action="update", id=group["data"]["id"], timestamp=group["timestamp"], fails=True)
    c.call("PUT", "group", action="all", columns="1,700")
    c.call("PUT", "group", [{"id": 0}, group["data"]], action="list")
    c.call("PUT", "group", {"pattern": "the*"}, action="search")
    c.call("GET", "group", action="get", id=group["data"]["id"])
    room = c.call("PUT", "resource", {"name": "room", "display_name": "Room", "mailaddress": "room@example.com"}, action="new")
    c.call("PUT", "resource", {"description": "with a view", "availability": False}, action="update", id=room["data"]["id"], timestamp=room["timestamp"])
    c.call("GET", "resource", action="all")
    c.call("PUT", "resource", [room["data"]], action="list")
    c.call("PUT", "resource", {"pattern": "ro"}, action="search")
    c.call("GET", "resource", action="get", id=room["data"]["id"])
    c.call("GET", "resource", action="updates", timestamp="0")
    c.call("PUT", "resource", [room["data"]], action="delete", timestamp=FAR)
    c.call("PUT", "group", group["data"], action="delete", timestamp=FAR)
    c.call("GET", "group", action="updates", timestamp="0")
    c.call("PUT", "multiple", [{"module": "contacts", "action": "all", "folder": own, "columns": "1,502"},
                               {"module": "contacts", "action": "new", "data": {"folder_id": own, "last_name": "m"}},
                               {"module": "folders", "action": "get", "id": own}])


def main():
    c = Client(sys.argv[1], "anna", "secret")
    own = c.call("GET", "config/folder/contacts")["data"]
    folders(c, own)
    contacts(c, own)
    attachments(c, own)
    tasks(c, c.call("GET", "config/folder/tasks")["data"])
    calendar(c, c.call("GET", "config/folder/calendar")["data"])
    mail(c)
    filters(c)
    snippets(c)
    rest(c, own)
    bert = Client(sys.argv[1], "bert", "secret")
    bert.call("PUT", "passwordchange", {"old_password": "no", "new_password": "another"}, action="update", fails=True)
    bert.call("PUT", "passwordchange", {"old_password": "secret", "new_password": "another"}, action="update")
    bert.call("GET", "config/identifier", fails=True)
    for action in ("store", "refreshSecret"):
        c.send("GET", f"login?action={action}&session={c.session}")
    c.send("GET", "login?action=autologin&client=contract&authId=2")
    c.send("GET", f"login?action=logout&session={c.session}")
    print("every operation answered")


if __name__ == "__main__":
    main()
