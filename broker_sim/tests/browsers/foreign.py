"""Pages of somebody else: what a foreign site can have a browser send."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page, Route

from broker_sim.tests.browsers.eyes import Watch

# Another origin of the same site, whose pages send cookies of any SameSite; another site.
ELSEWHERE: Final = ("http://127.0.0.1:9", "http://localhost:9")


def lured(page: Page, watch: Watch, origin: str, target: str, fields: str = "") -> None:
    """Have somebody press a button on a foreign page, which sends a form to `target`."""
    watch.origins.add(origin)
    watch.allow("status of 40")
    form = f"<form method=post action='{target}'>{fields}<button>Win a prize</button></form>"
    text = f"<!doctype html><html lang=en><title>Prize</title>{form}"

    def prize(route: Route) -> None:
        route.fulfill(body=text, content_type="text/html")

    page.route(f"{origin}/**", prize)
    page.goto(f"{origin}/prize")
    page.get_by_role("button", name="Win a prize").click()
    page.wait_for_url(lambda url: not url.startswith(origin))
