"""What the broker promises: data only, importing nothing of ours but itself."""

from typing import Final

from broker_sim.contract.kinds import Endpoint
from broker_sim.contract.sessions import SESSIONS

ENDPOINTS: Final[tuple[Endpoint, ...]] = (SESSIONS,)
