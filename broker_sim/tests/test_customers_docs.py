"""docs/customers.md and docs/rate.md: what stands there is done as it stands there."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from broker_sim.__main__ import main
from broker_sim.testing import RunningBroker, running_broker

JSON: Final = {"Accept": "application/json"}
_DOCS: Final = Path(__file__).parents[2] / "docs"
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str, kind: str) -> list[str]:
    text = (_DOCS / page).read_text(encoding="utf-8")
    return [block for found, block in _BLOCK.findall(text) if found == kind]


@pytest.fixture
def broker() -> Iterator[RunningBroker]:
    with running_broker(seed=7) as running:
        yield running


def curl(command: str, broker: RunningBroker) -> requests.Response:
    """Do what a curl command says, at this broker."""
    for said, meant in (
        ("https://localhost:8443", broker.url),
        ("http://localhost:8444", broker.control_url),
        ("$TOKEN", broker.control_token),
    ):
        command = command.replace(said, meant)
    program, *words = shlex.split(command.replace("\\\n", " "))
    assert program == "curl"
    given: dict[str, list[str]] = {}
    urls = []
    rest = iter(words)
    for word in rest:
        if word.startswith("-"):
            given.setdefault(word, []).append(next(rest))
        else:
            urls.append(word)
    (url,) = urls
    given.pop("--cacert", None)  # this broker speaks plain HTTP
    headers = dict(line.split(": ", 1) for line in given.pop("-H", []))
    form = [pair.split("=", 1) for pair in given.pop("--data-urlencode", [])]
    data: Any = form or given.pop("-d", [""])[0]
    headers.setdefault("Content-Type", "application/x-www-form-urlencoded")  # as curl does
    method = given.pop("-X", ["POST"])[0]
    assert not given
    return requests.request(method, url, headers=headers, data=data, timeout=10)


def test_the_commands_of_the_customers_page_do_what_it_says(broker: RunningBroker) -> None:
    """PORTAL-1, PORTAL-2: a launch gives the JSON that is shown; form and branding are set so."""
    launch, form, branding = blocks("customers.md", "sh")
    (shown,) = blocks("customers.md", "json")
    answer = curl(launch, broker)
    assert answer.status_code == 201
    found = answer.json()
    expected = json.loads(shown)
    assert {**found, "links": {}} == {**expected, "links": {}}
    assert found["links"].keys() == expected["links"].keys()

    told = curl(form, broker)
    assert told.status_code == 200
    assert [field["name"] for field in told.json()["fields"]] == ["Name", "Asset", "Site"]
    assert told.json()["masked"] == ["trainee@example.com"]

    assert curl(branding, broker).json()["colour"] == "#d4006a"
    page = requests.get(f"{broker.url}/h/{broker.logins[0][0]}", timeout=10).text
    assert "What can we do for you today?" in page
    assert "Mondays to Fridays" in page


def test_the_launch_of_a_smart_match_is_as_the_page_says(broker: RunningBroker) -> None:
    """PORTAL-6: who is there stands in the JSON; nobody else can be picked."""
    url, token = f"{broker.control_url}/_sim/portals", broker.control_token
    wanted = {"name": "match", "username": "api", "password": "Swordfish-1"}
    headers = {"Authorization": f"Bearer {token}"}
    made = requests.post(
        url, json={**wanted, "portalType": "SmartMatch"}, headers=headers, timeout=10
    )
    assert made.json()["portalType"] == "SmartMatch"
    told = requests.get(f"{broker.url}/h/match", headers=JSON, timeout=10).json()
    assert told["representatives"] == []

    ask = {"Portal": "match", "Name": "Eva", "Question": "?", "Representative": "a@example.com"}
    refused = requests.post(f"{broker.url}/ds/queryPost.flow", ask, headers=JSON, timeout=10)
    assert refused.status_code == 400
    assert "not logged on and available" in refused.json()["problems"][0]


def test_every_address_of_the_customers_page_is_there(broker: RunningBroker) -> None:
    """PORTAL-1: none is made up."""
    table = (_DOCS / "customers.md").read_text(encoding="utf-8").partition("## What a launch")[0]
    paths = re.findall(r"`(/[^`]*)`", table.partition("| URL | what |")[2].partition("\n\n")[0])

    assert len(paths) == 8
    for path in paths:
        url = broker.url + path.replace("PORTAL", broker.logins[0][0])
        assert requests.get(url, timeout=10).status_code in {200, 400, 404}
        assert "There is nothing at this path" not in requests.get(url, timeout=10).text


def test_the_options_of_the_rate_page_are_options(capsys: pytest.CaptureFixture[str]) -> None:
    """RATE-1: each is told by the help."""
    (script,) = blocks("rate.md", "sh")
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    help_text = capsys.readouterr().out

    options = set(re.findall(r"--[a-z-]+", script))
    assert options == {"--rate", "--burst", "--no-rate"}
    assert all(option in help_text for option in options)
