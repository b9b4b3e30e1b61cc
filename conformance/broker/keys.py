"""REC-2, REC-3, REC-4, REC-7, REC-8: what is sealed, under which keys, and who gets them."""

from typing import Any, Final

from hypothesis import strategies as st

from broker_sim.contract import recording
from conformance import vault  # noqa: F401  # its verbs are used by name
from conformance.bench import RIGHT, Bench
from conformance.broker.recordings import NAMES, recorded
from conformance.caller import Outcome, spellings
from conformance.cases import Case
from conformance.desk import DONE, Desk
from conformance.hands import Hands, verb
from conformance.passive import leaked_secret
from conformance.patterns import (
    Anything,
    Between,
    Holding,
    Not,
    OneOf,
    Pattern,
    Unordered,
    fault,
    gives,
)
from conformance.properties import judges

_SCREENS: Final = ("remoteScreen{}.g2a", "localScreen{}.g2a")
_SEALED: Final[list[Pattern]] = ["sealed"]
_FIRST, _SECOND = "correct horse battery", "staple ünïcode 7"
# What is easily changed unseen: letters of both cases, blanks around, more bytes than a column or
# a hash takes, letters that another normal form or an older character set would not keep.
_ODD: Final = f"  Ünï ﬁ Ⅷ {'Łong ' * 20}END "


def set_key(desk: Desk, passphrase: str | None) -> int:
    """Set the portal's security key, or take it away; give the new key's version."""
    path = ["portals", desk.place.portal, "security-key"]
    body = None if passphrase is None else {"passphrase": passphrase}
    method = "DELETE" if passphrase is None else "PUT"
    outcome = desk.bench.do("control", method=method, path=path, body=body)
    desk.bench.expect("REC-4", {**DONE, "keyVersion": Between(0, 2**31)})
    if passphrase is not None:
        desk.bench.hands.target.caller.secrets.add(passphrase)
    version: int = outcome["keyVersion"]
    return version


def open_all(desk: Desk, case: Case, passphrase: str | None) -> Outcome:
    """Download and open all files of a session."""
    return desk.bench.do(
        "open_files",
        connection_id=desk.connection,
        session_id=case.id,
        passphrase=passphrase,
    )


_REC_2: Final = ("screens are sealed without a security key", "with one, chat and diagnostics too")


@judges({"REC-2": _REC_2}, exactly=2)
def screens_are_always_sealed(bench: Bench, data: st.DataObject) -> None:
    """REC-2: screens always; with a security key set, chat and diagnostics as well."""
    with_key = data.draw(st.booleans(), label="with a security key")
    desk = Desk(bench, bench.place())
    if with_key:
        set_key(desk, _FIRST)
    open_all(desk, recorded(desk), _FIRST if with_key else None)
    either: Pattern = OneOf((_SEALED, ["clear"]))
    wanted: dict[str, Pattern] = {"RemoteScreen": _SEALED, "LocalScreen": _SEALED}
    for channel in ("Chat", "Diagnostics"):
        wanted[channel] = _SEALED if with_key else either
    bench.expect("REC-2", gives(wanted), case=_REC_2[with_key])


@judges({"REC-3": tuple(f"{name}: every damage is noticed" for name in _SCREENS)}, exactly=2)
def every_damage_is_noticed(bench: Bench, data: st.DataObject) -> None:
    """REC-3: bits, ends, order and swaps: whatever is changed, the file does not open."""
    name = data.draw(st.sampled_from(_SCREENS), label="file")
    desk = Desk(bench, bench.place())
    case, other = recorded(desk), recorded(desk)
    bench.do(
        "damage_file",
        connection_id=desk.connection,
        session_id=case.id,
        other_id=other.id,
        name=name,
    )
    wanted = {"tried": Between(10, 100), "unnoticed": []}
    bench.expect("REC-3", gives(wanted), case=f"{name}: every damage is noticed")


_WRONG_KEY: Final[list[Pattern]] = [Holding("does not open")]
_REC_4: Final = (
    "the right key opens",
    "another key fails cleanly",
    "a later key does not open older files",
    "a later key opens later files",
    "files first asked for after a change open under the key they were recorded under",
    "without a key the default key opens later files",
    "a key of all kinds of letters opens, each of them counted",
)


@judges({"REC-4": _REC_4}, exactly=1)
def a_key_opens_what_was_recorded_under_it(bench: Bench, data: st.DataObject) -> None:
    """REC-4: each key opens what was recorded while it was set, and nothing else."""
    del data
    desk = Desk(bench, bench.place())
    set_key(desk, _FIRST)
    old, unasked = recorded(desk), recorded(desk)
    _screens(desk, old, _FIRST, _SEALED, "the right key opens")
    _screens(desk, old, _FIRST + "?", _WRONG_KEY, "another key fails cleanly")
    set_key(desk, _SECOND)
    new = recorded(desk)
    _screens(desk, new, _SECOND, _SEALED, "a later key opens later files")
    _screens(desk, unasked, _FIRST, _SEALED, _REC_4[4])
    _screens(desk, old, _SECOND, _WRONG_KEY, "a later key does not open older files")
    _screens(desk, old, _FIRST, _SEALED, "the right key opens")
    set_key(desk, _ODD)
    _screens(desk, recorded(desk), _ODD, _SEALED, _REC_4[6])
    set_key(desk, None)
    last = recorded(desk)
    _screens(desk, last, None, _SEALED, "without a key the default key opens later files")


def _screens(
    desk: Desk, case: Case, passphrase: str | None, said: list[Pattern], case_name: str
) -> None:
    open_all(desk, case, passphrase)
    wanted = {"RemoteScreen": said, "LocalScreen": said}
    desk.bench.expect("REC-4", gives(wanted), case=case_name)


