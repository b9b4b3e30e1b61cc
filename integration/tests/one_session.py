"""A session with two files, as the sinks' tests store it."""

from __future__ import annotations

from integration.core.record import Session
from integration.tests.fakes import FIRST_ID, START, make_file, make_session

LOCAL = bytes(range(256)) * 300
CHAT = b"Jo(12:00:00)\nHello\n"


def session(**more: object) -> Session:
    files = (make_file(FIRST_ID, "LocalScreen", LOCAL), make_file(FIRST_ID, "Chat", CHAT))
    return make_session(FIRST_ID, START, files=files, **more)
