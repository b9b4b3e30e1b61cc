"""Waiting for what no locator tells, while the pages go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page

_TRIES: Final = 150
_PAUSE_MS: Final = 100


def until(page: Page, holds: Callable[[], object], else_told: str = "it does not come") -> None:
    """Wait until something holds.

    Raises:
        pytest.fail.Exception: it does not within 15 s; the message is `else_told`.
    """
    for _ in range(_TRIES):
        if holds():
            return
        page.wait_for_timeout(_PAUSE_MS)
    pytest.fail(else_told)
