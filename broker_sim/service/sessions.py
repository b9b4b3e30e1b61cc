"""The Sessions service: one function per operation. Each works on its own portal only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from broker_sim.contract import faults, limits
from broker_sim.core import listing, retention
from broker_sim.core.record import File, Session
from broker_sim.core.refusal import Refused
from broker_sim.service import recording
from broker_sim.service.exchange import Offload
from broker_sim.service.ports import Call, World
from broker_sim.service.settling import settle
from broker_sim.service.storage import Held, Portal, Update


@dataclass(frozen=True, slots=True)
class PortalAnswer:
    """What getPortal tells; the contract's Portal record."""

    name: str
    display_name: str
    company: str
    portal_type: str
    sub_portals: tuple[str, ...]
    hard_lockouts: bool
    key_version: int
    security_key_set: bool
    retention_days: int
    idle_seconds: int
    page_max: int
    broker_time: datetime


@dataclass(frozen=True, slots=True)
class DefaultKey:
    """What getDefaultKey tells; the contract's DefaultKey record."""

    key_version: int
    key: bytes


def get_portal(call: Call) -> PortalAnswer:
    """Tell the connection's portal, its policy numbers and the time."""
    portal = _portal(call)
    key = call.tx.key(portal.name)
    assert key is not None
    return PortalAnswer(
        portal.name,
        portal.display_name,
        portal.company,
        portal.portal_type,
        portal.sub_portals,
        portal.hard_lockouts,
        key.version,
        key.secured,
        limits.RETENTION.days,
        int(limits.CONNECTION_IDLE.total_seconds()),
        call.world.manners.page_max,
        call.now,
    )


def _portal(call: Call) -> Portal:
    portal = call.tx.portal(call.portal)
    assert portal is not None
    return portal


def get_session(call: Call, session_id: int) -> Session | Offload:
    """Read one session. Its files are made when it is first asked for, outside the loop."""
    settle(call.tx, call.portal, call.now)
    held = call.tx.held(session_id)
    if held is None or held.session.portal != call.portal:
        _refuse_absent(call, session_id)
    assert held is not None
    retention.refuse_gone(held.session.ended, call.now)
    if held.recorded and not held.session.files:
        return _after_recording(call, held)
    return with_urls(call.world, held.session, call.now)


def _refuse_absent(call: Call, session_id: int) -> None:
    """Refuse: purged for the portal that had it, never there for anybody else. CONN-4, RET-2."""
    gone = call.tx.purged_at(session_id)
    if gone is not None and gone[0] == call.portal:
        raise Refused(faults.SESSION_PURGED, purged_at=gone[1])
    raise Refused(faults.NO_SUCH_SESSION)


def _after_recording(call: Call, held: Held) -> Offload:
    world, now = call.world, call.now
    key = call.tx.key(held.session.portal, held.key_version or None)
    assert key is not None

    def make() -> tuple[File, ...]:
        return recording.made(world, held, key)

    def answer(files: tuple[File, ...]) -> Session:
        return with_urls(world, replace(held.session, files=files), now)

    return Offload(make, answer)


def with_urls(world: World, session: Session, now: datetime) -> Session:
    """Tell where each file can be had for an hour, and each recorded screen be replayed. REC-5."""
    if not session.files:
        return session
    expires = now + limits.URL_VALID_FOR
    files = tuple(
        file.with_url(recording.url(world, session.session_id, file.name, expires), expires)
        for file in session.files
    )
    remote = local = None
    if not world.manners.no_replay_urls:
        place = f"{world.base_url()}/manager/sessions/{session.session_id}/replay"
        for file in files:
            if file.channel == "RemoteScreen":
                remote = f"{place}/remote"
            elif file.channel == "LocalScreen":
                local = f"{place}/local"
    return session.shown(files, remote, local)


def get_session_ids(
    call: Call,
    start: datetime,
    end: datetime,
    by: str | None = None,
    sub_portals: Sequence[str] | None = None,
    after: int | None = None,
    limit: int | None = None,
) -> Sequence[int]:
    """List the ids whose time lies in [start, end), ordered by (time, id). SESS-5, SESS-6."""
    size = listing.page(limit, call.world.manners.page_max)
    listing.check_range(start, end, call.now)
    settle(call.tx, call.portal, call.now)
    wanted = tuple(dict.fromkeys(sub_portals or ()))
    for name in wanted:
        if name not in _portal(call).sub_portals:
            reason = "the portal has no sub-portal of that name"
            raise Refused(faults.INVALID_ARGUMENT, field="subPortals", reason=reason)
    if after is not None:
        held = call.tx.held(after)
        if held is None or held.session.portal != call.portal:
            raise Refused(faults.NO_SUCH_SESSION)
    return call.tx.session_ids(
        call.portal,
        by or "Ended",
        start,
        end,
        ended_after=retention.edge(call.now),
        sub_portals=wanted,
        after=after,
        limit=size,
    )


def get_last_update_id(call: Call) -> int:
    """Tell the newest entry of the portal's change log; 0 while it is empty. UPD-1."""
    settle(call.tx, call.portal, call.now)
    return _portal(call).last_update_id


def get_updates(call: Call, since: int, limit: int | None = None) -> Sequence[Update]:
    """Read the change log behind `since`. UPD-1 to UPD-4."""
    size = listing.page(limit, call.world.manners.page_max)
    settle(call.tx, call.portal, call.now)
    edge = retention.edge(call.now)
    listing.check_cursor(since, call.tx.floor(call.portal, edge), _portal(call).last_update_id)
    return call.tx.updates(call.portal, since, size, ended_after=edge)


def get_default_key(call: Call, key_version: int) -> DefaultKey:
    """Hand out a default wrapping key, never one made from a security key. REC-8."""
    key = call.tx.key(call.portal, key_version)
    if key is None:
        reason = "the portal has no key of that version"
        raise Refused(faults.INVALID_ARGUMENT, field="keyVersion", reason=reason)
    if key.secured:
        raise Refused(faults.SECURITY_KEY_REQUIRED, key_version=key_version)
    return DefaultKey(key.version, key.kek)
