"""Keys and sealed files: nothing opened on disk, nothing secret in clear (C-KEY-1)."""

from __future__ import annotations

import base64
import stat
from collections.abc import Iterator
from typing import Final

from conformance.client.cases import judges
from conformance.client.chapters.once import done
from conformance.client.chapters.storing import SPAN, expect_files, one_session
from conformance.client.place import PORTAL
from conformance.client.scene import PASSWORD, Scene
from conformance.client.wholeness import files

_KEY: Final = "Aubergine-Sextant-41-Halyard"
_WRONG: Final = "Marzipan-Compass-58-Bowline"


def _spellings(secret: bytes) -> tuple[bytes, ...]:
    """Give the ways in which a secret may stand in a file."""
    text = base64.b64encode(secret).rstrip(b"=")
    return (
        secret,
        secret.hex().encode(),
        secret.hex().upper().encode(),
        text,
        text.replace(b"+", b"-").replace(b"/", b"_"),
        text.replace(b"/", rb"\/"),
    )


def _containing(scene: Scene, secret: bytes) -> Iterator[str]:
    """Name the files of the case that hold a secret, members of archives too."""
    wanted = _spellings(secret)
    for path in sorted(scene.folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            if any(spelling in data for spelling in wanted):
                yield str(path.relative_to(scene.folder))
    for number in scene.store.ids():
        for name, data in scene.store.members(number).items():
            if any(spelling in data for spelling in wanted):
                yield f"Session_{number}/{name}"


@judges({"C-KEY-1": ("a default key", "sealed files", "wrapped keys")}, "fetch")
def sealed_files_stay_sealed(scene: Scene) -> None:
    """C-KEY-1: sealed files lie as they came, with their wrapped keys beside them."""
    number = one_session(scene)
    done(scene, scene.fetch(*SPAN))
    expect_files(scene, "C-KEY-1", number, _sealed(scene, number), "sealed files")
    _expect_beside(scene, number, "wrapped_key", "wrapped keys")
    for version in {each["key_version"] for each in _told(scene, number)}:
        key = scene.place.ask("getDefaultKey", key_version=version)["key"]
        kept = list(dict.fromkeys(_containing(scene, key)))
        open_ones = [name for name in kept if _open(scene, name)]
        received = f"in {', '.join(kept) or 'no file'}"
        received += f"; others can read {', '.join(open_ones)}" if open_ones else ""
        expected = "the default key in a file for its owner alone"
        held = bool(kept) and not open_ones
        scene.expect("C-KEY-1", held, expected, received, "a default key")


def _told(scene: Scene, number: int) -> list[dict[str, object]]:
    return [each for each in scene.place.session(number)["files"] if each["encrypted"]]


def _sealed(scene: Scene, number: int) -> dict[str, str]:
    wanted = files(scene, number)
    return {str(each["name"]): wanted[str(each["name"])] for each in _told(scene, number)}


def _open(scene: Scene, name: str) -> bool:
    path = scene.folder / name
    return not path.is_file() or bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _expect_beside(scene: Scene, number: int, name: str, case: str) -> None:
    """Expect what opens each sealed file, by its name in the record, in the archive."""
    inside = list(scene.store.members(number).values())
    lacking = []
    for each in _told(scene, number):
        needed = each[name]
        assert isinstance(needed, bytes)
        if not any(spelling in data for data in inside for spelling in _spellings(needed)):
            lacking.append(str(each["name"]))
    received = f"none for {', '.join(lacking)}" if lacking else "so it is"
    expected = f"the {name.replace('_', ' ')} of each sealed file in the archive"
    scene.expect("C-KEY-1", not lacking, expected, received, case)


@judges(
    {
        "C-KEY-1": (
            *("a security key is written nowhere", "a password is logged nowhere"),
            "salts of wrapped keys",
        )
    },
    "fetch",
    "security_key",
)
def a_security_key_is_written_nowhere(scene: Scene) -> None:
    """C-KEY-1: a security key is in no file and no log, and its files stay sealed."""
    _with_key(scene, _KEY, "a security key is written nowhere")
    logs = "".join(path.read_text("utf-8", "replace") for path in scene.folder.glob("said-*"))
    received = "it is there" if PASSWORD in logs else "it is not"
    case = "a password is logged nowhere"
    scene.expect("C-KEY-1", PASSWORD not in logs, "no password in its output", received, case)


def _with_key(scene: Scene, given: str, case: str) -> None:
    number = _secured_session(scene)
    done(
        scene,
        scene.fetch(SPAN[0], scene.place.now(), "security_key", values={"security_key": given}),
    )
    for secret in (given, _KEY):
        found = [*_containing(scene, secret.encode())]
        received = f"in {', '.join(found)}" if found else "in none"
        scene.expect("C-KEY-1", not found, "the security key in no file", received, case)
    expect_files(scene, "C-KEY-1", number, files(scene, number), case)
    _expect_beside(scene, number, "kdf_salt", "salts of wrapped keys")


def _secured_session(scene: Scene) -> int:
    """Make a world with a session whose files the security key protects."""
    place = scene.open(SPAN[0])
    place.tell("PUT", "portals", PORTAL, "security-key", passphrase=_KEY)
    number = scene.whole()
    place.advance(seconds=1)
    return number


@judges({"C-KEY-1": ("a wrong security key",)}, "fetch", "security_key")
def a_wrong_key_changes_no_file(scene: Scene) -> None:
    """C-KEY-1: with a wrong security key files lie as they came; nothing is made of them."""
    _with_key(scene, _WRONG, "a wrong security key")
