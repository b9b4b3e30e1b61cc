"""Phone codes: made, typed and counted as tests need it."""

from __future__ import annotations

from typing import Any

from broker_sim.core.record import Session
from broker_sim.service.redeeming import redeem
from broker_sim.tests.desks import Desk, desks
from broker_sim.tests.worlds import Hands


def made(hands: Hands, desk: Desk | None = None, **given: object) -> Any:
    """Have a code made for somebody of the portal."""
    email = (desk or desks(hands)[0]).email
    asked = {"representative": email, "portal": hands.portal, "customer_name": "Eve"}
    return hands.call("createCode", **{**asked, **given})


def typed(hands: Hands, code: str, **given: Any) -> Session:
    return redeem(hands.broker.world, code, **given)


def active(hands: Hands, **given: object) -> list[str]:
    return [code.code for code in hands.call("getCodes", **given)]
