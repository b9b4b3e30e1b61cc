"""Forms of a target's pages: sent as browsers send them, and read as people see them."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Final
from urllib.parse import quote, urlencode

from conformance.caller import Outcome
from conformance.customer import page
from conformance.hands import Hands, verb

_KIND: Final = "application/x-www-form-urlencoded"


class _Filled(HTMLParser):
    """What stands in the fields of a page: texts, areas, chosen buttons, hidden fields."""

    def __init__(self) -> None:
        super().__init__()
        self.typed: dict[str, str] = {}
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "textarea":
            self._area = told.get("name", "")
            self.typed[self._area] = ""
        elif tag == "input" and "name" in told and self._counts(told):
            self.typed[told["name"]] = told.get("value", "")

    def _counts(self, told: Mapping[str, str]) -> bool:
        return told.get("type") not in ("radio", "checkbox") or "checked" in told

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            # A line end behind the tag is none of the text.
            text = data if self.typed[self._area] else data.removeprefix("\n")
            self.typed[self._area] += text


def _read(text: str) -> dict[str, str]:
    reader = _Filled()
    reader.feed(text)
    return {name: value for name, value in reader.typed.items() if value}


@verb
def send_form(
    hands: Hands,
    /,
    *,
    path: str,
    fields: Mapping[str, str],
    portal: str = "",
    method: str = "POST",
    charset: str = "utf-8",
    headers: Mapping[str, str] | None = None,
) -> Outcome:
    """Send a form to a path, in which `{portal}` is filled in; the answer is JSON."""
    place = path.format(portal=quote(portal, safe=""))
    more = {**({"Portal": portal} if portal and "{" not in path else {}), **fields}
    if method == "POST":
        kind = _KIND if charset == "utf-8" else f"{_KIND}; charset={charset}"
        return page(hands, "POST", place, more, {**(headers or {}), "Content-Type": kind}, charset)
    return page(hands, method, f"{place}?{urlencode(more, encoding=charset)}", None, headers)


@verb
def see_form(
    hands: Hands,
    /,
    *,
    path: str,
    portal: str = "",
    fields: Mapping[str, str] | None = None,
) -> Outcome:
    """Send a form, or ask for one, as a browser does; tell what the page has filled in."""
    place = path.format(portal=quote(portal, safe=""))
    headers = {"Accept": "text/html", "Content-Type": _KIND}
    body = None if fields is None else urlencode(fields).encode("ascii")
    answer = hands.target.http.send("GET" if body is None else "POST", place, headers, body)
    hands.wire = (body or b"", answer.body)
    return {"status": answer.status, "filled": _read(answer.body.decode("utf-8", "replace"))}
