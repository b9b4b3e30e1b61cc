"""Files that are written from the contract: the WSDL documents and the manual's rules chapter.

`broker-sim contract` writes them; a test compares them with what lies in the checkout.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from broker_sim.bootstrap import exports
from broker_sim.bootstrap.services_page import services
from broker_sim.contract import ENDPOINTS
from broker_sim.control import app
from broker_sim.soap.wsdl import published

# Stands where a running broker writes its own address.
PLACEHOLDER: Final = "https://broker.example"
_HEAD: Final = "<!-- Written by `broker-sim contract` from broker_sim/contract/. Do not edit. -->\n"

_ABOUT_RULES: Final = (
    "# The rules\n\n"
    "Contract {version}: what the broker promises and what a good client owes it. A rule that is"
    " built has the same id in the code that keeps it and the property that checks it; one of the"
    " broker's also in the broken brokers that the property must catch."
    " `broker-conformance explain ID` finds them.\n\n"
    "Source: {sources}.\n\n"
    '"Not yet" marks what this simulator, or this client, does not do or not wholly do.'
)


def files() -> Mapping[str, bytes]:
    """Give every generated file by its path in a checkout."""
    made: dict[str, bytes] = {}
    for endpoint in ENDPOINTS:
        soap11, soap12 = published(endpoint, PLACEHOLDER)
        made[f"fixtures/contract/{endpoint.name}.wsdl"] = soap11
        made[f"fixtures/contract/{endpoint.name}12.wsdl"] = soap12
    made["docs/world.schema.json"] = f"{json.dumps(exports.schema(), indent=2)}\n".encode()
    made["docs/control.openapi.json"] = f"{json.dumps(app.published(), indent=2)}\n".encode()
    made["docs/rules.md"] = _rules().encode()
    made["docs/services.md"] = f"{_HEAD}\n{services()}".encode()
    return made


def write(root: Path) -> Sequence[Path]:
    """Write the files below `root`; give the paths of those that changed."""
    changed = []
    for name, content in files().items():
        path = root / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            changed.append(path)
    return changed


def check(root: Path) -> Sequence[Path]:
    """Give the paths below `root` that are missing or not what the contract says."""
    return [
        root / name
        for name, content in files().items()
        if not (root / name).exists() or (root / name).read_bytes() != content
    ]


def rules() -> Sequence[Mapping[str, Any]]:
    """Give every requirement, in the order of the file."""
    found: Sequence[Mapping[str, Any]] = _requirements()["rule"]
    return found


def _requirements() -> Mapping[str, Any]:
    text = resources.files("broker_sim.contract").joinpath("requirements.toml").read_text("utf-8")
    return tomllib.loads(text)


def _rules() -> str:
    told = _requirements()
    sources = "; ".join(f"{name} {what}" for name, what in told["sources"].items())
    lines = [_HEAD, _ABOUT_RULES.format(version=told["version"], sources=sources)]
    for chapter, found in groupby(rules(), key=lambda rule: rule["chapter"]):
        lines += [
            "",
            f"## {chapter}",
            "",
            "| id | level | rule | source | |",
            "|---|---|---|---|---|",
        ]
        lines += [_rule(rule) for rule in found]
    return "\n".join(lines) + "\n"


def _rule(rule: Mapping[str, Any]) -> str:
    state = "" if rule.get("built", True) else "not yet"
    cells = (rule["id"], rule["level"], rule["sentence"], rule["source"], state)
    return f"| {' | '.join(cells)} |"
