"""What a browser has to fetch before a person sees a page, and how soon the first byte comes."""

from __future__ import annotations

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
from broker_sim.testing import RunningBroker, running_broker

_TIMES: Final = 30
_SESSIONS: Final = 400
_PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
_QUIET_MS: Final = 700
_FIRST_ANSWER_MS: Final = 50.0
_HOW: Final = f"""\
Chromium opens each page as somebody who was never there: what it fetches until the page is still,
as it goes over the wire, headers included, and in how many requests. Then it opens the page again:
style sheets and scripts are named by their digests, so a browser keeps them for good, and what
remains is the page itself. "First answer" is the stopwatch around a request for the page alone on
an open connection, until its first byte, the median of {_TIMES}; the world has {_SESSIONS}
sessions. Its bound only catches what has become several times slower.
"""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A page that people open.

    Attributes:
        name: in the table.
        goes: brings a browser to it, logged on where it must be; gives the page's URL.
        most_kb: what may be fetched for it, at the first visit.
        most_requests: in how many requests.
    """

    name: str
    goes: Callable[[Page, RunningBroker], str]
    most_kb: float
    most_requests: int


def _customer(_page: Page, broker: RunningBroker) -> str:
    return f"{broker.url}/h/{quote(broker.logins[0][0])}"


def _simulator(_page: Page, broker: RunningBroker) -> str:
    return f"{broker.control_url}/_sim/#token={broker.control_token}"


_PAGES: Final = (
    _Seen("the customer's form", _customer, 60, 8),
    _Seen("the simulator's page", _simulator, 60, 20),
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
    yield Finding(f"{seen.name}: first answer", waited, "ms", _FIRST_ANSWER_MS)
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