_REC_8: Final = (
    "each file has keys of its own",
    "each file carries what opens it",
    "the default key is handed out",
    "a key made from a security key is not",
    "a new key never re-wraps old files",
    "each version's own key is handed out",
)


@judges({"REC-8": _REC_8}, exactly=1)
def each_file_has_keys_of_its_own(bench: Bench, data: st.DataObject) -> None:
    """REC-8: own data keys and key ids; default keys are handed out, made ones never."""
    del data
    desk = Desk(bench, bench.place())
    cases = [recorded(desk), recorded(desk)]
    ids = [case.id for case in cases]
    bench.do("compare_keys", connection_id=desk.connection, session_ids=ids)
    nothing = {"keys_shared": 0, "wrapped_keys_shared": 0, "salts_shared": 0}
    more = {"key_ids_wrong": 0, "clear_files_with_keys": 0}
    wanted = {"sealed": Between(4, 12), **nothing, **more}
    bench.expect("REC-8", gives(wanted), case="each file has keys of its own")
    old = _carried(desk, cases[0], recording.KDF_DEFAULT_KEY)
    version = old[0]["key_version"]
    outcome = bench.call("getDefaultKey", connection_id=desk.connection, key_version=version)
    key = {"key_version": version, "key": Anything("16 bytes")}
    bench.expect("REC-8", gives(key), case="the default key is handed out")
    made = set_key(desk, _FIRST)
    bench.call("getDefaultKey", connection_id=desk.connection, key_version=made)
    refused = fault("SecurityKeyRequired", key_version=made)
    bench.expect("REC-8", refused, case="a key made from a security key is not")
    _carried(desk, recorded(desk), recording.KDF_SECURITY_KEY)
    _hand_out(desk, version, outcome["gives"]["key"], set_key(desk, None))
    desk.read(cases[0])
    same = tuple({name: file[name] for name in _CARRIED} for file in old)
    files = {"files": Unordered((*same, *[Anything()] * (len(NAMES) - len(same))))}
    bench.expect("REC-8", gives(files), case="a new key never re-wraps old files")


def _hand_out(desk: Desk, old: int, key: bytes, new: int) -> None:
    """Hold that a version's key stays what it was, and that a new version has another."""
    for version, wanted in (
        (old, {"key_version": old, "key": key}),
        (new, {"key_version": new, "key": Not(key)}),
    ):
        desk.bench.call("getDefaultKey", connection_id=desk.connection, key_version=version)
        desk.bench.expect("REC-8", gives(wanted))
    desk.bench.passed("REC-8", "each version's own key is handed out")


_CARRIED: Final = ("name", "size", "sha256", "wrapped_key", "key_version", "kdf")


def _carried(desk: Desk, case: Case, kdf: str) -> list[dict[str, Any]]:
    """Hold what the screens of a session carry; give them."""
    outcome = desk.bench.call("getSession", connection_id=desk.connection, session_id=case.id)
    maybe = OneOf((None, Anything()))
    salt: Pattern = Anything("a salt") if kdf == recording.KDF_SECURITY_KEY else maybe
    carried = {
        "encrypted": True,
        "wrapped_key": Anything("a wrapped key"),
        "key_version": Between(0, 2**31),
        "kdf": kdf,
        "kdf_salt": salt,
    }
    files = (outcome.get("gives") or {}).get("files", [])
    wanted = [carried if file["name"].endswith(".g2a") else Anything() for file in files]
    desk.bench.expect("REC-8", gives({"files": wanted}), case="each file carries what opens it")
    return [file for file in files if file["name"].endswith(".g2a")]


@verb
def search_journal(hands: Hands, /, *, secrets: list[str], keys: list[bytes]) -> Outcome:
    """Read the whole journal and tell how often a secret stands in it, in any spelling."""
    wanted = {*secrets, *(spelling for key in keys for spelling in spellings(key))}
    after, entries, found = 0, 0, 0
    while True:
        page = hands.control("GET", ["journal"], query={"after": after, "limit": 500})
        if not isinstance(page.get("entries"), list):
            return page
        if not page["entries"]:
            return {"status": 200, "entries": entries, "secrets": found}
        for entry in page["entries"]:
            entries += 1
            found += leaked_secret(repr(entry).encode("utf-8", "replace"), wanted)
        after = page["next"]


@judges({"REC-7": ("not in the journal", "not in a fault")}, exactly=1)
def keys_never_show(bench: Bench, data: st.DataObject) -> None:
    """REC-7: after keys were set, used and handed out, neither journal nor fault has them."""
    del data
    desk = Desk(bench, bench.place())
    case = recorded(desk)
    desk.read(case)
    old = _version(bench)
    outcome = bench.call("getDefaultKey", connection_id=desk.connection, key_version=old)
    bench.expect("REC-8", gives({"key": Anything("16 bytes")}))
    key: bytes = outcome["gives"]["key"]
    version = set_key(desk, _SECOND)
    bench.do(
        "learn_key", connection_id=desk.connection, session_id=recorded(desk).id, passphrase=_SECOND
    )
    bench.expect("REC-8", gives({"learnt": True}))
    bench.call("getDefaultKey", connection_id=desk.connection, key_version=version)
    bench.expect("REC-8", fault("SecurityKeyRequired"))
    bench.passed("REC-7", "not in a fault")
    bench.do("search_journal", secrets=[_SECOND, RIGHT], keys=[key])
    wanted = {"status": 200, "entries": Between(3, 10**9), "secrets": 0}
    bench.expect("REC-7", wanted, case="not in the journal")


def _version(bench: Bench) -> int:
    """Give the key version of the first sealed file in the session just read."""
    files = (bench.history.steps[-1].outcome.get("gives") or {}).get("files", [])
    return next((file["key_version"] for file in files if file["encrypted"]), 1)
