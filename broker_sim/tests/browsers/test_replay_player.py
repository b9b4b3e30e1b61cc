"""The player paints what was recorded, under a key that stays in the page."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from broker_sim.adapters import vault
from broker_sim.contract import recording
from broker_sim.synthetic import screen
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks, Watch
from broker_sim.tests.browsers.scripts import apart, blank, pixels, serve
from broker_sim.tests.guacamole import instructions
from broker_sim.tests.guacamole_painter import Painter
from broker_sim.tests.synthetic_sessions import SEED, some

SECURITY_KEY: Final = "Gru\u0308ne Scheune 17"
SALT: Final = bytes(range(16))
DEK: Final = bytes(range(16, 32))
TITLES: Final = {"remote": "Customer's screen", "local": "Representative's screen"}
FILMS: Final = {"remote": screen.remote, "local": screen.local}
# What is drawn see-through is rounded by a browser in its own way, and several times over.
ROUNDED: Final = 3
PLAYS: Final = """async (given) => {
  const { createPlayer } = await import("/static/replay/player.js");
  const key = given.key && Uint8Array.from(given.key);
  const container = document.querySelector("main");
  window.player = await createPlayer({ ...given, container, getKey: () => key });
}"""
SHOWN: Final = "([nth]) => player.films[nth].film.painting.picture()"


@cache
def talk() -> Any:
    """Give a synthetic session with all that can happen."""
    return next(one for one in some(60) if one.started and one.resolution == "Resolved")


@cache
def film(name: str) -> bytes:
    """Give one of its recordings."""
    return b"".join(FILMS[name](SEED, talk()))


@cache
def kek() -> bytes:
    """Give the wrapping key of the security key."""
    return vault.derive_kek(SECURITY_KEY, SALT)


def sealed(name: str, plain: bytes) -> tuple[bytes, dict[str, object]]:
    """Seal a recording; give it with what the review page tells of it."""
    key_id = f"7/{name}Screen7.g2a"
    data = vault.seal_bytes(DEK, bytes(16), key_id, plain)
    return data, {
        "name": f"{name}Screen7.g2a",
        "title": TITLES[name],
        "url": f"/files/{name}",
        "size": len(data),
        "encrypted": True,
        "keyId": key_id,
        "kdf": recording.KDF_SECURITY_KEY,
        "kdfSalt": b64encode(SALT).decode(),
        "wrappedKey": b64encode(vault.wrap(kek(), DEK)).decode(),
    }


def play(page: Page, plains: dict[str, bytes], *, key: bytes | None = None) -> None:
    """Put a player into the page; unless the key is given, the security key is asked for."""
    made = {name: sealed(name, plain) for name, plain in plains.items()}
    serve(page, {name: data for name, (data, _) in made.items()})
    chat = [{"ms": 4_000 * nth, "who": "Ann", "text": f"line {nth}"} for nth in range(6)]
    recordings = [told for _, told in made.values()]
    page.evaluate(PLAYS, {"recordings": recordings, "chat": chat, "key": key and list(key)})
    if key is not None:
        page.evaluate("() => player.ready")


def opens(page: Page, typed: str) -> None:
    page.get_by_label("Security key").fill(typed)
    page.get_by_role("button", name="Open").click()


@pytest.mark.parametrize("name", list(FILMS))
def test_every_picture_is_the_one_that_was_recorded(
    broker: BrokerWorld, manager: Page, name: str
) -> None:
    """REC-1: at the start, at the end, to and fro; each pixel as a painter of ours has it."""
    times = [int(one[1]) for one in instructions(film(name)) if one[0] == "sync"]
    chosen = [0, len(times) - 1, *Random(name).sample(range(len(times)), 4)]
    wanted = {
        nth: b"".join(canvas.rows)
        for nth, (_, canvas) in enumerate(Painter().frames(film(name)))
        if nth in chosen
    }
    last = {at: nth for nth, at in enumerate(times)}  # of frames at one instant the last is seen
    play(blank(manager, broker), {name: film(name)}, key=DEK)

    for nth in chosen:
        if last[times[nth]] != nth:
            continue
        manager.evaluate("(ms) => player.seek(ms)", times[nth] - times[0])
        assert apart(pixels(manager, SHOWN, [0]), wanted[nth]) <= ROUNDED, f"frame {nth}"


def test_a_key_is_asked_for_tried_and_forgotten(
    broker: BrokerWorld, manager: Page, axe: Callable[[Page], None], look: Looks
) -> None:
    """REC-4: a wrong key loses nothing; neither is sent, and no store of the page has it."""
    asked: list[str] = []
    manager.on("request", lambda one: asked.append(one.url + (one.post_data or "")))
    page = blank(manager, broker)
    play(page, {name: film(name) for name in FILMS})

    axe(page)
    look(page, "replay-locked")
    opens(page, "Sommerhaus 4")
    expect(page.get_by_role("alert")).to_contain_text("does not open the recordings")
    expect(page.get_by_label("Security key")).to_be_focused()
    opens(page, SECURITY_KEY)
    expect(page.get_by_role("img", name="Recorded: Customer's screen")).to_be_visible()
    page.evaluate("() => player.seek(player.end / 2)")
    axe(page)
    look(page, "replay")

    kept = page.evaluate("() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")
    for text in [*asked, kept, page.content()]:
        assert "Scheune" not in text
        assert "Sommerhaus" not in text


@pytest.mark.parametrize("spoilt", [30, 40_000, 70_000])
def test_a_changed_recording_is_not_shown_and_the_other_is(
    broker: BrokerWorld, manager: Page, spoilt: int
) -> None:
    """REC-3: not a pixel of what does not verify."""
    data, told = sealed("remote", film("remote"))
    changed = bytearray(data)
    changed[spoilt] ^= 1
    other, about = sealed("local", film("local"))
    page = blank(manager, broker)
    serve(page, {"remote": bytes(changed), "local": other})

    page.evaluate(PLAYS, {"recordings": [told, about], "key": list(DEK)})
    page.evaluate("() => player.ready")

    expect(page.get_by_role("alert")).to_contain_text("cannot be trusted and is not shown")
    assert page.evaluate("() => player.films.map((tile) => tile.recording.title)") == [
        "Representative's screen"
    ]
    assert page.locator("canvas").count() > 0


def test_a_link_that_is_no_longer_good_is_said_before_a_key_is_asked_for(
    broker: BrokerWorld, manager: Page, watch: Watch
) -> None:
    """REC-5: and what can be had plays; so does what is left of two when the other was changed."""
    watch.allow("status of 403", "status of 404")
    _, gone = sealed("remote", film("remote"))
    data, told = sealed("local", film("local"))
    page = blank(manager, broker)
    serve(page, {"local": data})
    gone["url"] = "/no-such-recording"

    page.evaluate(PLAYS, {"recordings": [gone, told], "key": None})
    expect(page.get_by_role("alert").first).to_contain_text("could not be loaded")
    opens(page, SECURITY_KEY)
    page.evaluate("() => player.ready")

    expect(page.get_by_role("img", name="Recorded: Representative's screen")).to_be_visible()


def test_it_plays_in_time_and_obeys_the_keyboard(broker: BrokerWorld, manager: Page) -> None:
    """REC-1: eight times as fast, the chat in step; arrows, space and the slider by keys."""
    page = blank(manager, broker)
    play(page, {name: film(name) for name in FILMS}, key=DEK)

    # Painted is not yet seen: an even picture is a file of 2 kB.
    assert min(len(one.screenshot()) for one in page.locator(".replay-stage").all()) > 6_000
    page.get_by_label("Speed").select_option("8")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => player.position > 9000")
    page.get_by_role("button", name="Pause", exact=True).press("Enter")
    stood = page.evaluate("() => [player.position, player.playing]")
    assert stood[1] is False
    line = page.locator("li[aria-current]")
    assert line.count() == 1
    assert f"line {min(5, int(stood[0] // 4000))}" in line.inner_text()

    slider = page.get_by_role("slider", name="Position")
    slider.press("Home")
    assert page.evaluate("() => player.position") == 0
    slider.press("ArrowRight")
    assert page.evaluate("() => player.position") == 1000
    assert str(slider.get_attribute("aria-valuetext")).startswith("1 second of ")
    page.get_by_role("button", name="line 3").click()
    assert page.evaluate("() => player.position") == 12_000
    page.get_by_label("Show").select_option("Representative's screen")
    expect(page.get_by_role("img", name="Recorded: Customer's screen")).to_be_hidden()


def instruction(*elements: object) -> str:
    return ",".join(f"{len(str(one))}.{one}" for one in elements) + ";"


OTHERS: Final = {
    "no times, other layers, sounds, letters of all sorts": instruction("size", 0, 300, 200)
    + instruction("audio", 3, "audio/L16")
    + instruction("name", "Büro 漢字")
    + instruction("size", 1, 30, 30)
    + instruction("move", 1, 0, 5, 5, 1)
    + instruction("rect", 0, 0, 0, 300, 200)
    + instruction("cfill", 14, 0, 10, 200, 30, 255)
    + instruction("future", "x" * 90),
    "a layer that becomes nothing, a picture that is none": instruction("size", 0, 300, 200)
    + instruction("rect", 0, 0, 0, 300, 200)
    + instruction("cfill", 14, 0, 1, 2, 3, 255)
    + instruction("size", 0, 0, 0)
    + instruction("sync", 5)
    + instruction("size", 0, 300, 200)
    + instruction("rect", 0, 0, 0, 300, 200)
    + instruction("cfill", 14, 0, 10, 200, 30, 255)
    + instruction("sync", 50),
}


@pytest.mark.parametrize("stream", OTHERS.values(), ids=list(OTHERS))
def test_recordings_of_other_tools_play(broker: BrokerWorld, manager: Page, stream: str) -> None:
    """REC-1: what draws is drawn; what this player does not know is left out."""
    page = blank(manager, broker)
    play(page, {"remote": stream.encode()}, key=DEK)

    page.evaluate("() => player.seek(player.end)")

    shown = pixels(page, SHOWN, [0])
    assert shown == bytes((10, 200, 30, 255)) * (300 * 200)


def test_what_is_no_recording_is_said(broker: BrokerWorld, manager: Page) -> None:
    """REC-1: in a sentence."""
    page = blank(manager, broker)
    play(page, {"remote": json.dumps({"no": "recording"}).encode()}, key=DEK)

    expect(page.get_by_role("alert")).to_contain_text("There is nothing to show")


def test_a_chat_line_stays_text(broker: BrokerWorld, manager: Page) -> None:
    """SEC-2: what somebody wrote is shown as it was written."""
    page = blank(manager, broker)
    text = "<img src=x onerror=alert(1)>"
    page.evaluate(PLAYS, {"recordings": [], "chat": [{"ms": 1, "who": text, "text": text}]})

    expect(page.locator(".replay-said")).to_have_text(text)
