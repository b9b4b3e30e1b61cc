"""What the broker promises: data only, importing nothing of ours but itself."""

from typing import Final

from broker_sim.contract.agents import AGENTS
from broker_sim.contract.kinds import Endpoint
from broker_sim.contract.monitors import MONITORS
from broker_sim.contract.phonemode import PHONEMODE
from broker_sim.contract.sessions import SESSIONS

ENDPOINTS: Final[tuple[Endpoint, ...]] = (SESSIONS, MONITORS, PHONEMODE, AGENTS)
