"""What the desk tells its page, by the names of JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from broker_sim.core import chat, customer
from broker_sim.core.channel import Party
from broker_sim.core.record import Event, Labelled, Session, Stage
from broker_sim.core.session import REPRESENTATIVE, surveyed
from broker_sim.service import spoken
from broker_sim.service.desk_view import DeskView, Targets
from broker_sim.service.phonemode import CodeAnswer

Told = Mapping[str, Any]
_STAGES: Final = {
    Stage.WAITING: "waiting",
    Stage.ACCEPTED: "consent",
    Stage.IN_SESSION: "talking",
    Stage.FINISHED: "finished",
    Stage.ERROR: "failed",
}


def desk(view: DeskView, codes: Sequence[CodeAnswer]) -> Told:
    """Tell a whole desk; of the talks only how long they are."""
    return {
        "now": view.now,
        "cursor": view.cursor,
        "available": view.available,
        "representative": {
            "email": view.rep.email,
            "name": view.rep.name,
            "screenName": view.rep.screen_name,
            "team": view.rep.team,
        },
        "portals": [
            {
                "name": one.portal.name,
                "displayName": one.portal.display_name,
                "subPortals": one.sub_portals,
            }
            for one in view.served
        ],
        "alerts": [request(one) for one in view.alerts],
        "sessions": [session(one) for one in view.sessions],
        "codes": [code(one) for one in codes],
    }


def request(asked: Session) -> dict[str, Any]:
    """Tell what a customer asks."""
    return {
        "sessionId": asked.session_id,
        "portal": asked.portal,
        "subPortal": asked.sub_portal,
        "customer": chat.customer_name(asked),
        "question": asked.question,
        "entries": _labelled(asked.smart_box_entries),
        "mode": asked.mode,
        "referenceId": asked.reference_id,
        "customerIp": asked.customer_ip,
        "locale": asked.locale,
        "posted": asked.posted,
        "transferredFrom": asked.transferred_from,
    }


def session(own: Session) -> dict[str, Any]:
    """Tell one of the representative's sessions, without its talk."""
    seen, lines = customer.sight(own), spoken.lines(own)
    return {
        **request(own),
        "stage": _STAGES[own.stage],
        "accepted": own.responded,
        "started": own.started,
        "ended": own.ended,
        "transferredTo": own.transferred_to,
        "sharesScreen": seen.shares_screen,
        "diagnostics": _count(own, Event.DIAGNOSTICS_TAKEN) > 0,
        "rebootReconnect": own.reboot_reconnect,
        "reboots": _count(own, Event.REBOOTED),
        "resolution": own.resolution,
        "comment": own.rep_comment,
        "whyEnded": seen.why_ended,
        "mayRate": own.stage is Stage.FINISHED and not own.rep_ratings and not _rated(own),
        "lines": len(lines),
        "heard": sum(line["who"] == Party.CUSTOMER for line in lines),
    }


def talk(own: Session, start: int) -> Sequence[Told]:
    """Tell the lines of a session's talk from the `start`th on, counted from 0."""
    return spoken.lines(own)[start:]


def code(made: CodeAnswer) -> Told:
    """Tell one phone code."""
    return {
        "code": made.code,
        "url": made.url,
        "created": made.created,
        "expires": made.expires,
        "portal": made.portal,
        "subPortal": made.sub_portal,
        "customerName": made.customer_name,
        "referenceId": made.reference_id,
    }


def targets(found: Targets) -> Told:
    """Tell where a session can be handed on to."""
    return {
        "subPortals": [
            {"name": name, "available": there, "waiting": waiting}
            for name, there, waiting in found.sub_portals
        ],
        "representatives": [
            {
                "email": one.rep.email,
                "name": one.rep.name,
                "screenName": one.rep.screen_name,
                "team": one.rep.team,
                "subPortals": one.sub_portals,
                "available": one.takes_requests,
                "sessions": one.sessions,
            }
            for one in found.receivers
        ],
    }


def _labelled(values: Sequence[Labelled]) -> list[Told]:
    return [{"label": one.label, "value": one.value} for one in values]


def _rated(own: Session) -> bool:
    return surveyed(own, REPRESENTATIVE)


def _count(own: Session, kind: Event) -> int:
    return sum(event.kind is kind for event in own.events)
