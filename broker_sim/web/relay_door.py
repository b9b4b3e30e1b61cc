"""The relay over HTTP: frames in by POST, frames out by long poll.

`POST /relay/CHANNEL/PARTY` takes frames: with `back=no` ones that their sender need not read,
with `epoch=` only if that is still this relay's. `GET /relay/CHANNEL?since=PLACE&wait=SECONDS`
gives those behind a place. The caller's ticket comes as `Authorization: Bearer`, so that it
stands in no URL.

A relay in a process of its own has a tap: `GET /relay-tap` tells the broker which channels have
moved, and `POST /relay/CHANNEL/broker?close=yes` closes one.

Source: CHAN-1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs

from broker_sim.contract import limits
from broker_sim.core.channel import PARTIES, Malformed, Party, TooMuch, listed, unpacked
from broker_sim.core.refusal import Refused
from broker_sim.service.exchange import Answer, Headers, Offload, Reply, Request, Wait
from broker_sim.service.relay import Full, Gap, NotTaken, Over, Page, Relay, TooFast
from broker_sim.service.tickets import TAP, Tickets

PATH: Final = "/relay"
TAP_PATH: Final = "/relay-tap"
_STEP_SECONDS: Final = 0.2  # how often a waiting reader looks for what else has happened
_PLACE: Final = re.compile(r"([0-9a-z]{1,40})\.([0-9]{1,16})")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")
_SECONDS: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?")
_BEARER: Final = "bearer "
_JSON: Final = ("content-type", "application/json")
_BINARY: Final = ("content-type", "application/octet-stream")
_ALWAYS: Final[Headers] = (("cache-control", "no-store"), ("x-content-type-options", "nosniff"))
# Tickets are no cookies: a page of any origin that has one may use it.
_CORS: Final[Headers] = (
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", "relay-at, relay-over, retry-after"),
)
_PREFLIGHT: Final[Headers] = (
    ("access-control-allow-methods", "GET, POST"),
    ("access-control-allow-headers", "authorization, content-type"),
    ("access-control-max-age", "7200"),
)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told of what goes on at a relay inside the broker.

    Attributes:
        taken: frames came in for a channel; slow.
        look: somebody waits at a channel; called a few times a second.
    """

    taken: Callable[[str], None]
    look: Callable[[str], None]


