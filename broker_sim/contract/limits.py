"""Every number of the contract, with its unit and the rule it belongs to."""

from datetime import timedelta
from typing import Final

NAMESPACE: Final = "urn:broker-sim:v1"

# Lockout: LOGON-3, LOGON-4
SOFT_LOCK_AFTER: Final = 3
SOFT_LOCK_FOR: Final = timedelta(minutes=5)
HARD_LOCK_AFTER: Final = 10
# Unknown names are counted like known ones, in a table of this many rows: LOGON-2
UNKNOWN_NAMES_KEPT: Final = 10_000

# Connections: LOGON-1, CONN-2
CONNECTION_ID_BYTES: Final = 20
CONNECTION_IDLE: Final = timedelta(minutes=20)

# Calls of one connection, in a second and at once after a rest: RATE-1
RATE_PER_SECOND: Final = 10
RATE_BURST: Final = 20
# What a tester may set instead: between these; so many at once at most
RATE_LEAST: Final = 0.01
RATE_MOST: Final = 1_000_000

# Phone codes: PHONE-1 to PHONE-3; how many and how long are settings of a portal
CODE_DIGITS: Final = 9
CODES_PER_REP: Final = 8
CODE_LIVES: Final = timedelta(minutes=15)
# What once was a code is no other's for so long: PHONE-1
CODE_REMEMBERED: Final = timedelta(days=90)
# Wrong codes from one address before it has to wait, and how long: PHONE-6
GUESSES: Final = 10
GUESSES_WAIT: Final = timedelta(minutes=1)

# A representative's desktop: how long one getEvents may wait, events in one answer: AGENT-1
EVENTS_WAIT_MAX: Final = timedelta(seconds=30)
EVENTS_MAX: Final = 100

# Pages: SESS-5, UPD-1
PAGE_MAX: Final = 1000

# Retention: RET-1, RET-2, UPD-3
RETENTION: Final = timedelta(days=90)
PURGE_UPDATE_KEPT: Final = timedelta(days=90)
PURGE_BATCH: Final = 100

# Downloads: REC-5
URL_VALID_FOR: Final = timedelta(hours=1)

# Life of a request: SESS-2
UNANSWERED_AFTER: Final = timedelta(minutes=10)
# At a SmartMatch the one who was picked has a request alone for so long: PORTAL-6
PICKED_ALONE: Final = timedelta(minutes=1)

# A recording is ready this long after its session's end: UPD-2
RECORDING_TAKES: Final = timedelta(seconds=5)

# Sessions get ids that grow over the whole broker, 8 digits and more
FIRST_SESSION_ID: Final = 12_012_692

# Texts at the door, in characters: SESS-4
NAME_MAX: Final = 255
TEXT_MAX: Final = 100_000

# Gate, in bytes and elements: FAULT-2
BODY_MAX_BYTES: Final = 256 * 1024
ELEMENTS_MAX: Final = 20_000
BODY_DEADLINE: Final = timedelta(seconds=10)

# Blobs below this many bytes lie in the database, others in the blob folder
SMALL_BLOB_BYTES: Final = 64 * 1024

# A file that a representative sends lies in the database; larger ones are not taken: AGENT-1
SENT_FILE_MAX_BYTES: Final = SMALL_BLOB_BYTES

# The Management Center: a login ends idle, and at the latest after so long. SEC-2
MANAGER_IDLE: Final = timedelta(minutes=20)
MANAGER_STAYS: Final = timedelta(hours=12)
# Passwords that are set there, in characters and kinds of characters; what is in a name counts
# as part of it from so many letters on. SEC-2
PASSWORD_MIN: Final = 8
PASSWORD_MAX: Final = 32
PASSWORD_KINDS: Final = 3
PASSWORD_WORD: Final = 3
# The audit trail is kept as long as sessions are. SEC-2
AUDIT_KEPT: Final = RETENTION

# A session's channel: CHAN-1. Frames are what its relay carries; a frame with its IV and its tag
CHANNEL_KEY_BYTES: Final = 16
CHANNEL_IV_BYTES: Final = 12
CHANNEL_TAG_BYTES: Final = 16
# Each program that takes part names itself by so many random bytes. Of so many of a party's, those
# used last, it is known how far their frames have come; at the relay, and for the record
CHANNEL_SOURCE_BYTES: Final = 8
CHANNEL_SOURCES_MAX: Final = 128
FRAME_MAX_BYTES: Final = 256 * 1024
# One POST of frames, with their lengths; more than one of the largest frame
FRAMES_BODY_MAX_BYTES: Final = 512 * 1024
# What a relay keeps of a channel for who is late, and how many channels at once
CHANNEL_KEPT_BYTES: Final = 512 * 1024
CHANNEL_KEPT_FRAMES: Final = 4096
# Frames sent in one POST are at most half of that, so that none pushes out another of its own
# before it is read; a frame alone may be as large as frames are. Each counts with what it takes
FRAMES_POST_MAX: Final = CHANNEL_KEPT_FRAMES // 2
FRAMES_POST_BYTES: Final = CHANNEL_KEPT_BYTES // 2
FRAME_TAKES_BYTES: Final = 64
CHANNELS_MAX: Final = 512
# A channel that nobody asked for so long is forgotten
CHANNEL_IDLE: Final = timedelta(minutes=5)
# What one party may send: bytes in a second in the long run, and at once after a rest
CHANNEL_BYTES_PER_SECOND: Final = 256 * 1024
CHANNEL_BURST_BYTES: Final = 2 * 1024 * 1024
# What one party may say in a channel: chats and files in a second in the long run, and at once
# after a rest; a chat counts as one for each so many characters begun
CHATS_PER_SECOND: Final = 10
CHATS_BURST: Final = 100
CHAT_COUNTS_CHARACTERS: Final = 2000
# With so many events a session takes no more by its channel: each one stores all of them
CHANNEL_EVENTS_MAX: Final = 10_000
# How long one GET of frames may wait, and how long a ticket opens a channel
FRAMES_WAIT_MAX: Final = timedelta(seconds=25)
TICKET_VALID_FOR: Final = timedelta(hours=12)
# A side of a screen, and of what is drawn to be put on it, in pixels
SCREEN_SIDE_MAX: Final = 4096
# What is recorded of the screens of one session; what comes behind it is shown and not kept
RECORDING_MAX_BYTES: Final = 200 * 1024 * 1024
