"""What cannot be followed is refused with one sentence that says what to do, and exit code 2."""

from __future__ import annotations

import errno
import json
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from broker_sim.__main__ import main
from broker_sim.tests.s3_server import KEYS, s3_server


def refused(capsys: pytest.CaptureFixture[str], arguments: Sequence[str]) -> str:
    """Run a command that is to be refused; give the sentence."""
    try:
        code = main(arguments)
    except SystemExit as ended:  # as argparse does it
        code = int(str(ended.code))
    shown = capsys.readouterr()
    assert (code, shown.out) == (2, "")
    *usage, sentence = shown.err.splitlines()
    assert not usage or usage[0].startswith("usage: ")
    assert sentence.startswith("broker-sim")
    for raw in ("Errno", "Traceback", "NoneType", "codec"):
        assert raw not in sentence
    return sentence


def serve(home: Path, *more: str) -> list[str]:
    return ["serve", "--sessions", "1", "--port", "0", "--http", "--home", str(home), *more]


@pytest.mark.parametrize("place", ["file", "file/below", "folder"])
def test_a_home_that_is_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, place: str
) -> None:
    """LOGON-6: a file, below a file, or a folder with something odd where the lock goes."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder" / ".lock").mkdir(parents=True)

    said = refused(capsys, serve(tmp_path / place))

    assert str(tmp_path / place) in said
    assert "--home" in said


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--home", ""], "--home"),
        (["--store", ""], "--store"),
        (["--store", "http://x"], "--store"),
        (["--store", "postgresql://[::"], "--store"),
        (["--store", "postgresql://127.0.0.1:9/x"], "--store"),
        (["--store", "sqlite:////nowhere/at/all.db"], "--store"),
        (["--recordings", "http://x"], "--recordings"),
        (["--recordings", "s3://no/thing?endpoint=http://127.0.0.1:9"], "--recordings"),
        (["--host", "nosuch.invalid"], "--host"),
        (["--host", "192.0.2.1"], "--host"),
        (["--token", "two words"], "--token"),
        (["--token", "h\u00fcsh", "--control"], "--token"),
        (["--frozen-at", "9999-12-31T23:59:59-23:00"], "--frozen-at"),
        (["--frozen-at", "0001-01-01T00:00+14:00"], "--frozen-at"),
        (["--sessions", "99999999999999"], "--sessions"),
    ],
)
def test_an_option_that_cannot_be_followed(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    options: list[str],
    named: str,
) -> None:
    """LOGON-6: the sentence names it."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)

    assert named in refused(capsys, serve(tmp_path, "--store", "memory", *options))
    assert not (tmp_path / "env.json").exists()


def test_a_bucket_that_is_not_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """REC-6: is told at the start, not by every recording."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with s3_server() as server:
        url = server.url("broker").replace(server.bucket, "nosuch")
        said = refused(capsys, serve(tmp_path, "--store", "memory", "--recordings", url))

    assert "--recordings" in said
    assert "nosuch" in said


@pytest.mark.parametrize(
    ("failure", "said"), [(errno.EADDRINUSE, "in use"), (errno.EACCES, "may not")]
)
def test_ports_that_cannot_be_had(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    failure: int,
    said: str,
) -> None:
    """LOGON-6: all busy, or below 1024 for a user who may not."""

    class Refusing(socket.socket):
        def bind(self, address: object) -> None:  # noqa: ARG002  the standard library's signature
            raise OSError(failure, "as the system says it")

    monkeypatch.setattr(socket, "socket", Refusing)

    sentence = refused(capsys, [*serve(tmp_path, "--store", "memory"), "--port", "80"])

    assert "80" in sentence
    assert said in sentence
    assert "--port" in sentence


def test_an_authority_that_is_none(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """SEC-1: the sentence says what to delete; and a name that is none is told, too."""
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls" / "ca.pem").write_text("junk")
    (tmp_path / "tls" / "ca.key").write_text("junk")
    https = [one for one in serve(tmp_path, "--store", "memory") if one != "--http"]

    assert "Delete that folder" in refused(capsys, https)
    assert "--name" in refused(capsys, [*https, "--name", "a b"])


@pytest.mark.parametrize("command", [["env"], ["world", "list"], ["journal"]])
@pytest.mark.parametrize("content", ["{bad", "{}", "[]", "\udcff"])
def test_a_home_that_no_broker_wrote(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: list[str], content: str
) -> None:
    """LOGON-6: env.json is damaged; the sentence says whose fault it is."""
    (tmp_path / "env.json").write_text(content, encoding="utf-8", errors="surrogateescape")

    code = main([*command, "--home", str(tmp_path)])
    said = capsys.readouterr().err

    assert (code, said.count("\n")) == (3, 1)
    assert "env.json" in said
    assert "broker-sim serve" in said


@pytest.mark.parametrize("command", [["env"], ["world", "list"], ["journal"]])
def test_a_home_that_is_a_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: list[str]
) -> None:
    """LOGON-6: nobody runs there."""
    (tmp_path / "file").write_text("x")

    code = main([*command, "--home", str(tmp_path / "file")])

    assert (code, "no broker runs" in capsys.readouterr().err) == (3, True)


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "http://", "ftp://a", "https://127.0.0.1:9", "http://[::", "http://127.0.0.1:x"),
        *("http://a b", "http://127.0.0.1:9/deeper", "http://127.0.0.1:99999", "http://a\nb"),
    ],
)
def test_a_control_address_that_is_none(capsys: pytest.CaptureFixture[str], url: str) -> None:
    """The sentence shows one that is."""
    said = refused(capsys, ["world", "list", "--url", url, "--token", "t"])

    assert "--url" in said
    assert "http://127.0.0.1:8444" in said


def test_a_control_token_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    """No header could carry it."""
    url = ("--url", "http://127.0.0.1:9")
    assert "--token" in refused(capsys, ["world", "list", *url, "--token", "\u20ac"])


def test_files_that_cannot_be_read_or_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The sentence names the file and what is wrong with it."""
    env = {"baseUrl": "http://127.0.0.1:9", "controlUrl": "http://127.0.0.1:9", "controlToken": "t"}
    (tmp_path / "env.json").write_text(json.dumps(env))
    (tmp_path / "file").write_bytes(b"GIF\xff\xfe")
    home = ("--home", str(tmp_path))

    for name in ("nosuch", "file", ""):
        path = str(tmp_path / name)
        assert path in refused(capsys, ["world", "import", path, *home])
    assert "file" in refused(capsys, ["contract", "--root", str(tmp_path / "file")])
