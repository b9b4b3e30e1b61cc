"""One Chromium for all tests, and for each test a world, visitors with cookies of their own, eyes.

A test fails when a page of its visitors logs an error, breaks its content security policy, opens
a dialog or asks another origin for anything, whether or not the test looks for that.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import DESKTOP, Looks, Watch, check_accessible

_PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
_MISSING: Final = (
    "these tests drive Chromium, and none of {} is on the path;"
    " on Debian: apt-get install chromium fonts-dejavu-core fonts-noto-core"
)
_TIMEOUT_MS: Final = 15_000  # a machine may be busy
expect.set_options(timeout=_TIMEOUT_MS)

Visit = Callable[..., Page]


@pytest.hookimpl(tryfirst=True)  # before those that the markers deselect are sorted out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder: none of them runs without a browser."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    found = next((path for name in _PROGRAMS if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(_MISSING.format(", ".join(_PROGRAMS)), pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--force-color-profile=srgb"]
        )
        yield browser
        browser.close()


@pytest.fixture
def watch(broker: BrokerWorld) -> Iterator[Watch]:
    """What the browsers complain of; the test fails in the end if there is anything."""
    watch = Watch({_origin(broker.url), _origin(broker.control_url)})
    yield watch
    assert not watch.problems, "\n".join(watch.problems)


@pytest.fixture
def visit(chromium: Browser, watch: Watch) -> Iterator[Visit]:
    """Give somebody a browser of their own: `visit()`, `visit(java_script_enabled=False)`."""
    contexts: list[BrowserContext] = []

    def begin(**options: object) -> Page:
        width, height = DESKTOP
        wish = {"viewport": {"width": width, "height": height}, "locale": "en-US", **options}
        context = chromium.new_context(**wish)  # type: ignore[arg-type]  # as the test says
        contexts.append(context)
        context.set_default_timeout(_TIMEOUT_MS)
        watch.over(context)
        return context.new_page()

    yield begin
    for context in contexts:
        context.close()


@pytest.fixture
def customer(visit: Visit) -> Page:
    """The customer's browser."""
    return visit()


@pytest.fixture
def rep(visit: Visit) -> Page:
    """The representative's browser."""
    return visit()


@pytest.fixture
def manager(visit: Visit) -> Page:
    """The manager's browser."""
    return visit()


@pytest.fixture
def look(request: pytest.FixtureRequest) -> Looks:
    """Take pictures of a page: `look(page, "waiting")`."""
    return Looks(Path(request.config.getoption("--looks")))


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Check a page for what keeps people out: `axe(page)`."""
    return check_accessible


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
