"""Verbs that open what a target has sealed, and that damage it first.

All ciphers are those of `conformance.sealed`; here is only what is compared with what.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from broker_sim.contract import recording
from conformance import sealed
from conformance.caller import Outcome, spellings
from conformance.hands import Hands, verb


class NotThere(Exception):  # noqa: N818  # told in words, not our error
    """A session, file or key cannot be had; carries the outcome that says so."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(str(outcome))
        self.outcome: Final = outcome


@cache
def _derived(passphrase: str, salt: bytes) -> bytes:
    """Derive a wrapping key; it is slow on purpose, so each is derived once."""
    return sealed.derive_kek(passphrase, salt)


def files_of(hands: Hands, connection_id: str, session_id: int) -> list[dict[str, Any]]:
    """Read a session and give its files.

    Raises:
        NotThere: it cannot be read.
    """
    outcome = hands.call("getSession", connection_id=connection_id, session_id=session_id)
    if not isinstance(outcome.get("gives"), dict):
        raise NotThere(outcome)
    files: list[dict[str, Any]] = outcome["gives"]["files"]
    return files


def wrapping_key(
    hands: Hands, connection_id: str, file: Mapping[str, Any], passphrase: str | None
) -> bytes:
    """Give the wrapping key of a file: derived from a passphrase, else the default key.

    Raises:
        NotThere: the broker does not hand it out.
    """
    if passphrase is not None:
        return _derived(passphrase, file["kdf_salt"] or b"")
    version = file["key_version"]
    outcome = hands.call("getDefaultKey", connection_id=connection_id, key_version=version)
    if not isinstance(outcome.get("gives"), dict):
        raise NotThere(outcome)
    key: bytes = outcome["gives"]["key"]
    return key


def opened(data: bytes, session_id: int, file: Mapping[str, Any], kek: bytes) -> bytes | str:
    """Open a sealed file: its text, or in one sentence why not."""
    key_id = recording.key_id(session_id, file["name"])
    try:
        return sealed.open_sealed(data, key_id, file["wrapped_key"] or b"", kek)
    except sealed.Damaged as damaged:
        return damaged.reason


def body_of(hands: Hands, file: Mapping[str, Any]) -> bytes:
    """Download a file.

    Raises:
        NotThere: the URL does not give it.
    """
    answer = hands.target.http.send("GET", file["url"])
    if answer.status != 200:
        raise NotThere({"broken": f"{file['name']}: HTTP {answer.status}"})
    return answer.body


@verb
def open_files(
    hands: Hands, /, *, connection_id: str, session_id: int, passphrase: str | None = None
) -> Outcome:
    """Download and open every file of a session; tell by channel what came of it."""
    found: dict[str, Any] = {}
    try:
        for file in files_of(hands, connection_id, session_id):
            said = _one_file(hands, connection_id, session_id, file, passphrase)
            found.setdefault(file["channel"], []).append(said)
    except NotThere as missing:
        return missing.outcome
    return {"gives": {name: sorted(set(said)) for name, said in found.items()}}


def _one_file(
    hands: Hands,
    connection_id: str,
    session_id: int,
    file: Mapping[str, Any],
    passphrase: str | None,
) -> str:
    body = body_of(hands, file)
    if not file["encrypted"]:
        return "clear"
    kek = wrapping_key(hands, connection_id, file, passphrase)
    text = opened(body, session_id, file, kek)
    if isinstance(text, str):
        return f"does not open: {text}"
    return "sealed" if text and text[:64] not in body else "not hidden"


@verb
def learn_key(hands: Hands, /, *, connection_id: str, session_id: int, passphrase: str) -> Outcome:
    """Derive the wrapping key of a session's files: from now on it may stand in no fault."""
    try:
        files = files_of(hands, connection_id, session_id)
    except NotThere as missing:
        return missing.outcome
    salts = {file["kdf_salt"] for file in files if file["kdf_salt"]}
    for salt in salts:
        hands.target.caller.secrets.update(spellings(_derived(passphrase, salt)))
    return {"gives": {"learnt": bool(salts)}}


_CUT: Final = recording.RECORD_BYTES


