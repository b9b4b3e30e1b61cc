"""What an archive holds, and when it may be there (C-STORE-1 to C-STORE-3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote

from conformance.client.cases import judges
from conformance.client.chapters.once import done
from conformance.client.folders import empty
from conformance.client.scene import Scene
from conformance.client.store import Damaged
from conformance.hands import Missing

_START: Final = datetime(2030, 1, 15, 9, 0, tzinfo=UTC)
SPAN: Final = (_START - timedelta(hours=1), _START + timedelta(seconds=1))
CHANNELS: Final = ("LocalScreen", "RemoteScreen", "Chat", "Diagnostics")
_PROPERTIES: Final = "Properties"


def one_session(scene: Scene) -> int:
    """Make a world that stands still, and in it one session that ended before `SPAN` does."""
    if not scene.adapter.observe.archive:
        msg = "the adapter shows no archives"
        raise Missing(msg)
    place = scene.open(_START)
    number = scene.whole()
    place.advance(seconds=1)
    return number


def files(scene: Scene, number: int, channels: Iterable[str] = CHANNELS) -> dict[str, str]:
    """Give name and SHA-256 of the files of these channels, as the broker tells them."""
    told: list[dict[str, Any]] = scene.place.session(number)["files"]
    return {each["name"]: each["sha256"] for each in told if each["channel"] in set(channels)}


def digests(scene: Scene, number: int) -> dict[str, str]:
    """Give what is stored of a session; nothing if what lies there is damaged."""
    try:
        return scene.store.digests(number)
    except Damaged:
        return {}


def expect_files(scene: Scene, rule: str, number: int, wanted: dict[str, str], case: str) -> None:
    """Expect these files in the archive, to the byte."""
    found = digests(scene, number)
    wrong = sorted(name for name, digest in wanted.items() if found.get(name) != digest)
    received = f"lacking or different: {', '.join(wrong)}" if wrong else "these files"
    expected = f"{len(wanted)} files as the broker has them"
    scene.expect(rule, bool(wanted) and not wrong, expected, received, case)


@judges({"C-STORE-1": ("a zip with all channels", "one name")}, "fetch")
def the_archive_holds_the_files(scene: Scene) -> None:
    """C-STORE-1: `Session_<id>.zip` holds the files of all channels under their names."""
    number = one_session(scene)
    done(scene, scene.fetch(*SPAN))
    expect_files(scene, "C-STORE-1", number, files(scene, number), "a zip with all channels")
    forms = scene.store.forms(number)
    wanted = (f"Session_{number}.zip",)
    scene.expect("C-STORE-1", forms == wanted, wanted[0], ", ".join(forms) or "nothing", "one name")


@judges({"C-STORE-1": ("a folder and no zip",)}, "fetch", "decompress")
def decompressed_it_is_a_folder(scene: Scene) -> None:
    """C-STORE-1: with "decompress" there is a folder of that name, and no zip."""
    number = one_session(scene)
    done(scene, scene.fetch(*SPAN, "decompress"))
    forms = scene.store.forms(number)
    wanted, case = f"Session_{number}", "a folder and no zip"
    held = forms == (wanted,) and (scene.folder / "archive" / wanted).is_dir()
    scene.expect("C-STORE-1", held, f"a folder {wanted}", ", ".join(forms) or "nothing", case)
    expect_files(scene, "C-STORE-1", number, files(scene, number), case)


@judges(
    {"C-STORE-3": ("one channel chosen", "not downloaded"), "C-STORE-1": ("one channel",)},
    "fetch",
    "channels",
)
def what_is_not_chosen_is_not_fetched(scene: Scene) -> None:
    """C-STORE-3: only the chosen channels are downloaded and stored."""
    number = one_session(scene)
    chosen = scene.chance.choice(CHANNELS)
    done(scene, scene.fetch(*SPAN, "channels", values={"channels": chosen}))
    expect_files(scene, "C-STORE-1", number, files(scene, number, [chosen]), "one channel")
    others = set(files(scene, number, set(CHANNELS) - {chosen}))
    stored = others & set(digests(scene, number))
    received = f"stored: {', '.join(sorted(stored)) or 'none of them'}"
    scene.expect("C-STORE-3", not stored, f"{chosen} alone", received, "one channel chosen")
    asked = {unquote(call.path.rpartition("/")[2]) for call in scene.place.calls("download")}
    if not asked & set(files(scene, number, [chosen])):
        msg = "no download of the chosen channel was seen"
        raise Missing(msg)
    fetched = asked & others
    received = f"downloaded: {', '.join(sorted(fetched)) or 'none of them'}"
    scene.expect("C-STORE-3", not fetched, f"{chosen} alone", received, "not downloaded")


@judges({"C-STORE-2": ("cut downloads", "downloads of other bytes")}, "fetch")
def a_damaged_download_is_not_stored(scene: Scene) -> None:
    """C-STORE-2: a file that was cut or changed on its way is not stored as it came."""
    number = one_session(scene)
    for effect, case in (("truncate", "cut downloads"), ("garbage", "downloads of other bytes")):
        empty(scene, "archive", "state")
        scene.place.advance(minutes=21)  # the connection that lay in there ends
        _damaged(scene, number, effect, case)


def _damaged(scene: Scene, number: int, effect: str, case: str) -> None:
    wanted = files(scene, number)
    skip = scene.chance.randrange(3)
    rule = scene.fault("download", effect, skip=skip, times=2)
    end = scene.place.now()
    program = scene.fetch(SPAN[0], end)
    while program.running:
        _no_wrong_bytes(scene, number, wanted, case)
        scene.pace.pause(0.05)
    scene.need(scene.struck(rule), "a download that is damaged", program, 1.0)
    scene.place.mend()
    _no_wrong_bytes(scene, number, wanted, case)
    if not scene.store.ids()[number]:
        done(scene, scene.fetch(SPAN[0], end))
    expect_files(scene, "C-STORE-2", number, wanted, case)


def _no_wrong_bytes(scene: Scene, number: int, wanted: dict[str, str], case: str) -> None:
    """Expect no file under its final name to differ from the broker's."""
    try:
        found = scene.store.digests(number)
    except FileNotFoundError:
        return
    except Damaged as problem:
        scene.expect("C-STORE-2", False, "a whole archive or none", str(problem), case)  # noqa: FBT003  the verdict itself
        return
    wrong = [name for name, digest in found.items() if wanted.get(name, digest) != digest]
    if wrong:
        received = f"{', '.join(wrong)} with other bytes"
        scene.expect("C-STORE-2", False, "the broker's bytes, or nothing", received, case)  # noqa: FBT003  likewise


