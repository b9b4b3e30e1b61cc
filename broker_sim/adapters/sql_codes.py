"""Phone codes in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, null, select, text, update

from broker_sim.adapters.instants import from_ms, to_ms
from broker_sim.adapters.prepared import Prepared
from broker_sim.adapters.schema import phone_code, portal
from broker_sim.adapters.sql_base import Rows
from broker_sim.core.phonecode import PhoneCode

_SETTINGS: Final = Prepared(
    update(portal)
    .where(portal.c.id == bindparam("b_id"))
    .values(codes_per_rep=bindparam("most"), code_seconds=bindparam("seconds"))
)
_NAMES: Final = tuple(column.name for column in phone_code.columns)
_ADD: Final = Prepared(
    text(
        f"INSERT INTO phone_code ({', '.join(_NAMES)})"  # noqa: S608  our own names
        f" VALUES ({', '.join(f':{name}' for name in _NAMES)}) ON CONFLICT (code) DO NOTHING"
    )
)
_CODE: Final = Prepared(select(phone_code).where(phone_code.c.code == bindparam("b_code")))
_IS_ACTIVE: Final = (phone_code.c.ended.is_(None), phone_code.c.expires > bindparam("b_now"))
_ACTIVE: Final = select(phone_code).where(*_IS_ACTIVE)
_OF_PORTAL: Final = Prepared(_ACTIVE.where(phone_code.c.portal_id == bindparam("b_portal")))
_OF_REP: Final = Prepared(_ACTIVE.where(phone_code.c.email == bindparam("b_email")))
_COUNT: Final = Prepared(
    select(func.count())
    .select_from(phone_code)
    .where(phone_code.c.email == bindparam("b_email"), *_IS_ACTIVE)
)
_ENDED: Final = (
    update(phone_code)
    .where(*_IS_ACTIVE)
    .values(ended=bindparam("b_now"), customer_name="", reference_id=null())
)
_END: Final = Prepared(_ENDED.where(phone_code.c.code == bindparam("b_code")))
_END_ALL: Final = Prepared(_ENDED.where(phone_code.c.email == bindparam("b_email")))
_FORGET: Final = Prepared(
    delete(phone_code).where(
        phone_code.c.code.in_(
            select(phone_code.c.code)
            .where(phone_code.c.expires <= bindparam("b_by"))
            .limit(bindparam("b_limit"))
        )
    )
)


class CodeRows(Rows):
    """The part of a transaction that keeps phone codes."""

    def set_code_settings(self, portal: str, most: int, lives: timedelta) -> None:
        """Set how many active codes a rep may have, and how long one lives."""
        seconds = lives // timedelta(seconds=1)
        self.run(_SETTINGS, b_id=self.number(portal), most=most, seconds=seconds)

    def add_code(self, code: PhoneCode) -> bool:
        """Add a code; False where it was given out before and is still remembered."""
        return bool(
            self.run(
                _ADD,
                code=code.code,
                portal_id=self.number(code.portal),
                sub_portal=code.sub_portal,
                email=code.representative,
                customer_name=code.customer_name,
                reference_id=code.reference_id,
                created=to_ms(code.created),
                expires=to_ms(code.expires),
                ended=to_ms(code.ended),
            ).rowcount
        )

    def code(self, code: str) -> PhoneCode | None:
        """Give a code, dead or alive."""
        row = self.one(_CODE, b_code=code)
        return None if row is None else self._code(row)

    def active_codes(
        self, portal: str, now: datetime, email: str | None = None
    ) -> Sequence[PhoneCode]:
        """Give a portal's active codes, or those of one rep, by (expires, code)."""
        number = self.number(portal)
        if email is None:
            rows = self.all(_OF_PORTAL, b_portal=number, b_now=to_ms(now))
        else:
            found = self.all(_OF_REP, b_email=email, b_now=to_ms(now))
            rows = [row for row in found if row[1] == number]
        codes = [self._code(row) for row in rows]
        return sorted(codes, key=lambda one: (one.expires, one.code))

    def _code(self, row: Any) -> PhoneCode:
        code, number, sub_portal, email, customer, reference, created, expires, ended = row
        return PhoneCode(
            code,
            self.names.name(number, self),
            sub_portal,
            email,
            customer,
            reference,
            from_ms(created),
            from_ms(expires),
            None if ended is None else from_ms(ended),
        )

    def count_codes(self, email: str, now: datetime) -> int:
        """Count a rep's active codes, of all portals."""
        return int(self.value(_COUNT, b_email=email, b_now=to_ms(now)))

    def end_code(self, code: str, now: datetime) -> bool:
        """End an active code; False where somebody else was quicker, or it expired."""
        return bool(self.run(_END, b_code=code, b_now=to_ms(now)).rowcount)

    def end_codes(self, email: str, now: datetime) -> int:
        """End all active codes of a rep, of all portals; give how many."""
        return int(self.run(_END_ALL, b_email=email, b_now=to_ms(now)).rowcount)

    def forget_codes(self, expired_by: datetime, limit: int) -> int:
        """Drop codes that expired at `expired_by` or before; give how many."""
        return int(self.run(_FORGET, b_by=to_ms(expired_by), b_limit=limit).rowcount)
