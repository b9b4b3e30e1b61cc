"""Calls to a world whose tester strikes them: what came back, and whether anything was done."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests import raw_http, soap_drawing
from broker_sim.tests.soap_drawing import LOGON, SOAP11


def dial(world: BrokerWorld) -> raw_http.Caller:
    place = urlsplit(world.url)
    caller = socket.create_connection((place.hostname or "", place.port or 0))
    caller.settimeout(raw_http.PATIENCE)
    return raw_http.Caller(caller)


def posted(world: BrokerWorld, payload: Any, media: str = SOAP11) -> bytes:
    body = soap_drawing.envelope(payload, media)
    path = f"{urlsplit(world.url).path}/services/Sessions"
    return raw_http.post(path, body, f"Content-Type: {media}", "Connection: close")


def logon_request(world: BrokerWorld, media: str = SOAP11, password: str = "") -> bytes:
    _, username, right = world.logins[0]
    given = {"username": username, "password": password or right}
    return posted(world, soap_drawing.payload(LOGON, given), media)


def ask(world: BrokerWorld, request: bytes) -> raw_http.Said:
    with dial(world) as caller:
        caller.send(request)
        return caller.answer()


def whole(world: BrokerWorld, request: bytes) -> tuple[bytes, str]:
    """Send, read until the end; tell how it ended."""
    with dial(world) as caller:
        caller.send(request)
        got = bytearray()
        try:
            while piece := caller.socket.recv(65536):
                got += piece
        except ConnectionResetError:
            return bytes(got), "rst"
        return bytes(got), "fin"


def code_of(said: raw_http.Said) -> str:
    return said.body.partition(b"<code>")[2].partition(b"<")[0].decode()


def is_taken(world: BrokerWorld) -> bool:
    """Tell whether the first login has a live connection."""
    return code_of(ask(world, logon_request(world))) == "AlreadyLoggedOn"
