"""Callers who do at one moment what only one of them may do, and what must then be so.

Every round is a race between threads whose calls go to several processes of one broker. What
the answers say is checked round by round; what the change log says, at the end.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from broker_sim.tests.load_calls import RACERS, Load, Race, code

LINES: Final = 3  # that each side says at one moment
_UPDATE: Final = re.compile(
    r"<updateId>(\d+)</updateId><sessionId>(\d+)</sessionId><kind>(\w+)</kind>"
)


@dataclass(frozen=True, slots=True)
class Logons:
    """Who logs on at one moment: one comes in; with wrong passwords, three are counted."""

    load: Load
    portal: str

    def one_comes_in(self, race: Race) -> None:
        """CONN-1: never two live connections of a login."""
        load, (username, password) = self.load, self.load.login(self.portal)
        came = race(*[lambda: load.connect("Sessions", username, password)] * RACERS)
        inside = [end for end in came if "." in end]
        load.check(f"CONN-1: {came}", holds=len(inside) == 1)
        load.check(f"CONN-1: {came}", holds=came.count("AlreadyLoggedOn") == RACERS - 1)
        asks = [lambda: code(load.soap("Sessions", "getPortal", connectionId=inside[0]))] * RACERS
        load.check("CONN-2: it is live", holds=race(*asks) == [""] * RACERS)
        ends = race(*[lambda: load.soap("Sessions", "logoff", connectionId=inside[0])] * 2)
        load.check(f"CONN-2: {ends}", holds=sorted(map(code, ends)) == ["", "ConnectionExpired"])
        load.check("CONN-3: it is over", holds=race(*asks) == ["ConnectionExpired"] * RACERS)

    def three_are_counted(self, race: Race) -> None:
        """LOGON-3, LOGON-2: of wrong passwords at one moment, for known and unknown names."""
        load = self.load
        known, right = load.login(self.portal)
        for name in (known, f"nobody.{load.name()}"):
            came = race(*[lambda name=name: load.connect("Sessions", name, "wrong")] * (RACERS + 1))
            told = Counter(came)
            counted = {"InvalidCredentials": 3, "LockedOut": RACERS - 2}
            load.check(f"LOGON-3: {name} {told}", holds=told == counted)
        end = load.connect("Sessions", known, right)
        load.check(f"LOGON-3: {end} with the right password", holds=end == "LockedOut")


@dataclass(frozen=True, slots=True)
class Desk:
    """Representatives who want the same request; a customer and one of them who talk at once."""

    load: Load
    portal: str
    sub_portal: str
    reps: dict[str, str]  # connection ids, by address

    def one_accepts(self, race: Race) -> None:
        """PORTAL-3, SESS-2: the first has it, and nothing that anybody says is lost."""
        load, question = self.load, f"Question {self.load.name()}?"
        asked = {"Portal": self.portal, "SubPortal": self.sub_portal, "Question": question}
        status, told = load.page("/ds/queryPost.flow", Name="Eva Example", **asked)
        load.check(f"PORTAL-1: {status} {told}", holds=status == 201)
        number, link = int(told["sessionId"]), urlsplit(told["links"]["session"]).path
        winner = self._accepted(race, number)
        load.accepted[number] = winner
        self._agree(race, link)
        said = self._talk(race, number, winner, link, question)
        shown = [line["text"] for line in load.page(link)[1]["lines"]]
        lost = [text for text in said if shown.count(text) != 1]
        load.check(f"SESS-4: lost or doubled {lost} in {shown}", holds=not lost)
        self._end(race, number, winner)

    def _accepted(self, race: Race, number: int) -> str:
        emails = list(self.reps)[:RACERS]
        ends = race(
            *[lambda email=email: self._doing(email, "acceptRequest", number) for email in emails]
        )
        won = [email for email, end in zip(emails, ends, strict=True) if not end]
        self.load.check(f"PORTAL-3: accepted by {won} of {ends}", holds=len(won) == 1)
        return won[0]

    def _agree(self, race: Race, link: str) -> None:
        agree = urlsplit(self.load.page(link)[1]["links"]["agree"]).path
        ends = race(*[lambda: self.load.page(agree, Agree="yes")[0]] * 2)
        self.load.check(f"PORTAL-4: agreed twice {ends}", holds=sorted(ends) == [200, 409])

    def _talk(self, race: Race, number: int, winner: str, link: str, question: str) -> list[str]:
        say = urlsplit(self.load.page(link)[1]["links"]["say"]).path
        told = [f"rep {nth} of {question}" for nth in range(LINES)]
        asked = [f"customer {nth} of {question}" for nth in range(LINES)]
        ends = race(
            *[
                lambda text=text: self._doing(winner, "sendChat", number, text=text)
                for text in told
            ],
            *[lambda text=text: self.load.page(say, Text=text)[0] for text in asked],
        )
        self.load.check(f"SESS-4: {ends}", holds=ends == [""] * LINES + [200] * LINES)
        return told + asked

    def _end(self, race: Race, number: int, winner: str) -> None:
        ends = race(*[lambda: self._doing(winner, "endSession", number, resolution="Resolved")] * 2)
        self.load.check(f"SESS-2: ended twice {ends}", holds=sorted(ends) == ["", "OutOfTurn"])

    def one_redeems(self, race: Race) -> None:
        """PHONE-1: a code that is typed at one moment by several connects one of them."""
        load, (email, connection) = self.load, next(iter(self.reps.items()))
        asked = {"connectionId": connection, "portal": self.portal, "customerName": "Eva Example"}
        made = load.soap("Agents", "startByCode", **asked)
        typed = re.search(r"<code>(\d{9})</code>", made)
        load.check(f"PHONE-1: {made}", holds=typed is not None)
        assert typed is not None
        fields = {"Portal": self.portal, "Code": typed[1]}
        ends = race(*[lambda: load.page("/ds/queryPost.flow", **fields)] * RACERS)
        came = [told for status, told in ends if status == 201]
        load.check(f"PHONE-1: redeemed by {len(came)}: {ends}", holds=len(came) == 1)
        number = int(came[0]["sessionId"])
        load.accepted[number] = email
        self._agree(race, urlsplit(came[0]["links"]["session"]).path)
        self._end(race, number, email)

    def _doing(self, email: str, operation: str, number: int, **more: object) -> str:
        given = {"connectionId": self.reps[email], "sessionId": number, **more}
        return code(self.load.soap("Agents", operation, **given))


@dataclass(slots=True)
class Poller:
    """Who follows a portal's change log from its beginning.

    Attributes:
        seen: update id, session and kind of every entry, as they came.
    """

    load: Load
    portal: str
    connection: str
    seen: list[tuple[int, int, str]] = field(default_factory=list)

    def follow(self, race: Race) -> None:
        """UPD-1: no gap and no double, whoever writes meanwhile."""
        del race  # it is alone
        since = self.seen[-1][0] if self.seen else 0
        asked = {"connectionId": self.connection, "since": since, "max": 40}
        answer = self.load.soap("Sessions", "getUpdates", **asked)
        self.load.check(f"UPD-1: {answer}", holds=not code(answer))
        page = [(int(u), int(s), kind) for u, s, kind in _UPDATE.findall(answer)]
        ids = [entry[0] for entry in page]
        wanted = list(range(since + 1, since + 1 + len(ids)))
        self.load.check(f"UPD-1: behind {since} came {ids}", holds=ids == wanted)
        self.seen += page
        if page:
            self._ask(page[-1][1], page[-1][0])

    def _ask(self, number: int, update_id: int) -> None:
        """UPD-2: what is then read is the session asked for, and shows at least that change."""
        answer = self.load.soap(
            "Sessions", "getSession", connectionId=self.connection, sessionId=number
        )
        found = re.search(r"<lastUpdateId>(\d+)<", answer)
        self.load.check(f"UPD-2: {answer}", holds=f"<sessionId>{number}</sessionId>" in answer)
        newest = int(found[1]) if found else 0
        self.load.check(f"UPD-2: {newest} after {update_id}", holds=newest >= update_id)

    def catch_up(self) -> None:
        """Follow to the end, now that nobody writes."""
        while True:
            before = len(self.seen)
            self.follow(lambda *_: [])
            if len(self.seen) == before:
                return


def under_load(load: Load) -> Sequence[Poller]:
    """Play everything at once until it is over; give who followed the logs, up to date."""
    world = load.control.get("/world")
    portals = [portal["name"] for portal in world["portals"]]
    reps = {rep["email"]: rep["password"] for rep in world["representatives"]}
    on_duty: dict[str, str] = {}
    desks = [_desk(load, world, reps, on_duty, portal) for portal in portals]
    pollers = [Poller(load, p, load.connect("Sessions", *load.login(p))) for p in portals * 2]
    logons = [Logons(load, portal) for portal in portals]
    rounds: list[Callable[[Race], None]] = [
        *(desk.one_accepts for desk in desks * 3),
        *(desk.one_redeems for desk in desks),
        logons[0].one_comes_in,
        logons[-1].three_are_counted,
        *(poller.follow for poller in pollers),
    ]
    players = [threading.Thread(target=load.play, args=(each,)) for each in rounds]
    for player in players:
        player.start()
    for player in players:
        player.join()
    if not load.broken:
        for poller in pollers:
            poller.catch_up()
    return pollers


def _desk(
    load: Load, world: Any, passwords: dict[str, str], on_duty: dict[str, str], portal: str
) -> Desk:
    """Open the desk of the sub-portal that most representatives serve."""
    serving = Counter(
        desk["subPortal"]
        for rep in world["representatives"]
        for desk in rep["desks"]
        if desk["portal"] == portal
    )
    place = {"portal": portal, "subPortal": serving.most_common(1)[0][0]}
    emails = [rep["email"] for rep in world["representatives"] if place in rep["desks"]][:RACERS]
    for email in emails:
        if email not in on_duty:  # who serves both portals has one connection all the same
            on_duty[email] = _on_duty(load, email, passwords[email])
    return Desk(load, portal, place["subPortal"], {email: on_duty[email] for email in emails})


def _on_duty(load: Load, email: str, password: str) -> str:
    connection = load.connect("Agents", email, password)
    load.soap("Agents", "setAvailability", connectionId=connection, available="true")
    return connection
