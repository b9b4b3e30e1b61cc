"""Brokers whose channel of a session is not of that session's two alone: CHAN-1."""

from typing import Any, Final

from broker_sim.core.record import Stage
from conformance.mutants.registry import Original, mutant

_DESCRIPTOR: Final = "broker_sim.service.channels.descriptor"
_VAULT: Final = "broker_sim.adapters.world_vault.WorldVault"


@mutant("CHAN-1", at="broker_sim.adapters.sql_channels.ChannelRows.open_channel")
def all_sessions_have_one_key(open_channel: Original) -> Original:
    """Every session's channel has the same key."""
    return lambda rows, number, _key, now: open_channel(rows, number, bytes(range(16)), now)


@mutant("CHAN-1", at="broker_sim.core.channel.bound_to")
def frames_are_bound_to_nothing(_bound_to: Original) -> Original:
    """A frame opens in any session, from any sender, in any place."""
    return lambda *_where: b""


@mutant("CHAN-1", at=f"{_VAULT}.seal_frame")
def the_broker_sends_in_clear(seal_frame: Original) -> Original:
    """What the broker tells the pages is not sealed, but has the length of what is."""
    return lambda vault, key, bound, plain: seal_frame(vault, key, bound, b"")[:12] + plain


@mutant("CHAN-1", at=f"{_VAULT}.open_frame")
def other_senders_are_taken_for_the_customer(open_frame: Original) -> Original:
    """A frame that does not open as its sender's is tried as the other's."""

    def either(vault: Any, key: bytes, bound: bytes, frame: bytes) -> bytes | None:
        plain: bytes | None = open_frame(vault, key, bound, frame)
        if plain is None:
            plain = open_frame(vault, key, bound.replace(b"/customer/", b"/rep/"), frame)
        return plain

    return either


@mutant("CHAN-1", at="broker_sim.service.recorder.Recorder.take")
def the_recorder_does_not_listen(_take: Original) -> Original:
    """What a page says over the channel comes into no record."""
    return lambda *_frames: None


@mutant("CHAN-1", at=_DESCRIPTOR)
def a_key_is_handed_out_after_the_end(descriptor: Original) -> Original:
    """What a page was told of its channel is kept, and told again when the session is over."""
    kept: dict[Any, Any] = {}

    def again(world: Any, session_id: int, party: Any) -> Any:
        if (session_id, party) not in kept:
            kept[session_id, party] = descriptor(world, session_id, party)
        return kept[session_id, party]

    return again


@mutant("CHAN-1", at=_DESCRIPTOR)
def a_key_is_handed_out_after_a_failure(descriptor: Original) -> Original:
    """A session that failed is not over for its page: its channel is told on."""
    kept: dict[Any, Any] = {}

    def on(world: Any, session_id: int, party: Any) -> Any:
        with world.store.reading() as tx:
            failed = tx.held(session_id).session.stage is Stage.ERROR
        if not (failed and (session_id, party) in kept):
            kept[session_id, party] = descriptor(world, session_id, party)
        return kept[session_id, party]

    return on


@mutant("CHAN-1", at="broker_sim.service.tickets._text")
def any_ticket_opens_any_channel(_text: Original) -> Original:
    """A ticket does not say of which channel it is."""
    return lambda _channel, party, ends: _text("any", party, ends)
