"""C-CONN-1, C-NET-2, WIRE-2: the client's calls at a real broker, from its WSDL alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from integration.core import window
from integration.core.window import Window
from integration.errors import BehindEdge, Busy, CursorAhead, Exit, PageLost, Park, Stop
from integration.pipeline.listing import Listing
from integration.tests.broker_process import BrokerProcess, Login
from integration.tests.fakes import ManualClock
from integration.wire.broker import Broker
from integration.wire.connection import Login as Credential
from integration.wire.downloads import Downloader
from integration.wire.http import Http
from integration.wire.unseal import unseal

AWKWARD = 'Zwölf <Boxkämpfer> & "Eva" ]]> \u2028 🙂\ttab\nline'


@pytest.fixture
def login(real_broker: BrokerProcess) -> Login:
    return real_broker.portal()


@pytest.fixture
def client(real_broker: BrokerProcess, login: Login, tmp_path: Path) -> Iterator[Broker]:
    opened = client_of(real_broker, login, tmp_path)
    opened.connect()
    yield opened
    opened.close()


def client_of(broker: BrokerProcess, login: Login, state: Path, password: str = "") -> Broker:
    address = f"{broker.url}/services/Sessions"
    http = Http(None if broker.ca_file is None else Path(broker.ca_file))
    credential = Credential(login.username, lambda: password or login.password)
    return Broker(http, f"{address}?wsdl", address, state, credential, ManualClock())


def test_a_session_comes_as_it_was_entered(
    client: Broker, real_broker: BrokerProcess, login: Login
) -> None:
    """SESS-4: also empty texts and absent ones, which are not the same."""
    boxes = [{"label": "Name", "value": AWKWARD}, {"label": None, "value": ""}]
    session_id = real_broker.post(login, question=AWKWARD, smartBoxEntries=boxes)
    found = client.session(session_id)

    assert found.question == AWKWARD
    assert [(b.label, b.value) for b in found.smart_box_entries] == [("Name", AWKWARD), (None, "")]
    assert found.locale == ""
    assert found.reference_id is None
    assert found.status == "InSession"
    assert found.end_time is None
    assert found.files == ()
    assert found.customer_ratings == ()
    assert [h.kind for h in found.events] == ["Posted", "Accepted", "Started"]


def test_files_come_whole_and_open_with_the_default_key(
    client: Broker, real_broker: BrokerProcess, login: Login, tmp_path: Path
) -> None:
    """REC-2, REC-8, C-STORE-2: download, verify, unseal."""
    session_id = real_broker.whole(login)
    found = client.session(session_id)
    http = Http(Path(str(real_broker.ca_file)))
    downloader = Downloader(http, real_broker.url, ManualClock())
    for file in found.files:
        path = tmp_path / file.name
        downloader.fetch(file, str(path))
        assert hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
    http.close()

    (screen,) = [file for file in found.files if file.channel == "LocalScreen"]
    assert screen.wrapped_key is not None
    assert screen.key_version is not None
    key = client.default_key(screen.key_version)
    with (tmp_path / screen.name).open("rb") as sealed:
        plain = b"".join(unseal(sealed, screen.key_id(session_id), screen.wrapped_key, key))
    assert plain.startswith(b"4.size,")


def test_the_change_log_and_the_lists(
    client: Broker, real_broker: BrokerProcess, login: Login
) -> None:
    """UPD-1, SESS-5: what happened, in order; what ended, by range."""
    start = client.last_update_id()
    before = client.portal().broker_time
    session_id = real_broker.whole(login)
    page = client.updates(start)

    assert [u.kind for u in page] == ["Posted", "Accepted", "Started", "Ended", "RecordingReady"]
    assert {u.session_id for u in page} == {session_id}
    after = client.portal().broker_time + timedelta(seconds=1)
    assert list(client.session_ids(Window(before, after))) == [session_id]
    assert list(client.session_ids(Window(before, after), after=session_id)) == []
    assert list(client.session_ids(Window(before, before))) == []


def test_refusals_say_what_to_do(client: Broker, real_broker: BrokerProcess) -> None:
    """FAULT-1: each typed fault as what it means for us."""
    portal = client.portal()
    long_ago = Window(portal.broker_time - timedelta(days=91), portal.broker_time)
    with pytest.raises(BehindEdge) as behind:
        client.session_ids(long_ago)
    assert abs(behind.value.edge - window.edge(portal)) < timedelta(minutes=1)
    with pytest.raises(CursorAhead) as ahead:
        client.updates(999)
    assert ahead.value.newest == 0
    with pytest.raises(Park):
        client.session(1)
    with pytest.raises(PageLost):
        client.session_ids(Window(portal.broker_time, portal.broker_time), after=1)
    with pytest.raises(Park):
        client.session(real_broker.whole(real_broker.portal()))


def test_a_security_key_is_withheld(
    client: Broker, real_broker: BrokerProcess, login: Login
) -> None:
    """REC-8: its files say so; the broker hands nothing out."""
    real_broker.tell("PUT", f"portals/{login.portal}/security-key", passphrase="correct horse")
    found = client.session(real_broker.whole(login))

    assert all(file.encrypted for file in found.files if file.channel != "Properties")
    (screen,) = [file for file in found.files if file.channel == "LocalScreen"]
    assert screen.kdf != "none"
    assert screen.key_version is not None
    with pytest.raises(Park):
        client.default_key(screen.key_version)


def test_a_second_client_must_wait_and_the_first_lives_on(
    client: Broker, real_broker: BrokerProcess, login: Login, tmp_path: Path
) -> None:
    """C-CONN-1: from another store, the login is in use."""
    other = client_of(real_broker, login, tmp_path / "other")
    with pytest.raises(Busy) as busy:
        other.connect()
    assert busy.value.after is not None
    assert 1100 < busy.value.after <= 1200
    assert client.portal().name == login.portal


def test_a_connection_that_was_ended_is_opened_again(
    client: Broker, real_broker: BrokerProcess, login: Login, tmp_path: Path
) -> None:
    """C-CONN-1: once, unseen by the caller."""
    sharing = client_of(real_broker, login, tmp_path)
    sharing.connect()
    service = client._ready()
    service.call("logoff", connectionId=client._connection_id)

    assert client.portal().name == login.portal
    assert sharing.portal().name == login.portal


def test_a_wrong_password_is_refused_once(
    real_broker: BrokerProcess, login: Login, tmp_path: Path
) -> None:
    """C-LOCK-1: five starts, one logon; the right one still opens."""
    mark = real_broker.mark()
    for _ in range(5):
        with pytest.raises(Stop) as stop:
            client_of(real_broker, login, tmp_path, "wrong").connect()
        assert stop.value.exit_code is Exit.REFUSED
    assert len(real_broker.calls("logon", mark)) == 1

    right = client_of(real_broker, login, tmp_path)
    right.connect()
    right.close()


def test_a_certificate_of_somebody_else_is_refused(
    real_broker: BrokerProcess, login: Login, tmp_path: Path
) -> None:
    """C-NET-1: nothing is sent to such a broker."""
    address = f"{real_broker.url}/services/Sessions"
    http = Http(None)
    credential = Credential(login.username, lambda: login.password)
    stranger = Broker(http, f"{address}?wsdl", address, tmp_path, credential, ManualClock())
    with pytest.raises(Stop, match="certificate") as stop:
        stranger.connect()
    assert stop.value.exit_code is Exit.UNREACHABLE
    http.close()


def test_a_long_list_over_its_page_borders(
    client: Broker, real_broker: BrokerProcess, login: Login
) -> None:
    """C-TIME-1, SESS-5: all and only; two halves are the whole."""
    real_broker.tell("POST", "seed", sessions=2500, days=80, portal=login.portal)
    told = client.portal()
    start, end = told.broker_time - timedelta(days=85), told.broker_time
    middle = start + (end - start) / 2
    listing = Listing(client, ManualClock(), told.page_max)
    mark = real_broker.mark()
    _, ids = listing.every(Window(start, end))
    _, first = listing.every(Window(start, middle))
    _, second = listing.every(Window(middle, end))

    assert len(ids) > 2000
    assert len(set(ids)) == len(ids)
    assert ids == first + second
    assert len(real_broker.calls("getSessionIds", mark)) >= 6