def _damages(body: bytes, head: int) -> dict[str, bytes]:
    """Give a body damaged in every way that applies; `head` is the length of its header."""
    middle = head + (len(body) - head) // 2
    made = {
        "a bit in the salt": _flipped(body, 3),
        "a bit in the record size": _flipped(body, 18),
        "a bit in the key id": _flipped(body, head - 1),
        "a bit in the first record": _flipped(body, head),
        "a bit in the middle": _flipped(body, middle),
        "a bit in the last tag": _flipped(body, len(body) - 1),
        "a byte less": body[:-1],
        "a byte more": body + b"\0",
        "half of it": body[:middle],
        "nothing but its header": body[:head],
        "empty": b"",
        "the last record twice": body + body[-min(_CUT, len(body) - head) :],
    }
    if len(body) - head > _CUT:
        first, second = body[head : head + _CUT], body[head + _CUT : head + 2 * _CUT]
        made["cut between records"] = body[: head + _CUT]
        made["records exchanged"] = body[:head] + second + first + body[head + 2 * _CUT :]
        made["a record left out"] = body[:head] + body[head + _CUT :]
    return made


def _flipped(body: bytes, place: int) -> bytes:
    return body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]


@verb
def damage_file(
    hands: Hands,
    /,
    *,
    connection_id: str,
    session_id: int,
    other_id: int,
    name: str,
    passphrase: str | None = None,
) -> Outcome:
    """Damage a sealed file in every way, and swap it with others; tell what went unnoticed.

    `name` is the contract's, with `{}` for the session.
    """
    try:
        file, body, kek = _fetched(hands, connection_id, session_id, name, passphrase)
        twin, other, _ = _fetched(hands, connection_id, other_id, name, passphrase)
    except NotThere as missing:
        return missing.outcome
    whole = opened(body, session_id, file, kek)
    if isinstance(whole, str):
        return {"broken": f"it does not open undamaged: {whole}"}
    head = recording.HEADER_BYTES_BEFORE_KEY_ID + body[recording.HEADER_BYTES_BEFORE_KEY_ID - 1]
    results = {how: opened(bad, session_id, file, kek) for how, bad in _damages(body, head).items()}
    results["another session's body"] = opened(other, session_id, file, kek)
    results["another session's file and key"] = opened(other, session_id, twin, kek)
    unnoticed = sorted(how for how, result in results.items() if isinstance(result, bytes))
    return {"gives": {"tried": len(results), "unnoticed": unnoticed}}


def _fetched(
    hands: Hands, connection_id: str, session_id: int, name: str, passphrase: str | None
) -> tuple[dict[str, Any], bytes, bytes]:
    wanted = name.format(session_id)
    for file in files_of(hands, connection_id, session_id):
        if file["name"] == wanted and file["encrypted"]:
            kek = wrapping_key(hands, connection_id, file, passphrase)
            return file, body_of(hands, file), kek
    raise NotThere({"broken": f"session {session_id} has no sealed file {wanted}"})


@verb
def compare_keys(
    hands: Hands,
    /,
    *,
    connection_id: str,
    session_ids: Sequence[int],
    passphrase: str | None = None,
) -> Outcome:
    """Look at every sealed file of some sessions; tell whether each has keys of its own."""
    salts, deks, wrapped, strays, bare = [], [], [], 0, 0
    try:
        for session_id in session_ids:
            for file in files_of(hands, connection_id, session_id):
                if not file["encrypted"]:
                    bare += file["wrapped_key"] is not None
                    continue
                dek, header = _opened_key(hands, connection_id, file, passphrase)
                strays += header.key_id != recording.key_id(session_id, file["name"]).encode()
                salts.append(header.salt)
                wrapped.append(file["wrapped_key"])
                deks.append(dek)
    except NotThere as missing:
        return missing.outcome
    except sealed.Damaged as damaged:
        return {"broken": damaged.reason}
    return {
        "gives": {
            "sealed": len(deks),
            "keys_shared": _repeated(deks),
            "wrapped_keys_shared": _repeated(wrapped),
            "salts_shared": _repeated(salts),
            "key_ids_wrong": strays,
            "clear_files_with_keys": bare,
        }
    }


def _opened_key(
    hands: Hands, connection_id: str, file: Mapping[str, Any], passphrase: str | None
) -> tuple[bytes, sealed.Header]:
    kek = wrapping_key(hands, connection_id, file, passphrase)
    header = sealed.read_header(body_of(hands, file))
    return sealed.unwrap_key(file["wrapped_key"] or b"", kek), header


def _repeated(values: Sequence[bytes]) -> int:
    return len(values) - len(set(values))
