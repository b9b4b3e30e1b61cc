"""Drawing instructions of a shared screen: read with care, and put on the recording's time.

They come from a customer's or a representative's page, so anything may stand in them. An
instruction is its name and arguments, each as `<letters>.<text>`, with commas between and a
semicolon behind. What is taken is ASCII, so that letters and bytes are the same count.

Source: CHAN-1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from broker_sim.contract import limits

# What draws, and nothing that opens a stream of another sort in a player.
_SHAPES: Final = {"arc", "close", "curve", "line", "rect", "start", "cfill", "cstroke", "lfill"}
_STATES: Final = {"lstroke", "clip", "identity", "pop", "push", "reset", "set", "transform"}
_LAYERS: Final = {"copy", "cursor", "dispose", "distort", "move", "shade", "size", "transfer"}
_OTHERS: Final = {"img", "blob", "end", "mouse", "sync"}
_DRAWS: Final = frozenset(_SHAPES | _STATES | _LAYERS | _OTHERS)
_DIGITS_MOST: Final = 7
_ELEMENTS_MOST: Final = 64
_SCREEN: Final = "0"


class NoDrawing(ValueError):  # noqa: N818  a finding about a text, not our error
    """This is no text of drawing instructions."""


def instructions(text: str) -> Iterator[list[str]]:
    """Give name and arguments of each instruction.

    Raises:
        NoDrawing: it is cut off, malformed, not ASCII, or has an instruction that does not draw.
    """
    if not text.isascii():
        raise NoDrawing("drawing instructions are ASCII")
    at, elements = 0, []
    while at < len(text):
        dot = text.find(".", at, at + _DIGITS_MOST + 1)
        digits = text[at:dot] if dot > 0 else ""
        if not digits.isdecimal():
            raise NoDrawing("an element begins with its length and a dot")
        end = dot + 1 + int(digits)
        elements.append(text[dot + 1 : end])
        if text[end : end + 1] == ";":
            if elements[0] not in _DRAWS:
                raise NoDrawing("an instruction that does not draw")
            yield elements
            elements = []
        elif text[end : end + 1] != "," or len(elements) > _ELEMENTS_MOST:
            raise NoDrawing("a comma or a semicolon stands behind an element")
        at = end + 1
    if elements:
        raise NoDrawing("an instruction is cut off")


def written(*elements: object) -> str:
    """Write one instruction."""
    texts = [str(element) for element in elements]
    return ",".join(f"{len(text)}.{text}" for text in texts) + ";"


def check(text: str, *, whole: bool) -> None:
    """Accept instructions; of a `whole` screen, which say how large it is.

    Raises:
        NoDrawing: they are none, do not say it, or make a layer of no size that there is.
    """
    sizes = [one for one in instructions(text) if one[0] == "size"]
    if not all(len(one) == 4 and _is_side(one[2]) and _is_side(one[3]) for one in sizes):
        raise NoDrawing(f"a side has 1 to {limits.SCREEN_SIDE_MAX} pixels")
    if whole and not any(map(_is_size, sizes)):
        raise NoDrawing("a whole screen begins with its size")


def _is_side(text: str) -> bool:
    short = len(text) <= _DIGITS_MOST
    return short and text.isdecimal() and 1 <= int(text) <= limits.SCREEN_SIDE_MAX


def _is_size(one: list[str]) -> bool:
    return one[:2] == ["size", _SCREEN] and len(one) == 4


def first(text: str) -> str:
    """Give the instruction that says how large the screen is, which a recording begins with."""
    return next(written(*one) for one in instructions(text) if _is_size(one))


def timed(text: str, at_ms: int) -> str:
    """Put a frame on the recording's time: its end, and the pointer's.

    Args:
        text: accepted by `check`.
        at_ms: when all of it was on the screen, in milliseconds since 1970.
    """
    parts = []
    for one in instructions(text):
        if one[0] == "mouse" and len(one) == 5:
            one[4] = str(at_ms)
        if one[0] != "sync":
            parts.append(written(*one))
    return "".join(parts) + written("sync", at_ms)
