"""Whole clients before the suite: the reference, and one in another language."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from conformance.__main__ import main
from conformance.verdict import Exit

_ROOT: Final = Path(__file__).parents[2]
_REFERENCE: Final = (sys.executable, "-m", "integration")
_NODE: Final = _ROOT / "examples" / "node-client"


def _judge(*words: str, client: tuple[str, ...], adapter: str = "plain") -> int:
    given = ["client", "--quiet", "--seed", "7", "--adapter", adapter, *words, "--", *client]
    return main(given)


def test_the_reference_stores_what_it_is_to_store() -> None:
    """C-STORE-1, C-STORE-3: the quick rules stand for all; `slow` has the rest."""
    rules = ("--rule", "C-STORE-1", "--rule", "C-STORE-3")

    assert _judge(*rules, client=_REFERENCE, adapter="broker-client") == Exit.CONFORMANT


@pytest.mark.slow(minutes=3)
def test_the_reference_passes_everything() -> None:
    """Every C-rule."""
    assert shutil.which("faketime"), "install faketime: a schedule is watched by it"

    code = _judge("--profile", "full", client=_REFERENCE, adapter="broker-client")

    assert code == Exit.CONFORMANT


@pytest.mark.foreign
def test_a_client_in_node_passes_the_core() -> None:
    """The WSDL, the manual and the protocol are enough to write one in another language."""
    install = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    done = subprocess.run(install, cwd=_NODE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    assert _judge(client=("node", str(_NODE / "client.mjs"))) == Exit.CONFORMANT
