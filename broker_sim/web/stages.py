"""What the pages call the stages of a session."""

from __future__ import annotations

from typing import Final

from broker_sim.core.record import Stage

STAGES: Final = {
    Stage.WAITING: "waiting",
    Stage.ACCEPTED: "consent",
    Stage.IN_SESSION: "talking",
    Stage.FINISHED: "finished",
    Stage.ERROR: "failed",
}
