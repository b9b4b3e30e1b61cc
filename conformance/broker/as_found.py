"""What can be judged of a target without a control API: its data as they are found.

By logins that `target.toml` lends. Nothing is made here, and no rule is proved whole; but
what is broken shows.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from hypothesis import strategies as st

from broker_sim.contract import limits
from conformance.bench import WRONG, Bench
from conformance.broker.listings import list_pages
from conformance.broker.recordings import AS_TOLD, NAMES
from conformance.broker.wire import VERSIONS
from conformance.caller import ON_A_CONNECTION, Outcome
from conformance.desk import follow
from conformance.hands import Hands, Missing, verb
from conformance.patterns import Anything, Between, OneOf, fault, gives, http
from conformance.properties import judges

_SPAN: Final = timedelta(days=89)
_SAMPLE: Final = 12


@dataclass(frozen=True, slots=True)
class Found:
    """A lent login's portal: a connection, and the range that holds its sessions."""

    connection: str
    range_: dict[str, Any]


def found(bench: Bench, number: int = 0) -> Found:
    """Log on with a lent login and look around.

    Raises:
        Missing: none is lent, or it has a live connection already.
    """
    logins = bench.hands.target.description.logins
    if len(logins) <= number:
        msg = "no logins are lent: name those of two portals in target.toml"
        raise Missing(msg)
    lent = logins[number]
    bench.history.names.update(
        {f"user-{number + 1}": lent.username, f"password-{number + 1}": lent.password}
    )
    outcome = bench.call("logon", username=lent.username, password=lent.password)
    if outcome.get("fault") == "AlreadyLoggedOn":
        msg = f"the lent login {lent.username} is logged on elsewhere"
        raise Missing(msg)
    connection: str = bench.expect("LOGON-1", gives(Anything("a connection")))["gives"]
    bench.lend(connection)
    bench.call("getPortal", connection_id=connection)
    portal = bench.expect("CONN-4", gives({"broker_time": Anything()}))["gives"]
    now = portal["broker_time"]
    range_ = {"connection_id": connection, "start": now - _SPAN, "end": now, "by": "Ended"}
    return Found(connection, range_)


@judges({"SESS-5": (), "SESS-1": (), "SESS-3": ()}, exactly=1)
def found_sessions_are_listed_and_sound(bench: Bench, data: st.DataObject) -> None:
    """SESS-5, SESS-1, SESS-3: pages of any size agree; times are in order; links are mutual."""
    del data
    place = found(bench)
    bench.do("compare_pages", limits=[1000, 7], **place.range_)
    agreed = {"doubles": 0, "same": True, "largest": Between(0, 1000)}
    bench.expect("SESS-5", gives(agreed), case="as found: pages of any size agree")
    bench.do("look_at_sessions", **place.range_)
    sound: dict[str, Any] = {"out_of_order": [], "wrong_minutes": [], "one_way": []}
    bench.expect("SESS-1", gives({**sound, "one_way": Anything()}), case="as found: times")
    bench.expect("SESS-3", gives(sound), case="as found: links")


