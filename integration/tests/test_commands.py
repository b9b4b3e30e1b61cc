"""The commands as processes at a real broker: what they store, say and exit with."""

from __future__ import annotations

import itertools
import json
import signal
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from integration.tests.broker_process import BrokerProcess, Login, until
from integration.tests.client_process import ClientProcess, stop
from integration.tests.home import archives, index, members, rows


@pytest.fixture
def login(real_broker: BrokerProcess) -> Login:
    return real_broker.portal()


@pytest.fixture
def client(real_broker: BrokerProcess, login: Login, tmp_path: Path) -> Iterator[ClientProcess]:
    made = ClientProcess(tmp_path / "client", real_broker, login)
    yield made
    made.close()


def following(client: ClientProcess) -> Any:
    """The status, once the client polls."""
    told = client.run_json("status")
    return told if told["updates"]["state"] == "updating" else None


def stored(client: ClientProcess, session_id: int) -> Any:
    """The row of a session, once it is there."""
    with closing(sqlite3.connect(client.portal.database.removeprefix("sqlite:///"))) as database:
        return database.execute(
            "SELECT archive FROM support_session WHERE session_id = ? AND archive IS NOT NULL",
            (session_id,),
        ).fetchone()


def test_fetch_then_verify_then_status(
    client: ClientProcess, real_broker: BrokerProcess, login: Login
) -> None:
    """C-ONCE-1, C-STORE-1: a range comes home, is found well, and is told of."""
    ids = [real_broker.whole(login) for _ in range(3)]
    real_broker.post(login)
    told = client.run_json("fetch")
    assert (told["found"], told["stored"], told["waiting"], told["lost"]) == (3, 3, {}, {})

    found = client.run_json("verify")
    assert found["good"]
    assert (found["sessions"], found["listed"], found["problems"]) == (3, 3, [])
    assert (found["opened"], found["parsed"]) == (6, found["files"] - 6)
    status = client.run_json("status")
    assert status["totals"]["stored"] == 3
    assert status["connection"]["state"] == "not logged on"
    for session_id in ids:
        with zipfile.ZipFile(client.portal.storage / f"Session_{session_id}.zip") as archive:
            assert f"localScreen{session_id}.g2a" in archive.namelist()


def test_verify_sees_what_is_wrong(
    client: ClientProcess, real_broker: BrokerProcess, login: Login
) -> None:
    """C-STORE-2: a missing archive, a damaged one, a session that was never fetched."""
    ids = [real_broker.whole(login) for _ in range(3)]
    client.run("fetch")
    (client.portal.storage / f"Session_{ids[0]}.zip").unlink()
    damaged = client.portal.storage / f"Session_{ids[1]}.zip"
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    later = real_broker.whole(login)
    found = client.run_json("verify", code=1)

    assert not found["good"]
    said = "\n".join(found["problems"])
    assert f"session {ids[0]}: Session_{ids[0]}.zip is not there" in said
    assert f"session {ids[1]}: " in said
    assert f"session {later} is not stored" in said
    assert f"session {ids[2]}" not in said
    client.run("fetch", "--anew")
    assert client.run_json("verify")["good"]


def test_unpacked_with_a_security_key(
    client: ClientProcess, real_broker: BrokerProcess, login: Login
) -> None:
    """C-STORE-1, C-KEY-1: a folder and no zip; sealed as it came; the key is nowhere."""
    passphrase = "correct horse battery staple"
    real_broker.tell("PUT", f"portals/{login.portal}/security-key", passphrase=passphrase)
    session_id = real_broker.whole(login)
    client.settings["decompress"] = "true"
    client.run("fetch")
    inside = members(client.portal, session_id)

    assert {path.name for path in client.portal.storage.iterdir()} == {f"Session_{session_id}"}
    keys = json.loads(inside["keys.json"])
    assert keys[f"chatTranscript{session_id}.txt"]["wrapped_key"]
    assert inside[f"chatTranscript{session_id}.txt"][16:20] == (65_536).to_bytes(4, "big")
    assert client.run_json("verify", code=1)["unopened"] == len(keys)
    assert client.run_json("verify", security_key=passphrase)["good"]
    wrong = client.run_json("verify", code=1, security_key="wrong")
    assert len(wrong["problems"]) == len(keys)
    assert passphrase.encode() not in client.everything()


