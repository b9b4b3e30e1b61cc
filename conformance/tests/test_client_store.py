"""What a client has stored, seen from outside."""

import sqlite3
import sys
import zipfile
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from conformance.client.adapter import Observe
from conformance.client.store import Damaged, Store


def _zip(path: Path, **members: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)


def _store(folder: Path, **observe: object) -> Store:
    return Store(folder, Observe(**observe), {"state": str(folder)})  # type: ignore[arg-type]  # of several types


def test_zips_folders_and_second_ones_are_counted(tmp_path: Path) -> None:
    """A copy beside an archive is a second one; what is on its way is none."""
    _zip(tmp_path / "Session_7.zip", a="1")
    _zip(tmp_path / "Session_7 (1).zip", a="1")
    _zip(tmp_path / "Session_8-2.zip", a="1")
    (tmp_path / "Session_9").mkdir()
    for name in (".Session_10.zip.part", "Session_10.zip.tmp", "Session_10.part", "Session_x"):
        (tmp_path / name).touch()

    store = _store(tmp_path)

    assert store.ids() == Counter({7: 2, 8: 1, 9: 1})
    assert store.forms(7) == ("Session_7 (1).zip", "Session_7.zip")


def test_an_id_is_not_taken_for_the_beginning_of_another(tmp_path: Path) -> None:
    """7 is not 77."""
    _zip(tmp_path / "Session_77.zip", a="1")

    assert _store(tmp_path).ids() == Counter({77: 1})


def test_members_are_read_from_a_zip_and_from_a_folder(tmp_path: Path) -> None:
    """By their plain names."""
    _zip(tmp_path / "Session_1.zip", a="one")
    (tmp_path / "Session_2").mkdir()
    (tmp_path / "Session_2" / "a").write_text("two")

    store = _store(tmp_path)

    assert store.members(1) == {"a": b"one"}
    assert store.members(2) == {"a": b"two"}
    assert store.members(3) == {}


def test_a_cut_zip_is_damaged(tmp_path: Path) -> None:
    """C-STORE-2: its name is there, and it is not whole."""
    path = tmp_path / "Session_1.zip"
    _zip(path, a="x" * 1000)
    path.write_bytes(path.read_bytes()[:500])

    store = _store(tmp_path)

    with pytest.raises(Damaged):
        store.members(1)
    assert "Session_1.zip" in (store.damaged() or "")


def test_a_database_tells_ids_by_a_query(tmp_path: Path) -> None:
    """Also before its file and its table are there."""
    store = _store(
        tmp_path, database="sqlite:///{state}/my.sqlite", query="SELECT number FROM kept"
    )
    assert store.ids() == Counter()

    with closing(sqlite3.connect(tmp_path / "my.sqlite")) as database:
        assert store.ids() == Counter()
        database.execute("CREATE TABLE kept (number INTEGER)")
        database.executemany("INSERT INTO kept VALUES (?)", [(5,), (5,), (6,)])
        database.commit()

    assert store.ids() == Counter({5: 2, 6: 1})


def test_a_command_lists_ids(tmp_path: Path) -> None:
    """Every number that it prints is one."""
    store = _store(tmp_path, command=(sys.executable, "-c", "print('5 6', 'six', 6)"))

    assert store.ids() == Counter({5: 1, 6: 2})
