"""CHAN-1: the channel of a session, as its customer's page takes part in it."""

from typing import Final

from hypothesis import strategies as st

from conformance.bench import Bench
from conformance.channel import SPOILT
from conformance.desktop import talking
from conformance.floor import Floor, Rep
from conformance.guest import Guest
from conformance.hands import Missing
from conformance.model import SECOND
from conformance.patterns import Between, gives, http
from conformance.properties import judges

_SEALED: Final = "what is said travels sealed, and opens under the session's key"
_SPOKEN: Final = "what the page says is recorded"
_OWN: Final = "each session has a key of 16 bytes of its own"
_NOT_YET, _NO_MORE = "before the customer agreed", "after the end"
_FAILED: Final = "after the session failed"
_MADE_UP, _OTHERS = "a made-up page", "the ticket of another session"
_NOWHERE: Final = "the key stands nowhere else"
_REFUSED: Final = http(400, 499)


def _channel(guest: Guest) -> str:
    """Give where the customer's page asks for its channel."""
    return f"{guest.links['session']}/channel"


@judges({"CHAN-1": (_SEALED, _SPOKEN)}, exactly=1)
def the_talk_is_sealed_under_the_sessions_key(bench: Bench, data: st.DataObject) -> None:
    """CHAN-1: what one says, the other opens with the session's key; on the way it is noise."""
    del data
    floor = Floor(bench)
    rep = floor.there()
    guest = talking(floor, rep)
    assert rep.wire is not None
    words: dict[str, object] = {"connection_id": rep.wire.id, "session_id": guest.case.id}
    bench.do("hear", url=_channel(guest), text="Näh, the red cable.", **words)
    noise = {"heard": True, "closed": 0, "in_clear": False, "opened": Between(1, 10**6)}
    bench.expect("CHAN-1", gives(noise), case=_SEALED)
    bench.do("speak", url=_channel(guest), text="It blinks now.")
    bench.expect("CHAN-1", http(200))
    _recorded(floor, guest, "It blinks now.")
    bench.passed("CHAN-1", _SPOKEN)


def _recorded(floor: Floor, guest: Guest, right: str, *wrong: str) -> None:
    """Ask that the record has what was said in a right frame, and nothing of wrong ones."""
    looked = {"connection_id": floor.connection, "session_id": guest.case.id}
    floor.bench.do("find_words", words=[*wrong, right], **looked)
    floor.bench.expect("CHAN-1", gives({"found": [right]}))


@judges({"CHAN-1": SPOILT}, exactly=1)
def spoilt_frames_are_passed_over(bench: Bench, data: st.DataObject) -> None:
    """CHAN-1: what was not sealed by the session's key, for this place, was said by nobody."""
    del data
    floor = Floor(bench)
    guest = talking(floor, floor.there())
    wrong = [f"Wrong by {each}." for each in SPOILT]
    for spoilt, text in zip(SPOILT, wrong, strict=True):
        bench.do("speak", url=_channel(guest), text=text, spoilt=spoilt)
        bench.expect("CHAN-1", http(200, 499))  # who only carries frames cannot know
    bench.do("speak", url=_channel(guest), text="All is well.")
    bench.expect("CHAN-1", http(200))
    _recorded(floor, guest, "All is well.", *wrong)
    for each in SPOILT:
        bench.passed("CHAN-1", each)


@judges({"CHAN-1": (_OWN,)}, exactly=1)
def keys_are_of_one_session(bench: Bench, data: st.DataObject) -> None:
    """CHAN-1: two sessions have two keys, of 128 bits, and each keeps its own."""
    del data
    floor = Floor(bench)
    rep = floor.there()
    urls = [_channel(talking(floor, rep)) for _ in range(2)]
    bench.do("compare_channel_keys", urls=urls)
    bench.expect("CHAN-1", gives({"bytes": [16], "keys": len(urls)}), case=_OWN)


@judges({"CHAN-1": (_NOT_YET, _NO_MORE, _MADE_UP, _OTHERS, _NOWHERE)}, exactly=1)
def nobody_else_has_the_key(bench: Bench, data: st.DataObject) -> None:
    """CHAN-1: the page of a running session is handed its key, and nobody else is."""
    del data
    floor = Floor(bench)
    rep = floor.there()
    guest, other = Guest(floor), talking(floor, rep)
    floor.accept(rep, guest.case)
    guest.look()
    _is_refused(bench, _channel(guest), _NOT_YET)
    guest.agree()
    _has_channel(bench, guest)
    bench.do("use_ticket_elsewhere", url=_channel(guest), other=_channel(other))
    bench.expect("CHAN-1", _REFUSED, case=_OTHERS)
    made_up = f"{guest.links['session'][:-4]}AAAA/channel"
    _is_refused(bench, made_up, _MADE_UP)
    _key_is_nowhere(bench, rep, guest)
    floor.end(rep, guest.case)
    bench.advance(bench.now + SECOND)
    _is_refused(bench, _channel(guest), _NO_MORE)


@judges({"CHAN-1": (_FAILED,)}, exactly=1)
def failed_sessions_have_no_channel(bench: Bench, data: st.DataObject) -> None:
    """CHAN-1: a session that failed is over, and its page is handed no key any more."""
    del data
    floor = Floor(bench)
    guest = talking(floor, floor.there())
    _has_channel(bench, guest)
    bench.act("fail", sessionId=guest.case.id, reason="the connection broke")
    bench.expect("CHAN-1", http(200))
    _is_refused(bench, _channel(guest), _FAILED)


def _has_channel(bench: Bench, guest: Guest) -> None:
    outcome = bench.do("ask_for_channel", url=_channel(guest))
    if outcome.get("status") == 404:
        msg = "the customer's page has no channel"
        raise Missing(msg)
    bench.expect("CHAN-1", http(200))


def _key_is_nowhere(bench: Bench, rep: Rep, guest: Guest) -> None:
    assert rep.wire is not None
    places = {"session": guest.links["session"], "connection_id": rep.wire.id}
    bench.do("look_for_key", url=_channel(guest), session_id=guest.case.id, **places)
    bench.expect("CHAN-1", gives({"found": []}), case=_NOWHERE)


def _is_refused(bench: Bench, url: str, case: str) -> None:
    bench.do("ask_for_channel", url=url)
    bench.expect("CHAN-1", _REFUSED, case=case)
