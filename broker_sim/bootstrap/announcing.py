"""Where a served broker is: on its home's `env.json`, and on standard output."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from broker_sim.core.management import ROLE_NAMES, Role


def announce(told: Mapping[str, Any], path: Path, *, as_json: bool) -> None:
    """Write the environment into its file and say it, for people or on one line of JSON."""
    _write_private(path, json.dumps(told, indent=2, ensure_ascii=False))
    line = json.dumps(told, ensure_ascii=False) if as_json else described(told)
    print(line, flush=True)  # noqa: T201  the command's answer


def withdraw(path: Path) -> None:
    """Delete what `announce` wrote; nobody else writes there while this broker serves."""
    path.unlink(missing_ok=True)


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    aside = path.with_suffix(".tmp")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    aside.replace(path)


def described(told: Mapping[str, Any]) -> str:
    """Give the environment for people to read."""
    lines = [f"broker-sim answers at {told['baseUrl']}", ""]
    for name, urls in told["services"].items():
        lines += [f"  {name:<10} {urls['wsdl']}", f"  {'':<10} {urls['wsdl12']}"]
    lines.append("")
    for portal, logins in told["logins"].items():
        lines += [
            f"  portal {portal}: user {login['username']}, password {login['password']}"
            for login in logins
        ]
    first, *others = told["representatives"]
    lines.append(
        f"  representative {first['username']} and {len(others)} more: password {first['password']}"
    )
    lines += [
        f"  {_within(ROLE_NAMES[Role(one['role'])])} {one['username']}: password {one['password']}"
        for one in told["managers"]
    ]
    lines += ["", f"  managers   {told['managerUrl']}"]
    if told["caFile"]:
        lines += ["", f"  CA file    {told['caFile']}", f"  SHA-256    {told['caSha256']}"]
    if told["controlUrl"]:
        lines += [
            "",
            f"  control    {told['controlUrl']}/_sim/world",
            f"  token      {told['controlToken']}",
            f"  simulator  {told['simulatorUrl']}",
        ]
    return "\n".join(lines)


def _within(name: str) -> str:
    """Give a name as it is written within a sentence: an abbreviation stays as it is."""
    return name if name[:2].isupper() else name[:1].lower() + name[1:]
