"""Whether sessions are stored with all that belongs to them, not by their names alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from conformance.client.scene import Scene
from conformance.client.store import Damaged

CHANNELS: Final = ("LocalScreen", "RemoteScreen", "Chat", "Diagnostics")
_LOOK_SECONDS: Final = 10.0


def files(scene: Scene, number: int, channels: Iterable[str] = CHANNELS) -> dict[str, str]:
    """Give name and SHA-256 of the files of these channels, as the broker tells them."""
    told: list[dict[str, Any]] = scene.place.session(number)["files"]
    return {each["name"]: each["sha256"] for each in told if each["channel"] in set(channels)}


def stored_whole(
    scene: Scene, rule: str, ids: Sequence[int], case: str, seconds: float = 0.0
) -> None:
    """Expect each of these sessions to come to be stored once, and its files with it.

    Where the adapter shows no archives, the ids have to do.
    """
    scene.stored_once(rule, ids, case, seconds)
    if not scene.adapter.observe.archive:
        return
    wanted = {number: files(scene, number) for number in ids}
    scene.until(lambda: not _lacking(scene, wanted), _LOOK_SECONDS)
    lacking = _lacking(scene, wanted)
    received = f"not so: {', '.join(map(str, lacking))}" if lacking else "so it is"
    expected = f"each of {len(ids)} sessions with the files that it has"
    scene.expect(rule, not lacking, expected, received, case)


def _lacking(scene: Scene, wanted: Mapping[int, Mapping[str, str]]) -> list[int]:
    """Name the sessions whose archive is not whole."""
    return [number for number, told in wanted.items() if not holds(scene, number, told)]


def holds(scene: Scene, number: int, wanted: Mapping[str, str]) -> bool:
    """Tell whether what is stored of a session has these files, to the byte."""
    try:
        return wanted.items() <= scene.store.digests(number).items()
    except (Damaged, FileNotFoundError):
        return False
