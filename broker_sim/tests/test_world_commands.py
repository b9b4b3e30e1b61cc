"""`broker-sim world ...`: what people and scripts do to worlds from a terminal."""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from broker_sim.__main__ import main
from broker_sim.commands.worlds import COMMANDS
from broker_sim.testing import RunningBroker, running_broker

Say = Callable[..., str]
_DONE: Final = 0


@pytest.fixture
def server() -> Iterator[RunningBroker]:
    with running_broker(seed=5, sessions=4) as running:
        yield running


@pytest.fixture
def say(
    server: RunningBroker, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Say:
    """Type a command; give what it prints."""

    def said(line: str, code: int = _DONE) -> str:
        door = ["--url", server.control_url, "--token", server.control_token]
        given = shlex.split(line.removeprefix("broker-sim "))
        assert main([*given, *door]) == code, capsys.readouterr().err
        out, errors = capsys.readouterr()
        assert errors == "" or code
        return out or errors

    return said


def told(say: Say, line: str) -> Any:
    return json.loads(say(f"{line} --json"))


def test_a_world_is_made_shown_and_dropped(say: Say, server: RunningBroker) -> None:
    """By name or by number, beside the default one."""
    shown = say("world new blue --seed 3 --sessions 6 --days 20 --now 2031-02-03T04:05")
    numbered = told(say, "world new")
    listed = say("world list").splitlines()
    again = say("world show blue")
    dropped = say(f"world drop blue {numbered['name']}")

    assert shown == again
    assert f"world blue at {server.url}/w/blue\n  seed 3, 6 sessions, 2031-02-03T04:05:00" in shown
    assert f"{server.url}/w/blue/services/Sessions?wsdl" in shown
    assert re.search(r"portal \S+: user \S+, password \S+", shown)
    assert [line.split()[0] for line in listed] == ["world", "default", "blue", numbered["name"]]
    assert dropped.split() == ["dropped", "blue", "dropped", numbered["name"]]
    assert [world["name"] for world in told(say, "world list")] == ["default"]


def test_what_json_says_is_what_the_control_api_says(say: Say, server: RunningBroker) -> None:
    """A script reads the same as a program that calls the API."""
    shown = told(say, "world show")

    assert shown["seed"] == 5
    assert shown["services"]["Sessions"]["wsdl"] == server.wsdl_url
    assert (shown["name"], shown["sessions"]) == ("default", 4)


@pytest.mark.parametrize(
    ("by", "now"),
    [
        ("90s", "2030-01-15T09:01:30.000Z"),
        ("1.5m", "2030-01-15T09:01:30.000Z"),
        ("1d12h", "2030-01-16T21:00:00.000Z"),
        ("90d", "2030-04-15T09:00:00.000Z"),
        ("2030-01-15T10:00+01:00", "2030-01-15T09:00:00.000Z"),
        ("2030-02-01", "2030-02-01T00:00:00.000Z"),
    ],
)
def test_time_is_moved_by_a_span_or_to_an_instant(say: Say, by: str, now: str) -> None:
    """A zone is heeded; without one it is UTC."""
    assert told(say, f"world advance {by}") == {"mode": "frozen", "now": now}
    assert say("world clock") == f"{now} (frozen)\n"


def test_a_clock_is_set_in_the_world_that_is_named(say: Say, server: RunningBroker) -> None:
    """The mode stays where only the time is said; other worlds stay where they are."""
    say("world new blue")
    moved = say("world clock blue --now 2040-01-01")
    going = told(say, "world clock blue --mode shifted")
    say("world advance blue 1h")

    assert moved == "2040-01-01T00:00:00.000Z (frozen)\n"
    assert (going["mode"], going["now"][:16]) == ("shifted", "2040-01-01T00:00")
    assert told(say, "world clock blue")["now"][:16] == "2040-01-01T01:00"
    assert told(say, "world clock")["now"] == "2030-01-15T09:00:00.000Z"


def test_a_world_begins_anew(say: Say) -> None:
    """From another seed, with another number of sessions."""
    say("world new blue --seed 3")

    assert "seed 4, 7 sessions" in say("world reset blue --seed 4 --sessions 7")
    assert "seed 4, 0 sessions" in say("world reset blue")
    assert "seed 5, 4 sessions" in say("world show")


def test_a_second_snapshot_of_a_name_takes_the_place_of_the_first(say: Say) -> None:
    """What is restored is the world as it was when the name was given last."""
    say("world new blue --sessions 6")
    for step in ("snapshot blue --name here", "advance blue 90d", "snapshot blue --name here"):
        say(f"world {step}")
    say("world reset blue")
    say("world restore blue here")

    assert " 0 sessions" in say("world show blue")
    assert len(told(say, "world snapshots blue")) == 1


def test_a_world_is_kept_and_brought_back(say: Say) -> None:
    """With a name of one's own or a numbered one; the snapshot stays."""
    say("world new blue --seed 3 --sessions 6")
    kept = told(say, "world snapshot blue --name before")
    say("world snapshot blue")
    say("world advance blue 90d")
    emptied = say("world show blue")
    say("world restore blue before")

    assert "seed 3, 0 sessions, 2030-04-15" in emptied
    assert "seed 3, 6 sessions, 2030-01-15" in say("world show blue")
    assert [line.split()[0] for line in say("world snapshots blue").splitlines()] == [
        "before",
        "snapshot-2",
    ]
    assert kept in told(say, "world snapshots blue")
    assert say("world snapshots") == "no snapshots\n"


def test_a_world_goes_into_a_file_and_comes_out_as_another(say: Say, tmp_path: Path) -> None:
    """Its data, time and logins come along."""
    file = tmp_path / "blue.json"
    say("world new blue --seed 3 --sessions 6 --now 2031-02-03")

    assert say(f"world export blue --to {file}") == f"world blue is in {file}\n"
    assert json.loads(say("world export blue")) == json.loads(file.read_text())
    made = say(f"world import {file} --name green")
    assert made == say("world show blue").replace("blue", "green")
    file.write_text("{")
    assert f"{file} is no JSON" in say(f"world import {file}", 2)
    assert "/nowhere/at/all: No such file" in say("world import /nowhere/at/all", 2)


def test_calls_are_made_to_go_wrong(say: Say, server: RunningBroker) -> None:
    """A rule is said in words, listed with how often it struck, and removed."""
    say("world new blue")
    line = "operation=logon effect=status status=503 retryAfter=5 match.username=x times=2"
    added = told(say, f"world fault blue {line}")
    say("world fault blue effect=delay seconds=0.5 id=slow")
    listed = say("world fault blue").splitlines()

    assert added[0]["match"] == {"username": "x"}
    shown = 'fault-1  logon  status status=503 retryAfter=5 match={"username": "x"} times=2 '
    assert listed[0].startswith(shown)
    assert listed[0].endswith("fitted 0, struck 0")
    assert listed[1].startswith("slow  *  delay seconds=0.5")
    assert say("world fault") == "no fault rules\n"
    assert say("world fault blue --remove slow") == "removed 1\n"
    assert say("world fault blue --clear") == "removed 1\n"
    assert "NAME=VALUE" in say("world fault blue effect", 2)
    assert "'effect'" in say("world fault blue effect=dance", 1)


def test_answers_are_made_odd(say: Say) -> None:
    """All of it or by name; other worlds stay as they are."""
    say("world new blue")
    everything = told(say, "world hostile blue on")
    some = say("world hostile blue on --only shuffled --only cdata --seed 9")

    assert len(everything["provocations"]) > 2
    assert some == say("world hostile blue")
    assert re.fullmatch(r"hostile, seed 9: (cdata, shuffled|shuffled, cdata)\n", some)
    assert say("world hostile") == "the hostile profile is off\n"
    assert say("world hostile blue off") == "the hostile profile is off\n"
    assert "say on or off, not 'dance'" in say("world hostile blue dance", 2)
    assert "must be one of" in say("world hostile blue on --only dance", 1)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("world show nobody", "GET /_sim/worlds lists them"),
        ("world restore after", "there is no snapshot 'after'; there are: none yet"),
        ("world new BLUE", "'name' must"),
        ("world new --sessions 10000000", "'sessions' must be"),
        ("world drop default", "it can be reset"),
        ("world advance 2029-01-01", "time moves on"),
        ("world clock --now yesterday", "'now' must be an instant like"),
    ],
)
def test_a_refusal_ends_with_one_and_says_what_to_do(say: Say, line: str, hint: str) -> None:
    """One line, on standard error."""
    said = say(line, 1)

    assert said.startswith("broker-sim: ")
    assert hint in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "line", ["world", "world dance", "world advance", "world advance soon", "world drop"]
)
def test_wrong_usage_ends_with_two(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And shows how it is used."""
    with pytest.raises(SystemExit) as ended:
        main(shlex.split(line))

    assert ended.value.code == 2
    assert "usage: broker-sim world" in capsys.readouterr().err


def test_where_nobody_answers_it_ends_with_three(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script tells a broker that refuses from one that is not there."""
    with running_broker() as server:
        url = server.control_url
        assert main(["world", "list", "--url", url, "--token", "wrong"]) == 1
        assert "broker-sim env" in capsys.readouterr().err
    assert main(["world", "list", "--url", url]) == 3
    assert "no broker answers" in capsys.readouterr().err
    assert main(["world", "list", "--home", str(tmp_path)]) == 3
    assert "broker-sim serve" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_help_has_an_example(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """And every option of the door."""
    with pytest.raises(SystemExit) as ended:
        main(["world", command.name, "--help"])
    shown = capsys.readouterr().out

    assert ended.value.code == 0
    assert f"examples:\n  broker-sim world {command.name}" in shown
    assert all(option in shown for option in ("--home", "--url", "--token", "--json"))