class RelayDoor:
    """Answers for a relay.

    Args:
        relay: whose.
        tickets: who may write and read.
        watch: who is told.
    """

    def __init__(self, relay: Relay, tickets: Tickets, watch: Watch | None = None) -> None:
        self._relay = relay
        self._tickets = tickets
        self._watch = watch

    def handle(self, request: Request) -> Reply:
        """Answer any path below `/relay`."""
        if request.method == "OPTIONS":
            return Answer(204, _CORS + _PREFLIGHT)
        name, _, party = request.path.removeprefix(f"{PATH}/").partition("/")
        if not _NAME.fullmatch(name) or (party and party not in PARTIES):
            return _said(404, "There is no such channel.")
        if (request.method, bool(party)) not in (("POST", True), ("GET", False)):
            return _said(405, "Frames are sent to a channel's party with POST, and read with GET.")
        return self._post(name, Party(party), request) if party else self._get(name, request)

    def _who(self, name: str, request: Request) -> Party | None:
        """Tell whose ticket came along."""
        ticket = _ticket(request)
        return next((one for one in PARTIES if self._tickets.check(name, one, ticket)), None)

    def _post(self, name: str, party: Party, request: Request) -> Reply:
        if not self._tickets.check(name, party, _ticket(request)):
            return _REFUSED
        asked, epoch = parse_qs(request.query), self._relay.epoch
        if party is Party.BROKER and "close" in asked:
            self._relay.close(name)
            return _told(200, b"{}")
        if asked.get("epoch", [epoch])[-1] != epoch:
            return _told(412, b'{"epoch":"%s"}' % epoch.encode())
        answer = self._take(name, party, request.body, asked)
        if self._watch is None or answer.status != 200:
            return answer
        taken = self._watch.taken
        return Offload(lambda: taken(name), lambda _: answer)

    def _take(
        self, name: str, party: Party, body: bytes, asked: Mapping[str, Sequence[str]]
    ) -> Answer:
        back = "no" not in asked.get("back", ())
        try:
            source, first, frames = unpacked(body)
            number = self._relay.post(name, party, source, first, frames, comes_back=back)
        except NotTaken as problem:
            return _not_taken(problem)
        except TooMuch as problem:
            return _said(413, f"One POST takes at most {problem}.")
        except Malformed as problem:
            return _said(400, f"The body must be: {problem}.")
        return _told(200, b'{"next":%d}' % number)

    def _get(self, name: str, request: Request) -> Reply:
        party = self._who(name, request)
        if party is None:
            return _REFUSED
        asked = parse_qs(request.query)
        wait = _number(asked.get("wait", ["0"])[-1], limits.FRAMES_WAIT_MAX.total_seconds())
        said = asked.get("since", [""])[-1]
        if said and not said.startswith(f"{self._relay.epoch}."):
            wait = 0.0  # it does not know yet that this is another relay
        return self._wait(name, party, self._place(said), round(wait / _STEP_SECONDS))

    def tap(self, request: Request) -> Reply:
        """Answer who follows all channels of the relay: the broker's recorder."""
        if not self._tickets.check(TAP, TAP, _ticket(request)):
            return _REFUSED
        asked = parse_qs(request.query)
        wait = _number(asked.get("wait", ["0"])[-1], limits.FRAMES_WAIT_MAX.total_seconds())
        place = self._place(asked.get("since", [""])[-1])
        return self._tapped(place, asked.get("known", [""])[-1], wait)

    def _tapped(self, place: int, known: str, wait: float) -> Reply:
        news = self._relay.news(place)
        changes, names = news.known
        version = f"{self._relay.epoch}.{changes}"
        if wait > 0 and not news.moved and known == version:
            return Wait(wait, lambda: self._tapped(place, known, 0), news.bell)
        told = {
            "at": f"{self._relay.epoch}.{news.at}",
            "moved": news.moved,
            "version": version,
            "known": names,
        }
        return _told(200, json.dumps(told).encode())

    def _place(self, said: str) -> int:
        """Read a place; that of another relay, and none, is before all."""
        parts = _PLACE.fullmatch(said)
        return int(parts[2]) if parts is not None and parts[1] == self._relay.epoch else 0

    def _wait(self, name: str, party: Party, place: int, steps: int) -> Reply:
        """Answer when there is something, at the latest after so many steps."""
        try:
            if self._watch is not None:
                self._watch.look(name)
            page = self._relay.read(name, place)
        except Full as problem:
            return _not_taken(problem)
        except Refused:  # the world was dropped while somebody waited
            return _not_taken(Over())
        if page.frames or page.over or steps <= 0 or page.at < place:
            return self._found(party, page)
        # With nobody to look for, the bell alone wakes.
        step = 1 if self._watch is not None else steps
        return Wait(
            step * _STEP_SECONDS,
            lambda: self._wait(name, party, place, steps - step),
            page.bell,
        )

    def _found(self, party: Party, page: Page) -> Answer:
        headers = (
            *_ALWAYS,
            *_CORS,
            _BINARY,
            ("relay-at", f"{self._relay.epoch}.{page.at}"),
            *((("relay-over", "yes"),) if page.over else ()),
        )
        theirs = [one for one in page.frames if one.comes_back or one.party is not party]
        return Answer(200, headers, listed(theirs))


def _ticket(request: Request) -> str:
    """Give the ticket that came along; "" for none."""
    given = request.headers.get("authorization", "")
    return given[len(_BEARER) :].strip() if given[: len(_BEARER)].lower() == _BEARER else ""


def _number(text: str, most: float) -> float:
    """Read a number of seconds; 0 where it is none."""
    return min(float(text), most) if _SECONDS.fullmatch(text) else 0.0


def _not_taken(why: NotTaken) -> Answer:
    match why:
        case Gap():
            return _told(409, b'{"expected":%d}' % why.expected)
        case TooFast():
            return _said(429, "Slower, please.", (("retry-after", str(int(why.seconds) + 1)),))
        case Over():
            return _said(410, "The session is over.")
        case _:
            return _said(503, "There are too many channels.", (("retry-after", "5"),))


def _told(status: int, body: bytes) -> Answer:
    return Answer(status, (*_ALWAYS, *_CORS, _JSON), body)


def _said(status: int, sentence: str, more: Headers = ()) -> Answer:
    kind = ("content-type", "text/plain; charset=utf-8")
    return Answer(status, (*_ALWAYS, *_CORS, kind, *more), f"{sentence}\n".encode())


_REFUSED: Final = _said(403, "This ticket does not open this channel. Ask the broker for another.")
