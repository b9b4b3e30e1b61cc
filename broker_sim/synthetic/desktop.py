"""A desktop with windows that overlap, drawn with as few instructions as may be.

Every window is drawn into a buffer of its own; what changed is copied to the screen at the
end of a frame, and what lies above it is laid over again. So a window that closes or comes
to the front costs a few copies, not a new drawing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from broker_sim.synthetic import glyphs, scenery
from broker_sim.synthetic.pen import BLACK, SCREEN, Pen, Rect, Rgb
from broker_sim.synthetic.scenery import Theme

WIDTH: Final = 1024
HEIGHT: Final = 768
BAR: Final = 34
TITLE: Final = 26
_SHADOW: Final = 5
_WHOLE: Final = Rect(0, 0, WIDTH, HEIGHT)

WHITE: Final[Rgb] = (255, 255, 255)
PAPER: Final[Rgb] = (250, 250, 251)
FACE: Final[Rgb] = (236, 238, 241)
EDGE: Final[Rgb] = (190, 196, 204)
GREY: Final[Rgb] = (110, 118, 128)


@dataclass(slots=True)
class Window:
    """A rectangle of the screen with a picture of its own.

    Positions in it are its own, from its upper left corner.

    Attributes:
        place: where it is on the screen.
        title: empty for one without a title bar.
        dirty: the part that is not on the screen yet.
    """

    pen: Pen
    layer: int
    place: Rect
    title: str
    dirty: Rect | None = None

    @property
    def inner(self) -> Rect:
        """What is inside the border and below the title bar."""
        top = TITLE if self.title else 1
        return Rect(1, top, self.place.width - 2, self.place.height - top - 1)

    def fill(self, rect: Rect, rgb: Rgb, alpha: int = 255) -> None:
        """Fill a rectangle."""
        self.fill_all([rect], rgb, alpha)

    def fill_all(self, rects: Iterable[Rect], rgb: Rgb, alpha: int = 255) -> None:
        """Fill rectangles with one colour; what lies outside the window is cut off."""
        whole = Rect(0, 0, self.place.width, self.place.height)
        cut = [part for rect in rects if (part := rect.cut(whole))]
        for part in cut:
            self.touch(part)
        if cut:
            self.pen.fill(self.layer, cut, rgb, alpha)

    def box(self, rect: Rect, rgb: Rgb = WHITE, edge: Rgb = EDGE) -> None:
        """Fill a rectangle that has an edge of one pixel."""
        self.fill(rect, edge)
        self.fill(Rect(rect.x + 1, rect.y + 1, rect.width - 2, rect.height - 2), rgb)

    def text(
        self,
        x: int,
        y: int,
        text: str,
        rgb: Rgb = BLACK,
        *,
        bold: bool = False,
        room: int | None = None,
    ) -> int:
        """Write a line, cut to `room` pixels or to the window; give the x behind it."""
        room = self.place.width - x - 6 if room is None else room
        if room < 12 or not 0 <= y <= self.place.height - glyphs.LINE:
            return x
        return self.letters(x, y, glyphs.fitted(text, room, bold=bold), rgb, bold=bold)

    def letters(self, x: int, y: int, text: str, rgb: Rgb = BLACK, *, bold: bool = False) -> int:
        """Write letters as they come, as one types; give the x behind them."""
        end = self.pen.text(self.layer, x, y, text, rgb, bold=bold)
        self.touch(Rect(x - 1, y, end - x + 3, glyphs.LINE))
        return end

    def button(self, rect: Rect, label: str, *, pressed: bool = False, main: bool = False) -> None:
        """Draw a button with its label in the middle."""
        face: Rgb = (24, 98, 168) if main else FACE
        self.box(rect, (200, 206, 214) if pressed else face, GREY if pressed else EDGE)
        ink = WHITE if main and not pressed else BLACK
        x = rect.x + max(4, (rect.width - glyphs.width(label)) // 2)
        y = rect.y + (rect.height - glyphs.LINE) // 2
        self.text(x, y, label, ink, room=rect.width - 6)

    def field(self, rect: Rect, text: str) -> None:
        """Draw a field with a text in it."""
        self.box(rect)
        self.text(rect.x + 5, rect.y + (rect.height - glyphs.LINE) // 2, text, room=rect.width - 8)

    def scroll(self, part: Rect, rows: int) -> None:
        """Move what is in a part up by so many pixels; the rest below is for the caller to fill."""
        kept = Rect(part.x, part.y + rows, part.width, part.height - rows)
        self.pen.copy(self.layer, kept, self.layer, part.x, part.y)
        self.touch(part)

    def lay(self, source: int, part: Rect, x: int, y: int) -> None:
        """Copy a part of a buffer into the window."""
        self.pen.copy(source, part, self.layer, x, y)
        self.touch(Rect(x, y, part.width, part.height))

    def icon(self, name: str, x: int, y: int) -> None:
        """Draw an icon of 32 by 32."""
        for rgb, rects in scenery.icon(name):
            self.fill_all([rect.moved(x, y) for rect in rects], rgb)

    def touch(self, rect: Rect) -> None:
        """Note that a part was changed, by whoever drew into its layer."""
        part = rect.cut(Rect(0, 0, self.place.width, self.place.height))
        if part is None:
            return
        if self.dirty is not None:
            x, y = min(part.x, self.dirty.x), min(part.y, self.dirty.y)
            right = max(part.x + part.width, self.dirty.x + self.dirty.width)
            bottom = max(part.y + part.height, self.dirty.y + self.dirty.height)
            part = Rect(x, y, right - x, bottom - y)
        self.dirty = part


class Desktop:
    """The screen with its wallpaper, its bar and its windows.

    Args:
        pen: what writes the instructions.
        theme: the colours.
    """

    def __init__(self, pen: Pen, theme: Theme) -> None:
        self.pen = pen
        self.theme = theme
        self._stack: list[Window] = []
        self._bar_on = True
        pen.size(SCREEN, WIDTH, HEIGHT)
        self._wall = pen.buffer(WIDTH, HEIGHT)
        scenery.wallpaper(pen, self._wall, _WHOLE, theme)
        self.bar = Window(pen, pen.buffer(WIDTH, BAR), Rect(0, HEIGHT - BAR, WIDTH, BAR), "")
        self._spread_bar()

    def put_icons(self, icons: Iterable[tuple[str, str]]) -> None:
        """Put icons with their names on the wallpaper, from the upper left corner down."""
        wall = Window(self.pen, self._wall, _WHOLE, "")
        for nth, (name, label) in enumerate(icons):
            y = 18 + 76 * nth
            wall.icon(name, 34, y)
            x = 50 - glyphs.width(glyphs.fitted(label, 92)) // 2
            wall.text(x, y + 36, label, WHITE, room=92)

    def open(self, place: Rect, title: str = "") -> Window:
        """Open a window in front of the others; with a title it has a title bar."""
        window = Window(self.pen, self.pen.buffer(place.width, place.height), place, title)
        window.box(Rect(0, 0, place.width, place.height), PAPER, GREY)
        if title:
            self._title(window)
        self._stack.append(window)
        self._name_tasks()
        # The shadow reaches beyond the window, so the part behind it is laid anew.
        window.dirty = None
        self.refresh(_with_shadow(place))
        return window

    def close(self, window: Window) -> None:
        """Take a window away; what it hid is seen again."""
        self._stack.remove(window)
        self.pen.write("dispose", window.layer)
        self._name_tasks()
        self.refresh(_with_shadow(window.place))

    def present(self) -> None:
        """Copy what has changed to the screen."""
        for place, window in enumerate(self._stack):
            if window.dirty is not None:
                part = window.dirty.moved(window.place.x, window.place.y).cut(_WHOLE)
                window.dirty = None
                if part is not None:
                    self._lay(window, part)
                    self._lay_from(place + 1, part)
        if self._bar_on and self.bar.dirty is not None:
            part, self.bar.dirty = self.bar.dirty, None
            self._lay(self.bar, part.moved(self.bar.place.x, self.bar.place.y))

    def show_bar(self, *, on: bool) -> None:
        """Show the bar, or nothing of it, as while the computer starts."""
        self._bar_on = on

    def clock(self, text: str) -> None:
        """Write the time of day into the bar."""
        self.bar.fill(Rect(WIDTH - 64, 1, 64, BAR - 1), self.theme.bar)
        self.bar.text(WIDTH - 50, 9, text, WHITE)

    def refresh(self, region: Rect | None = None) -> None:
        """Lay the wallpaper and all windows anew, in a region or everywhere."""
        part = (region or _WHOLE).cut(_WHOLE)
        if part is not None:
            self.pen.copy(self._wall, part, SCREEN, part.x, part.y)
            self._lay_from(0, part)
            if self._bar_on:
                self._lay(self.bar, part)

    def _lay_from(self, place: int, region: Rect) -> None:
        for window in self._stack[place:]:
            if shadow := window.place.moved(_SHADOW, _SHADOW).cut(region):
                self.pen.fill(SCREEN, [shadow], BLACK, 60)
            self._lay(window, region)

    def _lay(self, window: Window, region: Rect) -> None:
        if part := window.place.cut(region):
            own = part.moved(-window.place.x, -window.place.y)
            self.pen.copy(window.layer, own, SCREEN, part.x, part.y)

    def _title(self, window: Window) -> None:
        width = window.place.width
        window.fill(Rect(1, 1, width - 2, TITLE - 2), self.theme.title)
        window.text(10, 5, window.title, WHITE, bold=True, room=width - 90)
        marks = [Rect(width - 62, 16, 9, 2), Rect(width - 42, 9, 9, 2), Rect(width - 42, 17, 9, 1)]
        marks += [Rect(width - 42, 9, 1, 9), Rect(width - 34, 9, 1, 9)]
        # The cross, step by step.
        marks += [Rect(width - 20 + n, 8 + n, 2, 1) for n in range(9)]
        marks += [Rect(width - 12 - n, 8 + n, 2, 1) for n in range(9)]
        window.fill_all(marks, WHITE)

    def _spread_bar(self) -> None:
        self.bar.fill(Rect(0, 0, WIDTH, BAR), self.theme.bar)
        self.bar.fill(Rect(0, 0, WIDTH, 1), WHITE, 70)
        squares = [Rect(15 + 8 * (n % 2), 10 + 8 * (n // 2), 6, 6) for n in range(4)]
        self.bar.fill_all(squares, WHITE)

    def _name_tasks(self) -> None:
        """Show the titled windows in the bar."""
        self.bar.fill(Rect(44, 1, 820, BAR - 1), self.theme.bar)
        titled = [window for window in self._stack if window.title]
        for nth, window in enumerate(titled[:5]):
            x = 46 + 160 * nth
            self.bar.fill(Rect(x, 3, 154, BAR - 5), WHITE, 45)
            self.bar.fill(Rect(x, BAR - 3, 154, 2), self.theme.light)
            self.bar.text(x + 8, 9, window.title, WHITE, room=140)


def _with_shadow(place: Rect) -> Rect:
    return Rect(place.x, place.y, place.width + _SHADOW, place.height + _SHADOW)
