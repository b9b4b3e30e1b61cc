"""What stands in the windows of the programs that people need help with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from broker_sim.synthetic import pools
from broker_sim.synthetic.chance import Draws
from broker_sim.synthetic.desktop import EDGE, FACE, GREY, WHITE, Window
from broker_sim.synthetic.pen import Rect, Rgb

_BLUE: Final[Rgb] = (24, 98, 168)
_CHOSEN: Final[Rgb] = (208, 226, 246)
_STRIPE: Final[Rgb] = (243, 246, 249)
_SUBJECTS: Final = (
    "Quote for spring", "Re: delivery", "Minutes", "Invoice attached", "Lunch?", "Reminder",
    "New price list", "Out of office", "Order 20417",
)  # fmt: skip
_COLUMNS: Final = ("Number", "Customer", "City", "Total")
_SETTINGS: Final = (
    ("Server", ("srv1.example.com", "srv2.example.com", "10.0.0.12")),
    ("Port", ("25", "443", "8080", "9100")),
    ("Profile", ("default", "standard", "office")),
    ("Folder", ("C:\\Data", "D:\\Work", "G:\\Groups")),
)


def status_line(window: Window, text: str) -> None:
    """Write the line at the bottom of a program's window."""
    inner = window.inner
    top = inner.y + inner.height - 22
    window.fill(Rect(inner.x, top, inner.width, 22), FACE)
    window.fill(Rect(inner.x, top, inner.width, 1), EDGE)
    window.text(inner.x + 8, top + 4, text, GREY)


def draw(window: Window, app: pools.App, draws: Draws) -> None:
    """Draw a program's window as it is when it is open."""
    inner = window.inner
    window.fill(inner, WHITE)
    _menu(window)
    area = Rect(inner.x, inner.y + 24, inner.width, inner.height - 46)
    _KINDS[app.window](window, area, draws)
    status_line(window, f"{app.name} {app.version}")


def _menu(window: Window) -> None:
    inner = window.inner
    window.fill(Rect(inner.x, inner.y, inner.width, 24), FACE)
    x = inner.x + 8
    for word in ("File", "Edit", "View", "Tools", "Help"):
        x = window.text(x, inner.y + 4, word) + 14


def _mail(window: Window, area: Rect, draws: Draws) -> None:
    window.fill(Rect(area.x, area.y, 120, area.height), _STRIPE)
    for nth, folder in enumerate(("Inbox (3)", "Drafts", "Outbox (14)", "Sent", "Archive")):
        y = area.y + 8 + 22 * nth
        if nth == 2:
            window.fill(Rect(area.x, y - 3, 120, 22), _CHOSEN)
        window.text(area.x + 12, y, folder, bold=nth == 2, room=100)
    for nth, subject in enumerate(draws.some(_SUBJECTS, 6)):
        y = area.y + 6 + 24 * nth
        given, family = _person(draws)
        if nth == 0:
            window.fill(Rect(area.x + 121, y - 4, area.width - 121, 24), _CHOSEN)
        window.text(area.x + 130, y, f"{given} {family}", bold=nth < 2, room=120)
        window.text(area.x + 262, y, subject, room=150)
    top = area.y + 156
    window.fill(Rect(area.x + 121, top, area.width - 121, 1), EDGE)
    for nth, text in enumerate(("Dear all,", "as agreed you find the list below.", "Kind regards")):
        window.text(area.x + 134, top + 12 + 24 * nth, text)


def _grid(window: Window, area: Rect, draws: Draws) -> None:
    for nth, label in enumerate(("New", "Save", "Refresh")):
        window.button(Rect(area.x + 8 + 84 * nth, area.y + 6, 76, 24), label)
    top = area.y + 38
    window.fill(Rect(area.x, top, area.width, 22), FACE)
    stops = (12, 92, 250, 370)
    for stop, name in zip(stops, _COLUMNS, strict=True):
        window.text(area.x + stop, top + 3, name, bold=True)
    names = pools.people()["en"]
    for nth in range(min(8, (area.height - 70) // 22)):
        y = top + 22 + 22 * nth
        if nth % 2:
            window.fill(Rect(area.x, y, area.width, 22), _STRIPE)
        total = draws.between(1_000, 999_999)
        row = (
            str(20_410 + nth), draws.pick(names.company), draws.pick(names.city),
            f"{total // 100:,}.{total % 100:02d}",
        )  # fmt: skip
        for stop, room, cell in zip(stops, (70, 150, 112, 90), row, strict=True):
            window.text(area.x + stop, y + 3, cell, room=room)


def _browser(window: Window, area: Rect, draws: Draws) -> None:
    page(window, area, "https://portal.example.com/start", "Your workplace", draws)


def page(window: Window, area: Rect, url: str, heading: str, draws: Draws) -> None:
    """Draw a browser's address and a page with a heading, a picture and some lines."""
    window.fill(Rect(area.x, area.y, area.width, 30), FACE)
    window.field(Rect(area.x + 8, area.y + 4, area.width - 16, 22), url)
    window.fill(Rect(area.x, area.y + 30, area.width, area.height - 30), WHITE)
    window.fill(Rect(area.x, area.y + 30, area.width, 46), _BLUE)
    window.text(area.x + 20, area.y + 45, heading, WHITE, bold=True)
    window.fill(Rect(area.x + 20, area.y + 92, 120, 84), _CHOSEN)
    window.icon("info", area.x + 64, area.y + 118)
    # Text that is too small to matter is shown as bars.
    bars = [
        Rect(area.x + 156, area.y + 96 + 14 * nth, draws.between(120, 240), 6) for nth in range(6)
    ]
    window.fill_all(bars, (214, 220, 226))
    for nth, link in enumerate(("Overview", "Step by step", "Ask a question")):
        window.text(area.x + 20, area.y + 190 + 22 * nth, f"▸ {link}", _BLUE)


def _settings(window: Window, area: Rect, draws: Draws) -> None:
    for nth, (label, values) in enumerate(_SETTINGS):
        y = area.y + 16 + 34 * nth
        window.text(area.x + 20, y + 4, label)
        window.field(Rect(area.x + 110, y, 200, 24), draws.pick(values))
    for nth, label in enumerate(("Start with the computer", "Keep a log", "Tell me of updates")):
        y = area.y + 162 + 26 * nth
        window.box(Rect(area.x + 20, y, 14, 14))
        if draws.below(2):
            window.text(area.x + 22, y - 1, "✓", _BLUE)
        window.text(area.x + 44, y - 1, label)
    window.button(Rect(area.x + area.width - 110, area.y + area.height - 38, 92, 26), "Apply")


def _editor(window: Window, area: Rect, draws: Draws) -> None:
    window.fill(Rect(area.x, area.y, area.width, area.height), (226, 229, 233))
    sheet = Rect(area.x + 40, area.y + 12, area.width - 80, area.height - 12)
    window.fill(sheet, WHITE)
    given, family = _person(draws)
    lines = ("Minutes of the meeting", f"Present: {given} {family} and others", "",
             "1. The new rooms are ready.", "2. Coffee is on the third floor.")  # fmt: skip
    for nth, line in enumerate(lines):
        window.text(sheet.x + 24, sheet.y + 22 + 22 * nth, line, bold=nth == 0)


def _person(draws: Draws) -> tuple[str, str]:
    names = pools.people()["en"]
    return draws.pick(names.given)[0], draws.pick(names.family)[0]


_KINDS: Final[Mapping[str, Callable[[Window, Rect, Draws], None]]] = {
    "mail": _mail,
    "grid": _grid,
    "browser": _browser,
    "settings": _settings,
    "editor": _editor,
}
