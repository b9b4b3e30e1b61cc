"""SEC-1: a certificate authority of one's own, made once, renewed unseen, never half."""

import os
import ssl
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from broker_sim.adapters.clocks import machine_time
from broker_sim.front.authority import Certificates, UnusableAuthority, ensure
from broker_sim.front.handshake import shake

NOW = machine_time().replace(microsecond=0)
DAY = timedelta(days=1)

Damage = Callable[[Path], object]


def leaf_of(certificates: Certificates) -> x509.Certificate:
    return x509.load_pem_x509_certificates(certificates.leaf_pem.read_bytes())[0]


def names_of(certificates: Certificates) -> set[str]:
    found = leaf_of(certificates).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return {str(name.value) for name in found.value}


def test_the_first_call_makes_all_and_the_second_nothing(tmp_path: Path) -> None:
    """SEC-1: the same files, byte for byte, and the same fingerprints."""
    folder = tmp_path / "state" / "tls"
    first = ensure(folder, [], NOW)
    bytes_before = {path.name: path.read_bytes() for path in folder.iterdir()}
    second = ensure(folder, ["localhost"], NOW + 300 * DAY)

    assert second == first
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == bytes_before
    assert set(bytes_before) == {"ca.pem", "ca.key", "leaf.pem", ".lock"}


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    """SEC-1: files 0600 in a folder 0700, whatever the umask."""
    before = os.umask(0)
    try:
        ensure(tmp_path / "tls", [], NOW)
    finally:
        os.umask(before)

    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "tls").iterdir()}
    assert modes == {0o600}
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700


def test_what_the_certificates_say(tmp_path: Path) -> None:
    """SEC-1: P-256; an authority for ten years, a leaf for 397 days and servers only."""
    made = ensure(tmp_path, ["Broker.Example", "192.0.2.7"], NOW)
    ca = x509.load_pem_x509_certificate(made.ca_pem.read_bytes())
    leaf = leaf_of(made)

    for certificate in (ca, leaf):
        key = certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert isinstance(key.curve, ec.SECP256R1)
        assert certificate.not_valid_before_utc == NOW - timedelta(hours=1)
    assert ca.not_valid_after_utc == NOW + 3650 * DAY
    assert leaf.not_valid_after_utc == NOW + 397 * DAY
    assert names_of(made) == {"localhost", "127.0.0.1", "::1", "broker.example", "192.0.2.7"}
    for sha256, certificate in ((made.ca_sha256, ca), (made.leaf_sha256, leaf)):
        assert sha256 == certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def test_the_strictest_clients_are_content(tmp_path: Path) -> None:
    """SEC-1: Python 3.13 verifies strictly by default; so do others."""
    made = ensure(tmp_path, [], NOW)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.leaf_pem, made.leaf_key)
    for name in ("localhost", "127.0.0.1", "::1"):
        client = ssl.create_default_context(cafile=made.ca_pem)
        client.verify_flags |= ssl.VERIFY_X509_STRICT
        up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
        sides = [
            client.wrap_bio(down, up, server_hostname=name),
            server.wrap_bio(up, down, server_side=True),
        ]
        done = 0
        while done < 2:
            done = 0
            for side in sides:
                try:
                    side.do_handshake()
                    done += 1
                except ssl.SSLWantReadError:
                    continue


@pytest.mark.parametrize(
    ("left", "renewed"),
    [
        (30 * DAY + timedelta(seconds=1), False),
        (30 * DAY, False),
        (30 * DAY - timedelta(seconds=1), True),
    ],
)
def test_a_leaf_is_renewed_when_less_than_30_days_are_left(
    tmp_path: Path, left: timedelta, renewed: bool
) -> None:
    """SEC-1: not at 30 days, but a second later; the authority stays."""
    first = ensure(tmp_path, ["broker.example"], NOW)
    second = ensure(tmp_path, [], NOW + 397 * DAY - left)

    assert (second.leaf_sha256 != first.leaf_sha256) is renewed
    assert second.ca_sha256 == first.ca_sha256
    assert "broker.example" in names_of(second)


@pytest.mark.parametrize("made", [NOW - 398 * DAY, NOW + 2 * DAY])
def test_a_leaf_whose_time_is_not_now_is_replaced(tmp_path: Path, made: datetime) -> None:
    """SEC-1: run out while nobody looked, or made by a clock that was ahead."""
    ensure(tmp_path, [], NOW - 500 * DAY)  # the authority is good
    (tmp_path / "leaf.pem").unlink()
    old = ensure(tmp_path, [], made)

    assert ensure(tmp_path, [], NOW).leaf_sha256 != old.leaf_sha256
    assert shake(old.ca_pem, old.leaf_pem, old.leaf_key).ends > NOW


def test_a_missing_name_is_added_and_none_is_lost(tmp_path: Path) -> None:
    """SEC-1: two brokers with one folder and names of their own both work."""
    ensure(tmp_path, ["a.example"], NOW)
    second = ensure(tmp_path, ["B.example", "2001:DB8:0:0::1"], NOW)
    third = ensure(tmp_path, ["a.example", "2001:db8::1"], NOW)

    assert third == second
    assert {"a.example", "b.example", "2001:db8::1", "localhost"} <= names_of(second)


