"""Managers in their browsers, for tests of the Management Center."""

from __future__ import annotations

from typing import Any

from broker_sim.tests.browser import Browser


def password_of(broker: Any, role: str) -> tuple[str, str]:
    """Give (login, password) of the seeded manager of a role."""
    return next((name, word) for known, name, word in broker.manager_logins if known == role)


def logged_in(broker: Any, role: str = "company") -> Browser:
    """Give the browser of a manager of that role who has just logged in."""
    username, password = password_of(broker, role)
    there = Browser().get(f"{broker.url}/manager/login")
    there.send("Log in", username=username, password=password)
    assert there.title == "Dashboard", there.text
    return there
