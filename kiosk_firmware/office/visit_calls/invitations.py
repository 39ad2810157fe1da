"""Make what unit and browsers are given for a visit: the invitation, and a way through the relay; no secret is in a
table.

Both follow from the visit and a key of this office alone, so an invitation that is said again is the same one, also
after a crash. The relay's words are those of coturn's shared secret (the TURN REST API): a name that says until when it
is good, and its HMAC-SHA1 under the secret, which the relay computes too. No other address is ever given to anybody.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

from kiosk_firmware.system.durable_files import secret_key
from kiosk_firmware.visit.office.appointments import Appointment, StoredRequest
from kiosk_firmware.visit.office.policy import MINUTE_MS, VisitPolicy
from kiosk_firmware.visit.office.service import VisitService
from kiosk_firmware.visit.wire.messages import IceServer, Invited

KEY = "visits.key"
GRACE_MS = 2 * 3_600_000
"""So long after its half hour a visit's words for the relay are still good."""


class Invitations:
    """Of one office. `state`: the folder with its key, which is made at first."""

    def __init__(self, room: VisitService, state: Path) -> None:
        """Read the relay's secret. Raises ValueError: it cannot be read; names the file."""
        self._room = room
        self._secret = _secret(room.policy)
        self._key = secret_key(state / KEY)

    def token(self, kept: StoredRequest, one: Appointment) -> str:
        """Return the token by which that unit proves that it is the one invited to that visit at that time."""
        words = f"unit {kept.case.number} {one.unit} {one.begins_ms}"
        return hmac.new(self._key, words.encode(), hashlib.sha256).hexdigest()[:40]

    def is_token(self, token: str, kept: StoredRequest, one: Appointment) -> bool:
        """Return whether it is that one."""
        return hmac.compare_digest(token.encode(), self.token(kept, one).encode())

    def ice(self, kept: StoredRequest, one: Appointment, whose: str) -> tuple[IceServer, ...]:
        """Return the relays, with that end's words; nothing where there are none."""
        policy = self._room.policy
        if not policy.turn:
            return ()
        until_s = (one.begins_ms + 30 * MINUTE_MS + GRACE_MS) // 1000
        name = f"{until_s}:{kept.case.number}-{whose}"
        word = base64.b64encode(hmac.new(self._secret, name.encode(), hashlib.sha1).digest()).decode()
        return (IceServer(policy.turn, name, word),)

    def invitation(self, kept: StoredRequest, one: Appointment) -> Invited:
        """Return what the unit is told; the same each time."""
        people, rules = len(kept.case.request.people), self._room.policy.rules(kept.seconds)
        return Invited(
            visit=kept.case.number,
            begins_ms=one.begins_ms,
            learner=kept.person,
            language="zh",
            people=people,
            rules=rules,
            ice=self.ice(kept, one, "unit"),
            seal=self._room.recordings.seal(kept.id),
            token=self.token(kept, one),
        )


def _secret(policy: VisitPolicy) -> bytes:
    if not policy.turn:
        return b""
    path = Path(policy.turn_secret_file)
    try:
        found = path.read_bytes().strip() if policy.turn_secret_file else b""
    except OSError as error:
        raise ValueError(f"visits.turn_secret_file = {path}: {error.strerror}") from error
    if not found:
        raise ValueError(
            f"visits.turn_secret_file = {policy.turn_secret_file!r}: allowed is a file with the secret of"
            " turnserver.conf, wherever visits.turn names a relay"
        )
    return found
