"""Alerts on their way out: one e-mail a round to whoever is on duty, and a signed post to each webhook.

An alert goes out once by each way, unless it is hushed or concerns only the room. What could not be sent is tried again
a minute later; nothing is marked as told before the other side has taken it. No learner is ever named.
"""

from __future__ import annotations

import hmac
import logging
import smtplib
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from pathlib import Path

import msgspec

from kiosk_firmware.office.accounts.people_db import PeopleDb
from kiosk_firmware.office.alerts.alert_list import Incident
from kiosk_firmware.office.settings import Mail, OfficeSettings, Webhook

log = logging.getLogger(__name__)
AGAIN_MS = 60_000
WAIT_S = 5
SIGNATURE = "X-Kiosk-Signature"
Say = Callable[[Incident], str]
"""An alert as lines of text: what, where, cause, effect, first steps."""


class Notifier:
    """Sends what is new. `say` words an alert."""

    def __init__(self, db: PeopleDb, settings: OfficeSettings, say: Say) -> None:
        self._db, self._settings, self._say = db, settings, say
        self._not_before: dict[str, int] = {}

    def tell(self, incidents: Sequence[Incident], now_ms: int) -> None:
        """Tell what was not told yet, by each way that is set up."""
        due = [one for one in incidents if not one.hushed and one.weight != "room"]
        if self._settings.mail.to:
            self._by("mail", due, now_ms, lambda new: mail(self._settings.mail, new, self._say))
        for hook in self._settings.webhook:
            self._by(hook.url, due, now_ms, lambda new, hook=hook: post(hook, new, self._say))  # type: ignore[misc]

    def _by(self, way: str, due: Sequence[Incident], now_ms: int, send: Callable[[list[Incident]], None]) -> None:
        told = {row["incident"] for row in self._db.rows("SELECT incident FROM told WHERE way = ?", way)}
        new = [one for one in due if one.key not in told]
        if not new or now_ms < self._not_before.get(way, 0):
            return
        try:
            send(new)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            log.error("alerts by %s: %s; again in a minute", way, error)
            self._not_before[way] = now_ms + AGAIN_MS
            return
        with self._db.change() as db:
            rows = [(way, one.key, now_ms) for one in new]
            db.executemany("INSERT OR IGNORE INTO told(way, incident, at_ms) VALUES(?, ?, ?)", rows)


def mail(settings: Mail, incidents: Sequence[Incident], say: Say) -> None:
    """Mail one message for all of them.

    Raises:
        OSError, smtplib.SMTPException: it was not taken.
    """
    message = EmailMessage()
    first = say(incidents[0]).splitlines()[0]
    message["Subject"] = first if len(incidents) == 1 else f"{first} (+{len(incidents) - 1})"
    message["From"], message["To"] = settings.sender, ", ".join(settings.to)
    message.set_content("\n\n".join(say(one) for one in incidents))
    with smtplib.SMTP(settings.host, settings.port, timeout=WAIT_S) as server:
        server.send_message(message)


def post(hook: Webhook, incidents: Sequence[Incident], say: Say) -> None:
    """Send one POST for all of them; redirects are not followed.

    Raises:
        OSError: it was not taken.
    """
    told = [{**msgspec.structs.asdict(one), "text": say(one)} for one in incidents]
    body = msgspec.json.encode({"alerts": told})
    request = urllib.request.Request(hook.url, body, {"Content-Type": "application/json"})
    if hook.secret_file:
        secret = Path(hook.secret_file).read_bytes().strip()
        request.add_header(SIGNATURE, hmac.digest(secret, body, "sha256").hex())
    opener = urllib.request.build_opener(_Stay())
    with opener.open(request, timeout=WAIT_S) as answer:
        answer.read()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """Refuse to be sent elsewhere."""
