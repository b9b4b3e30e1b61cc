"""A browser without scripts: it follows links and sends forms as they stand on a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urljoin

import requests
from lxml import html

JSON = {"Accept": "application/json"}


@dataclass(slots=True)
class Browser:
    """One customer's browser.

    Attributes:
        answer: the last answer.
        page: it as HTML; None where it is none.
    """

    session: requests.Session = field(default_factory=requests.Session)
    answer: requests.Response = field(default_factory=requests.Response)
    page: Any = None

    def get(self, url: str, **fields: str) -> Self:
        """Go to an address."""
        return self._took(self.session.get(url, params=fields or None, timeout=10))

    def post(self, url: str, **fields: str) -> Self:
        """Send a form that stands on somebody else's page."""
        return self._took(self.session.post(url, data=fields, timeout=10))

    def send(self, button: str, /, **typed: str) -> Self:
        """Fill in the form that has this button, and press it."""
        (form,) = (
            f
            for f in self.page.forms
            if any(b.text_content().strip().endswith(button) for b in f.iter("button"))
        )
        fields = dict(form.form_values())
        unknown = set(typed) - {each.name for each in form.iter("input", "textarea", "select")}
        assert not unknown, f"the form has no {unknown}"
        to = urljoin(self.answer.url, form.action)
        return self._took(
            self.session.request(form.method, to, data={**fields, **typed}, timeout=10)
        )

    def follow(self, words: str) -> Self:
        """Follow the link with these words."""
        (link,) = (a for a in self.page.iter("a") if a.text_content().strip() == words)
        return self.get(urljoin(self.answer.url, link.get("href")))

    def frame(self) -> Browser:
        """Look into the page's frame."""
        (inner,) = self.page.iter("iframe")
        return Browser(self.session).get(urljoin(self.answer.url, inner.get("src")))

    def read(self) -> dict[str, Any]:
        """Ask for the same page as a script would."""
        found: dict[str, Any] = self.session.get(self.answer.url, headers=JSON, timeout=10).json()
        return found

    @property
    def title(self) -> str:
        """Its heading."""
        (heading,) = self.page.iter("h1")
        return str(heading.text_content())

    @property
    def text(self) -> str:
        """All that is written on it."""
        return " ".join(self.page.text_content().split())

    def typed(self, name: str) -> str:
        """Tell what stands in a field."""
        (found,) = self.page.xpath("//*[@name=$name]", name=name)
        return str(found.value)

    def _took(self, answer: requests.Response) -> Self:
        self.answer = answer
        self.page = html.fromstring(answer.text) if answer.text else None
        if self.page is not None:
            for area in self.page.iter("textarea"):
                area.text = (area.text or "").removeprefix("\n")  # as HTML says
            check_page(answer, self.page)
        return self


def check_page(answer: requests.Response, page: Any) -> None:
    """Check what is true of every page: safe, usable by keyboard and reader, on a phone."""
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] in ("no-referrer", "same-origin")
    assert answer.headers["Cache-Control"] == "no-store"
    assert not page.xpath(
        "//script[not(@src)] | //style | //@style | //@*[starts-with(name(), 'on')]"
    )
    assert page.xpath("//meta[@name='viewport']/@content") == [
        "width=device-width, initial-scale=1"
    ]
    assert page.get("lang") == "en"
    assert len(page.xpath("//main")) == 1
    for control in page.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        named = page.xpath("//label[@for=$id]", id=control.get("id") or "")
        assert named or control.xpath("ancestor::label"), f"{control.name} has no label"
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
