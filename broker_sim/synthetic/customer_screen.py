"""What the customer's screen shows during a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from broker_sim.core.record import Event, Happening
from broker_sim.synthetic import glyphs, pools, programs, scenery
from broker_sim.synthetic.chance import Draws
from broker_sim.synthetic.chatbox import Chatbox
from broker_sim.synthetic.desktop import GREY, HEIGHT, WHITE, WIDTH, Desktop, Window
from broker_sim.synthetic.pen import BLACK, Pen, Rect
from broker_sim.synthetic.plot import Plot
from broker_sim.synthetic.reel import Reel

_APP: Final = Rect(140, 48, 560, 430)
_CHAT: Final = Rect(706, 442, 304, 278)
_DIALOG: Final = Rect(250, 210, 380, 150)
_WORK: Final = Rect(210, 120, 400, 270)
_PAGE: Final = Rect(190, 90, 520, 380)
_PROGRESS: Final = Rect(330, 260, 340, 120)
_ICONS: Final = (("folder", "My files"), ("globe", "Internet"), ("printer", "Printers"),
                 ("document", "Notes"), ("bin", "Bin"))  # fmt: skip
# What is shown however much has been shown before.
_ALWAYS: Final = (Event.CHAT, Event.RECONNECTED, Event.FAILED, Event.ENDED)
# A pushed page is looked at for so many lines of chat.
_READ: Final = 2
_YELLOW: Final = (255, 236, 166)


class CustomerScreen:
    """Draws the customer's side of one session."""

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self._draws = Draws(plot.seed, "customer screen", plot.session.session_id)
        self._pen = Pen()
        scenery.pointer(self._pen)
        self._desk = Desktop(self._pen, plot.customer_theme)
        self._desk.put_icons((*_ICONS, ("tool", plot.app.name)))
        self._desk.refresh()
        self._reel = Reel(self._desk, plot.begun, plot.over, self._draws)
        self._banner: Window | None = None
        self._page: Window | None = None
        self._page_read = 0
        self._dark: Window | None = None
        self._form: Window | None = None
        self._dialog: Window | None = None
        self._acts = self._table()
        self._furnish()

    def frames(self) -> Iterator[bytes]:
        """Give the stream piece by piece, from the session's start to its end."""
        reel, plot = self._reel, self._plot
        reel.frame(plot.begun)
        yield self._pen.take()
        work = self._spread_work()
        for place, event in enumerate(plot.events):
            at = plot.at(event)
            if place in work and self._dark is None and not reel.full:
                work[place](at - 1_200)
            self._happens(event, at)
            yield self._pen.take()
        reel.idle(plot.over)
        reel.frame(plot.over)
        yield self._pen.take()

    def _table(self) -> Mapping[Event, Callable[[Happening, int], None]]:
        """Give what is shown of each kind of event."""
        return {
            Event.CHAT: self._chat,
            Event.FILE_SENT: self._file,
            Event.URL_PUSHED: self._url,
            Event.DIAGNOSTICS_TAKEN: self._diagnostics,
            Event.SCREEN_ON: self._sharing,
            Event.SCREEN_OFF: self._sharing,
            Event.REBOOTED: self._reboot,
            Event.RECONNECTED: self._back,
            Event.TRANSFERRED: self._passed_on,
            Event.FAILED: self._over,
            Event.ENDED: self._over,
        }

    def _furnish(self) -> None:
        """Open what was open when the session began: the program, its trouble, the chat."""
        plot = self._plot
        self._app = self._desk.open(_APP, plot.app.name)
        programs.draw(self._app, plot.app, Draws(plot.seed, "program", plot.session.session_id))
        window = self._desk.open(_CHAT, "Support chat")
        inner = window.inner
        place = Rect(inner.x + 8, inner.y + 8, inner.width - 16, inner.height - 16)
        self._box = Chatbox(window, place, plot.customer)
        self._box.line("", f"{plot.rep} is connected.", 1)
        self._desk.present()

    def _spread_work(self) -> Mapping[int, Callable[[int], None]]:
        """Give what is done to the trouble, by the place of the event before which it is done."""
        work = (self._trouble, self._dismiss, self._open_form, self._fill_form, self._apply)
        kinds = [event.kind for event in self._plot.events]
        talk = [place for place, kind in enumerate(kinds) if kind is Event.CHAT][1:-2]
        if len(talk) < len(work):
            return dict(zip(talk, work, strict=False))
        return {talk[nth * len(talk) // len(work)]: act for nth, act in enumerate(work)}

    def _happens(self, event: Happening, at: int) -> None:
        if self._dark is not None and event.kind is not Event.RECONNECTED:
            # A dark screen shows nothing but itself.
            self._reel.idle(at)
            return
        act = self._acts.get(event.kind)
        if act is None or (self._reel.full and event.kind not in _ALWAYS):
            self._reel.idle(at)
            self._reel.frame(at)
            return
        act(event, at)

    def _chat(self, event: Happening, at: int) -> None:
        speaker, text = self._plot.said(event)
        rows = 1 if self._reel.full else 3
        short = glyphs.width(text[:80]) < self._box.field.width - 20
        if speaker == self._plot.customer and short and not self._reel.full:
            field = self._box.field.moved(_CHAT.x, _CHAT.y)
            self._reel.point(field.x + 40, field.y + 14, at - 90 * len(text) - 300)
            self._box.typed(self._reel, text, at)
        self._reel.idle(at)
        self._box.line(speaker, text, rows)
        self._page_read += 1
        if self._page is not None and self._page_read > _READ:
            self._desk.close(self._page)
            self._page = None
        self._reel.frame(at)

    def _told(self, text: str, at: int) -> None:
        self._reel.idle(at)
        self._box.line("", text, 2)
        self._reel.frame(at)

    def _sharing(self, event: Happening, at: int) -> None:
        self._reel.idle(at)
        if event.kind is Event.SCREEN_ON and self._banner is None:
            self._banner = self._desk.open(Rect(322, 0, 380, 28))
            self._banner.box(Rect(0, 0, 380, 28), _YELLOW, GREY)
            self._banner.text(14, 6, f"{self._plot.rep} can see and control this screen", bold=True)
        elif event.kind is Event.SCREEN_OFF and self._banner is not None:
            self._desk.close(self._banner)
            self._banner = None
        self._reel.frame(at)

    def _file(self, event: Happening, at: int) -> None:
        name = event.detail.rpartition(" (")[0] or event.detail
        self._progress("Receiving a file", name, at)
        self._told(f"{self._plot.rep} sent {name}", at)

    def _diagnostics(self, _event: Happening, at: int) -> None:
        self._progress("Diagnostics", "Looking at programs, disks and the network", at)
        self._told("Diagnostics were sent.", at)

    def _progress(self, title: str, text: str, by: int) -> None:
        """Show a bar that fills until an instant."""
        self._reel.idle(by - 4_500)
        begin = self._reel.now
        window = self._desk.open(_PROGRESS, title)
        window.text(18, 40, text)
        window.box(Rect(18, 68, 304, 18))
        self._reel.frame(begin)
        for nth in range(1, 13):
            window.fill(Rect(19, 69, 302 * nth // 12, 16), self._desk.theme.title)
            self._reel.frame(begin + max(0, by - begin) * nth // 13)
        self._desk.close(window)

    def _url(self, event: Happening, at: int) -> None:
        self._reel.idle(at)
        if self._page is not None:
            self._desk.close(self._page)
        heading = event.detail.rpartition("/")[2].replace("-", " ")
        self._page = self._desk.open(_PAGE, "Internet")
        self._page_read = 0
        programs.page(self._page, self._page.inner, event.detail, heading, self._draws)
        self._told(f"{self._plot.rep} opened a page", at)

    def _reboot(self, _event: Happening, at: int) -> None:
        self._told("The computer restarts.", at)
        self._dark = self._desk.open(Rect(0, 0, WIDTH, HEIGHT))
        self._dark.fill(Rect(0, 0, WIDTH, HEIGHT), BLACK)
        self._dark.text(450, 360, "Restarting …", WHITE)
        # The bar lies above all windows; in the dark nothing does.
        self._desk.show_bar(on=False)
        self._reel.frame(at + 400)

    def _back(self, _event: Happening, at: int) -> None:
        if self._dark is None:
            return
        dark, self._dark = self._dark, None
        self._reel.idle(at - 14_000)
        begin = self._reel.now
        for nth in range(1, 11):
            dark.fill(Rect(402 + 22 * nth, 400, 14, 6), self._desk.theme.light)
            self._reel.frame(begin + max(0, at - begin - 2_000) * nth // 10)
        # What was open was closed by the restart; only the program is there again.
        for window in (self._form, self._dialog, self._page):
            if window is not None:
                self._desk.close(window)
        self._form = self._dialog = self._page = None
        self._desk.show_bar(on=True)
        self._desk.close(dark)
        self._told("The connection is back.", at)

    def _over(self, event: Happening, at: int) -> None:
        if self._banner is not None:
            self._desk.close(self._banner)
            self._banner = None
        failed = event.kind is Event.FAILED
        self._told(event.detail if failed else "The session has ended.", at)

    def _passed_on(self, _event: Happening, at: int) -> None:
        self._told("You are passed on to a colleague.", at)

    # What is done to the trouble, in this order.

    def _trouble(self, by: int) -> None:
        title, text = (self._filled(part) for part in self._plot.scene.dialog)
        self._reel.point(_APP.x + 260, _APP.y + 120, by - 700)
        self._reel.press(by - 500)
        self._dialog = window = self._desk.open(_DIALOG, title)
        window.icon("warning", 20, 44)
        for nth, line in enumerate(glyphs.wrapped(text, 290, 2)):
            window.text(68, 46 + 18 * nth, line)
        window.button(Rect(280, 106, 80, 28), "OK")
        self._reel.frame(by)

    def _dismiss(self, by: int) -> None:
        if self._dialog is None:
            return
        self._reel.point(_DIALOG.x + 318, _DIALOG.y + 118, by - 400)
        self._dialog.button(Rect(280, 106, 80, 28), "OK", pressed=True)
        self._reel.press(by - 150)
        self._desk.close(self._dialog)
        self._dialog = None
        self._reel.frame(by)

    def _open_form(self, by: int) -> None:
        self._reel.point(_APP.x + 146, _APP.y + 36, by - 500)
        self._reel.press(by - 300)
        self._form = window = self._desk.open(_WORK, f"{self._plot.app.name}: settings")
        for nth, label in enumerate(("General", "Connection", "Advanced")):
            window.button(Rect(14 + 104 * nth, 36, 98, 26), label, main=nth == 1)
        window.text(20, 84, self._filled(self._plot.scene.dialog[0]))
        window.field(Rect(20, 106, 360, 26), "")
        window.box(Rect(20, 150, 14, 14))
        window.text(44, 149, "Use this from now on")
        window.button(Rect(196, 226, 88, 28), "Cancel")
        window.button(Rect(294, 226, 88, 28), "Apply", main=True)
        self._reel.frame(by)

    def _fill_form(self, by: int) -> None:
        if self._form is None:
            return
        window = self._form
        text = glyphs.fitted(self._filled(self._plot.scene.typed), 340)
        self._reel.point(_WORK.x + 120, _WORK.y + 120, by - 100 * len(text) - 500)
        self._reel.press(by - 90 * len(text) - 300)
        at = 26

        def draw(piece: str) -> None:
            nonlocal at
            at = window.letters(at, 111, piece)

        self._reel.type(text, draw, by)

    def _apply(self, by: int) -> None:
        if self._form is None:
            return
        self._reel.point(_WORK.x + 27, _WORK.y + 157, by - 1_600)
        self._form.text(22, 149, "✓", self._desk.theme.title)
        self._reel.press(by - 1_400)
        self._reel.point(_WORK.x + 338, _WORK.y + 240, by - 500)
        self._form.button(Rect(294, 226, 88, 28), "Apply", pressed=True)
        self._reel.press(by - 200)
        self._desk.close(self._form)
        self._form = None
        programs.status_line(self._app, self._filled(self._plot.scene.fixed))
        self._reel.frame(by)

    def _filled(self, text: str) -> str:
        app = self._plot.app
        return pools.fill(text, {"app": app.name, "version": app.version, "old": app.old})
