"""Scripts of the pages by themselves: on an empty page, under the policy of all pages."""

from __future__ import annotations

from base64 import b64decode
from typing import Any, Final

from playwright.sync_api import Page, Route

from broker_sim.testing.world import BrokerWorld

# Pixels as base64 are a third of what a list of numbers would be, and ten times as fast.
_PIXELS: Final = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let text = "";
  for (let at = 0; at < data.length; at += 8192)
    text += String.fromCharCode(...data.subarray(at, at + 8192));
  return btoa(text);
}"""


def blank(page: Page, broker: BrokerWorld) -> Page:
    """Go to a page of the broker and empty its main part, into which scripts put what they make."""
    page.goto(f"{broker.url}/manager/login")
    page.evaluate("""() => {
      document.querySelector("main").replaceChildren();
      document.querySelector("main").className = "page";
    }""")
    return page


def serve(page: Page, files: dict[str, bytes]) -> None:
    """Answer the page when it asks for one of these paths."""

    def answer(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        route.fulfill(body=files[name], content_type="application/octet-stream")

    page.route("**/files/*", answer)


def pixels(page: Page, canvas: str, given: Any = None) -> bytes:
    """Give the pixels of a canvas, red, green, blue, alpha: `canvas` is a script that gives it."""
    return b64decode(page.evaluate(f"async (given) => ({_PIXELS})(await ({canvas})(given))", given))


def apart(one: bytes, other: bytes) -> int:
    """Tell by how much the two pixels that differ most differ, in any colour.

    Raises:
        AssertionError: they are of different sizes.
    """
    assert len(one) == len(other) > 0
    if one == other:
        return 0
    return max(abs(a - b) for a, b in zip(one, other, strict=True) if a != b)
