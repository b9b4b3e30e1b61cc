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
        for name in ("sessions", "monitors", "phonemode")
    }
    known = call(clients["sessions"], "logon", GIVEN["username"], GIVEN["password"])
    call(clients["sessions"], "getPortal", known)
    session = call(clients["sessions"], "getSession", known, int(GIVEN["session"]))
    for _ in range(4):
        call(clients["sessions"], "logon", GIVEN["locked"], "wrong")
    follow(clients["sessions"], known)
    call(clients["monitors"], "getRepresentatives", known)
    call(clients["monitors"], "getQueues", known)
    make_code(clients["phonemode"], known)
    fetch(web, session.files.SessionFile[0])
    call(clients["sessions"], "logoff", known)
    call(clients["sessions"], "getPortal", known)


def follow(sessions: Any, known: str) -> None:
    """Read the change log, page by page, until one is short."""
    call(sessions, "getLastUpdateId", known)
    since, size = 0, int(GIVEN["max"])
    while len(page := call(sessions, "getUpdates", known, since, size) or []) == size:
        since = page[-1].updateId


def make_code(phonemode: Any, known: str) -> None:
    """Make a phone code, find it among the codes, and cancel it."""
    who = GIVEN["representative"]
    wanted = (who, GIVEN["portal"], GIVEN["customer"], GIVEN["reference"])
    made = call(phonemode, "createCode", known, *wanted)
    call(phonemode, "getCodes", known, who)
    call(phonemode, "cancelCode", known, made.code)
    call(phonemode, "getCodes", known, who)


def fetch(web: requests.Session, file: Any) -> None:
    """Download a file of the session; tell what came and what was told of it."""
    answer = web.get(file.url, timeout=30)
    answer.raise_for_status()
    came = hashlib.sha256(answer.content).hexdigest()
    say("download", gives={"size": len(answer.content), "sha256": came, "told": file.sha256})


def call(client: Any, operation: str, *arguments: object) -> Any:
    """Call an operation; print what it gives, or the detail of its fault by the schema."""
    try:
        given = client.service[operation](*arguments)
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
