"""C-NET-1: certificates that a client must refuse, shown to a real TLS client."""

from __future__ import annotations

import socket
import ssl
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import requests

from broker_sim.front.showcase import KINDS
from broker_sim.testing import running_broker
from broker_sim.testing.running import RunningBroker

WHY: Final = {
    "expired": "certificate has expired",
    "wrong-name": "doesn't match|not valid for|mismatch",
    "untrusted": "unable to get local issuer|self.signed",
}


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    home = tmp_path_factory.mktemp("home")
    with running_broker(tls=True, home=home) as broker:
        yield broker


def ask(broker: RunningBroker, method: str = "GET", given: Any = None) -> requests.Response:
    url = f"{broker.control_url}/_sim/tls"
    head = {"Authorization": f"Bearer {broker.control_token}"}
    return requests.request(method, url, json=given, headers=head, timeout=10)


def get(broker: RunningBroker, session: requests.Session | None = None) -> int:
    caller = session or requests
    return caller.get(broker.wsdl_url, verify=str(broker.ca_file), timeout=10).status_code


@pytest.mark.parametrize("kind", WHY)
def test_a_client_that_verifies_refuses_it_and_takes_the_good_one(
    broker: RunningBroker, kind: str
) -> None:
    """C-NET-1: it says why; the good certificate is the one from before."""
    assert ask(broker, "PUT", {"certificate": kind}).json() == {"certificate": kind}

    with pytest.raises(requests.exceptions.SSLError, match=WHY[kind]):
        get(broker)

    assert ask(broker).json() == {"certificate": kind}
    assert ask(broker, "PUT", {"certificate": "good"}).json() == {"certificate": "good"}
    assert get(broker) == 200


def shown(broker: RunningBroker, version: ssl.TLSVersion) -> bytes:
    """Give the certificate that is shown to a caller who verifies nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    place = urlsplit(broker.url)
    with (
        socket.create_connection((place.hostname or "", place.port or 0), timeout=5) as plain,
        context.wrap_socket(plain) as caller,  # no name is sent either
    ):
        found = caller.getpeercert(binary_form=True)
    assert found is not None
    return found


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_each_kind_is_another_certificate(broker: RunningBroker, version: ssl.TLSVersion) -> None:
    """C-NET-1: in every version of TLS; who does not look is served all the same."""
    seen = []
    for kind in (*KINDS, "good"):
        ask(broker, "PUT", {"certificate": kind})
        seen.append(shown(broker, version))

    assert len(set(seen)) == len(KINDS)
    assert seen[0] == seen[-1]


def test_open_connections_stay(broker: RunningBroker) -> None:
    """New handshakes only: what is kept alive goes on."""
    with requests.Session() as session:
        assert get(broker, session) == 200
        ask(broker, "PUT", {"certificate": "expired"})
        try:
            assert get(broker, session) == 200
            with pytest.raises(requests.exceptions.SSLError):
                get(broker)
        finally:
            ask(broker, "PUT", {"certificate": "good"})


def test_what_was_issued_is_its_owners_alone(broker: RunningBroker) -> None:
    """SEC-1: a private key, readable by nobody else, beside the authority."""
    ask(broker, "PUT", {"certificate": "expired"})
    ask(broker, "PUT", {"certificate": "good"})
    assert broker.ca_file is not None
    issued = Path(broker.ca_file).parent / "expired.pem"

    assert stat.S_IMODE(issued.stat().st_mode) == 0o600


def test_wrong_kinds_and_plain_doors_are_told() -> None:
    """FAULT-1: what there is, and where there is none."""
    with running_broker() as plain:
        refused = ask(plain, "PUT", {"certificate": "expired"})
        nonsense = ask(plain, "PUT", {"certificate": "odd"})

    assert (refused.status_code, "plain HTTP" in refused.json()["error"]) == (400, True)
    assert nonsense.status_code == 400
    assert all(kind in nonsense.json()["error"] for kind in KINDS)


def test_the_python_hand_shows_them_too(broker: RunningBroker) -> None:
    """The same without HTTP."""
    tls = broker.worlds.tls
    assert tls is not None
    with pytest.raises(ValueError, match="must be one of good, expired"):
        tls.show("odd")
    tls.show("wrong-name")
    with pytest.raises(requests.exceptions.SSLError):
        get(broker)
    tls.show("good")

    assert get(broker) == 200
