"""The client's log: to standard error, as lines for a person or as JSON for a program."""

from __future__ import annotations

import json
import logging
import sys


class _AsJson(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "where": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


class _ToStderr(logging.Handler):
    """Writes to what standard error is at the moment: a bar on the terminal stands in for it."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(self.format(record) + "\n")


def set_up(*, verbose: bool, as_json: bool) -> None:
    """Log what this program does; not what its libraries do, for they may write secrets."""
    handler = _ToStderr()
    plain = logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")
    handler.setFormatter(_AsJson() if as_json else plain)
    log = logging.getLogger("integration")
    log.handlers = [handler]
    log.setLevel(logging.DEBUG if verbose else logging.WARNING)
    log.propagate = False
