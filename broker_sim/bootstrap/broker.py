"""A broker out of its settings: world, tester's hand, traffic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Protocol

from broker_sim.adapters import sql_bulk
from broker_sim.adapters.blobs import ObjectBlobs
from broker_sim.adapters.clocks import WorldClock, stopwatch
from broker_sim.adapters.entropy import SystemEntropy
from broker_sim.adapters.journal import MemoryJournal
from broker_sim.adapters.passwords import FOR_TESTS, SERVED
from broker_sim.adapters.sql import SqlStore
from broker_sim.adapters.world_vault import WorldVault
from broker_sim.bootstrap import chance, places, seeding
from broker_sim.bootstrap.chance import Entropy
from broker_sim.bootstrap.sharing import Sharing
from broker_sim.contract import faults
from broker_sim.core.rate import Rate
from broker_sim.core.record import Representative
from broker_sim.core.refusal import Refused
from broker_sim.service import managers
from broker_sim.service.acts import Acts
from broker_sim.service.heartbeat import beat
from broker_sim.service.inner_relay import InnerRelay
from broker_sim.service.outer_relays import OuterRelays
from broker_sim.service.ports import Traffic, World
from broker_sim.service.provoking import Faults
from broker_sim.service.storage import Portal
from broker_sim.service.tester import Tester
from broker_sim.service.throttle import Throttle
from broker_sim.settings import Settings
from broker_sim.synthetic.batch import Batch
from broker_sim.synthetic.company import CompanyPlan, PortalPlan, plan
from broker_sim.synthetic.live import LiveTraffic
from broker_sim.synthetic.shelf import Shelf


class Keeper(Protocol):
    """Something that a world keeps beside its store."""

    def saved(self) -> Any:
        """Give its state as plain JSON data."""

    def restore(self, saved: Any) -> None:
        """Go on where `saved` stood; ValueError or LookupError for anything else."""


class Broker:
    """One broker: a world, the tester's hand on it, and what it does by itself.

    Args:
        settings: how it runs.
        journal: what its doors tell; one of its own if not said.
    """

    def __init__(self, settings: Settings, journal: MemoryJournal | None = None) -> None:
        self.settings = settings
        self.clock = WorldClock(frozen_at=settings.frozen_at)
        self.journal = journal or MemoryJournal()
        self.base_url = (settings.base_url or "").rstrip("/")
        self._traffic: LiveTraffic | None = None
        self.store = SqlStore(Batch.revive, places.database(settings))
        self.blobs = ObjectBlobs(places.recordings(settings))
        kept = chance.kept_seed(self.store)
        self.seed = settings.seed if kept is None else kept
        self.plan = plan(self.seed)
        self.world = self._world(chance.anew(self.store, self.seed, for_tests=settings.for_tests))
        self.relay: InnerRelay | OuterRelays = InnerRelay(self.world, self._epoch(), stopwatch)
        self.world.relays = self.relay
        self.faults = Faults(self.world, lambda: self.seed, shared=settings.workers > 1)
        self.acts = Acts(self.world)
        self.tester = Tester(
            self.world,
            self.clock,
            self,
            self.journal,
            self.acts,
            self._staff,
            lambda: self._traffic,
            self._restart,
            lambda: self.seed,
            self.faults,
        )
        self._open_world(is_new=kept is None)
        self._shared = Sharing(self) if settings.workers > 1 else None

    def _world(self, entropy: Entropy) -> World:
        cost = FOR_TESTS if self.settings.for_tests else SERVED
        secret = chance.secret(self.store, self.seed, entropy, for_tests=self.settings.for_tests)
        vault = WorldVault(secret, entropy.take, cost)
        content = Shelf(self.seed)
        return World(
            self.clock,
            entropy,
            self.store,
            self.blobs,
            vault,
            content,
            lambda: self.base_url,
            self._throttle(),
            magic=self.settings.magic,
        )

    def take_relays(self, relays: OuterRelays) -> None:
        """Let channels go through relays in processes of their own."""
        self.relay = self.world.relays = relays

    def _epoch(self) -> Callable[[], str]:
        """Give what names the relay, anew whenever it forgets its channels."""
        if not self.settings.for_tests:
            return lambda: SystemEntropy().take(8).hex()
        start = chance.starts(self.store)
        return map(f"t{start}n{{}}".format, count(1)).__next__

    def _throttle(self) -> Throttle:
        """Give the limit of calls, RATE-1; unless asked for, it holds while time goes on."""
        settings, shared = self.settings, self.settings.workers > 1
        if settings.rate is None and not settings.for_tests:
            limit = Rate(burst=settings.burst)
            return Throttle(limit, lambda: self.clock.mode != "frozen", shared=shared)
        return Throttle(
            Rate(settings.rate, settings.burst) if settings.rate else None, shared=shared
        )

    def _open_world(self, *, is_new: bool) -> None:
        """Go on with the world that the store holds, or make a new one."""
        if is_new:
            self._make_world(self.settings.sessions)
        else:
            self.tester.restore_clock()
            self.faults.hostility.resume()
            self._people_where_nobody_was()
        self._begin_traffic()

    def keepers(self) -> Mapping[str, Keeper]:
        """Give what a world keeps beside its store, as snapshots and exports name it."""
        return {"faults": self.faults, "rate": self.world.throttle}

    @property
    def drawn(self) -> int:
        """How often the world's chance was drawn; 0 where it cannot be drawn again."""
        return chance.drawn(self.world.entropy)

    def reopen(self, drawn: int) -> None:
        """Go on with another world that was put into the store, its chance behind `drawn`."""
        kept = chance.kept_seed(self.store)
        assert kept is not None
        self.seed = kept
        self._rewire(self._chance_again(drawn))
        self.relay.rename()
        self._people_where_nobody_was()
        self._begin_traffic()
        self._tell_others()

    def _people_where_nobody_was(self) -> None:
        seeding.hire_where_nobody_was(self.world, self.plan)
        seeding.appoint_where_nobody_is(self.world, self.plan)

    def _chance_again(self, drawn: int) -> Entropy:
        return chance.again(self.store, self.seed, drawn, for_tests=self.settings.for_tests)

    def _rewire(self, entropy: Entropy) -> None:
        """Put plan, chance, vault and content of another world in the place of this one's."""
        self.plan = plan(self.seed)
        made = self._world(entropy)
        self.world.entropy, self.world.vault = made.entropy, made.vault
        self.world.content = made.content
        self.world.throttle.rest()
        self.world.unmade.forget()

    def _restart(self, seed: int | None, sessions: int | None) -> None:
        """Empty the world and make it anew."""
        with self.store.alone():
            self.store.empty()
            self.world.blobs.delete("")
            self.faults.clear()
            self.seed = self.seed if seed is None else seed
            self._rewire(chance.anew(self.store, self.seed, for_tests=self.settings.for_tests))
            self.relay.rename()
            self._make_world(self.settings.sessions if sessions is None else sessions)
        self._begin_traffic()
        self._tell_others()

    def _tell_others(self) -> None:
        """Let the other processes of this world know that it is another one now."""
        if self._shared is not None:
            self._shared.tell()

    def take_up(self) -> None:
        """Go on with a world that another process has put into the store."""
        kept = chance.kept_seed(self.store)
        if kept is not None:  # or it is just being made
            self.store.forget()
            self.seed = kept
            self._rewire(self._chance_again(0))
            self.relay.forget()

    def _make_world(self, sessions: int) -> None:
        """Make portals, logins and past: as a whole, once, whoever else starts or is killed.

        Raises:
            RuntimeError: another broker was quicker, with another seed.
        """
        now, vault = self.clock.now(), self.world.vault
        hashes = [vault.hash_password(portal.login.password) for portal in self.plan.portals]
        staff = seeding.staff(self.plan, vault)
        management = seeding.management(self.plan, vault)
        batch = Batch(self.seed, sessions, now - timedelta(days=self.settings.days), now)
        with self.store.writing() as tx:
            kept = tx.note(chance.SEED_NOTE)
            if kept is None:
                tx.set_note(chance.SEED_NOTE, str(self.seed))
                for portal, hashed in zip(self.plan.portals, hashes, strict=True):
                    stored = _stored(self.plan, portal)
                    managers.put_portal(self.world, tx, stored, portal.login.username, hashed)
                seeding.hire(tx, staff, now)
                seeding.appoint(tx, management)
                if sessions:
                    sql_bulk.fill_in(tx, batch.parameters(), batch.rows(self.plan))
        if kept is not None and int(kept) != self.seed:
            msg = f"another broker has made a world of seed {kept} here meanwhile: start again"
            raise RuntimeError(msg)

    def _begin_traffic(self) -> None:
        if self.settings.live_per_hour:
            self._traffic = LiveTraffic(
                self.world, self.seed, self.plan, self.clock.now(), self.settings.live_per_hour
            )

    def fill(self, sessions: int, start: datetime, end: datetime, portal: str | None) -> int:
        """Add that many ended sessions over [start, end); the port `Past`."""
        batch = Batch(self.seed, sessions, start, end, self._only(portal))
        return sql_bulk.fill(self.store, batch.parameters(), batch.rows(self.plan))

    def _only(self, portal: str | None) -> tuple[str, ...] | None:
        """Give a portal's name and sub-portals, where the past is for it alone."""
        if portal is None:
            return None
        with self.store.reading() as tx:
            known = tx.portal(portal)
        if known is None:
            raise Refused(faults.INVALID_ARGUMENT, field="portal", reason="there is none")
        return (known.name, *known.sub_portals)

    def beat(self) -> None:
        """Do what the world does by itself, once."""
        beat(self.world, self.traffic)

    @property
    def traffic(self) -> Traffic | None:
        """Live customers and representatives, where there are any."""
        return self._traffic

    def _staff(self) -> Sequence[Representative]:
        with self.store.reading() as tx:
            return [member.rep for member in tx.members()]

    def logins(self) -> Mapping[str, Sequence[Mapping[str, str]]]:
        """Give the logins of the seeded portals, with their passwords, by portal."""
        return {
            portal.name: [{"username": portal.login.username, "password": portal.login.password}]
            for portal in self.plan.portals
        }

    def rep_logins(self) -> Sequence[Mapping[str, str]]:
        """Give the logins of the seeded representatives, with their password."""
        return seeding.rep_logins(self.plan)

    def manager_logins(self) -> Sequence[Mapping[str, str]]:
        """Give the logins of the seeded managers: name, role, user name, password."""
        return seeding.manager_logins(self.plan)

    def demo(self) -> Mapping[str, Sequence[Mapping[str, str]]] | None:
        """Give whom the login pages offer with one click; None unless the settings say so."""
        return seeding.demo(self.plan) if self.settings.demo else None

    def was_opened_for_tests(self) -> bool:
        """Tell whether the world may have cheap password hashes and keys. SEC-1."""
        return chance.was_for_tests(self.store)

    def close(self) -> None:
        """Close the store."""
        if isinstance(self.relay, OuterRelays):
            self.relay.stop()
        self.store.close()


def _stored(company: CompanyPlan, portal: PortalPlan) -> Portal:
    return Portal(
        portal.name,
        portal.display_name,
        company.name,
        portal.portal_type,
        portal.sub_portals,
        portal.hard_lockouts,
    )
