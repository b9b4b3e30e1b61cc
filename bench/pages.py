"""What a browser has to fetch before a person sees a page, and how soon the first byte comes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import median
from time import perf_counter
from typing import Any, Final
from urllib.parse import quote, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.finding import Bench, Finding, Missing
from broker_sim.service import passes
from broker_sim.testing import RunningBroker, running_broker

_TIMES: Final = 30
_SESSIONS: Final = 400
_PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
_QUIET_MS: Final = 700
_HOW: Final = f"""\
Chromium opens each page as somebody who was never there: what it fetches until the page is still,
as it goes over the wire, headers included, and in how many requests. Then it opens the page again:
what is named by its digest a browser keeps for good, of the other scripts it asks whether they are
as they were. Scripts are modules in files of their own, as there is no build step, so the desk
makes many small requests. "First answer" is the stopwatch around a request for the page alone on an
open connection, until its first byte, the median of {_TIMES}; the world has {_SESSIONS} sessions.
Its bound only catches what has become several times slower.
"""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A page that people open.

    Attributes:
        name: in the table.
        goes: brings a browser to it, logged on where it must be; gives the page's URL.
        most_kb: what may be fetched for it, at the first visit.
        most_requests: in how many requests.
        most_ms: until the first byte.
    """

    name: str
    goes: Callable[[Page, RunningBroker], str]
    most_kb: float
    most_requests: int
    most_ms: float = 50.0


def _customer(_page: Page, broker: RunningBroker) -> str:
    return f"{broker.url}/h/{quote(broker.logins[0][0])}"


def _talk(_page: Page, broker: RunningBroker) -> str:
    portal = broker.tester.describe()["portals"][0]
    where = {"portal": portal["name"], "subPortal": portal["subPortals"][0]}
    session = broker.tester.perform("post", {**where, "question": "It hums."}).session_id
    for act in ("accept", "start"):
        broker.tester.perform(act, {"sessionId": session})
    return f"{broker.url}/cs/{passes.session_pass(broker.tester.world, session)}"


def _desk(page: Page, broker: RunningBroker) -> str:
    return _logged_in(page, f"{broker.url}/helpalert/", *broker.rep_logins[0])


def _dashboard(page: Page, broker: RunningBroker) -> str:
    username, password = next((name, word) for role, name, word in broker.manager_logins if role)
    return _logged_in(page, f"{broker.url}/manager/", username, password)


def _logged_in(page: Page, url: str, username: str, password: str) -> str:
    page.goto(url)
    page.get_by_label("E-mail address").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("button", name=re.compile("^Log (off|out)$")).wait_for()
    return url


def _sessions(page: Page, broker: RunningBroker) -> str:
    return f"{_dashboard(page, broker)}sessions"


def _review(page: Page, broker: RunningBroker) -> str:
    page.goto(f"{_sessions(page, broker)}?status=Finished")
    page.locator("a.id").first.click()
    page.get_by_role("link", name="Replay the screens").wait_for()
    return page.url


def _replay(page: Page, broker: RunningBroker) -> str:
    return f"{_review(page, broker)}/replay"


def _simulator(_page: Page, broker: RunningBroker) -> str:
    return f"{broker.control_url}/_sim/#token={broker.control_token}"


_PAGES: Final = (
    _Seen("the customer's form", _customer, 15, 8),
    _Seen("the customer's talk", _talk, 45, 25),
    _Seen("the representative's desk", _desk, 180, 65),
    _Seen("the dashboard", _dashboard, 45, 10),
    _Seen("the list of sessions", _sessions, 80, 10, 200.0),
    _Seen("a session's review", _review, 130, 10),
    _Seen("its replay, with the recordings", _replay, 600, 40),
    _Seen("the simulator's page", _simulator, 70, 25),
)


def _run(full: bool) -> Sequence[Finding]:  # noqa: ARG001  there is no longer way
    with running_broker(sessions=_SESSIONS) as broker, _chromium() as browser:
        return [finding for seen in _PAGES for finding in _findings(browser, broker, seen)]


@contextmanager
def _chromium() -> Iterator[Browser]:
    found = next((path for name in _PROGRAMS if (path := shutil.which(name))), None)
    if found is None:
        msg = "Chromium is not on the path; on Debian: apt-get install chromium"
        raise Missing(msg)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found)
        yield browser
        browser.close()


def _findings(browser: Browser, broker: RunningBroker, seen: _Seen) -> Iterator[Finding]:
    guide = browser.new_context()
    url = seen.goes(guide.new_page(), broker)
    state: Any = guide.storage_state()
    stranger = browser.new_context(storage_state=state)
    page = stranger.new_page()
    first, requests = _fetched(stranger, page, url)
    again, _ = _fetched(stranger, page, url)
    yield Finding(f"{seen.name}: fetched", first, "kB", seen.most_kb)
    yield Finding(f"{seen.name}: in so many requests", requests, "calls", seen.most_requests)
    yield Finding(f"{seen.name}: fetched at the next visit", again, "kB")
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in stranger.cookies(url))
    waited = _first_answer(url, cookies)
    yield Finding(f"{seen.name}: first answer", waited, "ms", seen.most_ms)
    stranger.close()
    guide.close()


def _fetched(context: BrowserContext, page: Page, url: str) -> tuple[float, int]:
    """Open a page and wait until it is still; give kilobytes over the wire, and requests."""
    wire = context.new_cdp_session(page)
    ended: list[float] = []
    wire.on("Network.loadingFinished", lambda said: ended.append(said["encodedDataLength"]))
    wire.send("Network.enable")
    page.goto(url)
    page.wait_for_timeout(_QUIET_MS)
    page.goto("about:blank")
    wire.detach()
    sent = [size for size in ended if size]  # what came from the cache has none
    return sum(sent) / 1000, len(sent)


def _first_answer(url: str, cookies: str) -> float:
    """Give the median of the milliseconds to the first byte, on one connection."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    headers = {"cookie": cookies, "accept": "text/html", "accept-encoding": "gzip"}
    waited: list[float] = []
    for _ in range(_TIMES):
        begun = perf_counter()
        connection.request("GET", parts.path or "/", headers=headers)
        answer = connection.getresponse()
        answer.read(1)
        waited.append((perf_counter() - begun) * 1000)
        answer.read()
        if answer.status != 200:
            msg = f"{url} answers {answer.status}"
            raise RuntimeError(msg)
    connection.close()
    return median(waited)


BENCH: Final = Bench("pages", "What people see, and how soon", _HOW, _run)
