"""Sessions of every kind are stored, not those alone that go the common way (C-ONCE-1)."""

from __future__ import annotations

from typing import Final

from conformance.client.cases import judges
from conformance.client.place import SUB_PORTALS, Place
from conformance.client.scene import Scene
from conformance.client.wholeness import stored_whole

# Of two, three and four bytes in UTF-8, joined by what is no character, and from right to left.
_WORDS: Final = "Žluťoučký kůň, 東京, \u05e9\u05dc\u05d5\u05dd, 👩\u200d🔧 <&>"
_KINDS: Final = (
    *("requests that came to nothing", "another sub-portal", "words of all scripts"),
    *("handed on", "begun before it came"),
)


@judges({"C-ONCE-1": _KINDS}, "watch")
def sessions_of_every_kind_are_stored(scene: Scene) -> None:
    """C-ONCE-1: every session that ended is stored: failed, handed on, of any sub-portal."""
    place = scene.place
    before = place.begin()
    scene.watch()
    found = {
        "requests that came to nothing": _failed(place),
        "another sub-portal": [_ended(place, place.begin(sub=SUB_PORTALS[1]))],
        "words of all scripts": [_ended(place, place.begin(question=_WORDS, locale="cs"))],
        "handed on": _handed_on(place),
        "begun before it came": [_ended(place, before)],
    }
    for case, ids in found.items():
        scene.did("sessions_end", of=case, session_ids=ids)
    for case in _KINDS:
        stored_whole(scene, "C-ONCE-1", found[case], case)


def _ended(place: Place, number: int) -> int:
    place.act("end", sessionId=number, resolution="Unresolved")
    place.act("record", sessionId=number)
    return number


def _failed(place: Place) -> list[int]:
    """Let a customer leave, a representative decline, and a session break off."""
    left, declined, broken = place.post(), place.post(), place.begin()
    place.act("abandon", sessionId=left)
    place.act("decline", sessionId=declined)
    place.act("fail", sessionId=broken, reason="the line broke")
    return [left, declined, broken]


def _handed_on(place: Place) -> list[int]:
    """Transfer a session to another sub-portal; give both records."""
    first = place.begin()
    second = place.act("transfer", sessionId=first, subPortal=SUB_PORTALS[1])
    for act in ("accept", "start"):
        place.act(act, sessionId=second)
    return [first, _ended(place, second)]
