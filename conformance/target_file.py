"""The description of a target as a file: target.toml."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from conformance.rulebook import CAPABILITIES
from conformance.target import LAUNCH_FIELDS, BadTarget, Description, Launch, Login

_KEYS: Final = frozenset(
    {
        *("url", "ca", "control", "token", "logins", "burnable", "capabilities", "restart"),
        *("launch", "representative"),
    }
)
_LAUNCH: Final = frozenset({"portal", "sub_portal", "path", "fields"})


def from_toml(path: Path, url: str | None = None) -> Description:
    """Read a `target.toml`; `url` overrides the one in it; a relative `ca` lies beside it.

    Raises:
        BadTarget: unreadable, an unknown key or capability, or no URL.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read: {error}"
        raise BadTarget(msg) from error
    wrong = [f"unknown key {key!r}" for key in sorted(told.keys() - _KEYS)]
    claimed = frozenset(told.get("capabilities", CAPABILITIES))
    wrong.extend(f"unknown capability {name!r}" for name in sorted(claimed - CAPABILITIES.keys()))
    if not (url or told.get("url")):
        wrong.append("no url")
    if wrong:
        msg = f"{path}: {'; '.join(wrong)}"
        raise BadTarget(msg)
    return Description(
        url=url or told["url"],
        ca=path.parent / told["ca"] if "ca" in told else None,
        control=told.get("control"),
        token=told.get("token", ""),
        logins=_logins(told.get("logins", ())),
        burnable=_one_login(told, "burnable"),
        capabilities=claimed,
        restart=tuple(told.get("restart", ())),
        launch=_launch(told["launch"]) if "launch" in told else None,
        representative=_one_login(told, "representative"),
    )


def _launch(told: Mapping[str, Any]) -> Launch:
    if not {"portal", "sub_portal"} <= told.keys() <= _LAUNCH:
        msg = (
            "[launch] has portal, sub_portal, path (if it is another) and fields (if there are "
            f"more); not {sorted(told)}"
        )
        raise BadTarget(msg)
    texts = {name: str(text) for name, text in told.items() if name != "fields"}
    return Launch(**texts, fields=_fields(told.get("fields", {})))


def _fields(told: object) -> Mapping[str, str]:
    if not isinstance(told, dict) or told.keys() & LAUNCH_FIELDS:
        msg = f"[launch.fields] has names and values, none of {', '.join(sorted(LAUNCH_FIELDS))}"
        raise BadTarget(msg)
    return {str(name): str(text) for name, text in told.items()}


def _one_login(told: Mapping[str, Any], name: str) -> Login | None:
    return _logins([told[name]])[0] if name in told else None


def _logins(rows: Sequence[Mapping[str, Any]]) -> tuple[Login, ...]:
    try:
        return tuple(Login(row["username"], row["password"]) for row in rows)
    except (KeyError, TypeError) as error:
        msg = "a login needs a username and a password"
        raise BadTarget(msg) from error


def with_options(
    description: Description, ca: Path | None, control: str | None, token: str | None
) -> Description:
    """Let what was said on the command line come before what a file says."""
    return replace(
        description,
        ca=ca or description.ca,
        control=control or description.control,
        token=token if token is not None else description.token,
    )
