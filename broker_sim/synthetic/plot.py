"""What a session was about, read from its record: for the screens, live sessions too."""

from __future__ import annotations

from dataclasses import dataclass

from broker_sim.core.chat import customer_name, heard, rep_name
from broker_sim.core.record import Event, Happening, Session
from broker_sim.synthetic import machine, pools, week
from broker_sim.synthetic.chance import fingerprint
from broker_sim.synthetic.scenery import THEMES, Theme


@dataclass(frozen=True, slots=True)
class Plot:
    """The story of a session as its screens need it.

    Attributes:
        begun: when the screens begin; milliseconds since 1970, as `over` when they end.
        events: from the start on, in order.
        customer_theme: the colours of the customer's desktop, the same at every session.
    """

    seed: int
    session: Session
    begun: int
    over: int
    customer: str
    rep: str
    app: pools.App
    scene: pools.Scene
    events: tuple[Happening, ...]
    customer_theme: Theme
    rep_theme: Theme

    def said(self, event: Happening) -> tuple[str, str]:
        """Give speaker and text of a line of chat."""
        return heard(event.detail, (self.rep, self.customer))

    def at(self, event: Happening) -> int:
        """Tell when it happened, inside the screens' time."""
        return min(self.over, max(self.begun, week.to_ms(event.time)))


def read(seed: int, session: Session) -> Plot:
    """Read a session that has started.

    Raises:
        ValueError: it has not.
    """
    if session.started is None:
        msg = f"session {session.session_id} has not started"
        raise ValueError(msg)
    begun = week.to_ms(session.started)
    last = session.ended or max(event.time for event in session.events)
    after = (Event.POSTED, Event.ACCEPTED, Event.STARTED, Event.SURVEY_RECEIVED)
    scene, app = _scene(session)
    themes = len(THEMES)
    return Plot(
        seed=seed,
        session=session,
        begun=begun,
        over=max(begun, week.to_ms(last)),
        customer=customer_name(session),
        rep=rep_name(session),
        app=app,
        scene=scene,
        events=tuple(event for event in session.events if event.kind not in after),
        customer_theme=THEMES[machine.inspect(seed, session).key % themes],
        rep_theme=THEMES[fingerprint(session.representative or "") % themes],
    )


def _scene(session: Session) -> tuple[pools.Scene, pools.App]:
    """Find the trouble whose lines were said; else one of the sub-portal's."""
    words = pools.words()
    said = "\n".join(event.detail for event in session.events if event.kind is Event.CHAT)
    language = pools.LANGUAGES.get(session.locale, "en")
    # Transferred sessions and live ones may be about another skill than their sub-portal's.
    for skill, app in words.apps.items():
        for scene in words.scenes[skill, language]:
            if app.name in session.question + said and _fits(scene, said):
                return scene, app
    for (skill, _), scenes in words.scenes.items():
        for scene in scenes:
            if scene.skill == skill and _fits(scene, said):
                return scene, words.apps[skill]
    skill = session.sub_portal if session.sub_portal in words.apps else "desktop"
    scenes = words.scenes[skill, language]
    return scenes[session.session_id % len(scenes)], words.apps[skill]


def _fits(scene: pools.Scene, said: str) -> bool:
    lines = [step.text for step in scene.steps if step.kind == "c" and "{" not in step.text]
    return any(line in said for line in lines if len(line) > 12)
