"""C-STORE-1 to C-STORE-3, C-KEY-1, C-ONCE-2: archives in both forms, keys, database."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy

from integration.core.record import File, Session
from integration.errors import Distrust, Stop
from integration.sinks.archive import Archive
from integration.sinks.database import Database, Held, Stored
from integration.sinks.keychain import Keychain
from integration.tests.fakes import FIRST_ID, START, make_file, make_session

LOCAL, CHAT = bytes(range(256)) * 300, b"Jo(12:00:00)\nHello\n"


def session(**more: object) -> Session:
    files = (make_file(FIRST_ID, "LocalScreen", LOCAL), make_file(FIRST_ID, "Chat", CHAT))
    return make_session(FIRST_ID, START, files=files, **more)


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


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'sub' / 'sessions.sqlite'}")
    yield opened
    opened.close()


def put(database: Database, *stored: Stored, cursor: int | None = None) -> None:
    with database.begin() as transaction:
        database.put(transaction, stored, START)
        if cursor is not None:
            database.set_cursor(transaction, "demo", cursor, START)


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    metadata = sqlalchemy.MetaData()
    with database.begin() as transaction:
        metadata.reflect(transaction)
        return {
            name: [tuple(row) for row in transaction.execute(sqlalchemy.select(table))]
            for name, table in metadata.tables.items()
        }


def test_a_row_has_every_field_of_the_form(database: Database) -> None:
    """C-ONCE-2: as it was entered, the difference of nothing and an empty text included."""
    told = session()
    put(database, Stored(told, "Session.zip", frozenset({told.files[0].name})))
    found = everything(database)

    assert found["support_session"][0][:5] == (FIRST_ID, "Finished", "Web", None, 1)
    assert told.question in found["support_session"][0]
    assert found["support_session_smartbox"] == [
        (FIRST_ID, 1, "Name", "Jo"),
        (FIRST_ID, 2, None, ""),
    ]
    assert found["support_session_rep_rating"] == [(FIRST_ID, 1, "$Nickname?", "good")]
    assert [row[-1] for row in found["support_session_file"]] == [True, False]


def test_storing_twice_is_storing_once(database: Database) -> None:
    """C-ONCE-1: rows and the rows that belong to them are replaced, not added."""
    stored = Stored(session(), "Session.zip", frozenset())
    put(database, stored)
    once = everything(database)
    put(database, stored, stored)

    assert once == everything(database)


def test_an_older_reading_never_replaces_a_newer_one(database: Database) -> None:
    """C-ONCE-2: whichever of two programs comes last."""
    newer = session(last_update_id=9, question="newer")
    put(database, Stored(newer, "Session.zip", frozenset()))
    put(database, Stored(session(last_update_id=8, question="older"), None, frozenset()))

    assert database.held([FIRST_ID, 1]) == {FIRST_ID: Held(9, "Session.zip")}
    assert "newer" in everything(database)["support_session"][0]


def test_rows_and_cursor_come_together_or_not_at_all(database: Database) -> None:
    """C-ONCE-3: a transaction that breaks leaves neither."""
    with suppress(ZeroDivisionError), database.begin() as transaction:
        database.put(transaction, [Stored(session(), None, frozenset())], START)
        database.set_cursor(transaction, "demo", 5, START)
        _ = 1 / 0
    assert database.held([FIRST_ID]) == {}
    assert database.cursor("demo") is None
    put(database, Stored(session(), None, frozenset()), cursor=5)
    cursor = database.cursor("demo")
    assert cursor is not None
    assert (cursor.update_id, cursor.caught_up_from) == (5, None)


def test_the_catch_up_survives_the_cursor(database: Database) -> None:
    """C-ONCE-3: each says its own, whichever program writes it."""
    put(database, cursor=5)
    with database.begin() as transaction:
        database.set_caught_up(transaction, "demo", START)
    put(database, cursor=6)

    cursor = database.cursor("demo")
    assert cursor is not None
    assert (cursor.update_id, cursor.caught_up_from) == (6, START)


def test_sessions_by_their_end(database: Database) -> None:
    """C-TIME-1: [start, end), of one portal."""
    put(database, Stored(session(), "Session.zip", frozenset()))
    later = START + timedelta(milliseconds=1)

    assert set(database.ended_between("acme", START, later)) == {FIRST_ID}
    assert not database.ended_between("acme", START - timedelta(1), START)
    assert not database.ended_between("other", START, later)
    assert set(database.archived("acme")) == {FIRST_ID}


@pytest.mark.parametrize("url", ["nonsense", "nosuch://x/y"])
def test_a_url_that_names_no_database(url: str) -> None:
    """A person is told at the start."""
    with pytest.raises(Stop, match="not a usable URL"):
        Database(url)


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "mssql", "oracle"])
def test_the_tables_can_be_made_elsewhere(dialect: str) -> None:
    """C-ONCE-1: another database is a URL away: the DDL compiles."""
    from integration.sinks.schema import METADATA  # noqa: PLC0415  beside its use

    loaded = sqlalchemy.dialects.registry.load(dialect)()
    for table in METADATA.sorted_tables:
        ddl = str(sqlalchemy.schema.CreateTable(table).compile(dialect=loaded))
        assert json.dumps(table.name)[1:-1] in ddl
