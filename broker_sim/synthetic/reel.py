"""Time on a screen: frames, the pointer's ways, typing, the clock in the bar.

All instants are milliseconds since 1970; no frame is before the one before, none behind the
session's end.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt
from typing import Final

from broker_sim.synthetic import week
from broker_sim.synthetic.chance import Draws
from broker_sim.synthetic.desktop import HEIGHT, WIDTH, Desktop

_FRAME: Final = 60
_MINUTE: Final = 60_000
_BY_LETTER: Final = 85
_WANDERS: Final = 22
# Beyond so many bytes the pointer jumps and letters come in lumps; beyond the second only
# the lines of chat are drawn, each in a row.
_SMOOTH: Final = 110_000
FULL: Final = 150_000


class Reel:
    """Writes the frames of one screen from its first to its last.

    Args:
        desk: what is seen.
        start: when it begins.
        end: when it is over; the last frame is there.
        draws: where the pointer wanders.
    """

    def __init__(self, desk: Desktop, start: int, end: int, draws: Draws) -> None:
        self.desk = desk
        self.now = start
        self.end = end
        self._draws = draws
        self._pen = desk.pen
        self._at = (WIDTH // 2, HEIGHT // 2)
        # A long session's clock goes in larger steps.
        self._step = _MINUTE * (1 + (end - start) // (25 * _MINUTE))
        self._wandered = 0
        self.tick()

    @property
    def full(self) -> bool:
        """So much is written that little should follow."""
        return self._pen.spent > FULL

    def tick(self) -> None:
        """Write the time of day."""
        self.desk.clock(f"{week.from_ms(self.now):%H:%M}")

    def frame(self, at: int) -> None:
        """Show all that was drawn, at that instant or now if it is past."""
        self.now = min(self.end, max(self.now, at))
        self.desk.present()
        self._pen.sync(self.now)

    def idle(self, until: int) -> None:
        """Let time pass: the clock goes, the pointer wanders."""
        until = min(until, self.end)
        while self.now < until:
            minute = (self.now // self._step + 1) * self._step
            pause = self.now + self._draws.between(9_000, 34_000)
            if pause < min(minute, until) and self._wandered < _WANDERS:
                self._wandered += 1
                self._wander(pause)
            elif minute <= until:
                self.now = minute
                self.tick()
                self.frame(minute)
            else:
                self.now = until

    def point(self, x: int, y: int, by: int) -> None:
        """Bring the pointer there by an instant, smoothly, starting as late as may be."""
        takes = 260 + 9 * self._far(x, y) // 10
        self.idle(by - takes)
        frames = min(max(0, min(by, self.end) - self.now), takes) // _FRAME
        if self._pen.spent > _SMOOTH:
            frames = min(frames, 1)
        begin, (from_x, from_y) = self.now, self._at
        bend = self._draws.between(-14, 14)
        for nth in range(1, frames + 1):
            share = nth / frames
            # Slow, fast, slow; and a little beside the straight line.
            eased = share * share * share * (10 + share * (6 * share - 15))
            aside = bend * 4 * eased * (1 - eased)
            self._mouse(
                from_x + (x - from_x) * eased + aside, from_y + (y - from_y) * eased - aside
            )
            self.frame(begin + nth * _FRAME)
        if frames == 0:
            self._mouse(x, y)
            self.frame(self.now)

    def press(self, by: int) -> None:
        """Press and let go of the left button where the pointer is."""
        self.idle(by - 90)
        self._pen.mouse(*self._at, 1, self.now)
        self.frame(by - 90)
        self._pen.mouse(*self._at, 0, min(self.end, max(self.now, by)))
        self.frame(by)

    def type(self, text: str, draw: Callable[[str], None], by: int) -> None:
        """Type a text by an instant: `draw` is called with piece after piece."""
        lump = 2 if self._pen.spent < _SMOOTH else 8
        pieces = [text[at : at + lump] for at in range(0, len(text), lump)]
        self.idle(by - _BY_LETTER * len(text))
        begin = self.now
        takes = max(0, min(by, self.end) - begin)
        for nth, piece in enumerate(pieces, start=1):
            draw(piece)
            self.frame(begin + takes * nth // len(pieces))

    def _far(self, x: int, y: int) -> int:
        return isqrt((x - self._at[0]) ** 2 + (y - self._at[1]) ** 2)

    def _mouse(self, x: float, y: float) -> None:
        self._at = min(WIDTH - 1, max(0, round(x))), min(HEIGHT - 1, max(0, round(y)))
        self._pen.mouse(*self._at, 0, self.now)

    def _wander(self, at: int) -> None:
        self.now = at
        x = self._at[0] + self._draws.between(-140, 140)
        y = self._at[1] + self._draws.between(-110, 110)
        x, y = min(WIDTH - 40, max(20, x)), min(HEIGHT - 60, max(20, y))
        frames = 5 if self._pen.spent < _SMOOTH else 1
        from_x, from_y = self._at
        for nth in range(1, frames + 1):
            share = nth / frames
            eased = share * share * (3 - 2 * share)
            self._mouse(from_x + (x - from_x) * eased, from_y + (y - from_y) * eased)
            self.frame(at + nth * _FRAME)
