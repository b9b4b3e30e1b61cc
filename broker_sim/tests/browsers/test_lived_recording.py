"""CHAN-1, REC-2: the recording of a session that was lived in browsers shows its screen."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Final

from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.canvases import same
from broker_sim.tests.browsers.people import SOON_MS, ends, in_session
from broker_sim.tests.guacamole import instructions
from broker_sim.tests.sessions_of import SessionsOf
from broker_sim.tests.talks import opened

NEAR_MOST: Final = 0.01  # of all pixels: the clock in the bar goes on
# Plays a recording with the library that players use; gives how much of the last picture differs.
REPLAY: Final = """async ([base64, module, png]) => {
  const { default: Guacamole } = await import(module);
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const tunnel = new Guacamole.Tunnel();
  const client = new Guacamole.Client(tunnel);
  const parser = new Guacamole.Parser();
  parser.oninstruction = (opcode, args) => tunnel.oninstruction(opcode, args);
  parser.receive(new TextDecoder().decode(bytes));
  const display = client.getDisplay();
  await new Promise((done) => display.flush(done));
  await new Promise((done) => setTimeout(done, 300));
  const shown = display.getDefaultLayer().getCanvas();
  const wanted = document.createElement("canvas");
  [wanted.width, wanted.height] = [shown.width, shown.height];
  const picture = Object.assign(new Image(), { src: png });
  await picture.decode();
  wanted.getContext("2d").drawImage(picture, 0, 0);
  const [a, b] = [shown, wanted].map((one) =>
    one.getContext("2d").getImageData(0, 0, wanted.width, wanted.height).data);
  let other = 0;
  for (let at = 0; at < a.length; at += 4)
    other += Math.abs(a[at] - b[at]) + Math.abs(a[at + 1] - b[at + 1]) > 24;
  return [shown.width, shown.height, other / (a.length / 4)];
}"""
VENDOR: Final = "/static/vendor/guacamole-common.min.js"


def recorded(broker: BrokerWorld, number: int, channel: str) -> bytes:
    """Let the recording become ready; read it as an integrator does, and open it."""
    broker.tester.advance(broker.tester.clock.now() + timedelta(minutes=1))
    session = SessionsOf(broker).call("getSession", session_id=number)
    return opened(broker.tester.world, session, channel)


def test_the_recording_shows_what_was_on_the_screen(
    broker: BrokerWorld, customer: Page, rep: Page
) -> None:
    """CHAN-1: the last picture of the recording is the last on the screen, pixel by pixel."""
    number = in_session(customer, rep, broker)
    rep.locator("[data-tool=screen]").click()
    screen = customer.get_by_label("Simulated screen of your computer")
    expect(screen).to_be_visible(timeout=SOON_MS)
    canvas = customer.locator(".machine canvas").first
    for spot in ((60, 60), (200, 160), (400, 300)):
        canvas.dblclick(position={"x": spot[0], "y": spot[1]})
        customer.keyboard.type("Hello there")
    canvas.hover(position={"x": 300, "y": 200})
    same(customer.locator("[data-machine]"), rep.locator("#viewer"))  # all of it has gone out
    last = canvas.evaluate("(one) => one.toDataURL()")

    ends(rep)
    plain = recorded(broker, number, "RemoteScreen")

    times = [int(one[1]) for one in instructions(plain) if one[0] == "sync"]
    assert next(instructions(plain))[:2] == ["size", "0"]
    assert len(times) >= 3
    assert times == sorted(times)
    coded = base64.b64encode(plain).decode()
    width, height, other = rep.evaluate(REPLAY, [coded, VENDOR, last])
    assert (width, height) == (1024, 768)
    assert other < NEAR_MOST