def test_what_is_not_chosen_is_not_downloaded(
    client: ClientProcess, real_broker: BrokerProcess, login: Login
) -> None:
    """C-STORE-3: as the broker's journal has it."""
    session_id = real_broker.whole(login)
    mark = real_broker.mark()
    client.run("fetch", channels="Chat")

    names = set(members(client.portal, session_id)) - {"session.json", "keys.json"}
    assert names == {f"chatTranscript{session_id}.txt", f"session{session_id}.properties"}
    doors = [entry["door"] for entry in real_broker.journal(mark)]
    assert not any("Screen" in door for door in doors)
    assert real_broker.calls("getDefaultKey", mark) == []


def test_past_the_retention_edge_it_says_so(client: ClientProcess) -> None:
    """C-TIME-1: exit 2 with the edge, or clamped when told to."""
    said = client.run("fetch", "--from", "2001-01-01", code=2)
    assert "the broker keeps nothing that ended earlier" in said
    assert "--clamp" in said

    told = client.run_json("fetch", "--from", "2001-01-01", "--clamp")
    assert told["from"] > "2020"
    assert client.run("fetch", "--from", "2026-01-02", "--to", "2026-01-01", code=2)
    assert client.run("fetch", "--from", "yesterday", code=2)


def test_exit_codes(client: ClientProcess, login: Login) -> None:
    """1 not stored, 2 settings, 3 refused, 4 not to be reached."""
    assert "no such session" in client.run("fetch", "--session", "7", code=1)
    assert "must begin with https://" in client.run("fetch", url="nonsense", code=2)
    assert "cannot be reached" in client.run("fetch", url="https://127.0.0.1:1", code=4)
    said = client.run("fetch", password="wrong", state=str(client.folder / "other"), code=3)
    assert "It will not be tried again by itself" in said


def test_a_refused_login_is_not_tried_again_over_restarts(
    client: ClientProcess, real_broker: BrokerProcess, login: Login
) -> None:
    """C-LOCK-1: ten starts in every mode are one logon, until a person says otherwise."""
    mark = real_broker.mark()
    for words in (["fetch"], ["watch"], ["run"], ["verify"]):
        client.run(*words, code=3, password="wrong")
    assert len(real_broker.calls("logon", mark)) == 1
    assert client.run_json("status", password="wrong")["connection"]["refused"]

    assert client.run_json("forget-refusal")["forgotten"]
    client.run("fetch", code=3, password="wrong")
    client.run("fetch")
    assert len(real_broker.calls("logon", mark)) == 3


def test_a_locked_login_is_left_alone_until_the_time_given(
    client: ClientProcess, real_broker: BrokerProcess, login: Login
) -> None:
    """C-LOCK-1: locked by somebody else; two starts are one logon."""
    for number in range(3):
        thief = ClientProcess(client.folder / str(number), real_broker, login, password="guess")
        thief.run("fetch", code=3)
    mark = real_broker.mark()
    for _ in range(2):
        assert "locked" in client.run("fetch", code=3)
    assert len(real_broker.calls("logon", mark)) == 1


def test_real_time_polls_on_time_and_stores_every_change(
    client: ClientProcess, real_broker: BrokerProcess, login: Login
) -> None:
    """C-POLL-1, C-ONCE-2, C-CONN-1: on a grid, never faster; one row; logs off at the end."""
    process = client.begin("watch", interval_seconds="0.5")
    until(lambda: following(client))
    mark = real_broker.mark()
    session_id = real_broker.whole(login)
    until(lambda: stored(client, session_id))
    boxes = [{"label": "How was it?", "value": "fine"}]
    real_broker.act("survey", sessionId=session_id, customerRatings=boxes)
    until(lambda: index(client.portal, session_id)["customer_ratings"])
    until(lambda: len(real_broker.calls("getUpdates", mark)) >= 8)
    code, said = stop(process)

    assert code == 0, said
    assert len(rows(client.portal)["support_session"]) == 1
    assert list(archives(client.portal)) == [
        f"Session_{session_id}.zip",
        "keys/.lock",
        f"keys/default-{login.portal}-1.key",
    ]
    polls = [datetime.fromisoformat(c["time"]) for c in real_broker.calls("getUpdates", mark)]
    gaps = [(b - a).total_seconds() for a, b in itertools.pairwise(polls)]
    assert min(gaps) >= 0.4
    assert sum(gaps) >= len(gaps) * 0.5 - 0.2
    assert len(real_broker.calls("logoff", mark)) == 1
    assert client.run_json("status")["connection"]["state"] == "not logged on"


