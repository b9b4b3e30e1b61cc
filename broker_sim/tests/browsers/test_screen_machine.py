"""The simulated computer: what the representative sees and what is recorded is what it shows."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks
from broker_sim.tests.browsers.scripts import apart, blank, pixels

Step = dict[str, Any]
WIDTH: Final = 1024
HEIGHT: Final = 768
BEGIN: Final = """async () => {
  const { createMachine } = await import("/static/screen/machine.js");
  const { createViewer } = await import("/static/screen/viewer.js");
  const { Painting } = await import("/static/screen/painting.js");
  const main = document.querySelector("main");
  const [left, right] = [document.createElement("div"), document.createElement("div")];
  left.id = "customer";
  right.id = "rep";
  main.append(left, right);
  window.sent = [];
  window.begun = new Date(2026, 2, 2, 9, 41).getTime() - performance.now();
  const now = () => new Date(window.begun + performance.now());
  const emit = (message) => { sent.push(message); window.viewer?.handle(message); };
  window.machine = createMachine({ container: left, emit, now });
  window.viewer = createViewer({ container: right, send: (message) => machine.handle(message) });
  window.still = async () => {
    await new Promise((done) => setTimeout(done, 500));
    await viewer.painting.settled();
  };
  window.replayed = async () => {
    const painting = new Painting();
    for (const { data } of sent) { painting.paint(data); await painting.settled(); }
    return painting.picture();
  };
  machine.start();
  await still();
}"""
ACTS: Final = """async (steps) => {
  for (const { pause, ...step } of steps) {
    machine.handle({ kind: "input", ms: 0, ...step });
    if (pause) await new Promise((done) => setTimeout(done, pause));
  }
  await still();
}"""


@pytest.fixture
def page(broker: BrokerWorld, customer: Page) -> Page:
    """A page with the customer's computer and the representative's view of it."""
    blank(customer, broker).evaluate(BEGIN)
    return customer


def shown(page: Page) -> bytes:
    return pixels(page, "() => machine.canvas")


def seen(page: Page) -> bytes:
    return pixels(page, "() => viewer.picture()")


def mouse(x: int, y: int, buttons: int = 0, pause: int = 0) -> Step:
    return {"mouse": {"x": x, "y": y, "buttons": buttons}, "pause": pause}


def press(x: int, y: int, times: int = 1) -> list[Step]:
    return [mouse(x, y), *[mouse(x, y, buttons) for buttons in (1, 0) * times]]


def typed(text: str, pause: int = 0) -> list[Step]:
    return [
        {"key": {"keysym": ord(letter), "pressed": down}, "pause": pause * down}
        for letter in text
        for down in (True, False)
    ]


def keys(*symbols: int) -> list[Step]:
    return [{"key": {"keysym": one, "pressed": True}} for one in symbols]


def anything(draw: Random) -> list[Step]:
    """Do something or other, as a person might."""
    x, y = draw.randrange(WIDTH), draw.randrange(HEIGHT)
    to_x, to_y = draw.randrange(WIDTH), draw.randrange(HEIGHT)
    way = [(x + (to_x - x) * n // 5, y + (to_y - y) * n // 5) for n in range(6)]
    ways: list[Callable[[], list[Step]]] = [
        lambda: press(66, 60 + 92 * draw.randrange(6), 2),
        lambda: press(x, y, draw.choice([1, 1, 2])),
        lambda: [mouse(x, y, 4), mouse(x, y)],
        lambda: [mouse(x, y, draw.choice([8, 16])), mouse(x, y)] * 3,
        lambda: [*[mouse(*at, 1, 30) for at in way], mouse(to_x, to_y)],
        lambda: typed(draw.choice(["help", "intranet.example/help", "שלום עולם", "漢字 é"])),
        lambda: keys(*draw.choices(range(0xFF50, 0xFF58), k=3)),
        lambda: keys(draw.choice([0xFF0D, 0xFF08, 0xFF1B, 0xFFBF, 0xFFC1, 0xFFC3, 0xFFC5])),
    ]
    return draw.choice(ways)()


@pytest.mark.parametrize("seed", range(3))
def test_both_sides_and_the_recording_have_the_same_pixels(page: Page, seed: int) -> None:
    """CHAN-1: after anything that pointer and keys can do, whoever joined when."""
    draw = Random(seed)

    for turn in range(4):
        page.evaluate(ACTS, [step for _ in range(12) for step in anything(draw)])
        assert apart(shown(page), seen(page)) == 0, f"turn {turn}"
        if turn == 2:
            page.evaluate("() => viewer.send({ kind: 'refresh' })")

    assert apart(shown(page), pixels(page, "() => replayed()")) == 0


def test_typing_and_dragging_are_small(page: Page) -> None:
    """CHAN-1: below 20 kB of instructions a second; the first picture below 60 kB."""
    assert page.evaluate("() => sent.reduce((all, { data }) => all + data.length, 0)") < 60_000
    page.evaluate(ACTS, [*press(66, 150, 2), mouse(300, 60)])
    x, y = page.evaluate("() => [machine.desktop.front.place.x, machine.desktop.front.place.y]")
    drag = [mouse(x + 100 + 3 * n, y + 10 + 2 * n, 1, 25) for n in range(60)]

    for name, steps in {
        "typing": typed("The quick brown fox jumps over the lazy dog. ", 40),
        "dragging": [*drag, mouse(x + 280, y + 130)],
    }.items():
        size, took = page.evaluate(
            f"""async (steps) => {{
          const [begun, from] = [performance.now(), sent.length];
          await ({ACTS})(steps);
          const size = sent.slice(from).reduce((all, {{ data }}) => all + data.length, 0);
          return [size, performance.now() - begun];
        }}""",
            steps,
        )
        assert 1_000 < size < 20 * took, name


def test_no_message_is_too_large_for_the_relay(page: Page) -> None:
    """CHAN-1: a whole screen with every window open goes in several."""
    for nth in range(6):
        page.evaluate(ACTS, press(66, 60 + 92 * nth, 2))
    page.evaluate("() => { sent.length = 0; machine.keyFrame(); }")

    sizes = page.evaluate("() => sent.map(({ data }) => data.length)")
    assert max(sizes) < 200_000
    assert page.evaluate("() => sent.map(({ key }) => key)") == [True, *[False] * (len(sizes) - 1)]
    assert apart(shown(page), pixels(page, "() => replayed()")) == 0


def test_the_computer_restarts(page: Page) -> None:
    """AGENT-2: it goes dark, and comes back with nothing open."""
    page.evaluate(ACTS, press(66, 60, 2))
    page.evaluate("() => { window.back = machine.reboot(); }")
    page.wait_for_function("""() => {
      const { data } = machine.canvas.getContext("2d").getImageData(0, 0, 1024, 768);
      return data.every((part, at) => part === (at % 4 === 3 ? 255 : 0));
    }""")
    page.evaluate(ACTS, press(66, 60, 2))  # nobody is there to take it
    page.evaluate("() => back")
    page.evaluate("() => still()")

    assert page.evaluate("() => machine.desktop.windows.length") == 0
    assert apart(shown(page), seen(page)) == 0


def test_the_whiteboard_is_the_same_on_both_sides(page: Page) -> None:
    """CHAN-1: strokes lie over the customer's screen until they are wiped."""
    page.evaluate("() => viewer.setPen('#1570ef')")
    page.locator(".viewer").scroll_into_view_if_needed()
    box = page.locator(".viewer").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    for nth in range(20):
        page.mouse.move(box["x"] + 100 + 9 * nth, box["y"] + 100 + 5 * (nth % 5))
    page.mouse.up()
    page.evaluate("() => still()")
    drawn = pixels(page, "() => machine.stage.whiteboard.canvas")
    assert bytes((0x15, 0x70, 0xEF, 255)) in drawn
    layer = "viewer.painting.display.getDefaultLayer().getElement()"
    board = f"() => {layer}.querySelector(':scope > div canvas')"
    assert apart(drawn, pixels(page, board)) == 0

    page.evaluate("() => viewer.clearBoard()")
    page.evaluate("() => still()")
    assert not any(pixels(page, "() => machine.stage.whiteboard.canvas"))
    assert not any(pixels(page, board))


def test_the_keyboard_reaches_everything_and_gets_out_again(page: Page) -> None:
    """PORTAL-4: the start menu, programs, their controls; Tab goes on to the page behind."""
    field = page.get_by_label("Simulated screen of your computer")
    field.focus()
    for key in ("F2", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#customer [role=status]")).to_contain_text("Notes.txt")
    page.keyboard.type("Hello")
    page.evaluate("() => still()")
    assert "Hello" in page.evaluate("() => machine.desktop.front.program.box.text")
    page.keyboard.press("F8")
    page.keyboard.press("F4")
    assert page.evaluate("() => machine.desktop.windows.length") == 0
    page.keyboard.press("Tab")
    expect(field).not_to_be_focused()


def test_it_is_seen_on_a_phone_and_named_for_readers(
    page: Page, look: Looks, axe: Callable[[Page], None]
) -> None:
    """PORTAL-4: it scales; a finger opens things."""
    page.evaluate(ACTS, [*press(66, 60, 2), *press(66, 150, 2), *press(66, 245, 2)])
    look(page, "screen")
    axe(page)
