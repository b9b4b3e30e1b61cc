"""What lets a customer in without a password: the link of a session's page, and its survey's.

Both are signed with the world's secret, so that nobody makes one up. The survey's has the
shape that the product's had: the id, a colon, 16 bytes in base64.

Source: PORTAL-5.
"""

from __future__ import annotations

import base64
import hmac
import re
from typing import Final

from broker_sim.service.guessing import count_guess, refuse_guesser
from broker_sim.service.ports import World

# Who guesses counts as at a phone code's page; no address begins so.
_SURVEY: Final = "  survey "
_TOKEN_BYTES: Final = 16
_PASS: Final = re.compile(r"([1-9][0-9]{0,17})\.([A-Za-z0-9_-]{20,100})")


def session_pass(world: World, session_id: int) -> str:
    """Give the pass of a session's customer; it may stand in a URL's path."""
    return f"{session_id}.{world.vault.sign(_customer(session_id))}"


def session_of(world: World, given: str) -> int | None:
    """Give the session that a pass is for; None for one that is not ours."""
    parts = _PASS.fullmatch(given)
    if parts is None or not world.vault.verify(_customer(int(parts[1])), parts[2]):
        return None
    return int(parts[1])


def survey_token(world: World, session_id: int, portal: str) -> str:
    """Give the token of a session's survey."""
    signature = world.vault.sign(f"survey {session_id} {portal}")
    digest = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    return f"{session_id}:{base64.b64encode(digest[:_TOKEN_BYTES]).decode()}"


def is_survey_token(world: World, session_id: int, portal: str, token: str) -> bool:
    """Tell whether a token is that of this session's survey, in constant time.

    A plus that came unescaped, and so as a blank, is one.
    """
    right = survey_token(world, session_id, portal)
    return hmac.compare_digest(right.encode(), token.replace(" ", "+").encode("utf-8", "replace"))


def open_survey(world: World, session_id: int, portal: str, token: str, address: str) -> bool:
    """Tell whether a link opens this session's survey; ten wrong ones from an address must wait.

    A right link is let in all the same: nobody guesses 16 bytes, and who shares an address with
    somebody who tries has done nothing.

    Raises:
        Refused: RateLimited, for a wrong link from an address that has to wait. SEC-2.
    """
    if is_survey_token(world, session_id, portal, token):
        return True
    now = world.clock.now()
    with world.store.writing() as tx:
        refuse_guesser(tx, _SURVEY + address, now)
        count_guess(tx, _SURVEY + address, now)
    return False


def _customer(session_id: int) -> str:
    return f"customer {session_id}"
