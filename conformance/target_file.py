"""The description of a target as a file, target.toml, and the names of what it lends."""

import tomllib
from collections.abc import Mapping
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
_TEXTS: Final = ("url", "ca", "control", "token")
_LISTS: Final = ("capabilities", "restart")
_LOGINS: Final = ("burnable", "representative")


def from_toml(path: Path, url: str | None = None) -> Description:
    """Read a `target.toml`; `url` overrides the one in it; a relative `ca` lies beside it.

    Raises:
        BadTarget: unreadable, a key or capability that there is not, a value of another kind, or
            no URL.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read: {error}"
        raise BadTarget(msg) from error
    wrong = _mistakes(told, url)
    if wrong:
        msg = f"{path}: {'; '.join(wrong)}"
        raise BadTarget(msg)
    claimed = frozenset(told.get("capabilities", CAPABILITIES))
    return Description(
        url=url or told["url"],
        ca=path.parent / told["ca"] if "ca" in told else None,
        control=told.get("control"),
        token=told.get("token", ""),
        logins=tuple(Login(**row) for row in told.get("logins", ())),
        burnable=_one_login(told, "burnable"),
        capabilities=claimed,
        restart=tuple(told.get("restart", ())),
        launch=_launch(told["launch"]) if "launch" in told else None,
        representative=_one_login(told, "representative"),
    )


def _mistakes(told: Mapping[str, Any], url: str | None) -> list[str]:
    """Name all that is wrong; what a value says is not repeated, for it may be a secret."""
    wrong = [f"unknown key {key!r}" for key in sorted(told.keys() - _KEYS)]
    wrong += [f"{key} is no text" for key in _TEXTS if not isinstance(told.get(key, ""), str)]
    lists = {key: told[key] for key in _LISTS if key in told}
    wrong += [f"{key} is no list of texts" for key, each in lists.items() if not _texts(each)]
    if _texts(told.get("capabilities")):
        strange = sorted(set(told["capabilities"]) - CAPABILITIES.keys())
        wrong += [f"unknown capability {name!r}" for name in strange]
    logins = told.get("logins", [])
    if not (isinstance(logins, list) and all(map(_is_login, logins))):
        wrong.append("each of [[logins]] needs a username and a password, both texts, and no more")
    wrong += [
        f"[{key}] needs a username and a password, both texts, and no more"
        for key in _LOGINS
        if key in told and not _is_login(told[key])
    ]
    if not isinstance(told.get("launch", {}), dict):
        wrong.append("launch is no table")
    return wrong if url or told.get("url") else [*wrong, "no url"]


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_login(row: object) -> bool:
    if not isinstance(row, dict) or row.keys() != {"username", "password"}:
        return False
    return all(isinstance(text, str) for text in row.values())


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
    return Login(**told[name]) if name in told else None


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


def lent_names(described: Description) -> dict[str, str]:
    """Give what is lent, by the names that a history has for it: `user-1`, `password-1`, ..."""
    lent = {1: None, 2: None, 3: described.burnable, 4: described.representative}
    lent |= dict(enumerate(described.logins[:2], 1))
    known = {number: each for number, each in lent.items() if each is not None}
    users = {f"user-{number}": each.username for number, each in known.items()}
    return users | {f"password-{number}": each.password for number, each in known.items()}
