"""The ways in which the naive client can be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Wrong:
    """One mistake: its switch, the rule that it breaks, and what it does, in a sentence.

    Attributes:
        warns: it breaks no more than what should be; the verdict is a warning.
        needs: a program that must be here, or the mistake cannot be seen from outside.
    """

    name: str
    breaks: str
    doc: str
    warns: bool = False
    needs: str | None = None


_ALL: Final = (
    Wrong("polls-early", "C-POLL-1", "It polls twice in every interval."),
    Wrong("drifts", "C-POLL-1", "It waits an interval after each poll has ended.", warns=True),
    Wrong("hammers-on-503", "C-POLL-1", "It tries again at once what failed."),
    Wrong("overlapping-polls", "C-POLL-1", "It begins a poll though the last is not answered."),
    Wrong(
        "catches-up", "C-POLL-1", "After a slow answer it makes up for the polls that it missed."
    ),
    Wrong("polls-again-after-news", "C-POLL-1", "What told it something it asks again at once."),
    Wrong(
        "backs-off-from-5xx-alone",
        "C-POLL-1",
        "It tries again at once what was cut or came to ServerError.",
    ),
    Wrong("stays-slow", "C-POLL-1", "After failures it never polls as often again.", warns=True),
    Wrong("ignores-retry-after", "C-POLL-2", "It does not wait as long as it is told to."),
    Wrong(
        "hurries-sessions", "C-POLL-2", "It waits for polls as it is told to, and not for sessions."
    ),
    Wrong("logs-on-while-locked", "C-LOCK-1", "It tries to log on again while locked out."),
    Wrong("repeats-a-bad-password", "C-LOCK-1", "It repeats a password that was refused."),
    Wrong("forgets-refusals", "C-LOCK-1", "It does not remember a refusal over a restart."),
    Wrong("refusals-by-mode", "C-LOCK-1", "It repeats a refused password once, in each mode anew."),
    Wrong("locks-by-mode", "C-LOCK-1", "What is locked to one mode another does not know."),
    Wrong("forgets-lost-answers", "C-LOCK-1", "It does not remember a lost answer over a restart."),
    Wrong("never-logs-off", "C-CONN-1", "It ends without a logoff."),
    Wrong("logs-on-at-every-start", "C-CONN-1", "It keeps no connection, and will not wait."),
    Wrong("connection-for-all", "C-CONN-1", "Everybody may read the file with its connection."),
    Wrong(
        "hurries-a-login-in-use",
        "C-CONN-1",
        "It keeps its connection, but will not wait for one of others.",
    ),
    Wrong("on-demand-stays-on", "C-CONN-1", "On demand, it ends without a logoff."),
    Wrong("races-to-log-on", "C-CONN-1", "Two processes that start at once both log on."),
    Wrong(
        "dies-of-an-unknown-connection",
        "C-CONN-1",
        "It knows ConnectionExpired, not InvalidConnection.",
    ),
    Wrong("cursor-before-data", "C-ONCE-1", "It saves the cursor before what it stands for."),
    Wrong("data-before-cursor", "C-ONCE-1", "It stores again what a lost cursor repeats."),
    Wrong("loses-inserts", "C-ONCE-1", "Its cursor jumps over what came between two calls."),
    Wrong("dedups-by-start-time", "C-ONCE-1", "It takes two sessions of one instant for one."),
    Wrong("finished-only", "C-ONCE-1", "It leaves out what ended as Error."),
    Wrong("one-sub-portal-only", "C-ONCE-1", "It knows one sub-portal of its portal."),
    Wrong("latin-letters-only", "C-ONCE-1", "It cannot write what Latin-1 does not have."),
    Wrong("from-the-beginning-only", "C-ONCE-1", "It stores what it saw begin."),
    Wrong("stores-without-what-failed", "C-ONCE-1", "It leaves out a file that it did not get."),
    Wrong("ignores-a-late-survey", "C-ONCE-2", "It never looks again at what is stored."),
    Wrong("second-archive", "C-ONCE-2", "It stores a changed session beside the old one."),
    Wrong("survey-drops-the-files", "C-ONCE-2", "A survey takes the place of all that was stored."),
    Wrong("has-it-on-demand", "C-ONCE-2", "On demand, it leaves out what it has."),
    Wrong("loses-what-it-missed", "C-ONCE-3", "It begins at the log's end at every start."),
    Wrong(
        "has-it-at-a-start", "C-ONCE-3", "Started again, it does not look at what it has stored."
    ),
    Wrong(
        "keeps-an-expired-cursor",
        "C-ONCE-3",
        "After UpdateExpired it asks with the same cursor again.",
    ),
    Wrong("cannot-expire-later", "C-ONCE-3", "It knows UpdateExpired at its start alone."),
    Wrong(
        "skips-an-expired-log", "C-ONCE-3", "After UpdateExpired it goes on without a look back."
    ),
    Wrong("zip-beside-folder", "C-STORE-1", "Decompressing, it leaves the zip beside the folder."),
    Wrong("own-names", "C-STORE-1", "It gives the files names of its own."),
    Wrong("caches-by-name", "C-STORE-1", "It takes files of one name for one file."),
    Wrong("first-channel-only", "C-STORE-1", "Of several channels it takes the first."),
    Wrong("accepts-truncated", "C-STORE-2", "It stores a recording that was cut."),
    Wrong("counts-bytes-only", "C-STORE-2", "It takes a file of the right size for the right one."),
    Wrong("final-name-at-once", "C-STORE-2", "It writes under the final name from the beginning."),
    Wrong("unpacks-in-place", "C-STORE-2", "It fills the folder under its final name."),
    Wrong(
        "renames-before-fsync",
        "C-STORE-2",
        "It gives the name before the bytes are on the disk.",
        needs="strace",
    ),
    Wrong("downloads-all", "C-STORE-3", "It downloads what was not chosen."),
    Wrong("downloads-and-drops", "C-STORE-3", "It downloads what was not chosen, and drops it."),
    Wrong("chooses-on-demand-only", "C-STORE-3", "In real time it stores every channel."),
    Wrong("garbage-on-wrong-key", "C-KEY-1", "It opens files with any key, and stores the noise."),
    Wrong("key-in-the-log", "C-KEY-1", "It logs the security key."),
    Wrong("password-in-the-log", "C-KEY-1", "It logs the password."),
    Wrong("default-key-for-all", "C-KEY-1", "Everybody may read the default keys."),
    Wrong("drops-the-salt", "C-KEY-1", "It stores wrapped keys without what opens them."),
    Wrong("tls-check-off", "C-NET-1", "It trusts every certificate."),
    Wrong("any-name-will-do", "C-NET-1", "It does not ask for whom a certificate is."),
    Wrong("dies-on-a-bad-session", "C-NET-2", "It ends when one session cannot be read."),
    Wrong("drops-a-bad-session", "C-NET-2", "What failed three times it leaves out."),
    Wrong("waits-for-ever", "C-NET-2", "It waits for an answer as long as it takes."),
    Wrong("exits-0", "C-NET-2", "It ends with 0 after giving up."),
    Wrong(
        "exits-0-without-a-list", "C-NET-2", "It ends with 0 where it could not ask what there is."
    ),
    Wrong("stops-at-page-1", "C-TIME-1", "It reads the first page of a range alone."),
    Wrong("end-included", "C-TIME-1", "It takes the end of a range for a part of it."),
    Wrong("whole-seconds", "C-TIME-1", "It knows no fractions of a second."),
    Wrong("local-time", "C-TIME-1", "It asks for ranges in local time."),
    Wrong("skips-a-missed-time", "C-SCHED-1", "It does not make up for a time it was down over."),
    Wrong("makes-up-without-need", "C-SCHED-1", "It runs at every start again."),
    Wrong("runs-every-minute", "C-SCHED-1", "It takes its schedule for another, denser one."),
    Wrong("portals-in-a-row", "C-MULTI-1", "It asks one portal after the other."),
    Wrong("one-failure-ends-all", "C-MULTI-1", "It ends when one of its portals refuses it."),
    Wrong(
        "second-waits-for-the-first",
        "C-MULTI-1",
        "It begins with a portal when the one before it works.",
    ),
    Wrong("silent-clamp", "C-TIME-1", "It leaves out what is gone, and says nothing."),
)
WRONG: Final = MappingProxyType({each.name: each for each in _ALL})