@pytest.mark.parametrize("name", ["", "a b", "a..b", ".a", "a.", "-a", "ä.example", "a/b", "*"])
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    """SEC-1: before anything is made."""
    with pytest.raises(ValueError, match="name"):
        ensure(tmp_path / "tls", [name], NOW)
    assert not (tmp_path / "tls").exists()


def test_a_naive_instant_is_refused(tmp_path: Path) -> None:
    """SEC-1: a certificate that begins tomorrow, by a slip of time zones, helps nobody."""
    with pytest.raises(ValueError, match="naive"):
        ensure(tmp_path, [], datetime(2030, 1, 1))  # noqa: DTZ001  the mistake itself


def remove(*names: str) -> Damage:
    def do(tls: Path) -> None:
        for name in names:
            (tls / name).unlink()

    return do


def spoil(name: str, content: bytes = b"rubbish") -> Damage:
    return lambda tls: (tls / name).write_bytes(content)


def swap(name: str) -> Damage:
    """Put another authority's file there."""

    def do(tls: Path) -> None:
        ensure(tls / "another", [], NOW)
        (tls / "another" / name).replace(tls / name)

    return do


def both(first: Damage, second: Damage) -> Damage:
    return lambda tls: (first(tls), second(tls))


DAMAGES: list[tuple[str, Damage]] = [
    ("folder", remove("ca.key")),
    ("folder", remove("ca.pem")),
    ("folder", remove("ca.key", "ca.pem")),
    ("folder", spoil("ca.pem")),
    ("folder", spoil("ca.pem", b"")),
    ("folder", both(spoil("ca.key"), remove("leaf.pem"))),
    ("folder", both(swap("ca.key"), remove("leaf.pem"))),
    ("leaf.pem", spoil("leaf.pem")),
    ("leaf.pem", spoil("leaf.pem", b"")),
    ("leaf.pem", lambda tls: os.truncate(tls / "leaf.pem", 900)),
    ("leaf.pem", swap("leaf.pem")),
]


@pytest.mark.parametrize(("delete", "damage"), DAMAGES)
def test_damage_is_named_with_what_to_delete(tmp_path: Path, delete: str, damage: Damage) -> None:
    """SEC-1: nothing is replaced in silence that clients were told to trust."""
    first = ensure(tmp_path / "tls", [], NOW)
    damage(tmp_path / "tls")
    before = {path: path.read_bytes() for path in (tmp_path / "tls").iterdir() if path.is_file()}

    with pytest.raises(UnusableAuthority) as told:
        ensure(tmp_path / "tls", [], NOW)

    assert {path: path.read_bytes() for path in before} == before
    assert f"Delete that {'folder' if delete == 'folder' else 'file'}" in str(told.value)
    assert str(tmp_path / "tls") in str(told.value)
    if delete == "leaf.pem":
        (tmp_path / "tls" / delete).unlink()
        assert ensure(tmp_path / "tls", [], NOW).ca_sha256 == first.ca_sha256


def test_an_authority_that_runs_out_says_so(tmp_path: Path) -> None:
    """SEC-1: clients must be given a new one, so a person decides."""
    ensure(tmp_path, [], NOW)

    with pytest.raises(UnusableAuthority, match=r"it ends on 20\d\d-"):
        ensure(tmp_path, [], NOW + 3625 * DAY)


def test_no_leaf_outlives_its_authority(tmp_path: Path) -> None:
    """SEC-1: in the last year of the authority a leaf is shorter."""
    ensure(tmp_path, [], NOW)
    last = ensure(tmp_path, [], NOW + 3600 * DAY)

    assert leaf_of(last).not_valid_after_utc == NOW + 3650 * DAY


def test_a_draft_left_by_a_crash_is_no_hindrance(tmp_path: Path) -> None:
    """SEC-1: files appear whole or not at all."""
    (tmp_path / ".leaf.pem.new").write_text("half")
    (tmp_path / ".ca.key.new").write_text("half")
    made = ensure(tmp_path, [], NOW)

    assert shake(made.ca_pem, made.leaf_pem, made.leaf_key).ends == NOW + 397 * DAY
    assert not list(tmp_path.glob("*.new"))


ENSURE = """
import sys; from pathlib import Path
from broker_sim.adapters.clocks import machine_time
from broker_sim.front.authority import ensure
made = ensure(Path(sys.argv[1]), [sys.argv[2]], machine_time())
print(made.ca_sha256, "cryptography" in sys.modules)
"""


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    """SEC-1: one authority, one leaf with all their names, no file half."""
    command = [sys.executable, "-c", ENSURE, str(tmp_path / "tls")]
    asked = [
        subprocess.Popen([*command, f"h{nth}.example"], stdout=subprocess.PIPE, text=True)
        for nth in range(4)
    ]
    told = {process.communicate()[0].split()[0] for process in asked}
    made = ensure(tmp_path / "tls", [], NOW)

    assert told == {made.ca_sha256}
    assert {f"h{nth}.example" for nth in range(4)} <= names_of(made)


def test_an_ordinary_start_needs_no_cryptography(tmp_path: Path) -> None:
    """The issue: `serve` answers within a second of the command."""
    ensure(tmp_path, [], NOW)
    command = [sys.executable, "-c", ENSURE, str(tmp_path), "localhost"]

    assert subprocess.check_output(command, text=True).split()[1] == "False"
