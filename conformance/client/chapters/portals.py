"""Several portals at once (C-MULTI-1)."""

from __future__ import annotations

from typing import Final

from conformance.client.adapter import Observe
from conformance.client.cases import judges
from conformance.client.folders import empty
from conformance.client.program import Program
from conformance.client.scene import PATIENCE_SECONDS, USERNAME, Scene
from conformance.client.store import Store

_SECOND: Final = "second"
_USERNAME: Final = "second.api"
_PASSWORD: Final = "Second-horse-3-staple-Dahlia"  # noqa: S105  invented


@judges(
    {
        "C-MULTI-1": (
            *("two portals", "one refuses the login", "one answers nothing in time"),
            "the first is away",
        )
    },
    "multi",
)
def one_portal_holds_up_no_other(scene: Scene) -> None:
    """C-MULTI-1: with two portals, what fails at one does not delay the other."""
    place = scene.place
    place.portal(_USERNAME, _PASSWORD, _SECOND)
    values = _second(scene)
    program = scene.start("multi", "interval", values=values)
    scene.need(
        lambda: len({call.connection for call in place.calls("getUpdates")}) == 2,
        "polls of two portals",
        program,
    )
    first, second = scene.whole(), scene.whole(_SECOND)
    _stored(scene, values, {"archive": first, "archive2": second}, "two portals")
    rule = scene.fault("*", "delay", seconds=PATIENCE_SECONDS, login=_USERNAME)
    # only from then on the one portal could be held up by the other
    scene.need(scene.struck(rule), "a call that is not answered in time", program)
    _stored(scene, values, {"archive": scene.whole()}, "one answers nothing in time")
    _restarted(scene, program)
    _restarted(scene, _without_the_first(scene, values))
    rule = scene.fault("logon", "fault", code="InvalidCredentials", match={"username": _USERNAME})
    program = scene.start("multi", "interval", values=values)
    scene.need(scene.struck(rule), "a logon that is refused", program)
    _stored(scene, values, {"archive": scene.whole()}, "one refuses the login")


def _without_the_first(scene: Scene, values: dict[str, str]) -> Program:
    """Start it while its first portal cannot be had, and expect the second one's session."""
    rule = scene.fault("logon", "status", status=503, match={"username": USERNAME})
    program = scene.start("multi", "interval", values=values)
    scene.need(scene.struck(rule), "a logon that comes to nothing", program)
    _stored(scene, values, {"archive2": scene.whole(_SECOND)}, "the first is away")
    return program


def _restarted(scene: Scene, program: Program) -> None:
    """Kill it, and let its connections end before its next start."""
    scene.kill(program)
    scene.place.mend()
    scene.place.advance(minutes=21)


def _second(scene: Scene) -> dict[str, str]:
    folder = scene.folder
    empty(scene, "archive2", "state2")
    return {
        "wsdl2": scene.place.wsdl,
        "url2": scene.place.url,
        "username2": _USERNAME,
        "password2": _PASSWORD,
        "archive2": str(folder / "archive2"),
        "state2": str(folder / "state2"),
    }


def _stored(scene: Scene, values: dict[str, str], wanted: dict[str, int], case: str) -> None:
    """Expect sessions in the folders of their portals soon."""
    stores = {
        name: Store(scene.folder / name, Observe(), {**scene.values, **values}) for name in wanted
    }
    seconds = PATIENCE_SECONDS / 2
    scene.until(lambda: all(stores[name].ids()[wanted[name]] for name in wanted), seconds)
    lacking = [name for name in wanted if stores[name].ids()[wanted[name]] != 1]
    received = f"not in {', '.join(lacking)}" if lacking else "so it is"
    expected = f"each portal's session in its folder within {seconds:g} s"
    scene.expect("C-MULTI-1", not lacking, expected, received, case)
