"""Commands to units: written down before they are sent, sent again whenever the unit comes back, applied once by their
id.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.office.database.connection import Database
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.messages import ENCODE, Command, Reply

AGAIN_MS = 60_000
"""What a unit ended, or refused, is not asked again sooner."""


class OutgoingMessage(msgspec.Struct, frozen=True):
    """Something to publish once what it promises is committed."""

    topic: str
    payload: bytes


def command_message(site: str, unit: str, command: Command) -> OutgoingMessage:
    """Return a command as the message to its unit."""
    return OutgoingMessage(topics.topic(site, unit, "cmd", command.id), ENCODE(command))


class Commands:
    """The books of commands, on the store's own connection."""

    def __init__(self, db: Database) -> None:
        """Take `db`, the store's."""
        self._db = db

    def send(self, site: str, unit: str, command: Command, now_ms: int) -> OutgoingMessage:
        """Write a command down; what to publish."""
        args = ENCODE(command.args).decode()
        self._db.execute(
            "INSERT INTO commands(id, unit, site, name, args, sent_ms, expires_at, state)"
            " VALUES(?, ?, ?, ?, ?, ?, ?, 'sent')",
            (command.id, unit, site, command.name, args, now_ms, command.expires_at),
        )
        return command_message(site, unit, command)

    def stands(self, unit: str, name: str, args: dict[str, object], now_ms: int) -> bool:
        """Return whether the same was asked before and neither expired nor ended; one that ended counts for
        `AGAIN_MS`, for a unit that tells more of what it told before it had obeyed.
        """
        same = (
            "SELECT 1 FROM commands WHERE unit = ? AND name = ? AND args = ? AND expires_at > ?"
            " AND (state IN ('sent', 'received') OR sent_ms > ?)"
        )
        asked = (unit, name, ENCODE(args).decode(), now_ms, now_ms - AGAIN_MS)
        return self._db.execute(same, asked).fetchone() is not None

    def replied(self, unit: str, reply: Reply) -> None:
        """Note the agent's reply to a command."""
        sent = "UPDATE commands SET state = ?, detail = ? WHERE id = ? AND unit = ? AND state = 'sent'"
        self._db.execute(sent, (reply.state, reply.detail[:500], reply.id, unit))

    def pending(self, unit: str, now_ms: int) -> list[OutgoingMessage]:
        """Return the commands that the unit has not confirmed."""
        rows = self._db.execute(
            "SELECT site, id, name, args, expires_at FROM commands"
            " WHERE unit = ? AND state = 'sent' AND expires_at > ?",
            (unit, now_ms),
        )
        return [
            command_message(site, unit, Command(id_, name, msgspec.json.decode(args), expires_at))
            for site, id_, name, args, expires_at in rows
        ]