@verb
def look_at_sessions(hands: Hands, /, **range_: Any) -> Outcome:
    """Read some sessions of a range; tell which have odd times, minutes or links."""
    listed = list_pages(hands, limit=None, **range_)
    if "gives" not in listed:
        return listed
    said: dict[str, list[int]] = {"out_of_order": [], "wrong_minutes": [], "one_way": []}
    for id_ in _sample(listed["gives"]["ids"]):
        read = _read(hands, range_["connection_id"], id_)
        if read is None:
            continue
        times = [read[name] for name in ("posted", "responded", "started", "ended")]
        known = [time for time in times if time is not None]
        if known != sorted(known):
            said["out_of_order"].append(id_)
        if read["started"] is not None and read["ended"] is not None:
            minutes = -((read["started"] - read["ended"]) // timedelta(minutes=1))
            if read["duration_minutes"] != minutes:
                said["wrong_minutes"].append(id_)
        heir = read["transferred_to"]
        other = None if heir is None else _read(hands, range_["connection_id"], heir)
        if heir is not None and (other is None or other["transferred_from"] != id_):
            said["one_way"].append(id_)
    return {"gives": said}


def _sample(ids: list[int]) -> list[int]:
    return ids[:: max(1, len(ids) // _SAMPLE)]


def _read(hands: Hands, connection: str, session_id: int) -> dict[str, Any] | None:
    outcome = hands.call("getSession", connection_id=connection, session_id=session_id)
    read = outcome.get("gives")
    return read if isinstance(read, dict) else None


@judges({"CONN-4": ()}, exactly=1)
def found_portals_do_not_mix(bench: Bench, data: st.DataObject) -> None:
    """CONN-4: with logins of two portals: neither lists or reads the other's sessions."""
    del data
    mine, theirs = found(bench), found(bench, 1)
    bench.do("list_pages", limit=None, **theirs.range_)
    ids = bench.expect("SESS-5", gives({"ids": Anything()}))["gives"]["ids"]
    bench.do("list_pages", limit=None, **mine.range_)
    own = bench.expect("SESS-5", gives({"ids": Anything()}))["gives"]["ids"]
    if not ids or set(ids) == set(own):
        msg = "the second lent login's portal holds no sessions of its own"
        raise Missing(msg)
    for id_ in _sample(ids):
        bench.call("getSession", connection_id=mine.connection, session_id=id_)
        bench.expect("CONN-4", fault("NoSuchSession"), case="as found: not read by the other")


@judges({"UPD-1": (), "UPD-4": ()}, exactly=1)
def found_log_is_whole_on_any_pages(bench: Bench, data: st.DataObject) -> None:
    """UPD-1, UPD-4: pages of any size give the same log, in growing order, and an end."""
    del data
    place = found(bench)
    bench.do("compare_log_pages", connection_id=place.connection, limits=[1000, 11])
    bench.expect(
        "UPD-1", gives({"same": True, "growing": True}), case="as found: pages of any size agree"
    )
    bench.call("getLastUpdateId", connection_id=place.connection)
    last = bench.expect("UPD-1", gives(Between(0, 2**63)))["gives"]
    bench.call("getUpdates", connection_id=place.connection, since=last + 1_000)
    bench.expect("UPD-4", fault("InvalidUpdateId"), case="as found: far too far")


@verb
def compare_log_pages(hands: Hands, /, *, connection_id: str, limits: list[int]) -> Outcome:
    """Read the newest part of the log with pages of several sizes; tell whether they agree."""
    last = hands.call("getLastUpdateId", connection_id=connection_id).get("gives")
    if not isinstance(last, int):
        return {"broken": "getLastUpdateId gives no number"}
    since, read = max(0, last - 200), []
    for limit in limits:
        outcome = follow(hands, connection_id=connection_id, since=since, limit=limit)
        if outcome.get("fault") == "UpdateExpired":
            since = outcome["fields"]["oldest_update_id"] - 1
            outcome = follow(hands, connection_id=connection_id, since=since, limit=limit)
        if "gives" not in outcome:
            return outcome
        read.append(outcome["gives"])
    same = all(each["ids"] == read[0]["ids"] for each in read)
    return {"gives": {"same": same, "growing": all(each["growing"] for each in read)}}


@judges({"REC-1": (), "REC-2": (), "REC-6": ()}, exactly=1)
def found_files_are_as_told(bench: Bench, data: st.DataObject) -> None:
    """REC-1, REC-2, REC-6: names, seals, sizes and digests of the files of a found session."""
    del data
    place = found(bench)
    bench.do("find_recorded", **place.range_)
    case = bench.expect("SESS-5", gives(Anything()))["gives"]
    if not case["files"]:
        msg = "no session with files was found in the lent login's portal"
        raise Missing(msg)
    number = case["session_id"]
    known = OneOf(tuple(name.format(number) for name in NAMES))
    files = [{"name": known, "encrypted": Anything()} for _ in case["files"]]
    bench.expect("REC-1", gives({"files": files}), case="as found: names")
    for file in case["files"]:
        bench.do("fetch_whole", url=file["url"], size=file["size"], sha256=file["sha256"])
        bench.expect("REC-6", AS_TOLD, case="as found: whole downloads")
    bench.do("open_files", connection_id=place.connection, session_id=number)
    sealed = {"RemoteScreen": ["sealed"], "LocalScreen": ["sealed"]}
    keyed = fault("SecurityKeyRequired")
    bench.expect("REC-2", gives(sealed), keyed, http(0), case="as found: screens are sealed")


@verb
def find_recorded(hands: Hands, /, **range_: Any) -> Outcome:
    """Find the newest session of a range that has both screens among its files."""
    listed = list_pages(hands, limit=None, **range_)
    if "gives" not in listed:
        return listed
    for id_ in reversed(listed["gives"]["ids"][-40:]):
        read = _read(hands, range_["connection_id"], id_)
        channels = [file["channel"] for file in (read or {"files": []})["files"]]
        if read is not None and {"LocalScreen", "RemoteScreen"} <= set(channels):
            return {"gives": {"session_id": id_, "files": read["files"]}}
    return {"gives": {"session_id": 0, "files": []}}


@judges({"WIRE-1": ()}, exactly=len(VERSIONS))
def found_answers_are_valid(bench: Bench, data: st.DataObject) -> None:
    """WIRE-1: every operation's answer about data as found is valid."""
    version = data.draw(st.sampled_from(VERSIONS), label="SOAP")
    place = found(bench)
    bench.call("getSessionIds", **place.range_, version=version)
    ids = bench.expect("WIRE-1", gives(Anything()))["gives"]
    more: dict[str, dict[str, Any]] = {
        "getSession": {"session_id": ids[-1] if ids else 1},
        "getSessionIds": {
            key: each for key, each in place.range_.items() if key != "connection_id"
        },
        "getUpdates": {"since": 0},
        "getDefaultKey": {"key_version": 1},
    }
    for name in ON_A_CONNECTION:
        arguments = more.get(name, {})
        if name != "logoff":
            bench.call(name, connection_id=place.connection, version=version, **arguments)
            answered = OneOf((gives(Anything()), {"fault": Anything()}))
            bench.expect("WIRE-1", answered, case=f"as found: {name}, SOAP {version}")


_BURNT: Final = "as found: locked at once after three failures, right password or not"


@judges({"LOGON-2": (), "LOGON-3": ()}, exactly=1)
def a_burnable_login_is_locked_by_three_failures(bench: Bench, data: st.DataObject) -> None:
    """LOGON-2, LOGON-3: what can be seen of a lock without a clock, on a login lent for it."""
    del data
    burnable = bench.hands.target.description.burnable
    if burnable is None:
        msg = "no login is lent that may be locked: name one as burnable in target.toml"
        raise Missing(msg)
    names = {"user-3": burnable.username, "password-3": burnable.password}
    bench.history.names.update(names)
    left = Between(1, int(limits.SOFT_LOCK_FOR.total_seconds()))
    locked = fault("LockedOut", seconds_left=left)
    for number in range(1, limits.SOFT_LOCK_AFTER + 1):
        bench.call("logon", username=burnable.username, password=WRONG)
        last = (locked,) if number == limits.SOFT_LOCK_AFTER else ()
        bench.expect("LOGON-2", fault("InvalidCredentials"), *last, case="as found: wrong password")
    for password in (burnable.password, WRONG):
        bench.call("logon", username=burnable.username, password=password)
        bench.expect("LOGON-3", locked, case=_BURNT)
