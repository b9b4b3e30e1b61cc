"""The round by zeep, driven by the WSDL alone: see foreign/README.md for arguments and calls."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from datetime import UTC, datetime
from typing import Any

import requests
import zeep
from zeep.exceptions import Fault
from zeep.transports import Transport

GIVEN = dict(argument.split("=", 1) for argument in sys.argv[1:])


def main() -> None:
    """Make the round; print one line of JSON for each call."""
    web = requests.Session()
    web.trust_env = False
    web.verify = GIVEN.get("ca", True)
    transport: Any = Transport(session=web)  # type: ignore[no-untyped-call]  # zeep has types in part only
    clients: dict[str, Any] = {
        name: zeep.Client(GIVEN[name], transport=transport)  # type: ignore[no-untyped-call]  # the same
        for name in ("sessions", "monitors", "phonemode", "agents")
    }
    help_customers(clients["agents"])
    read_sessions(clients["sessions"], web)
    watch(clients["monitors"])
    make_codes(clients["phonemode"])


def help_customers(agents: Any) -> None:
    """Be the representative: take a request, refuse one, do all that a session takes."""
    known = call(agents, "logon", GIVEN["representative"], GIVEN["repPassword"])
    call(agents, "setAvailability", known, True)  # noqa: FBT003  the operation's own argument
    call(agents, "getEvents", known, 0, max=100)
    call(agents, "acceptRequest", known, int(GIVEN["wanted"]))
    call(agents, "declineRequest", known, int(GIVEN["unwanted"]))
    call(agents, "startByCode", known, GIVEN["portal"], GIVEN["customer"], GIVEN["reference"])
    here, words = (known, int(GIVEN["live"])), GIVEN["words"]
    call(agents, "sendChat", *here, words)
    call(agents, "pushUrl", *here, GIVEN["url"])
    call(agents, "sendFile", *here, "every byte.bin", bytes(range(256)))
    call(agents, "requestDiagnostics", *here)
    call(agents, "setScreenSharing", *here, True)  # noqa: FBT003  the same
    call(agents, "rebootReconnect", *here, False)  # noqa: FBT003  the same
    call(agents, "endSession", *here, "Unresolved", words, "Ticket", words)
    call(agents, "submitRating", *here, {"LabelledValue": [{"label": words, "value": words}]})
    other = int(GIVEN["other"])
    call(agents, "transferSession", known, other, subPortal=GIVEN["subPortal"])
    call(agents, "logoff", known)


def read_sessions(sessions: Any, web: requests.Session) -> None:
    """Read the portal's past: a session whole, a list of ids, the change log, a file, a key."""
    known = call(sessions, "logon", GIVEN["username"], GIVEN["password"])
    call(sessions, "getPortal", known)
    session = call(sessions, "getSession", known, int(GIVEN["session"]))
    for _ in range(4):
        call(sessions, "logon", GIVEN["locked"], "wrong")
    begin, end = (datetime.fromisoformat(GIVEN[name]) for name in ("from", "to"))
    some = {"Name": [GIVEN["subPortal"]]}
    call(sessions, "getSessionIds", known, begin, end, by="Posted", subPortals=some)
    follow(sessions, known)
    fetch(web, session.files.SessionFile[0])
    call(sessions, "getDefaultKey", known, 1)
    call(sessions, "logoff", known)
    call(sessions, "getPortal", known)


def watch(monitors: Any) -> None:
    """See who is there and who waits."""
    known = call(monitors, "logon", GIVEN["username"], GIVEN["password"])
    call(monitors, "getRepresentatives", known)
    call(monitors, "getQueues", known)
    call(monitors, "logoff", known)


def follow(sessions: Any, known: str) -> None:
    """Read the change log, page by page, until one is short."""
    call(sessions, "getLastUpdateId", known)
    since, size = 0, int(GIVEN["max"])
    while len(page := call(sessions, "getUpdates", known, since, size) or []) == size:
        since = page[-1].updateId


def make_codes(phonemode: Any) -> None:
    """Make a phone code, find it among the codes, cancel it; make another and cancel all."""
    known = call(phonemode, "logon", GIVEN["username"], GIVEN["password"])
    who = GIVEN["representative"]
    wanted = (who, GIVEN["portal"], GIVEN["customer"], GIVEN["reference"])
    made = call(phonemode, "createCode", known, *wanted)
    call(phonemode, "getCodes", known, who)
    call(phonemode, "cancelCode", known, made.code)
    call(phonemode, "getCodes", known, who)
    call(phonemode, "createCode", known, *wanted)
    call(phonemode, "cancelCodes", known, who)
    call(phonemode, "getCodes", known, who)
    call(phonemode, "logoff", known)


def fetch(web: requests.Session, file: Any) -> None:
    """Download a file of the session; tell what came and what was told of it."""
    answer = web.get(file.url, timeout=30)
    answer.raise_for_status()
    came = hashlib.sha256(answer.content).hexdigest()
    say("download", gives={"size": len(answer.content), "sha256": came, "told": file.sha256})


def call(client: Any, operation: str, *arguments: object, **named: object) -> Any:
    """Call an operation; print what it gives, or the detail of its fault by the schema."""
    try:
        given = client.service[operation](*arguments, **named)
    except Fault as fault:
        (detail,) = fault.detail
        fields = plain(client.wsdl.types.deserialize(detail))
        say(operation, fault=detail.tag.split("}")[1], fields=fields)
        return None
    say(operation, gives=plain(given))
    return given


def plain(value: Any) -> Any:
    """Give a value of zeep's as JSON has it; a wrapped list as the list in it."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if not hasattr(value, "_xsd_type"):
        return value
    fields = {name: plain(value[name]) for name in value}
    (first, *more) = fields.values()
    return first if isinstance(first, list) and not more else fields


def say(operation: str, **told: Any) -> None:
    """Print what became of a call."""
    print(json.dumps({"call": operation, **told}), flush=True)


main()
