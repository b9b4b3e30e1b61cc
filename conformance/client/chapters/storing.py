"""What an archive holds, and when it may be there (C-STORE-1 to C-STORE-3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote

from conformance.client.cases import judges
from conformance.client.chapters.once import done
from conformance.client.folders import empty
from conformance.client.scene import Scene
from conformance.client.store import Damaged
from conformance.client.wholeness import CHANNELS, files, holds
from conformance.hands import Missing

_START: Final = datetime(2030, 1, 15, 9, 0, tzinfo=UTC)
SPAN: Final = (_START - timedelta(hours=1), _START + timedelta(seconds=1))
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


@judges({"C-STORE-1": ("a zip with all channels", "the next one's own", "one name")}, "fetch")
def the_archive_holds_the_files(scene: Scene) -> None:
    """C-STORE-1: `Session_<id>.zip` holds the files of all channels under their names.

    One of those names is the same for every session.
    """
    number = one_session(scene)
    scene.place.advance(seconds=1)
    other, end = scene.whole(), scene.place.now() + timedelta(seconds=1)
    scene.place.advance(seconds=1)
    done(scene, scene.fetch(SPAN[0], end))
    expect_files(scene, "C-STORE-1", number, files(scene, number), "a zip with all channels")
    expect_files(scene, "C-STORE-1", other, files(scene, other), "the next one's own")
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
    {
        "C-STORE-3": ("one channel chosen", "two channels chosen", "not downloaded"),
        "C-STORE-1": ("one channel", "two channels"),
    },
    "fetch",
    "channels",
)
def what_is_not_chosen_is_not_fetched(scene: Scene) -> None:
    """C-STORE-3: only the chosen channels are downloaded and stored."""
    number = one_session(scene)
    for many, said in ((1, "one channel"), (2, "two channels")):
        empty(scene, "archive", "state")
        scene.place.advance(minutes=21)  # the connection that lay in there ends
        _chosen(scene, number, scene.chance.sample(CHANNELS, many), said)


def _chosen(scene: Scene, number: int, chosen: list[str], said: str) -> None:
    """Fetch a session with these channels, and expect them and nothing else."""
    mark, alone = scene.place.mark(), f"{' and '.join(chosen)} alone"
    program = scene.fetch(*SPAN, "channels", values={"channels": ",".join(chosen)})
    program.wait(60.0)
    scene.supported(program)
    asked = _downloads(scene, mark)
    expect_files(scene, "C-STORE-1", number, files(scene, number, chosen), said)
    others = set(files(scene, number, set(CHANNELS) - {*chosen}))
    stored = others & set(digests(scene, number))
    received = f"stored: {', '.join(sorted(stored)) or 'none of them'}"
    scene.expect("C-STORE-3", not stored, alone, received, f"{said} chosen")
    if not asked & set(files(scene, number, chosen)):
        msg = "no download of the chosen channel was seen"
        raise Missing(msg)
    fetched = asked & others
    received = f"downloaded: {', '.join(sorted(fetched)) or 'none of them'}"
    scene.expect("C-STORE-3", not fetched, alone, received, "not downloaded")


@judges({"C-STORE-3": ("chosen in real time",)}, "watch", "channels")
def what_is_not_chosen_is_not_fetched_in_real_time(scene: Scene) -> None:
    """C-STORE-3: `watch`, too, downloads the chosen channels only."""
    chosen = scene.chance.choice(CHANNELS)
    program = scene.start("watch", "channels", values={"channels": chosen})
    scene.need(lambda: scene.place.calls("getUpdates"), "polls after its start", program)
    number = scene.whole()
    wanted = files(scene, number, [chosen])
    asked = scene.need(
        lambda: _downloads(scene) & {*wanted}, "a download of what is chosen", program
    )
    scene.until(lambda: holds(scene, number, wanted))
    others = (_downloads(scene) | {*digests(scene, number)}) & {
        *files(scene, number, {*CHANNELS} - {chosen})
    }
    received = f"{', '.join(sorted({*asked, *others}))}"
    case = "chosen in real time"
    scene.expect("C-STORE-3", not others, f"{chosen} alone", received, case)


def _downloads(scene: Scene, mark: int = 0) -> set[str]:
    """Name the files that were downloaded."""
    calls = scene.place.calls("download", after=mark)
    return {unquote(call.path.rpartition("/")[2]) for call in calls}


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
    told = scene.chance.choice([each for each in _told(scene, number) if each["name"] in wanted])
    # as many bytes as there should be: their number alone proves nothing
    more = {"size": told["size"]} if effect == "garbage" else {}
    rule = scene.fault("download", effect, times=2, match={"name": told["name"]}, **more)
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


def _told(scene: Scene, number: int) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = scene.place.session(number)["files"]
    return told


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


@judges({"C-STORE-2": ("a folder, looked at all the while",)}, "fetch", "decompress")
def no_half_filled_folder_has_a_final_name(scene: Scene) -> None:
    """C-STORE-2: decompressing, too, a final name means that all is there."""
    number = one_session(scene)
    wanted, case = files(scene, number), "a folder, looked at all the while"
    rule = scene.fault("download", "drip", seconds=0.5)
    program = scene.fetch(*SPAN, "decompress")
    scene.need(scene.struck(rule), "a download that drips", program, 30.0)
    while program.running:
        _whole_or_nothing(scene, number, wanted, case)
        scene.pace.pause(0.01)
    scene.supported(program)
    expect_files(scene, "C-STORE-2", number, wanted, case)


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
