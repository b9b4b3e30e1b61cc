"""Versions of the contract: a verdict is about the rules of one, whatever came since."""

import re
import shutil
from pathlib import Path

import pytest

import conformance.contracts.__main__ as writing
from conformance import contracts
from conformance.__main__ import main
from conformance.contracts import FOLDER, Contract, read, versions
from conformance.rulebook import rules, version
from conformance.tests.small_broker import TOKEN, small_broker
from conformance.verdict import Exit, Result, Verdict


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with the versions that there are, to be changed."""
    return Path(shutil.copytree(FOLDER, tmp_path / "contracts"))


def _older(folder: Path, *changes: tuple[str, str]) -> Contract:
    """Give today's version as an older one, 0.0, with some of it otherwise."""
    text = (FOLDER / f"{version()}.toml").read_text(encoding="utf-8")
    for was, now in changes:
        text, count = re.subn(was, now, text)
        assert count
    (folder / "0.0.toml").write_text(text, encoding="utf-8")
    return read("0.0", folder)


def test_the_newest_version_has_the_rules_of_today() -> None:
    """Who changes a rule or a profile writes it anew; once released, as another version."""
    newest = versions()[-1]

    assert newest == version()
    text = (FOLDER / f"{newest}.toml").read_text(encoding="utf-8")
    assert text == writing.written(released=read(newest).released), (
        "the rules or profiles are others: `python -m conformance.contracts`"
    )


@pytest.mark.parametrize("name", versions())
def test_no_rule_of_any_version_lost_its_id(name: str) -> None:
    """What a published verdict names can be looked up for good."""
    contract = read(name)

    assert set(contract.said) <= set(rules())
    assert set(contract.said) == {
        rule for sets in contract.profiles.values() for ids in sets.values() for rule in ids
    }


def test_versions_are_in_the_order_of_their_numbers(folder: Path) -> None:
    for name in ("0.10", "0.9", "1.0"):
        shutil.copy(folder / "0.1.toml", folder / f"{name}.toml")

    assert versions(folder) == ("0.1", "0.9", "0.10", "1.0")


def test_a_rule_that_came_later_is_not_judged(folder: Path) -> None:
    """Else a broker that was conformant is not so any more, by a rule that nobody had told it."""
    then = _older(folder, ('    "UPD-4",\n', ""))

    assert "UPD-4" in read(version()).chosen("broker", "core")
    assert "UPD-4" not in then.chosen("broker", "core")
    assert "UPD-4" not in then.chosen("broker", "full")
    assert "REC-1" in then.chosen("broker", "full")
    with pytest.raises(ValueError, match=r"UPD-4: not judged under contract 0\.0"):
        then.chosen("broker", "core", ("UPD-3", "UPD-4"))


def test_profiles_are_those_of_the_version(folder: Path) -> None:
    """For clients, too; the rules stand in the order of their file."""
    then = _older(folder, (r'(    "C-NET-1",\n    "C-SCHED-1",\n)', ""))

    assert then.chosen("client", "core") == read(version()).chosen("client", "core")
    assert then.chosen("client", "full")[-1:] == ("C-MULTI-1",)
    assert then.chosen("broker", "core", ("SESS-1", "LOGON-1")) == ("LOGON-1", "SESS-1")


def test_a_rule_with_another_text_is_not_testable(folder: Path) -> None:
    """The suite of today knows the text of today; a verdict on another would be none."""
    then = _older(folder, ('UPD-3 = ".*"', 'UPD-3 = "000000000000"'))
    ids = then.chosen("broker", "core", ("UPD-2", "UPD-3", "UPD-4"))

    assert then.unchanged(ids) == ("UPD-2", "UPD-4")
    judged = [Verdict(rules()[rule], Result.PASS) for rule in ("UPD-2", "UPD-4")]
    told = then.whole(ids, judged)
    assert [each.result for each in told] == [Result.PASS, Result.NOT_TESTABLE, Result.PASS]
    assert told[1].why == ("it says something else since contract 0.0: judge by the suite of then",)


def test_the_digest_is_of_rules_profiles_and_texts(folder: Path) -> None:
    """Two verdicts with one digest are about the same; a comment changes nothing."""
    same = _older(folder, ("# Once it is released", "# Once it was released"))
    fewer = _older(folder, ('    "UPD-4",\n', ""))
    other = _older(folder, ('UPD-3 = ".*"', 'UPD-3 = "000000000000"'))
    again = _older(folder, ("# Once it is released", "# As"))

    assert same.digest == again.digest
    assert len({each.digest for each in (read(version()), same, fewer, other)}) == 4


def test_what_is_released_is_not_written_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / f"{version()}.toml"
    path.write_text("released = false\n[broker]\n[client]\n[said]\n", encoding="utf-8")

    assert writing.main([], folder) == 0
    assert path.read_text(encoding="utf-8") == writing.written()
    assert writing.main(["--release"], folder) == 0
    assert writing.main([], folder) == 1
    assert "needs another `version`" in capsys.readouterr().out
    assert path.read_text(encoding="utf-8") == writing.written(released=True)


def test_a_run_is_about_the_version_that_was_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """UPD-4 has another text today: incomplete, and the reason is told; the head names both."""
    then = _older(folder, ('UPD-4 = ".*"', 'UPD-4 = "000000000000"'))
    monkeypatch.setattr(contracts, "read", lambda _version: then)
    with small_broker() as url:
        asked = ["broker", url, "--control", url, "--token", TOKEN, "--quiet", "--rule", "UPD-4"]
        assert main(asked) == Exit.INCOMPLETE

    out = capsys.readouterr().out
    assert f"contract 0.0 ({then.digest})" in out
    assert "since contract 0.0" in out


def test_an_unknown_version_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("broker", "client"):
        with pytest.raises(SystemExit) as ended:
            main([kind, "--contract", "9.9"])
        assert ended.value.code == Exit.USAGE
        assert f"'{version()}'" in capsys.readouterr().err
    with pytest.raises(ValueError, match=r"no contract '9\.9'"):
        read("9.9")
