"""What the control API tells, for people to read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

_Told: TypeAlias = Mapping[str, Any]


def clock(told: _Told) -> str:
    """Show a clock."""
    return f"{told['now']} ({told['mode']})"


def worlds(told: Sequence[_Told]) -> str:
    """Show worlds, a line each, in columns."""
    rows = [("world", "seed", "sessions", "time", "url")]
    rows += [
        (one["name"], str(one["seed"]), str(one["sessions"]), clock(one["clock"]), one["url"])
        for one in told
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = [[text.ljust(width) for text, width in zip(row, widths, strict=True)] for row in rows]
    return "\n".join("  ".join(row).rstrip() for row in padded)


def world(told: _Told) -> str:
    """Show one world: where it is, its time, its services and logins."""
    lines = [
        f"world {told['name']} at {told['url']}",
        f"  seed {told['seed']}, {told['sessions']} sessions, {clock(told['clock'])}",
        "",
    ]
    lines += [f"  {name:<10} {urls['wsdl']}" for name, urls in told["services"].items()]
    lines.append("")
    for portal in told["portals"]:
        lines += [
            f"  portal {portal['name']}: user {login['username']}, password {login['password']}"
            for login in portal["logins"]
        ]
    return "\n".join(lines)


def snapshot(told: _Told) -> str:
    """Show a snapshot."""
    return f"{told['name']}  taken at {told['taken']}  {told['bytes']} bytes"


def exported(told: _Told) -> str:
    """Show an export: the document, or where it was written."""
    if "file" in told:
        return f"world {told['world']} is in {told['file']}"
    return json.dumps(told, ensure_ascii=False)