def test_two_programs_share_one_connection(
    client: ClientProcess, real_broker: BrokerProcess, login: Login
) -> None:
    """C-CONN-1: a fetch beside a watch neither logs on nor off."""
    watching = client.begin("watch")
    until(lambda: following(client))
    mark = real_broker.mark()
    session_id = real_broker.whole(login)
    client.run("fetch", "--session", str(session_id))
    assert client.run_json("status")["connection"]["state"] == "logged on"
    assert real_broker.calls("logon", mark) == real_broker.calls("logoff", mark) == []
    code, said = stop(watching, signal.SIGTERM)

    assert code == 0, said
    assert len(real_broker.calls("logoff", mark)) == 1
    assert len(rows(client.portal)["support_session"]) == 1


def test_a_killed_program_leaves_its_connection_to_the_next(
    client: ClientProcess, real_broker: BrokerProcess
) -> None:
    """C-CONN-1: its id lies in a 0600 file; no second logon, no twenty minutes of waiting."""
    process = client.begin("watch")
    until(lambda: following(client))
    mark = real_broker.mark()
    stop(process, signal.SIGKILL)
    kept = client.portal.state / "connection.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "killed" in client.run("status")
    client.run("fetch")

    assert real_broker.calls("logon", mark) == []
    assert len(real_broker.calls("logoff", mark)) == 1
    assert not kept.exists()


def test_run_catches_up_once_and_goes_on_at_its_place(
    client: ClientProcess, real_broker: BrokerProcess, login: Login
) -> None:
    """C-ONCE-3: first what ended before, then what happens; a second start lists nothing."""
    first = real_broker.whole(login)
    process = client.begin("run", "--summary")
    until(lambda: following(client))
    until(lambda: stored(client, first))
    assert stop(process)[0] == 0
    second = real_broker.whole(login)
    mark = real_broker.mark()
    process = client.begin("run")
    until(lambda: stored(client, second))
    assert stop(process)[0] == 0

    assert len(rows(client.portal)["support_session"]) == 2
    assert real_broker.calls("getSessionIds", mark) == []


def test_no_secret_is_said_or_written(
    client: ClientProcess, real_broker: BrokerProcess, login: Login
) -> None:
    """C-KEY-1: neither password nor connection in what it says; no password in what it keeps."""
    real_broker.whole(login, question="my very private words")
    process = client.begin("run", "--verbose", "--log-json")
    until(lambda: following(client))
    kept = json.loads((client.portal.state / "connection.json").read_text())
    until(lambda: client.run_json("status")["totals"]["stored"])
    code, said = stop(process)

    assert code == 0
    for secret in (login.password, kept["connection_id"], "my very private words"):
        assert secret not in said
    assert login.password.encode() not in client.everything()
    assert all(json.loads(line)["level"] for line in said.splitlines() if line.startswith("{"))


def test_status_is_quick_and_asks_nobody(client: ClientProcess, real_broker: BrokerProcess) -> None:
    """What is slow to import stays unimported."""
    mark = real_broker.mark()
    code = (
        "import sys; from integration.__main__ import main; main(['status', '--json']);"
        "sys.exit(bool({'zeep', 'sqlalchemy', 'requests', 'rich', 'lxml'} & set(sys.modules)))"
    )
    environment = client.variables({}) | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=False)
    assert done.returncode == 0
    assert real_broker.journal(mark) == []
