"""The acts of customers and representatives, done by the tester's hand."""

from __future__ import annotations

from typing import Final

from broker_sim.contract.sessions import MODE, RESOLUTION
from broker_sim.control.routes import Hand, Routes, Told, body
from broker_sim.control.shapes import (
    ANY_TEXT,
    FLAG,
    Shape,
    given,
    listed,
    one_of,
    taken,
    whole,
    words,
)

_LABELLED: Final = listed(taken("Labelled", {"value": ANY_TEXT}, label=ANY_TEXT))


def add(routes: Routes) -> None:
    """Register the route of the acts."""

    @routes.post(
        "/acts",
        takes=ACT,
        gives=given("Done", sessionId=whole(1), updateId=whole()),
        refuses=True,
    )
    def act(hand: Hand) -> Told:
        """Do one act; of a transfer, the session told is the successor."""
        session = hand.tester.perform(body()["act"], body())
        return {"sessionId": session.session_id, "updateId": session.last_update_id}


def _act(name: str, needs: str = "", **may: Shape) -> Shape:
    """Give the shape of one act: the texts it needs, a name each, and what it may have."""
    needed = {"act": words(name), **dict.fromkeys(needs.split(), ANY_TEXT)}
    return taken(f"Act{name[0].upper()}{name[1:]}", needed, **may)


def _go_on(name: str, needs: str = "", **may: Shape) -> Shape:
    """Give the shape of an act in a session that is there."""
    return _with(_act(name, needs, **may), sessionId=whole(1))


def _with(shape: Shape, **needed: Shape) -> Shape:
    """Give the same shape, with more that is needed."""
    return {
        **shape,
        "properties": {**shape["properties"], **needed},
        "required": [*shape["required"], *needed],
    }


ACT: Final = one_of(
    "Act",
    "act",
    [
        _act(
            "post",
            "portal subPortal question",
            smartBoxEntries=_LABELLED,
            referenceId=ANY_TEXT,
            customerIp=ANY_TEXT,
            locale=ANY_TEXT,
            mode=words(*MODE.words),
        ),
        _go_on("accept", representative=ANY_TEXT),
        _go_on("start"),
        _go_on("abandon"),
        _go_on("decline"),
        _go_on("fail", "reason"),
        _go_on("chat", "text", speaker=words("customer", "representative")),
        _with(_go_on("sendFile", "name"), size=whole()),
        _go_on("pushUrl", "url"),
        _go_on("takeDiagnostics"),
        _go_on("screen", on=FLAG),
        _go_on("reboot", reconnected=FLAG),
        _go_on("transfer", "subPortal"),
        _go_on(
            "end",
            resolution=words(*RESOLUTION.words),
            comment=ANY_TEXT,
            endLabel=ANY_TEXT,
            endData=ANY_TEXT,
            repRatings=_LABELLED,
        ),
        _go_on("survey", customerRatings=_LABELLED),
        _go_on("record"),
    ],
)
