"""What is painted on a canvas, told by its pixels."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Locator

from broker_sim.tests.browsers.waits import until

_REST_MS: Final = 500
# The pixels of the largest canvas inside a place.
_PIXELS: Final = """
  const all = [...place.querySelectorAll("canvas")];
  const largest = all.sort((a, b) => b.width * b.height - a.width * a.height)[0];
  if (!largest || !largest.width) return 0;
  const { data } = largest.getContext("2d").getImageData(0, 0, largest.width, largest.height);
"""
_COLOURS: Final = f"(place) => {{ {_PIXELS} return new Set(new Uint32Array(data.buffer)).size }}"
_PICTURE: Final = f"""(place) => {{ {_PIXELS}
  let sum = 17;
  for (let at = 0; at < data.length; at += 4) {{
    sum = (Math.imul(sum, 31) + data[at] * 65536 + data[at + 1] * 256 + data[at + 2]) | 0;
  }}
  return sum;
}}"""

_KEEP: Final = f"(place) => {{ {_PIXELS} place.kept = new Uint32Array(data.buffer) }}"
_CHANGED: Final = f"""(place) => {{ {_PIXELS}
  const now = new Uint32Array(data.buffer);
  return now.filter((pixel, at) => pixel !== place.kept[at]).length / now.length;
}}"""


def picture(place: Locator) -> int:
    """Give a number that is the same for the same pixels."""
    return int(place.evaluate(_PICTURE))


def keeps(place: Locator) -> None:
    """Remember the pixels in the page."""
    place.evaluate(_KEEP)


def changed(place: Locator) -> float:
    """Give which part of the pixels is another one than `keeps` has remembered, 0 to 1."""
    return float(place.evaluate(_CHANGED))


def changes(place: Locator, more_than: float = 0.1) -> None:
    """Wait until such a part of the pixels is another; a clock is 0.05 of them at most."""
    until(place.page, lambda: changed(place) > more_than, f"{place} stays as it was")


def painted(place: Locator, more_than: int = 8) -> None:
    """Wait until there is a picture, of more colours than this. An empty canvas has one."""
    until(
        place.page,
        lambda: int(place.evaluate(_COLOURS)) > more_than,
        f"nothing is painted at {place}",
    )


def same(one: Locator, other: Locator) -> None:
    """Wait until two places, maybe in two browsers, show the same pixels and go on to do so.

    What was done at `one` a moment ago is painted a moment later: before it they are the same, too.
    """

    def are_the_same() -> bool:
        seen = picture(one)
        return seen == picture(other) and picture(_rested(one)) == seen == picture(other)

    until(one.page, are_the_same, f"{one} and {other} never show the same")


def _rested(place: Locator) -> Locator:
    """Wait by the page's own timer: what it was to paint before that is painted by then."""
    place.evaluate(f"() => new Promise((done) => setTimeout(done, {_REST_MS}))")
    return place


def shows(place: Locator, wanted: int) -> None:
    """Wait until a place shows the pixels that `picture` gave a number to."""
    until(place.page, lambda: picture(place) == wanted, f"{place} never shows that")
