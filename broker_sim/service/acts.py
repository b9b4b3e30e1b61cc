"""The acts of customers and representatives by name: the tester's way in.

An act's arguments carry the names of the control API. Every act goes through the same use
case that a form or a service calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from broker_sim.contract import faults
from broker_sim.contract.sessions import MODE, RESOLUTION
from broker_sim.core.record import Labelled, Session
from broker_sim.core.refusal import Refused
from broker_sim.service import agents, customers
from broker_sim.service.bringing import bring
from broker_sim.service.ports import World

Given = Mapping[str, Any]


class Acts:
    """The acts of one world.

    Args:
        world: where they are done.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.table: Final[Mapping[str, Callable[[Given], Session]]] = {
            "post": self._post,
            "accept": self._accept,
            "start": lambda given: customers.agree(world, _id(given)),
            "abandon": lambda given: customers.abandon(world, _id(given)),
            "decline": lambda given: agents.decline(world, _id(given)),
            "fail": lambda given: agents.fail(world, _id(given), _text(given, "reason")),
            "chat": self._chat,
            "sendFile": self._send_file,
            "pushUrl": lambda given: agents.push_url(world, _id(given), _text(given, "url")),
            "takeDiagnostics": lambda given: agents.take_diagnostics(world, _id(given)),
            "screen": lambda given: agents.set_screen_sharing(
                world, _id(given), on=_flag(given, "on")
            ),
            "reboot": lambda given: agents.reboot_reconnect(
                world, _id(given), reconnected=_flag(given, "reconnected")
            ),
            "transfer": lambda given: agents.transfer(world, _id(given), _text(given, "subPortal")),
            "end": self._end,
            "survey": lambda given: customers.rate(
                world, _id(given), _labelled(given, "customerRatings"), at_once=True
            ),
            "record": lambda given: agents.record(world, _id(given)),
        }

    def perform(self, act: str, given: Given) -> Session:
        """Do one act.

        Returns:
            The session as it stands after it; of a transfer, the successor.

        Raises:
            Refused: what the use case refuses; InvalidArgument for an unknown act.
        """
        done = self.table.get(act)
        if done is None:
            raise _wrong("act", f"it is none of {', '.join(self.table)}")
        return done(given)

    def _post(self, given: Given) -> Session:
        return customers.post(
            self._world,
            _text(given, "portal"),
            _text(given, "subPortal"),
            _text(given, "question"),
            smart_box_entries=_labelled(given, "smartBoxEntries"),
            reference_id=_optional(given, "referenceId"),
            customer_ip=_optional(given, "customerIp"),
            locale=_optional(given, "locale") or "",
            mode=_word(given, "mode", MODE.words, "Web"),
        )

    def _accept(self, given: Given) -> Session:
        email = bring(self._world, _id(given), _optional(given, "representative"))
        return agents.accept(self._world, _id(given), email)

    def _chat(self, given: Given) -> Session:
        speaker = _word(given, "speaker", ("customer", "representative"), "customer")
        say = customers.say if speaker == "customer" else agents.say
        return say(self._world, _id(given), _text(given, "text"))

    def _send_file(self, given: Given) -> Session:
        size = given.get("size")
        if isinstance(size, bool) or not isinstance(size, int) or size < 0:
            raise _wrong("size", "it must be a number of bytes")
        return agents.send_file(self._world, _id(given), _text(given, "name"), size)

    def _end(self, given: Given) -> Session:
        return agents.end(
            self._world,
            _id(given),
            resolution=_word(given, "resolution", RESOLUTION.words, "Unknown"),
            comment=_optional(given, "comment"),
            end_label=_optional(given, "endLabel"),
            end_data=_optional(given, "endData"),
            rep_ratings=_labelled(given, "repRatings"),
        )


def _wrong(field: str, reason: str) -> Refused:
    return Refused(faults.INVALID_ARGUMENT, field=field, reason=reason)


def _id(given: Given) -> int:
    number = given.get("sessionId")
    if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < 2**63:
        raise _wrong("sessionId", "it must be a positive number of 64 bits")
    return number


def _flag(given: Given, field: str) -> bool:
    flag = given.get(field, True)
    if not isinstance(flag, bool):
        raise _wrong(field, "it must be true or false")
    return flag


def _text(given: Given, field: str) -> str:
    text = _optional(given, field)
    if text is None:
        raise _wrong(field, "it is missing")
    return text


def _optional(given: Given, field: str) -> str | None:
    text = given.get(field)
    if text is not None and not isinstance(text, str):
        raise _wrong(field, "it must be a text")
    return text


def _word(given: Given, field: str, words: Sequence[str], default: str) -> str:
    word = _optional(given, field)
    if word is not None and word not in words:
        raise _wrong(field, f"it must be one of {', '.join(words)}")
    return word or default


def _labelled(given: Given, field: str) -> tuple[Labelled, ...]:
    pairs = given.get(field) or ()
    if not isinstance(pairs, Sequence) or isinstance(pairs, str):
        raise _wrong(field, "it must be a list of labels and values")
    return tuple(_pair(pair, field) for pair in pairs)


def _pair(pair: Any, field: str) -> Labelled:
    if not isinstance(pair, Mapping):
        raise _wrong(field, "each entry must have a label and a value")
    return Labelled(_optional(pair, "label"), _text(pair, "value"))
