"""What the representative's screen shows during a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from broker_sim.core.record import Event, Happening
from broker_sim.synthetic import glyphs, machine, scenery
from broker_sim.synthetic.chance import Draws
from broker_sim.synthetic.chatbox import Chatbox
from broker_sim.synthetic.desktop import FACE, GREY, WHITE, Desktop, Window
from broker_sim.synthetic.pen import Pen, Rect
from broker_sim.synthetic.plot import Plot
from broker_sim.synthetic.reel import Reel

_CONSOLE: Final = Rect(110, 24, 560, 690)
_VIEWER: Final = Rect(690, 40, 316, 262)
_SHEET: Final = Rect(690, 322, 316, 250)
_CLOSING: Final = Rect(300, 250, 420, 250)
_ICONS: Final = (("folder", "Cases"), ("globe", "Intranet"), ("mail", "Mail"),
                 ("document", "Notes"))  # fmt: skip
# The buttons of the console, by the event that pressing them makes.
_BUTTONS: Final[Mapping[Event, tuple[int, str]]] = {
    Event.SCREEN_ON: (0, "Screen"),
    Event.SCREEN_OFF: (0, "Screen"),
    Event.DIAGNOSTICS_TAKEN: (1, "Diagnose"),
    Event.FILE_SENT: (2, "Send file"),
    Event.URL_PUSHED: (3, "Push page"),
    Event.REBOOTED: (4, "Restart"),
    Event.TRANSFERRED: (5, "Transfer"),
    Event.ENDED: (6, "End"),
}
# What the chat says of an event that is no line; {} is its detail.
_TOLD: Final[Mapping[Event, str]] = {
    Event.FILE_SENT: "Sent {}",
    Event.URL_PUSHED: "Opened {}",
    Event.DIAGNOSTICS_TAKEN: "Diagnostics are here.",
    Event.SCREEN_ON: "The customer shares the screen.",
    Event.SCREEN_OFF: "Screen sharing has ended.",
    Event.REBOOTED: "The customer's computer restarts.",
    Event.RECONNECTED: "The customer is back.",
    Event.TRANSFERRED: "Transferred {}.",
    Event.FAILED: "{}",
    Event.ENDED: "The session has ended.",
}


class RepScreen:
    """Draws the rep's side of one session."""

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self._draws = Draws(plot.seed, "rep screen", plot.session.session_id)
        self._pen = Pen()
        scenery.pointer(self._pen)
        self._desk = Desktop(self._pen, plot.rep_theme)
        self._desk.put_icons(_ICONS)
        self._desk.refresh()
        self._reel = Reel(self._desk, plot.begun, plot.over, self._draws)
        self._viewer: Window | None = None
        self._sheet: Window | None = None
        self._acts: Mapping[Event, Callable[[Happening], None]] = {
            Event.SCREEN_ON: self._view,
            Event.SCREEN_OFF: self._stop_view,
            Event.DIAGNOSTICS_TAKEN: self._diagnosed,
            Event.REBOOTED: self._stop_view,
            Event.ENDED: self._stop_view,
            Event.FAILED: self._stop_view,
        }
        self._furnish()

    def frames(self) -> Iterator[bytes]:
        """Give the stream piece by piece, from the session's start to its end."""
        reel, plot = self._reel, self._plot
        reel.frame(plot.begun)
        yield self._pen.take()
        for event in plot.events:
            at = plot.at(event)
            if event.kind is Event.CHAT:
                self._chat(event, at)
            else:
                self._does(event, at)
            yield self._pen.take()
        reel.idle(plot.over)
        reel.frame(plot.over)
        yield self._pen.take()

    def _furnish(self) -> None:
        """Open the console with what the customer asked."""
        session = self._plot.session
        title = f"HelpAlert: {self._plot.customer} in session {session.session_id}"
        self._console = window = self._desk.open(_CONSOLE, title)
        window.fill(Rect(1, 26, _CONSOLE.width - 2, 150), FACE)
        y = 36
        for label, value in self._facts():
            window.text(16, y, label, GREY)
            window.text(116, y, value, room=430)
            y += 19
        for nth, line in enumerate(glyphs.wrapped(session.question, 430, 2)):
            window.text(116, y + 19 * nth, line)
        window.text(16, y, "Question", GREY)
        for event in _BUTTONS:
            if event is not Event.SCREEN_OFF:
                self._button(event)
        self._box = Chatbox(window, Rect(12, 222, 536, 456), self._plot.rep)
        self._box.line("", f"{self._plot.customer} is connected.", 1)
        self._desk.present()

    def _facts(self) -> list[tuple[str, str]]:
        session = self._plot.session
        facts = [("Portal", f"{session.portal} / {session.sub_portal}, {session.mode}")]
        facts += [
            (entry.label or "(no label)", entry.value) for entry in session.smart_box_entries[:3]
        ]
        if session.reference_id:
            facts.append(("Reference", session.reference_id))
        return facts

    def _place(self, event: Event) -> Rect:
        return Rect(12 + 77 * _BUTTONS[event][0], 184, 73, 28)

    def _button(self, event: Event, *, pressed: bool = False) -> None:
        main = event is Event.ENDED
        label = _BUTTONS[event][1]
        self._console.button(self._place(event), label, pressed=pressed, main=main)

    def _press(self, event: Event, at: int) -> None:
        """Press the console's button; it comes up again with the next frame."""
        place = self._place(event).moved(_CONSOLE.x, _CONSOLE.y)
        self._reel.point(place.x + 40, place.y + 16, at - 300)
        self._button(event, pressed=True)
        self._reel.press(at - 60)
        self._button(event)

    def _chat(self, event: Happening, at: int) -> None:
        speaker, text = self._plot.said(event)
        if speaker == self._plot.rep and not self._reel.full:
            field = self._box.field.moved(_CONSOLE.x, _CONSOLE.y)
            self._reel.point(field.x + 60, field.y + 14, at - 90 * min(70, len(text)) - 200)
            self._box.typed(self._reel, text, at)
        self._reel.idle(at)
        self._box.line(speaker, text, 1 if self._reel.full else 3)
        self._reel.frame(at)

    def _does(self, event: Happening, at: int) -> None:
        if event.kind is Event.ENDED and not self._handed_on():
            self._close_case(at)
        elif event.kind in _BUTTONS and not self._reel.full:
            self._press(event.kind, at)
        self._reel.idle(at)
        act = self._acts.get(event.kind)
        if act is not None and not self._reel.full:
            act(event)
        told = _TOLD.get(event.kind, "").replace("{}", event.detail)
        if told:
            self._box.line("", told, 2)
        self._reel.frame(at)

    def _handed_on(self) -> bool:
        return self._plot.session.transferred_to is not None

    def _view(self, _event: Happening) -> None:
        """Open the view of the customer's screen, made small."""
        if self._viewer is not None:
            return
        self._viewer = window = self._desk.open(_VIEWER, f"Screen of {self._plot.customer}")
        inner, theme = window.inner, self._plot.customer_theme
        scenery.wallpaper(self._pen, window.layer, inner, theme)
        window.touch(inner)
        # Windows as they lie on the customer's screen, at three tenths of their size.
        window.fill_all([Rect(inner.x + 42, inner.y + 15, 168, 124)], WHITE)
        window.fill_all([Rect(inner.x + 212, inner.y + 132, 91, 84)], WHITE)
        bars = [Rect(inner.x + 42, inner.y + 15, 168, 8), Rect(inner.x + 212, inner.y + 132, 91, 8)]
        window.fill_all(bars, theme.title)
        lines = [Rect(inner.x + 50, inner.y + 34 + 9 * n, 90 + 13 * (n % 4), 3) for n in range(10)]
        lines += [Rect(inner.x + 218, inner.y + 148 + 8 * n, 40 + 9 * (n % 5), 3) for n in range(7)]
        window.fill_all(lines, (196, 202, 210))
        window.fill(Rect(inner.x, inner.y + inner.height - 12, inner.width, 12), theme.bar)

    def _stop_view(self, _event: Happening) -> None:
        if self._viewer is not None:
            self._desk.close(self._viewer)
            self._viewer = None

    def _diagnosed(self, _event: Happening) -> None:
        """Open the sheet with what the diagnostics say, as far as it fits."""
        if self._sheet is not None:
            self._desk.close(self._sheet)
        self._sheet = window = self._desk.open(_SHEET, "Diagnostics")
        found = machine.inspect(self._plot.seed, self._plot.session)
        system, disks = machine.hardware(found)[:2]
        kept = ("Computer", "Operating system", "Processor", "Memory", "Memory free")
        rows = [row for row in system.rows if row[0] in kept]
        rows += [(f"Disk {row[0]}", f"{row[5]} % free of {row[3]} MB") for row in disks.rows]
        for nth, (name, value, *_) in enumerate(rows[:9]):
            y = 36 + 22 * nth
            window.text(12, y, name, GREY, room=120)
            window.text(134, y, value)

    def _close_case(self, by: int) -> None:
        """Fill in how it ended, and close."""
        reel = self._reel
        if reel.full:
            return
        note = glyphs.fitted(self._plot.session.rep_comment or "", 360)
        self._press(Event.ENDED, max(reel.now, by - 90 * len(note) - 3_000))
        window = self._closing_form()
        reel.frame(reel.now)
        at = 26

        def draw(piece: str) -> None:
            nonlocal at
            at = window.letters(at, 104, piece)

        if note:
            reel.type(note, draw, by - 1_200)
        reel.point(_CLOSING.x + 350, _CLOSING.y + 220, by - 200)
        reel.press(by - 60)
        self._desk.close(window)

    def _closing_form(self) -> Window:
        session = self._plot.session
        window = self._desk.open(_CLOSING, "End the session")
        for nth, word in enumerate(("Resolved", "Unresolved", "Unknown")):
            x = 20 + 126 * nth
            window.box(Rect(x, 44, 14, 14))
            window.text(x + 22, 43, word)
            if word == session.resolution:
                window.fill(Rect(x + 3, 47, 8, 8), self._desk.theme.title)
        window.text(20, 76, "Comment", GREY)
        window.box(Rect(20, 96, 380, 40))
        window.text(20, 148, session.end_label or "Case ID Number", GREY, room=180)
        window.field(Rect(20, 168, 180, 26), session.end_data or "")
        window.button(Rect(312, 206, 88, 28), "OK", main=True)
        return window
