"""A chat as it is seen: lines that scroll, and a field in which one is typed."""

from __future__ import annotations

from typing import Final

from broker_sim.synthetic import glyphs
from broker_sim.synthetic.desktop import EDGE, WHITE, Window
from broker_sim.synthetic.pen import Pen, Rect, Rgb
from broker_sim.synthetic.reel import Reel

_INK: Final[Rgb] = (30, 34, 40)
_OWN: Final[Rgb] = (24, 98, 168)
_OTHER: Final[Rgb] = (150, 70, 20)
_TOLD: Final[Rgb] = (120, 126, 134)
# In bytes of the whole recording.
_BRIM: Final = 200_000
_PAD: Final = 6
_ROW: Final = 16


class Chatbox:
    """The chat part of a window.

    Args:
        window: where it is.
        place: its part of the window; the field takes the last 30 rows of it.
        own: whose screen this is.
    """

    def __init__(self, window: Window, place: Rect, own: str) -> None:
        self.window = window
        self.field = Rect(place.x, place.y + place.height - 26, place.width, 26)
        self._lines = Rect(place.x, place.y, place.width, place.height - 32)
        self._own = own
        self._used = 0
        self._names: dict[str, tuple[int, int]] = {}
        window.box(self._lines)
        window.box(self.field)

    def line(self, speaker: str, text: str, rows: int = 3) -> None:
        """Add a line under the others; what does not fit any more scrolls out.

        Once the recording is very long, no more lines are added.
        """
        if self.window.pen.spent > _BRIM:
            return
        label = f"{glyphs.fitted(speaker, 130, bold=True)}: "
        indent = glyphs.width(label, bold=True) if speaker else 0
        room = self._lines.width - 2 * _PAD - 4
        first = glyphs.wrapped(text, room - indent, 1 if rows == 1 else 2)
        lines = first[:1]
        if len(first) > 1:
            # What does not fit beside the name goes on below it.
            rest = " ".join(text[:1000].split())[len(first[0]) :].strip()
            lines += glyphs.wrapped(rest, room, rows - 1)
        for nth, part in enumerate(lines or [""]):
            y = self._next_row()
            x = self._lines.x + _PAD
            if nth == 0 and speaker:
                self._name(speaker, label, x, y)
                x += indent
            self.window.text(x, y, part, _INK if speaker else _TOLD, room=room)

    def typed(self, reel: Reel, text: str, by: int) -> None:
        """Type into the field by an instant, then send it."""
        shown = glyphs.fitted(text, self.field.width - 16)
        at = self.field.x + 6

        def draw(piece: str) -> None:
            nonlocal at
            at = self.window.letters(at, self.field.y + 5, piece, _INK)

        reel.type(shown, draw, by)
        self.window.box(self.field, WHITE, EDGE)

    def _next_row(self) -> int:
        fits = (self._lines.height - 8) // _ROW
        inner = Rect(self._lines.x + 2, self._lines.y + 4, self._lines.width - 4, fits * _ROW)
        if self._used == fits:
            self.window.scroll(inner, _ROW)
            bottom = inner.y + inner.height - _ROW
            self.window.fill(Rect(inner.x, bottom, inner.width, _ROW), WHITE)
            return bottom
        self._used += 1
        return inner.y + (self._used - 1) * _ROW

    def _name(self, speaker: str, label: str, x: int, y: int) -> None:
        """Write a name; it is drawn once and copied from then on."""
        pen: Pen = self.window.pen
        if speaker not in self._names:
            wide = glyphs.width(label, bold=True) + 2
            layer = pen.buffer(wide, _ROW)
            pen.fill(layer, [Rect(0, 0, wide, _ROW)], WHITE)
            ink = _OWN if speaker == self._own else _OTHER
            pen.text(layer, 1, 0, label, ink, bold=True)
            self._names[speaker] = layer, wide
        layer, wide = self._names[speaker]
        self.window.lay(layer, Rect(0, 0, wide, _ROW), x - 1, y)
