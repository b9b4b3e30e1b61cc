"""The import rules of pyproject.toml: an offence against each of them is seen."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

_CHECKOUT: Final = Path(__file__).parents[2]
_PACKAGES: Final = ("broker_sim", "integration", "conformance")

# A contract -> the module that sins, and what it imports.
_OFFENCES: Final[Mapping[str, tuple[str, str]]] = {
    "The two programs share the wire and nothing else": (
        "integration.errors",
        "broker_sim.contract.limits",
    ),
    "Broker: shells call service, service asks core, core speaks contract": (
        "broker_sim.service.login",
        "broker_sim.soap.gate",
    ),
    "Client: commands run pipelines, pipelines put wire, ledger and sinks together": (
        "integration.ledger.view",
        "integration.wire.soap",
    ),
    "Rules are pure: no clock, chance, disk, net, thread, log or framework": (
        "broker_sim.core.retention",
        "time",
    ),
    "Suites see the promise, never the insides": ("conformance.model", "broker_sim.core.lockout"),
    "The door for those who embed a broker has four users": (
        "conformance.runner",
        "broker_sim.testing.running",
    ),
    "What is installed needs nothing that lies beside it in a checkout": (
        "broker_sim.settings",
        "bench",
    ),
    "spyne lives in one module": ("broker_sim.soap.wsdl", "spyne"),
    "Flask lives in the web and control shells": ("broker_sim.front.wsgi", "flask"),
    "SQLAlchemy and the blob store live in the adapters and the sinks": (
        "broker_sim.service.sessions",
        "sqlalchemy",
    ),
    "Faker freezes names, and never runs": ("broker_sim.synthetic.company", "faker"),
    "XML is parsed at the wire": ("broker_sim.synthetic.diagnostics", "lxml"),
    "The client calls out from its wire only": ("integration.pipeline.carry", "requests"),
    "Ciphers: the vault, the certificates, and two readers that know neither": (
        "integration.sinks.archive",
        "cryptography",
    ),
    "pytest is for the plugin and for tests": ("broker_sim.testing.running", "pytest"),
    "Browsers are driven by tests": ("broker_sim.testing.running", "playwright"),
    "Examples are drawn by tests and suites": ("integration.core.backoff", "hypothesis"),
}
# A module that no layer names -> the beginning of the contract that must say so.
_UNNAMED: Final = {"broker_sim.utils": "Broker: ", "integration.utils": "Client: "}


def _sin(checkout: Path, module: str, imported: str) -> None:
    file = checkout / f"{module.replace('.', '/')}.py"
    with file.open("a", encoding="utf-8") as source:
        source.write(f"\nimport {imported}\n")


def _told(checkout: Path) -> Mapping[str, str]:
    """Give what the linter says of each contract that is broken in that checkout."""
    told = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    titled = re.split(r"\n([^\n]+)\n-+\n", told.partition("\nBroken contracts\n")[2])
    return dict(zip(titled[1::2], titled[2::2], strict=True))


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Give what is said of a checkout that sins against every contract."""
    checkout = tmp_path_factory.mktemp("checkout")
    shutil.copy(_CHECKOUT / "pyproject.toml", checkout)
    no_caches = shutil.ignore_patterns("__pycache__")
    for package in _PACKAGES:
        shutil.copytree(_CHECKOUT / package, checkout / package, ignore=no_caches)
    for module, imported in _OFFENCES.values():
        _sin(checkout, module, imported)
    for module in _UNNAMED:
        _sin(checkout, module, "json")
    return _told(checkout)


def test_every_contract_has_an_offence_here() -> None:
    """A contract that nobody tried is only a sentence."""
    with (_CHECKOUT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]

    assert {contract["name"] for contract in contracts} == _OFFENCES.keys()


@pytest.mark.parametrize("contract", _OFFENCES)
def test_an_offence_is_seen_and_named(contract: str, broken: Mapping[str, str]) -> None:
    """The report names the module that sins and what it imports."""
    module, imported = _OFFENCES[contract]

    assert f" {module} -> {imported} (l." in broken[contract]


@pytest.mark.parametrize("module", _UNNAMED)
def test_nobody_opens_a_room_on_the_quiet(module: str, broken: Mapping[str, str]) -> None:
    """The layers are exhaustive: a new module has to be given its place."""
    told = next(said for name, said in broken.items() if name.startswith(_UNNAMED[module]))

    assert f"- {module}\n" in told
