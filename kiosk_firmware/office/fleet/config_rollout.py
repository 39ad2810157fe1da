"""Wanted configurations: written down before they are sent, sent again whenever a unit comes back that has not decided.

What is sent is the signed file as it is; this room cannot sign. What the unit reports is its own word, latest wins.
"""

from __future__ import annotations

from kiosk_firmware.office.database.connection import Database
from kiosk_firmware.office.fleet.commands import OutgoingMessage
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.messages import Reported

_REPORT = (
    "INSERT INTO reported(unit, version, phase, reason, toml, at_ms) VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(unit)"
    " DO UPDATE SET version = excluded.version, phase = excluded.phase, reason = excluded.reason,"
    " toml = excluded.toml, at_ms = excluded.at_ms"
)
_NEWEST = (
    "SELECT c.site, c.document FROM configs c LEFT JOIN reported r ON r.unit = c.unit WHERE c.unit = ?"
    " AND c.version > coalesce(r.version, 0) ORDER BY c.version DESC LIMIT 1"
)


class ConfigRollouts:
    """The books of configurations, on the store's own connection and within its transaction."""

    def __init__(self, db: Database) -> None:
        """Take `db`, the store's."""
        self._db = db

    def want(self, site: str, unit: str, version: int, toml: str, document: str, now_ms: int) -> OutgoingMessage:
        """Write one down; what to publish.

        Raises:
            sqlite3.IntegrityError: somebody was faster, the number is taken.
        """
        row = (unit, version, site, toml, document, now_ms)
        self._db.execute(
            "INSERT INTO configs(unit, version, site, toml, document, wanted_ms) VALUES(?, ?, ?, ?, ?, ?)", row
        )
        return _message(site, unit, document)

    def pending(self, unit: str) -> list[OutgoingMessage]:
        """Return the newest one, if the unit has not said yet what became of it."""
        row = self._db.execute(_NEWEST, (unit,)).fetchone()
        return [_message(row[0], unit, row[1])] if row else []

    def reported(self, unit: str, said: Reported, now_ms: int) -> None:
        """Note the unit's report of what is in force, and what became of what was wanted."""
        row = (unit, said.version, said.phase, said.reason[:500], said.toml, now_ms)
        self._db.execute(_REPORT, row)


def _message(site: str, unit: str, document: str) -> OutgoingMessage:
    return OutgoingMessage(topics.topic(site, unit, "cfg"), document.encode())
