"""Proctored runs: a teacher's card begins one and ends it, and then there is a slip that proves it. While it goes on
there is no strip: no hint, no halo, no key but the machine's. It is over when its goal is reached, or when the card is
held to a reader while the machine stands at its first page.

On the slip stand the learner's number, what was done and how it ended, the check code, and a blank for the name: no
name is ever in this unit. A card that is no teacher's is only given back; the supervisor's door counts no try.
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.certificate_code import check_code
from kiosk_firmware.core.effects import Document, PrintDocument
from kiosk_firmware.core.events import Device, MediaInserted
from kiosk_firmware.core.pages import Text, text
from kiosk_firmware.core.texts import Words
from kiosk_firmware.unit.lobby.phases.lobby import Before, Certified, Ending, Running, Signing
from kiosk_firmware.unit.runtime import receipt_lines
from kiosk_firmware.unit.shell.environment import CabinetCalls, SystemClock
from kiosk_firmware.unit.shell.supervisor_lock import SupervisorLock

UTC8 = datetime.timezone(datetime.timedelta(hours=8))
PRINTER: Device = "receipt_printer"


class TeacherCard(msgspec.Struct, frozen=True):
    """Through the inbox: a card was looked at; `who` is the teacher's number, 0 for no teacher's."""

    who: int


class Proctor:
    """Looks at cards where a proctored run may begin or has ended, and prints."""

    def __init__(
        self,
        lock: SupervisorLock,
        cabinet: CabinetCalls,
        words: Words,
        post: Callable[[object], None],
        prints: bool,
        needs_secret: bool = False,
    ) -> None:
        """Take `lock`, which knows the teachers' cards; `words`, the lobby's; `post`, the inbox's; `prints`: a slip,
        too; `needs_secret`: a card's number alone is no teacher's.
        """
        self._lock, self._cabinet, self._words, self._post = lock, cabinet, words, post
        self._prints, self._needs_secret = prints, needs_secret

    def look(self, event: object, phase: object) -> None:
        """Look at a card that came to a reader; its owner is told through the inbox, as hashing is slow."""
        if not isinstance(event, MediaInserted) or not isinstance(phase, Before | Running | Signing):
            return
        if self._needs_secret and not event.media.proved:
            return
        secret = bytearray(event.media.number.encode())
        work = threading.Thread(
            target=lambda: self._post(TeacherCard(self._lock.owner(secret))), name="proctor", daemon=True
        )
        if self._lock.knows("card"):
            work.start()

    def certify(self, learner: str, end: Ending, language: str) -> Certified:
        """Return what the lobby hears; the slip comes out where there is a printer."""
        code = check_code(end.exam, end.machine, end.skin, end.lesson, end.outcome)
        if self._prints:
            words = self._words.joined(machine_loader.machine_texts(end.machine, end.skin))
            slip = certificate(learner, end, code, SystemClock().utc_ms())
            self._cabinet.begin(lambda document: receipt_lines.lines(document, words, language), None, False)
            self._cabinet.perform(PrintDocument(PRINTER, "certificate", slip))
        return Certified(code, self._prints)


def certificate(learner: str, end: Ending, code: str, utc_ms: int) -> Document:
    """Return the slip as a document."""
    day = datetime.datetime.fromtimestamp(utc_ms / 1000, UTC8).date().isoformat()
    rows = (
        (Text("lobby.slip.number"), text("lobby.slip.is", value=learner)),
        (Text("lobby.slip.machine"), Text(f"tile.{end.machine}")),
        (Text("lobby.slip.lesson"), Text(f"lesson.{end.lesson}.title")),
        (Text("lobby.slip.result"), Text(f"lobby.slip.{'done' if end.outcome == 'done' else 'not_yet'}")),
        (Text("lobby.slip.day"), text("lobby.slip.is", value=day)),
        (Text("lobby.slip.code"), text("lobby.slip.is", value=code)),
    )
    return Document("certificate", Text("lobby.slip.title"), rows, (Text("lobby.slip.name"), Text("lobby.slip.where")))
