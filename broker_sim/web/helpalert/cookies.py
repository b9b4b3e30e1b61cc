"""The cookies of the desk: how they are named and found. Knows no framework.

A browser sends cookies by host and path. On https the name says `__Host-`, which binds it to
the host and to the root path, so the name tells the world, too; on http the path does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ODD: Final = re.compile("[^A-Za-z0-9-]+")
CONNECTION: Final = "helpalert"  # holds the id of the representative's connection
FORM: Final = "helpalert-form"  # holds what the log-in form's token is made from
HEADER: Final = "X-Desk-Token"  # the header in which a page's scripts send its token


def signed(kept: str) -> str:
    """Give what a page's token is the signature of; `kept` is what the cookie holds."""
    return f"helpalert form {kept}"


@dataclass(frozen=True, slots=True)
class Jar:
    """The cookies of one world.

    Attributes:
        root: the world's path, without a slash at its end.
        secure: whether the browser came by https.
    """

    root: str
    secure: bool

    def name(self, cookie: str) -> str:
        """Give the name that the browser knows a cookie by."""
        world = _ODD.sub("-", self.root).strip("-")
        own = f"{cookie}-{world}" if world else cookie
        return f"__Host-{own}" if self.secure else own

    @property
    def path(self) -> str:
        """Where the browser sends them."""
        return "/" if self.secure else f"{self.root}/helpalert"

    def find(self, header: str, cookie: str) -> str:
        """Give a cookie's value out of a request's Cookie field; empty where there is none."""
        wanted = self.name(cookie)
        for part in header.split(";"):
            name, _, value = part.strip().partition("=")
            if name == wanted:
                return value.strip('"')
        return ""
