"""Reports draw their days by uPlot where scripts run: read out by pointer and by keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks
from broker_sim.tests.browsers.people import manages

Axe = Callable[[Page], None]
TITLE = "Requests per day"
# Whether the chart has a pixel of a colour, told as a token of the style sheet.
PAINTED = """(token) => {
  const canvas = document.querySelector(".plot canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const wanted = getComputedStyle(document.documentElement).getPropertyValue(token).trim();
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(wanted.slice(at, at + 2), 16));
  for (let at = 0; at < data.length; at += 4) {
    if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) return true;
  }
  return false;
}"""

NARROWER = "(width) => document.querySelector('.plot .uplot').clientWidth < width"


@pytest.fixture
def inside(manager: Page, broker: BrokerWorld) -> Page:
    """A manager's browser at the summary of a world with a past."""
    broker.tester.add_past(300, 60)
    manages(manager, broker).goto(f"{broker.url}/manager/reports")
    return manager


def numbers(page: Page, nth: int) -> list[str]:
    """Give what the table says of a day: its name, requests, wait, length."""
    cells = page.locator(".columns tbody tr").nth(nth).locator("th, td")
    return cells.evaluate_all("(cells) => cells.map((cell) => cell.textContent)")  # type: ignore[no-any-return]  # texts


def read_out(page: Page, said: list[str]) -> None:
    """Expect the line above the chart to say this of a day."""
    expect(page.locator(".plot-day")).to_have_text(said[0])
    for nth, number in enumerate(said[1:]):
        expect(page.locator(".plot-choice output").nth(nth)).to_have_text(number)


def test_the_pointer_reads_out_the_numbers_of_its_day(inside: Page, look: Looks, axe: Axe) -> None:
    """Those of the table; nothing when it has left."""
    chart = inside.get_by_role("slider", name=TITLE)
    box = chart.bounding_box()
    assert box is not None
    count = inside.locator(".columns tbody tr").count()
    for nth in (0, 11, count - 1):
        chart.hover(position={"x": box["width"] * (nth + 0.5) / count, "y": box["height"] / 2})
        read_out(inside, numbers(inside, nth))
    look(inside, "manager-report-chart")
    look.shot(inside, "manager-report")
    axe(inside)
    inside.get_by_role("heading", level=1).hover()
    expect(inside.locator(".plot-day")).to_contain_text("Point at a day")


def test_arrow_keys_go_from_day_to_day_and_say_it(inside: Page, axe: Axe) -> None:
    """From the last one; Home is the first."""
    chart = inside.get_by_role("slider", name=TITLE)
    count = inside.locator(".columns tbody tr").count()
    inside.get_by_label("Average length").focus()
    inside.keyboard.press("Tab")
    expect(chart).to_be_focused()
    read_out(inside, numbers(inside, count - 1))
    inside.keyboard.press("ArrowLeft")
    said = numbers(inside, count - 2)
    read_out(inside, said)
    expect(chart).to_have_attribute(
        "aria-valuetext",
        f"{said[0]}, Requests {said[1]}, Average wait {said[2]}, Average length {said[3]}",
    )
    axe(inside)
    inside.keyboard.press("Home")
    inside.keyboard.press("ArrowLeft")
    read_out(inside, numbers(inside, 0))


def test_what_is_drawn_is_chosen_above_it_in_the_colours_of_the_page(inside: Page) -> None:
    """The same in the dark; a length is drawn when it is asked for."""
    for scheme in ("light", "dark"):
        inside.emulate_media(color_scheme=scheme)
        inside.wait_for_function(PAINTED, arg="--brand")
        inside.wait_for_function(PAINTED, arg="--warn")
    assert not inside.evaluate(PAINTED, "--good")
    inside.get_by_label("Average length").check()
    inside.wait_for_function(PAINTED, arg="--good")
    inside.get_by_label("Average wait").uncheck()
    inside.wait_for_function(f"(token) => !({PAINTED})(token)", arg="--warn")
    inside.emulate_media(color_scheme="light")
    inside.wait_for_function(PAINTED, arg="--good")
    assert not inside.evaluate(PAINTED, "--warn")


def test_a_narrow_window_gets_a_narrow_chart(inside: Page) -> None:
    """And a wide one a wide one again."""
    place = inside.locator(".plot .uplot")
    wide = place.evaluate("(element) => element.clientWidth")
    inside.set_viewport_size({"width": 390, "height": 844})
    inside.wait_for_function(NARROWER, arg=390)
    inside.set_viewport_size({"width": 1280, "height": 800})
    inside.wait_for_function(f"(width) => !({NARROWER})(width)", arg=wide)


def test_paper_and_a_browser_without_scripts_get_the_picture(
    inside: Page, visit: Callable[..., Page], broker: BrokerWorld
) -> None:
    """One or the other, never both, never none."""
    picture = inside.get_by_role("img", name=TITLE)
    expect(inside.locator(".plot")).to_be_visible()
    expect(picture).to_be_hidden()
    inside.emulate_media(media="print")
    expect(picture).to_be_visible()
    expect(inside.locator(".plot")).to_be_hidden()

    plain = manages(visit(java_script_enabled=False), broker)
    plain.goto(f"{broker.url}/manager/reports")
    expect(plain.get_by_role("img", name=TITLE)).to_be_visible()
    expect(plain.locator(".plot")).to_have_count(0)
