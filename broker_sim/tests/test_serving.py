"""The served broker: what it says, what it keeps, how it stops."""

import json
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from broker_sim.bootstrap import serving
from broker_sim.settings import Settings
from broker_sim.tests.served import served

ENVELOPE = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
    '<logon xmlns="urn:broker-sim:v1"><username>{}</username><password>{}</password></logon>'
    "</e:Body></e:Envelope>"
)


def logon(told: dict[str, Any], password: str | None = None) -> str:
    """Log on by SOAP over TLS; give the answer's text."""
    login = next(iter(told["logins"].values()))[0]
    body = ENVELOPE.format(login["username"], password or login["password"])
    url = told["services"]["Sessions"]["endpoint"]
    headers = {"Content-Type": "text/xml"}
    return requests.post(url, body, headers=headers, verify=told["caFile"], timeout=10).text


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command of broker-sim to its end."""
    return subprocess.run(
        [sys.executable, "-m", "broker_sim", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_it_says_where_it_is_and_tls_is_on(tmp_path: Path) -> None:
    """SEC-1: https by default, with a CA of its own; env.json is its owner's alone."""
    with served(tmp_path, "--port", "0") as told:
        path = tmp_path / "env.json"
        said = json.loads(command("env", "--home", str(tmp_path), "--json").stdout)
        shown = command("env", "--home", str(tmp_path)).stdout

        assert told["baseUrl"].startswith("https://127.0.0.1:")
        assert "<connectionId>" in logon(told)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert said["services"] == told["services"]
        assert told["caFile"] in shown
        assert told["representatives"][0]["password"] in shown
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(told["baseUrl"], timeout=10)
    assert not path.exists()
    gone = command("env", "--home", str(tmp_path))
    assert (gone.returncode, "broker-sim serve" in gone.stderr) == (3, True)


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_cleanly(tmp_path: Path, name: signal.Signals) -> None:
    """Ctrl-C leaves nothing broken: exit 0, the port free, no env.json."""
    with served(tmp_path, "--port", "0", "--live", "3600") as told:
        process = told["process"]
        process.send_signal(name)
        _, errors = process.communicate(timeout=15)

    assert (process.returncode, errors) == (0, "")
    assert not (tmp_path / "env.json").exists()


def test_a_second_start_goes_on(tmp_path: Path) -> None:
    """LOGON-6: a lock outlives the process, killed or not; so do seed, portals and sessions."""
    with served(tmp_path, "--port", "0", "--seed", "4") as told:
        for _ in range(3):
            assert "InvalidCredentials" in logon(told, "wrong")
        told["process"].kill()
        told["process"].wait(10)
    with served(tmp_path, "--port", "0", "--seed", "9") as again:
        locked = logon(again)

    assert again["logins"] == told["logins"]
    assert again["seed"] == 4
    assert again["caSha256"] == told["caSha256"]
    assert "<code>LockedOut</code>" in locked


def test_a_busy_port_is_stepped_over(tmp_path: Path) -> None:
    """Nobody has to choose a port by hand."""
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with served(tmp_path, "--port", str(port), "--store", "memory", "--http") as told:
            chosen = int(told["baseUrl"].rpartition(":")[2])

    assert port < chosen < port + 50
    assert told["baseUrl"].startswith("http://")
    assert told["caFile"] is None


def test_the_control_door_is_off_unless_asked_for(tmp_path: Path) -> None:
    """The tester's door has a port and a token of its own."""
    with served(tmp_path, "--port", "0", "--store", "memory") as told:
        assert told["controlUrl"] is None
    more = ("--control", "--control-port", "0")
    with served(tmp_path, "--port", "0", "--store", "memory", *more) as told:
        headers = {"Authorization": f"Bearer {told['controlToken']}"}
        url = f"{told['controlUrl']}/_sim/clock"

        assert requests.get(url, headers=headers, timeout=10).json()["mode"] == "real"
        assert len(told["controlToken"]) == 32


def test_a_world_made_for_tests_is_not_served(tmp_path: Path) -> None:
    """SEC-1: served mode refuses the cheap password hash."""
    with pytest.raises(ValueError, match="made for tests"):
        serving.serve(Settings(home=tmp_path, for_tests=True))


@pytest.mark.parametrize("arguments", [["serve", "--port", "x"], ["dance"], []])
def test_wrong_usage_is_told(arguments: list[str]) -> None:
    """A wrong command line ends with 2 and says how it is used."""
    done = command(*arguments)

    assert done.returncode == 2
    assert "usage: broker-sim" in done.stderr


def test_an_instant_that_is_none_is_told_with_one_that_is() -> None:
    """A person is told how to write it, not what our function is called."""
    told = command("serve", "--frozen-at", "tomorrow").stderr

    assert "'tomorrow' is no instant like 2030-01-15T09:00Z" in told


@pytest.mark.parametrize("name", ["serve", "env", "contract"])
def test_every_help_has_an_example(name: str) -> None:
    """Help texts show an example each."""
    assert "examples:\n  broker-sim " in command(name, "--help").stdout


def test_the_generated_files_are_what_the_contract_says() -> None:
    """One contract gives the WSDL and the manual; `broker-sim contract` writes them anew."""
    root = Path(__file__).parents[2]
    done = command("contract", "--check", "--root", str(root))

    assert (done.stdout, done.returncode) == ("", 0)


def test_drift_is_found_and_mended(tmp_path: Path) -> None:
    """A generated file that was changed by hand is named, and written anew."""
    command("contract", "--root", str(tmp_path))
    rules = tmp_path / "docs" / "rules.md"
    rules.write_text("by hand", encoding="utf-8")
    found = command("contract", "--check", "--root", str(tmp_path))
    command("contract", "--root", str(tmp_path))

    assert (found.returncode, str(rules) in found.stdout) == (1, True)
    assert command("contract", "--check", "--root", str(tmp_path)).returncode == 0
