"""Representatives at the desk's pages: what its scripts ask of the broker, over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import requests

from broker_sim.core.record import Session
from broker_sim.testing import RunningBroker
from broker_sim.tests.browser import JSON, Browser


@dataclass(slots=True)
class DeskPage:
    """One representative's browser with the desk in it.

    Attributes:
        token: of the page; what changes anything carries it.
    """

    broker: RunningBroker
    email: str
    password: str
    root: str = ""
    browser: Browser = field(default_factory=Browser)
    token: str = ""

    @property
    def home(self) -> str:
        return f"{self.root or self.broker.url}/helpalert"

    @property
    def http(self) -> requests.Session:
        return self.browser.session

    def log_in(self, password: str | None = None) -> DeskPage:
        """Fill in the log-in form; with the right password, if none is given."""
        there = self.browser.get(f"{self.home}/login")
        there.send("Log in", username=self.email, password=password or self.password)
        if there.answer.url == f"{self.home}/":
            (page,) = there.page.xpath("//*[@id='desk']")
            self.token = page.get("data-token")
        return self

    def sit_down(self) -> DeskPage:
        """Log in and take requests."""
        self.log_in()
        self.do("setAvailability", available=True)
        return self

    def ask(self, path: str, **query: object) -> requests.Response:
        """Read something, as the page's scripts do."""
        given: Any = query
        return self.http.get(self.home + path, params=given, headers=JSON, timeout=10)

    def read(self, path: str, **query: object) -> Any:
        """Read something that there is."""
        answer = self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, given: object = None, /, **headers: str) -> requests.Response:
        """Do something, as the page's scripts do."""
        said = {**JSON, "X-Desk-Token": self.token, **headers}
        return self.http.post(f"{self.home}/{path}", json=given or {}, headers=said, timeout=10)

    def do(self, name: str, number: int | None = None, /, **given: object) -> Any:
        """Do something that is granted, in a session where a number is given."""
        answer = self.post(name if number is None else f"sessions/{number}/{name}", given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, name: str, number: int | None = None, /, **given: object) -> tuple[int, str]:
        """Do something that is not granted; give status and fault."""
        answer = self.post(name if number is None else f"sessions/{number}/{name}", given)
        return answer.status_code, answer.json().get("fault", "")

    def state(self, **query: object) -> Any:
        """Read the whole desk."""
        return self.read("/state", **query)

    def session(self, number: int) -> Any:
        """Read one session with its talk."""
        return self.read(f"/sessions/{number}")


def rep(broker: RunningBroker, nth: int = 0) -> DeskPage:
    """Give one of those who serve the first sub-portal of the first portal."""
    portal, sub_portal = first_queue(broker)
    with broker.tester.world.store.reading() as tx:
        member = tx.members_at(portal, sub_portal)[nth]
    return DeskPage(broker, member.rep.email, broker.rep_logins[0][1])


def first_queue(broker: RunningBroker) -> tuple[str, str]:
    """Give the first portal and its first sub-portal."""
    name = broker.logins[0][0]
    with broker.tester.world.store.reading() as tx:
        portal = tx.portal(name)
    assert portal is not None
    return portal.name, portal.sub_portals[0]


def ask_for_help(broker: RunningBroker, **fields: str) -> tuple[Browser, int]:
    """Launch a request into the first queue; give the customer's browser and the session."""
    portal, sub_portal = first_queue(broker)
    asked = {"Name": "Eva", "Question": "It broke.", **fields}
    there = Browser().get(
        f"{broker.url}/ds/queryPost.flow", Portal=portal, SubPortal=sub_portal, **asked
    )
    return there, int(there.read()["sessionId"])


def in_session(desk: DeskPage, **fields: str) -> tuple[Browser, int]:
    """Bring a new request to the start of its session at that desk."""
    there, number = ask_for_help(desk.broker, **fields)
    desk.do("acceptRequest", number)
    return there.get(there.answer.url).send("I agree, begin"), number


def record(broker: RunningBroker, number: int) -> Session:
    """Give a session as it is stored."""
    with broker.tester.world.store.reading() as tx:
        held = tx.held(number)
    assert held is not None
    return held.session
