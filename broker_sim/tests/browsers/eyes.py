"""How a test looks at a page: pictures, accessibility, and what the browser complains of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Error, Page, Request

DESKTOP: Final = (1280, 800)
PHONE: Final = (390, 844)
SIZES: Final = {"desktop": DESKTOP, "phone": PHONE}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")

_GRAVE: Final = frozenset({"serious", "critical"})
_OWN_SCHEMES: Final = frozenset({"about", "blob", "data"})
# A page whose relay takes no more asks the broker for the channel, which says that all is over.
_LATE: Final = re.compile(r"status of 409 .*/(cs/[^/]+|helpalert/sessions/\d+)/channel\)$")
# What the colours do not change needs one look.
_CHECKS: Final[Mapping[str, Mapping[str, Any]]] = {
    "light": {},
    "dark": {"runOnly": ["color-contrast"]},
}
# A page learns of a breach of its policy by an event; a breach in a worker or frame, too.
_TELL: Final = """
addEventListener("securitypolicyviolation", (breach) =>
  console.error(`CSP: ${breach.effectiveDirective} forbids ${breach.blockedURI || "inline"}`));
"""
# What is wider than the window makes a whole page scroll sideways, on a phone above all.
_WIDER: Final = """() => {
  const root = document.scrollingElement;
  return root.scrollWidth > root.clientWidth ? [root.scrollWidth, root.clientWidth] : null;
}"""


@dataclass
class Watch:
    """What the browsers of one test have complained of.

    Attributes:
        origins: scheme, host and port of all that a page may load something from.
        complaints: errors on the console and in scripts, breaches of the policy, dialogs, and
            what was asked of anybody else.
    """

    origins: set[str]
    complaints: list[str] = field(default_factory=list)
    _allowed: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch all pages of a context from now on."""
        context.add_init_script(_TELL)
        context.on("console", self._said)
        context.on("weberror", lambda error: self._complain(f"script: {error.error}"))
        context.on("request", self._asked)
        context.on("dialog", self._opened)

    def allow(self, *words: str) -> None:
        """Take no offence, in this test, at complaints that have these words in them."""
        self._allowed += words

    @property
    def problems(self) -> list[str]:
        """Give what nobody has allowed."""
        offensive = (c for c in self.complaints if not _LATE.search(c))
        return [c for c in offensive if not any(words in c for words in self._allowed)]

    def _complain(self, said: str) -> None:
        self.complaints.append(said)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complain(f"console: {message.text} ({message.location.get('url', '')})")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in _OWN_SCHEMES or f"{parts.scheme}://{parts.netloc}" in self.origins:
            return
        self._complain(f"foreign: {request.method} {request.url}")

    def _opened(self, dialog: Dialog) -> None:
        self._complain(f"dialog: {dialog.type} {dialog.message!r}")
        dialog.dismiss()


@dataclass(frozen=True, slots=True)
class Looks:
    """Takes pictures of pages, and checks what can be seen by anybody on every page.

    Attributes:
        folder: where the pictures go.
    """

    folder: Path

    def __call__(self, page: Page, name: str) -> None:
        """Take a page on a desktop and on a phone, light and dark; it must fit either.

        Raises:
            AssertionError: it is wider than its window.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        wider: list[str] = []
        for size in SIZES:
            for scheme in SCHEMES:
                with seen_as(page, size, scheme):
                    if found := page.evaluate(_WIDER):
                        wider.append(f"{name} on a {size}: {found[0]} px in {found[1]} px")
                    file = self.folder / f"{name}-{size}-{scheme}.png"
                    page.screenshot(path=file, full_page=True, animations="disabled")
        assert not wider, wider

    def shot(self, page: Page, name: str) -> None:
        """Take what stands in the window, as README shows it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with seen_as(page, "desktop", "light"):
            page.screenshot(path=self.folder / f"{name}.png", animations="disabled")


@contextmanager
def seen_as(page: Page, size: str, scheme: Literal["light", "dark"]) -> Iterator[None]:
    """See a page in another size and scheme, nothing in motion, for as long as a block lasts."""
    before = page.viewport_size
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    try:
        yield
    finally:
        page.emulate_media(color_scheme="light", reduced_motion="no-preference")
        if before is not None:
            page.set_viewport_size(before)


def check_accessible(page: Page) -> None:
    """Check a page with axe-core: names, roles, order, landmarks; contrast in light and dark.

    Raises:
        AssertionError: it has found something serious; each finding with its places.
    """
    found: list[str] = []
    for scheme in SCHEMES:
        with seen_as(page, "desktop", scheme):
            found += [f"{scheme}: {told}" for told in _grave(page, _CHECKS[scheme])]
    assert not found, "\n".join([page.url, *found])


def _grave(page: Page, checks: Mapping[str, Any]) -> Iterator[str]:
    options = {"resultTypes": ["violations"], **checks}
    violations: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    for violation in violations:
        if violation["impact"] in _GRAVE:
            for node in violation["nodes"][:5]:
                why = " ".join(str(node.get("failureSummary", "")).split())
                yield f"{violation['id']} at {node['target']}: {why}"


def settled(page: Page) -> Page:
    """Wait until a page asks for nothing more for the moment; one that polls never does.

    Raises:
        Error: the page is gone.
    """
    try:
        page.wait_for_load_state("networkidle", timeout=1500)
    except Error:
        page.wait_for_load_state("load")
    return page
