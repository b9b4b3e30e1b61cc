"""What customers and representatives do, and what testers ask for: the control API's words."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from conformance.tests.small_broker import files
from conformance.tests.small_broker.soap import Refused
from conformance.tests.small_broker.world import Login, Portal, World, text

REP = {
    "email": "kim@desk.example",
    "name": "Kim Example",
    "screenName": "Kim",
    "team": "Desk",
    "ip": "192.0.2.7",
}
_DURING = {
    "chat": ("Chat", "text"),
    "sendFile": ("FileSent", "name"),
    "pushUrl": ("UrlPushed", "url"),
    "takeDiagnostics": ("DiagnosticsTaken", ""),
}
_ENDS = {"decline": "Declined", "abandon": "Abandoned", "fail": "Failed", "end": "Ended"}


def stage(session: Mapping[str, Any]) -> str:
    """Tell where a session stands."""
    if session["status"] == "New":
        return "waiting" if session["responded"] is None else "accepted"
    return str(session["status"])


_TURNS = {
    "waiting": {"accept", "decline", "abandon", "fail"},
    "accepted": {"start", "abandon", "fail"},
    "InSession": {"end", "fail", "transfer", "screen", "reboot", *_DURING},
    "Finished": {"survey", "record"},
    "Error": set(),
}


def perform(world: World, words: Mapping[str, Any]) -> dict[str, Any]:
    """Do an act; give the session that the answer names."""
    act = words["act"]
    if act == "post":
        return world.post(words)
    session = world.sessions[words["sessionId"]]
    surveyed = any(each["kind"] == "SurveyReceived" for each in session["events"])
    if act not in _TURNS[stage(session)] or (act == "survey" and surveyed):
        raise Refused("OutOfTurn")
    for value in words.values():
        if isinstance(value, str):
            text(value, act)
    return _done(world, session, act, words)


def _done(
    world: World, session: dict[str, Any], act: str, words: Mapping[str, Any]
) -> dict[str, Any]:
    if act == "transfer":
        return _transfer(world, session, words)
    if act in _DURING:
        kind, word = _DURING[act]
        world.happen(session, kind, words.get(word, ""))
    elif act in ("screen", "reboot"):
        _switch(world, session, act, words)
    elif act in _ENDS:
        _end(session, words)
        world.end(session, _ENDS[act])
    else:
        _further(world, session, act, words)
    return session


def _switch(world: World, session: dict[str, Any], act: str, words: Mapping[str, Any]) -> None:
    if act == "screen":
        world.happen(session, "ScreenSharingOn" if words["on"] else "ScreenSharingOff")
        return
    session["reboot_reconnect"] = "Successful" if words["reconnected"] else "ReconnectFailed"
    world.happen(session, "Rebooted")


def _end(session: dict[str, Any], words: Mapping[str, Any]) -> None:
    session["resolution"] = words.get("resolution")
    session["rep_comment"] = words.get("comment")
    session["end_label"], session["end_data"] = words.get("endLabel"), words.get("endData")
    session["rep_ratings"] = words.get("repRatings", [])


def _further(world: World, session: dict[str, Any], act: str, words: Mapping[str, Any]) -> None:
    if act == "accept":
        session |= {"responded": world.now, "representative": REP["email"], "rep_ip": REP["ip"]}
        session |= {"rep_name": REP["name"], "rep_screen_name": REP["screenName"]}
        session["team_name"] = REP["team"]
    elif act == "start":
        session |= {"started": world.now, "status": "InSession"}
    elif act == "survey":
        session["customer_ratings"] = words["customerRatings"]
    else:
        _record(world, session)
        return
    kind = {"accept": "Accepted", "start": "Started", "survey": "SurveyReceived"}[act]
    world.happen(session, kind)
    world.note(session, kind)


def _record(world: World, session: dict[str, Any]) -> None:
    if session["session_id"] not in world.bodies:
        key = world.portals[session["portal"]].keys[-1]
        world.bodies[session["session_id"]] = files.make(session, key)
        world.note(session, "RecordingReady")


def _transfer(world: World, session: dict[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    """Post the successor; here the old session goes on, which the contract allows."""
    request = {"portal": session["portal"], "subPortal": words["subPortal"]}
    heir = world.post({**request, "question": session["question"]})
    session["transferred_to"], heir["transferred_from"] = heir["session_id"], session["session_id"]
    world.happen(session, "Transferred")
    world.note(session, "Transferred")
    return heir


def control(
    world: World, method: str, path: list[str], body: Mapping[str, Any], after: int
) -> dict[str, Any]:
    """Answer a call of the control API; a KeyError is a 404."""
    match method, path:
        case "GET", ["world"]:
            portals, count = sorted(world.portals), len(world.sessions)
            return {"representatives": [REP], "portals": portals, "sessions": count}
        case "GET", ["journal"]:
            page = [each for each in world.journal if each["number"] > after][:100]
            return {"entries": page, "next": page[-1]["number"] if page else after}
        case "PUT", ["clock"]:
            world.advance(max(world.now, _instant(body.get("now")) or world.now))
        case "POST", ["clock", "advance"]:
            to = _instant(body.get("to")) or world.now + timedelta(seconds=body.get("seconds", 0))
            world.advance(max(world.now, to))
        case "POST", ["acts"]:
            session = perform(world, body)
            return {"sessionId": session["session_id"], "updateId": session["last_update_id"]}
        case "POST", ["seed"]:
            _seed(world, body)
        case _:
            return _administer(world, method, path, body)
    return {"now": world.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")}


def _instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _administer(
    world: World, method: str, path: list[str], body: Mapping[str, Any]
) -> dict[str, Any]:
    match method, path:
        case "POST", ["portals"]:
            portal = Portal(body["name"], body["subPortals"], bool(body.get("hardLockouts")))
            world.portals[portal.name] = portal
            world.logins[body["username"]] = Login(body["password"], portal.name)
        case "POST", ["logins"]:
            world.logins[body["username"]] = Login(body["password"], body["portal"])
        case "POST", ["logins", name, "unlock"]:
            login = world.logins[name]
            login.failures, login.until, login.for_good = 0, None, False
        case (("PUT" | "DELETE"), ["portals", name, "security-key"]):
            keys = world.portals[name].keys
            version = keys[-1].version + 1
            made = method == "PUT"
            keys.append(
                files.from_passphrase(version, body["passphrase"]) if made else files.Key(version)
            )
            return {"keyVersion": version}
        case "POST", ["sweep"]:
            return {"purged": 0}
        case _:
            raise KeyError("/".join(path))
    return {"done": True}


def _seed(world: World, body: Mapping[str, Any]) -> None:
    """Add a past, a session a second, the last of them now."""
    now = world.now
    for number in range(body["sessions"], 0, -1):
        world.now = now - timedelta(seconds=number)
        session = world.post({**body, "subPortal": "General", "question": "Long ago."})
        for act in ("accept", "start", "end"):
            perform(world, {"act": act, "sessionId": session["session_id"]})
    world.now = now
