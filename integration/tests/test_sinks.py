"""C-STORE-1 to C-STORE-3, C-KEY-1, C-ONCE-2: archives in both forms, keys, database."""

from __future__ import annotations

import stat
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from integration.core.record import File
from integration.errors import Distrust
from integration.sinks.archive import Archive
from integration.sinks.keychain import Keychain
from integration.tests.fakes import FIRST_ID
from integration.tests.one_session import CHAT, LOCAL, session


def parts(folder: Path, files: tuple[File, ...]) -> dict[str, Path]:
    paths = {file.name: folder / f"{file.name}.part" for file in files}
    for path, content in zip(paths.values(), (LOCAL, CHAT), strict=True):
        path.write_bytes(content)
    return paths


@pytest.fixture(params=[False, True], ids=["zip", "folder"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Archive:
    return Archive(tmp_path / "Sessions", unpacked=request.param)


def read(archive: Archive, name: str) -> bytes:
    with archive.open(FIRST_ID, name) as stream:
        return stream.read()


def test_an_archive_holds_record_keys_and_files(archive: Archive, tmp_path: Path) -> None:
    """C-STORE-1, C-KEY-1: under their contract names; sealed files as they came."""
    told = session()
    archive.put(told, told.files, parts(tmp_path, told.files))

    assert set(archive.names(FIRST_ID)) == {
        "session.json",
        "keys.json",
        f"localScreen{FIRST_ID}.g2a",
        f"chatTranscript{FIRST_ID}.txt",
    }
    assert read(archive, f"localScreen{FIRST_ID}.g2a") == LOCAL
    assert archive.index(FIRST_ID)["question"] == told.question
    assert "url" not in archive.index(FIRST_ID)["files"][0]
    key = archive.keys(FIRST_ID)[f"localScreen{FIRST_ID}.g2a"]
    assert key == {
        "key_id": f"{FIRST_ID}/localScreen{FIRST_ID}.g2a",
        "wrapped_key": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "key_version": 1,
        "kdf": "none",
        "kdf_salt": None,
    }


def test_a_later_reading_takes_the_files_over(archive: Archive, tmp_path: Path) -> None:
    """C-ONCE-2: a survey fetches no recording again, and leaves one archive."""
    told = session()
    archive.put(told, told.files, parts(tmp_path, told.files))
    assert archive.current(told, told.files)
    later = session(last_update_id=9, representative_comment="late")

    assert not archive.current(later, told.files)
    assert archive.lacking(later, told.files) == []
    archive.put(later, told.files, {})
    assert archive.current(later, told.files)
    assert read(archive, f"localScreen{FIRST_ID}.g2a") == LOCAL
    assert len(list((tmp_path / "Sessions").iterdir())) == 1


def test_a_part_that_changed_since_it_was_verified_is_not_taken(
    archive: Archive, tmp_path: Path
) -> None:
    """C-STORE-2: no archive appears, the part is gone, and nothing half-written is left."""
    told = session()
    fresh = parts(tmp_path, told.files)
    (tmp_path / f"chatTranscript{FIRST_ID}.txt.part").write_bytes(b"other")

    with pytest.raises(Distrust):
        archive.put(told, told.files, fresh)
    assert not archive.holds(FIRST_ID)
    assert not any(path.exists() for path in fresh.values())
    assert not list((tmp_path / "Sessions").glob("**/.*.g2a*"))
    assert not list((tmp_path / "Sessions").glob(".*.zip*"))


def test_files_of_a_damaged_archive_are_fetched_again(archive: Archive, tmp_path: Path) -> None:
    """C-STORE-2: once its files have turned out to be damaged, none is taken from it."""
    told = session()
    archive.put(told, told.files, parts(tmp_path, told.files))
    path = tmp_path / "Sessions" / archive.name(FIRST_ID)
    screen = path / f"localScreen{FIRST_ID}.g2a" if path.is_dir() else path
    content = bytearray(screen.read_bytes())
    content[content.index(LOCAL[:256]) + 5000] ^= 1
    screen.write_bytes(content)
    later = replace(told, last_update_id=9)

    with pytest.raises(Distrust):
        archive.put(later, told.files, {})
    assert archive.lacking(later, told.files) == list(told.files)
    archive.put(later, told.files, parts(tmp_path, told.files))
    assert archive.lacking(later, told.files) == []
    assert read(archive, f"localScreen{FIRST_ID}.g2a") == LOCAL


def test_a_form_left_over_by_a_crash_goes(tmp_path: Path) -> None:
    """C-STORE-1: a kill between the new form's coming and the old one's going leaves both."""
    told = session()
    zips, folders = (Archive(tmp_path / "S", unpacked=unpacked) for unpacked in (False, True))
    zips.put(told, told.files, parts(tmp_path, told.files))
    kept = (tmp_path / "S" / zips.name(FIRST_ID)).read_bytes()
    folders.put(told, told.files, parts(tmp_path, told.files))
    (tmp_path / "S" / zips.name(FIRST_ID)).write_bytes(kept)

    assert folders.current(told, told.files)
    assert folders.keep(FIRST_ID) == f"Session_{FIRST_ID}"
    assert not zips.holds(FIRST_ID)


@pytest.mark.parametrize("first_unpacked", [False, True])
def test_a_change_of_form_leaves_one_archive(tmp_path: Path, first_unpacked: bool) -> None:
    """C-STORE-1: with "decompress" a folder and no zip; without it a zip and no folder."""
    told = session()
    for unpacked in (first_unpacked, not first_unpacked):
        Archive(tmp_path / "S", unpacked=unpacked).put(
            told, told.files, parts(tmp_path, told.files)
        )

    (left,) = (tmp_path / "S").iterdir()
    assert left.is_dir() == (not first_unpacked)


def test_equal_sessions_give_equal_zips(tmp_path: Path) -> None:
    """C-ONCE-1: whenever and wherever they are written; recordings are stored, texts deflated."""
    told = session()
    zips = []
    for name in ("a", "b"):
        archive = Archive(tmp_path / name, unpacked=False)
        archive.put(told, told.files, parts(tmp_path, told.files))
        zips.append(tmp_path / name / archive.name(FIRST_ID))

    assert zips[0].read_bytes() == zips[1].read_bytes()
    with zipfile.ZipFile(zips[0]) as packed:
        kinds = {info.filename: info.compress_type for info in packed.infolist()}
        assert {info.date_time for info in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert kinds[f"localScreen{FIRST_ID}.g2a"] == zipfile.ZIP_STORED
    assert kinds[f"chatTranscript{FIRST_ID}.txt"] == zipfile.ZIP_DEFLATED


def test_what_others_put_into_a_folder_stays(tmp_path: Path) -> None:
    """C-STORE-2: only files that an index of ours named are ever removed."""
    archive = Archive(tmp_path / "S", unpacked=True)
    told = session()
    archive.put(told, told.files, parts(tmp_path, told.files))
    note = tmp_path / "S" / archive.name(FIRST_ID) / "my note.txt"
    note.write_text("mine")
    archive.put(replace(told, files=()), (), {})

    assert note.exists()
    assert set(archive.names(FIRST_ID)) == {"session.json", "keys.json", "my note.txt"}


def test_default_keys_are_for_the_owner_alone(tmp_path: Path) -> None:
    """C-KEY-1: a 0600 file for each portal and version."""
    chain = Keychain(tmp_path)
    chain.keep("acme/../x", 3, bytes(16))

    assert chain.has("acme/../x", 3)
    assert not chain.has("acme/../x", 4)
    assert chain.read("acme/../x", 3) == bytes(16)
    (path,) = (tmp_path / "keys").glob("*.key")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.name == "default-acme____x-3.key"
