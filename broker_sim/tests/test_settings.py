"""What a broker is started with: a wrong value stops the start, and every mistake is named."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from broker_sim.__main__ import main
from broker_sim.settings import Settings, default_home
from broker_sim.tests.stores import url_of
from broker_sim.tests.worlds import world

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a port": ({"port": 70_000}, "--port"),
    "a port below": ({"port": -1}, "--port"),
    "the control port": ({"control_port": 65_536}, "--control-port"),
    "a host": ({"host": ""}, "--host"),
    "sessions": ({"sessions": -1}, "--sessions"),
    "days": ({"days": 0}, "--days"),
    "more days than a calendar has": ({"days": 10**6}, "--days"),
    "requests": ({"live_per_hour": -0.5}, "--live"),
    "no number of requests": ({"live_per_hour": float("nan")}, "--live"),
    "endless requests": ({"live_per_hour": float("inf")}, "--live"),
    "a rate": ({"rate": -1}, "--rate"),
    "hardly any rate": ({"rate": 0.001}, "--rate"),
    "no number of calls": ({"rate": float("nan")}, "--rate"),
    "endless calls": ({"rate": float("inf")}, "--rate"),
    "a burst": ({"burst": 0}, "--burst"),
    "a seed": ({"seed": -1}, "--seed"),
    "an address": ({"base_url": "broker.example"}, "--base-url"),
    "an address to ask": ({"base_url": "https://broker.example/?a"}, "--base-url"),
    "a token": ({"control": True, "token": ""}, "--token"),
    "a time without zone": ({"frozen_at": datetime(2030, 1, 1)}, "--frozen-at"),  # noqa: DTZ001  that is the mistake
    "a time before all": ({"frozen_at": datetime(1, 1, 1, tzinfo=UTC)}, "--frozen-at"),
    "a time behind all": ({"frozen_at": datetime(9999, 1, 1, tzinfo=UTC)}, "--frozen-at"),
}


@pytest.mark.parametrize(("given", "named"), WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_named_by_its_option(
    tmp_path: Path, given: dict[str, Any], named: str
) -> None:
    """A sentence that says which, before anything is opened."""
    with pytest.raises(ValueError, match=named):
        Settings(home=tmp_path, **given)


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    """Nobody has to start five times to find five mistakes."""
    with pytest.raises(ValueError, match="--port") as wrong:
        Settings(home=tmp_path, port=-1, days=0, sessions=-5, seed=-1, host="")

    for named in ("--port", "--days", "--sessions", "--seed", "--host"):
        assert named in str(wrong.value)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"port": 65_535, "control_port": 0, "sessions": 0, "days": 1, "live_per_hour": 0.01},
        {"rate": 0, "burst": 1},
        {"rate": 0.01, "burst": 10**6},
        {"seed": 2**64, "base_url": "https://broker.example:1/x/", "host": "::1"},
        {"control": True, "token": "t", "frozen_at": datetime(2030, 1, 1, tzinfo=UTC)},
    ],
)
def test_right_values_are_taken(tmp_path: Path, given: dict[str, Any]) -> None:
    """The edges are inside."""
    assert Settings(home=tmp_path, **given).home == tmp_path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port", "70000"], "--port"),
        (["--store", "nonsense"], "no URL of a database"),
        (["--store", "sqlite:////nowhere/at/all.db"], "cannot be opened"),
        (["--days", "0", "--seed", "-3"], "--days"),
    ],
)
def test_the_command_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """Exit 2, one line, no stack trace."""
    code = main(["serve", "--home", str(tmp_path), *arguments])

    problem = capsys.readouterr().err
    assert (code, problem.count("\n")) == (2, 1)
    assert problem.startswith("broker-sim: ")
    assert said in problem


def test_a_token_is_not_shown_by_accident(tmp_path: Path) -> None:
    """REC-7: settings may stand in a message."""
    assert "hush" not in repr(Settings(home=tmp_path, token="hush"))


@pytest.mark.parametrize(
    ("environment", "home"),
    [
        ({"BROKER_SIM_HOME": "/a", "XDG_DATA_HOME": "/b"}, Path("/a")),
        ({"BROKER_SIM_HOME": "", "XDG_DATA_HOME": "/b"}, Path("/b/broker-sim")),
        ({}, Path.home() / ".local/share/broker-sim"),
    ],
)
def test_the_home_is_the_user_s_own(environment: dict[str, str], home: Path) -> None:
    """Nobody has to choose a path by hand."""
    assert default_home(environment) == home


def test_a_base_address_may_end_in_a_slash(tmp_path: Path) -> None:
    """REC-5: links have one slash behind it."""
    with world(base_url="https://broker.example/x/") as hands:
        number = hands.finished()
        hands.act("record", sessionId=number)
        url = hands.call("getSession", session_id=number).files[0].url

    assert url.startswith("https://broker.example/x/recordings/")


@pytest.mark.parametrize("kind", ["file", "postgresql"])
def test_a_world_made_for_tests_cannot_be_served_later(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SEC-1: its password hashes are cheap, whoever opens the store."""
    with url_of(kind) as url:
        with world(tmp_path, store=url):
            pass

        where = ["--home", str(tmp_path), "--store", url]
        code = main(["serve", *where, "--port", "0", "--http"])

    assert code == 2
    assert "made for tests" in capsys.readouterr().err
    assert not (tmp_path / "env.json").exists()
