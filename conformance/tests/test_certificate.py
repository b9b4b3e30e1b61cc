"""What one publishes: a folder whose parts fit each other, and say how to have it again."""

import gzip
import hashlib
import json
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance import contracts
from conformance.__main__ import main
from conformance.report import badge
from conformance.report.again import judged_again
from conformance.rulebook import rules, version
from conformance.run import CHOSEN, Run
from conformance.tests.small_broker import TOKEN, small_broker
from conformance.verdict import Result, Verdict

SCHEMA = json.loads(
    (resources.files("conformance.report") / "schema.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of the small broker, of two rules."""
    place = tmp_path_factory.mktemp("certificate")
    with small_broker() as url:
        words = ["broker", url, "--control", url, "--token", TOKEN, "--quiet", "--seed", "5"]
        wanted = ["--rule", "UPD-4", "--rule", "LOGON-1", "--certify", str(place)]
        assert main([*words, *wanted, "--examples", "3"]) == 0
    return place


def _told(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def test_every_file_is_as_its_digest_says(folder: Path) -> None:
    """Whoever gets the folder checks it with a tool that is everywhere."""
    done = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=folder, check=True, capture_output=True, text=True
    )
    named = {line.partition(":")[0] for line in done.stdout.splitlines()}
    assert named == {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
    (folder / "badge.svg").write_text((folder / "badge.svg").read_text() + " ", encoding="utf-8")
    digest = hashlib.sha256((folder / "badge.svg").read_bytes()).hexdigest()
    assert digest not in (folder / "SHA256SUMS").read_text(encoding="utf-8")


def test_it_says_what_was_judged_with_what_and_how_to_do_it_again(folder: Path) -> None:
    """Seed, examples, text of the rules, versions, and what the suite catches."""
    told = _told(folder, "certificate.json")
    assert (told["verdict"], told["kind"], told["seed"]) == ("CONFORMANT", "broker", 5)
    assert told["rules"] == ["LOGON-1", "UPD-4"]
    assert told["contractVersion"] == version()
    assert told["contract"] == contracts.read(version()).digest
    assert told["power"]["caught"] == told["power"]["wrong"] > 200
    assert set(told["versions"]) == {"broker-sim", "hypothesis", "python"}
    assert told["again"] == (
        f"broker-conformance broker {told['target']} --control {told['target']} --token TOKEN "
        f"--rule LOGON-1 --rule UPD-4 --contract {version()} --examples 3 --seed 5"
    )
    assert (told["notApplicable"], told["expectedFailures"]) == ([], {})
    assert told["again"] in (folder / "README.txt").read_text(encoding="utf-8")


def test_every_exchange_is_written_down_without_what_is_secret(folder: Path) -> None:
    """REC-7: as many as there were; no body, no query, no pass of a page."""
    lines = gzip.decompress((folder / "exchanges.jsonl.gz").read_bytes()).splitlines()
    told = [json.loads(line) for line in lines]
    assert [each["number"] for each in told] == [*range(1, len(told) + 1)]
    assert len([each for each in told if each["operation"] == "logon"]) > 5
    assert not [each for each in told if "?" in each["path"] or "password" in str(each).lower()]


def test_a_report_is_as_its_schema_says(folder: Path, tmp_path: Path) -> None:
    """Of a broker that conforms and of one that does nothing right, and of a client."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    judge = jsonschema.Draft202012Validator(SCHEMA)
    judge.validate(_told(folder, "report.json"))
    report = tmp_path / "report.json"
    with small_broker() as url:
        lacking = ["--rule", "LOGON-3", "--rule", "MON-1", "--quiet", "--json", str(report)]
        assert main(["broker", url, *lacking]) == 2
    judge.validate(_told(tmp_path, "report.json"))
    with pytest.raises(jsonschema.ValidationError):
        judge.validate({**_told(tmp_path, "report.json"), "exit": 9})


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (Result.PASS, "conformant: core"),
        (Result.FAIL, "not conformant: core"),
        (Result.NOT_TESTABLE, "incomplete: core"),
        (Result.HARNESS_ERROR, "no verdict: core"),
    ],
)
def test_a_badge_says_no_more_than_the_verdict(result: Result, words: str) -> None:
    """In words, not by its colour alone; whatever the target is called, it is an XML document."""
    verdicts = (Verdict(rules()["LOGON-1"], result),)
    run = Run("<b>&", "core", 7, 20, "abc", "0.1", clock=True, seconds=1.5, verdicts=verdicts)
    picture = ET.fromstring(badge.written(run))
    assert words in picture.attrib["aria-label"]
    assert words in [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize(
    ("profile", "results", "words"),
    [
        ("core", (Result.PASS, Result.XFAIL), "conformant, 1 expected failure: core"),
        ("full", (Result.PASS, Result.NOT_APPLICABLE), "conformant: 1 of 2 rules of full"),
        (CHOSEN, (Result.PASS,), "conformant: 1 chosen rule"),
    ],
)
def test_a_badge_tells_what_its_verdict_leaves_out(
    profile: str, results: tuple[Result, ...], words: str
) -> None:
    """Who excuses failures, or claims next to nothing, is not seen as one who keeps all rules."""
    verdicts = tuple(
        Verdict(rule, result, ("ticket 7",))
        for rule, result in zip(rules().values(), results, strict=False)
    )
    run = Run("b", profile, 7, 20, "abc", "0.1", clock=True, seconds=1.5, verdicts=verdicts)
    picture = badge.written(run)
    assert words in ET.fromstring(picture).attrib["aria-label"]
    assert ("#1b7a3d" in picture) == (Result.XFAIL not in results)


def test_a_client_s_verdict_is_had_again_with_its_adapter_and_its_rules() -> None:
    run = Run(
        *("node my.mjs", CHOSEN, 7, 5, "abc", "0.1"),
        clock=False,
        seconds=1.5,
        verdicts=(Verdict(rules()["C-LOCK-1"], Result.PASS),),
        kind="client",
        how="--adapter my.toml",
    )
    assert judged_again(run) == (
        "broker-conformance client --adapter my.toml --rule C-LOCK-1 --contract 0.1 --seed 7 "
        "-- node my.mjs"
    )
    whole = judged_again(replace(run, profile="full", how=""))
    assert whole.startswith("broker-conformance client --profile full ")
