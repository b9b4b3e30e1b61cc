"""A settings file to begin with; `broker-client config --example` prints it."""

from typing import Final

EXAMPLE: Final = """\
# broker-client.toml: which portals to bring home, and where to put them.
# Paths are relative to this file. Every setting of a portal can also come from the environment, as
# BROKER_CLIENT_<SETTING> or, with several portals, BROKER_CLIENT_<NICKNAME>_<SETTING>.

# The client's own notes: what is on its way, the connection, refused logins.
state = "state"
# Files that are downloaded at the same time.
workers = 4

[[portals]]
nickname = "support"
# The broker, or the full address of its WSDL.
url = "https://localhost:8443"
username = "api-support"
# The password: BROKER_CLIENT_PASSWORD, or a file that only you can read (chmod 600).
password_file = "support.password"
# The certificate authority of the broker, if it is not one of the system's.
ca_file = "ca.pem"
# Seconds between two polls in real time.
interval_seconds = 10
# Any of LocalScreen, RemoteScreen, Chat, Diagnostics.
channels = ["LocalScreen", "RemoteScreen", "Chat", "Diagnostics"]
# Session_<id>.zip, or a folder Session_<id> and no zip.
decompress = false
storage = "Sessions"
database = "sqlite:///sessions.sqlite"
# Where `run` and `fetch` begin: a time, or "all" for as far back as the broker goes.
start_at = "all"
# When `schedule` fetches what has changed: a cron expression, in UTC.
schedule = "*/15 * * * *"
"""
