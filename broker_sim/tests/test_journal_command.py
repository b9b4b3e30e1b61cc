"""`broker-sim journal`: a line for each exchange, for people, programs and other tools."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from broker_sim.__main__ import main
from broker_sim.testing import RunningBroker, running_broker

ENVELOPE = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
    '<logon xmlns="urn:broker-sim:v1"><username>{}</username><password>{}</password></logon>'
    "</e:Body></e:Envelope>"
)


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker(seed=5) as running:
        yield running


@pytest.fixture
def home(broker: RunningBroker, tmp_path: Path) -> str:
    """Give the home of a broker that was asked for its root page and refused a logon."""
    broker.tester.reset()
    told = {"controlUrl": broker.control_url, "controlToken": broker.control_token}
    (tmp_path / "env.json").write_text(json.dumps(told | {"baseUrl": broker.url}))
    requests.get(broker.url, timeout=10)
    logon(broker, "amy", "wrong")
    return str(tmp_path)


def logon(broker: RunningBroker, username: str, password: str) -> None:
    """Log on by SOAP."""
    url, headers = broker.wsdl_url.partition("?")[0], {"Content-Type": "text/xml"}
    requests.post(url, ENVELOPE.format(username, password), headers=headers, timeout=10)


def started(*arguments: str, output: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """Start the command in a process of its own."""
    terminal = ["env", "-u", "NO_COLOR", "-u", "COLUMNS", "TERM=xterm-256color"]
    command = [*terminal, sys.executable, "-m", "broker_sim", "journal", *arguments]
    return subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE)


def test_an_exchange_is_a_line(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Plain where there is no terminal: to be searched and kept."""
    assert main(["journal", "--home", home]) == 0
    page, refused = capsys.readouterr().out.splitlines()

    assert page.endswith("GET /")
    assert refused.endswith("logon()  InvalidCredentials  amy")
    assert "\x1b" not in page + refused


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--fault", "*"], 1),
        (["--operation", "page"], 1),
        (["--login", "amy"], 1),
        (["--status", "2xx"], 1),
        (["--door", "Sessions"], 1),
        (["--since", "2030-01-15T09:00:01Z"], 0),
        (["--last", "1"], 1),
        (["--last", "0"], 0),
        ([], 2),
    ],
)
def test_conditions_choose(
    home: str, capsys: pytest.CaptureFixture[str], options: list[str], count: int
) -> None:
    """The same conditions as over HTTP; of what is found, the last."""
    main(["journal", "--home", home, "--json", *options])

    assert len(capsys.readouterr().out.splitlines()) == count


def test_json_is_an_object_a_line(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As the control API gives it, bodies and all."""
    main(["journal", "--home", home, "--json"])
    _, refused = map(json.loads, capsys.readouterr().out.splitlines())

    assert refused["arguments"] == {"username": "amy", "password": "[struck out]"}
    assert "<username>amy</username>" in refused["request"]


def test_nobody_is_told(
    broker: RunningBroker, home: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty journal is not a silent one."""
    broker.tester.journal.clear()

    assert main(["journal", "--home", home]) == 0
    assert capsys.readouterr().out == "nothing to show\n"


def test_an_archive_is_written(
    home: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """For the tools that read HAR."""
    path = tmp_path / "calls.har"

    assert main(["journal", "--home", home, "--har", str(path)]) == 0
    assert len(json.loads(path.read_text())["log"]["entries"]) == 2
    assert capsys.readouterr().out == f"2 exchanges are in {path}\n"


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--world", "blue"], 1, "there is no world 'blue'"),
        (["--operation", "logn"], 1, "did you mean logon?"),
        (["--url", "http://127.0.0.1:1"], 3, "no broker answers at http://127.0.0.1:1"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    home: str, capsys: pytest.CaptureFixture[str], options: list[str], code: int, said: str
) -> None:
    """And an exit code: refused, or nobody there."""
    assert main(["journal", "--home", home, *options]) == code
    errors = capsys.readouterr().err

    assert said in errors
    assert errors.count("\n") == 1


def test_a_closed_control_door_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The way to open it, too."""
    told = {"baseUrl": "https://127.0.0.1:8443", "controlUrl": None, "controlToken": None}
    (tmp_path / "env.json").write_text(json.dumps(told))

    assert main(["journal", "--home", str(tmp_path)]) == 3
    assert "serve --control" in capsys.readouterr().err


def test_it_follows_until_it_is_interrupted(broker: RunningBroker, home: str) -> None:
    """Ctrl-C leaves cleanly: no trace, exit code 0."""
    with started("--home", home, "--follow", "--operation", "logon") as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        logon(broker, "bob", "wrong")
        second = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)

    assert (b"amy" in first, b"bob" in second) == (True, True)
    assert (process.returncode, errors) == (0, b"")


def test_a_reader_that_has_enough_is_no_error(broker: RunningBroker, home: str) -> None:
    """As in `broker-sim journal --follow | head -n 1`."""
    with started("--home", home, "--follow") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        logon(broker, "bob", "wrong")
        assert process.wait(timeout=10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""


@pytest.mark.parametrize("columns", [40, 80, 140])
def test_on_a_terminal_a_line_is_a_line(home: str, columns: int) -> None:
    """In colours, and cut to what is there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with started("--home", home, output=theirs) as process:
        os.close(theirs)
        shown = b""
        while piece := _read(ours):
            shown += piece
        assert process.wait(timeout=10) == 0
    os.close(ours)
    lines = shown.decode().splitlines()

    assert len(lines) == 2
    assert "\x1b[" in lines[1]
    assert _bare(lines[1]).startswith("09:") == (columns < 100)
    assert all(len(_bare(line)) <= columns for line in lines)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side is closed
        return b""


def _bare(line: str) -> str:
    """Give a line without its colours."""
    first, *rest = line.split("\x1b[")
    return first + "".join(part.partition("m")[2] for part in rest)