@judges({"C-STORE-2": ("killed in a download", "looked at all the while")}, "fetch")
def nothing_half_written_has_a_final_name(scene: Scene) -> None:
    """C-STORE-2: while files come in, and after a kill, a final name means a whole archive."""
    number = one_session(scene)
    wanted = files(scene, number)
    for skip in scene.chance.sample(range(len(wanted)), 2):
        rule = scene.fault("download", "drip", seconds=2.5, skip=skip, times=1)
        program = scene.fetch(*SPAN)
        scene.need(scene.struck(rule), "a download that drips", program, 30.0)
        scene.pace.pause(scene.chance.uniform(0.2, 1.5))
        _whole_or_nothing(scene, number, wanted, "looked at all the while")
        scene.kill(program)
        _whole_or_nothing(scene, number, wanted, "killed in a download")
        scene.place.mend()
    done(scene, scene.fetch(*SPAN))
    expect_files(scene, "C-STORE-2", number, wanted, "killed in a download")


def _whole_or_nothing(scene: Scene, number: int, wanted: dict[str, str], case: str) -> None:
    if not scene.store.forms(number):
        scene.tally.hit("C-STORE-2", case)
        return
    try:
        found = scene.store.digests(number)
        lacking = sorted(name for name in wanted if found.get(name) != wanted[name])
        received = f"without {', '.join(lacking)}" if lacking else "it is whole"
    except Damaged as problem:
        lacking, received = ["all"], str(problem)
    scene.expect("C-STORE-2", not lacking, "a whole archive or none", received, case)
