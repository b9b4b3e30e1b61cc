"""The stand: one server process with the broker behind one port and the floor behind another.

Run as `python -m bench.stand HOME [STORE]`; says where it is in one JSON line. Beside the floor
is plain spyne, out of memory like it.
"""

from __future__ import annotations

import gc
import json
import sys
from datetime import timedelta
from pathlib import Path
from time import process_time
from typing import Final

from bench import floor, plain_spyne
from bench.floor import Floor
from bench.plain_spyne import Plain
from bench.worlds import Desk, opened
from broker_sim.adapters.clocks import machine_time
from broker_sim.bootstrap.doors import Doors
from broker_sim.core.record import Session
from broker_sim.front.door import Door, Route
from broker_sim.front.listener import listen
from broker_sim.front.server import serve
from broker_sim.front.wsgi import mount
from broker_sim.service import managers
from broker_sim.service.exchange import Answer, Reply, Request
from broker_sim.settings import FILE

CPU: Final = "/cpu"
WSGI: Final = "/wsgi"
_LOGINS: Final = 201
_SESSIONS: Final = 50
_PAST: Final = 2000
_PASSWORD: Final = "correct horse"


def main(home: Path, store: str = FILE) -> None:
    """Serve until SIGTERM."""
    with opened(home, _PAST, store=store) as desk:
        users = [f"bench{number:03}@example.com" for number in range(_LOGINS)]
        for user in users:
            managers.add_login(desk.broker.world, desk.portal, user, _PASSWORD)
        broker = Doors(desk.broker)  # first: a session tells where the broker is
        sessions = {session.session_id: session for session in _recorded(desk)}
        passwords = dict.fromkeys(users, _PASSWORD)
        now = machine_time()
        ids = desk.call("getSessionIds", start=now - timedelta(days=89), end=now)
        plain = Plain(passwords, sessions, desk.call("getUpdates", since=0), ids)
        beside = listen(_beside(Floor(passwords, sessions), plain))
        told = {
            "broker": broker.product.url,
            "floor": beside.url,
            "users": users,
            "password": _PASSWORD,
            "sessions": list(sessions),
            "portal": desk.portal,
        }
        gc.freeze()  # as `broker-sim serve` does
        serve(*broker.listeners, beside, ready=lambda: print(json.dumps(told), flush=True))


def _recorded(desk: Desk) -> list[Session]:
    """Give sessions with files, asked for once, so that their files are made."""
    now = machine_time()
    ids = desk.call("getSessionIds", start=now - timedelta(days=89), end=now)
    found: list[Session] = []
    for number in ids:
        session: Session = desk.call("getSession", session_id=number)
        if session.files:
            found.append(session)
        if len(found) == _SESSIONS:
            break
    return found


def _beside(by_hand: Floor, plain: Plain) -> Door:
    ways = {floor.LOGON: by_hand.logon, floor.GET_SESSION: by_hand.get_session}
    inline = [Route(path, floor.inline(answer)) for path, answer in ways.items()]
    wsgi = [Route(WSGI + path, mount(floor.application(answer))) for path, answer in ways.items()]
    spyne = Route(plain_spyne.PATH, mount(plain.application()))
    return Door((*inline, *wsgi, spyne, Route(CPU, _cpu)), today=machine_time)


def _cpu(_request: Request) -> Reply:
    """Tell the seconds of CPU that this process has used, in all its threads."""
    return Answer(200, (), repr(process_time()).encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:3])
