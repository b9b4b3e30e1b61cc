"""The manual agrees with the programs: commands, calls, acts, settings, links."""

import re
import shlex
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

from broker_sim.control.app import create_app
from broker_sim.testing import running_broker

_CHECKOUT: Final = Path(__file__).parents[2]
_PAGES: Final = {
    str(path.relative_to(_CHECKOUT)): path.read_text(encoding="utf-8")
    for path in (*_CHECKOUT.glob("*.md"), *_CHECKOUT.glob("*/*.md"), *_CHECKOUT.glob("*/*/*.md"))
    if path.relative_to(_CHECKOUT).parts[0] != "mutants"  # a copy that mutmut leaves
    if not path.relative_to(_CHECKOUT).parts[0].startswith(".")
}
# The manual speaks of all three programs, which may not import each other: named, not imported.
_PARSERS: Final = {
    "broker-sim": ("broker_sim.__main__", "_parser"),
    "broker-client": ("integration.commands.line", "parser"),
    "broker-conformance": ("conformance.__main__", "_parser"),
    "python -m conformance.mutants clients": ("conformance.mutants.client_table", "_parser"),
    "python -m conformance.mutants references": ("conformance.mutants.references", "_parser"),
    "python -m conformance.mutants": ("conformance.mutants.__main__", "_parser"),
}
_INLINE: Final = re.compile(rf"`((?:{'|'.join(_PARSERS)}) [^`\n]+)`")


def _commands() -> list[tuple[str, str]]:
    found = []
    for page, text in _PAGES.items():
        whole = text.replace("\\\n", " ")
        in_blocks = re.findall(r"^```sh\n(.*?)^```$", whole, re.MULTILINE | re.DOTALL)
        lines = [line for block in in_blocks for line in block.splitlines()]
        lines += _INLINE.findall(whole)
        found += [(page, line) for line in lines if line.startswith(tuple(_PARSERS))]
    return found


@pytest.mark.parametrize(("page", "command"), _commands())
def test_a_command_is_understood(page: str, command: str) -> None:
    """Its program knows the words and options, whatever stands for names and places."""
    program = next(each for each in _PARSERS if command.startswith(each))
    module, name = _PARSERS[program]
    parser: Callable[[], ArgumentParser] = getattr(import_module(module), name)
    words = shlex.split(command.removeprefix(program), comments=True)
    words = words[: words.index(">")] if ">" in words else words
    if words[:1] == ["as"]:
        return  # a broken broker takes the broker's own words

    parser().parse_args(words)


@pytest.mark.parametrize("page", _PAGES)
def test_a_link_leads_somewhere(page: str) -> None:
    """Every link to a file of the checkout."""
    folder = (_CHECKOUT / page).parent
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", _PAGES[page])

    assert [link for link in links if not (folder / link).exists()] == []


def test_every_page_is_in_the_index() -> None:
    """docs/README.md."""
    pages = {Path(page).name for page in _PAGES if page.startswith("docs/")} - {"README.md"}

    assert pages <= set(re.findall(r"\]\((\w[\w-]*\.md)\)", _PAGES["docs/README.md"]))


def test_the_calls_of_the_control_api_are_those_of_the_page() -> None:
    """docs/control.md: no call is missing, none is made up."""
    told = set(re.findall(r"^\| `([A-Z/]+) (/_sim/\S+)`", _PAGES["docs/control.md"], re.MULTILINE))
    with running_broker() as broker:
        app = create_app(broker.worlds, "token")
    made = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}
        if rule.rule.startswith("/_sim") and not rule.rule.startswith("/_sim/worlds/<world>/")
    }

    assert told == made


def test_the_acts_are_those_of_the_page() -> None:
    """docs/control.md: no act is missing, none is made up."""
    table = _PAGES["docs/control.md"].partition("## Acts")[2]
    rows = re.findall(r"^\| (`.*?`) \| `", table, re.MULTILINE)
    told = {act for row in rows for act in re.findall(r"`(\w+)`", row)}
    with running_broker() as broker:
        assert told == broker.tester.acts.table.keys()


def test_the_example_of_a_lockout_runs_as_it_stands(tmp_path: Path) -> None:
    """docs/control.md, LOGON-3: three refusals, a locked login, and five minutes later it opens."""
    example = re.findall(
        r"^```python\n(.*?)^```$", _PAGES["docs/control.md"], re.MULTILINE | re.DOTALL
    )
    file = tmp_path / "example.py"
    file.write_text("".join(example), encoding="utf-8")
    said = subprocess.run(
        [sys.executable, file], cwd=_CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.splitlines()

    assert len(said) == 5
    assert "locked. Try again in 300 seconds" in said[3]
    assert said[4].startswith("open again: ")


def test_the_description_of_a_target_is_read_as_it_stands(tmp_path: Path) -> None:
    """docs/conformance.md: the suite takes every key; so it does of a baseline."""
    examples = re.findall(
        r"^```toml\n(.*?)^```$", _PAGES["docs/conformance.md"], re.MULTILINE | re.DOTALL
    )
    target, baseline = (tmp_path / name for name in ("target.toml", "baseline.toml"))
    for file, example in zip((target, baseline), examples, strict=True):
        file.write_text(example, encoding="utf-8")
    described = import_module("conformance.target_file").from_toml(target)
    excused = import_module("conformance.verdict").read_baseline(baseline, ("LOGON-5",))

    assert described.burnable.username == "third"
    assert described.restart
    assert excused["LOGON-5"].startswith("ticket 7")


def test_every_picture_is_shown_and_small() -> None:
    """What no page shows is left over; what is large makes every clone slow."""
    shown = {name for text in _PAGES.values() for name in re.findall(r"images/([\w-]+\.png)", text)}
    there = {path.name: path.stat().st_size for path in (_CHECKOUT / "docs/images").iterdir()}

    assert there.keys() == shown - {"NAME.png"}
    assert max(there.values()) < 150_000
