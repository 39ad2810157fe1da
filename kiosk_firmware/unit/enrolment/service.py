"""`kiosk enrol serve`: the service that brings a blank unit in, while the glass shows how far it is.

                     ┌── a code typed on the glass ──┐
    office known? ───┼── the card's enrolment file ──┼──► desk ──► trusted: unit.toml, then the agent's turn
                     └── otherwise the waiting room ─┘     │
                                                           └──► refused, away, clock behind: told, tried again

Everything that matters is a file: the key that asks (`next.key`, made once), the code that was typed (`enrol.ask`,
until the desk has answered), the enrolment file. So a power cut anywhere is a try that is made again with the same key,
to which the desk gives the same grant. What is told to the glass is in `unit.enrolment.status_file`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from kiosk_firmware.system.state_folders import agent_folder
from kiosk_firmware.unit.agent.main import version
from kiosk_firmware.unit.enrolment import acceptance_sheet
from kiosk_firmware.unit.enrolment.identity_settings import adopt
from kiosk_firmware.unit.identity import status_file as files
from kiosk_firmware.unit.identity.status_file import EnrolmentRequest, EnrolmentStatus
from kiosk_firmware.unit.identity.unit_identity import UnitIdentity, UnitTrust, board_serial
from kiosk_firmware.wire.certificates import TrustError
from kiosk_firmware.wire.enrolment_client import Https, Unreachable, ask_desk
from kiosk_firmware.wire.enrolment_messages import CARD, Answer, Grant, Introduction, Refused, Waiting
from kiosk_firmware.wire.error_texts import Kind

_FAILED: dict[Kind, files.Phase] = {
    "early": "early",
    "stranger": "stranger",
    "misnamed": "stranger",
    "ended": "stranger",
}
"""Whatever else goes wrong on the way is a desk that is away."""
LOOK_S = 0.3
WAIT_S = 10.0
"""Between two looks into the waiting room."""
AWAY_S = 5.0


class _Way(msgspec.Struct, frozen=True):
    """A way in that can be tried now; `file` is the enrolment file that it comes from."""

    desk: str
    unit: str = ""
    code: str = ""
    file: Path | None = None


class EnrolmentService:
    """One unit's; `turn` again and again until it says that nothing is left to do."""

    def __init__(
        self, unit: Path, state: Path, card: Path, now_ms: Callable[[], int], system: Path = Path("/sys")
    ) -> None:
        """Take `card`: the folder of the card's first partition; `system`: where the kernel lists networks and radios.
        The unit's key is made here, where there is none.
        """
        self._unit, self._state, self._card, self._now_ms, self._sys = unit, state, card, now_ms, system
        self._member = UnitTrust(state)
        self._spent: set[tuple[Path, int]] = set()
        """Enrolment files that were refused, as they were then."""
        self._next = 0.0
        self._request: EnrolmentRequest | None = None
        self._desk = ""
        self._refusal = "", ""
        """Of the last try with a code or a file: it stays on the glass until the next one."""
        before = files.read_status(state)
        self._told = EnrolmentStatus("alone", board_serial(), self._member.fingerprint())
        if before is not None:  # what a glass must remember when the service starts again
            kept = {name: getattr(before, name) for name in ("practise", "sheet")}
            self._told = msgspec.structs.replace(self._told, **kept)

    def turn(self) -> bool:
        """Look, try what is due, tell the glass. Whether nothing is left to do."""
        if self._trusted_identity() is None:
            self._seek(files.enrolment_request(self._state))
        identity = self._trusted_identity()
        return identity is not None and self._serve_trusted(identity, files.enrolment_request(self._state))

    def _seek(self, enrolment_request: EnrolmentRequest | None) -> None:
        """Try a way in, if one is due; a code that was just typed is."""
        self._introduce()
        if enrolment_request != self._request:
            self._request, self._next = enrolment_request, 0.0
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + WAIT_S
        try:
            self._try(self._way(enrolment_request))
        except ValueError as error:
            self._refuse(error.word if isinstance(error, TrustError) else "", str(error))

    def _trusted_identity(self) -> UnitIdentity | None:
        return self._member.identity() if self._member.certificate.exists() else None

    # -- ways in

    def _introduce(self) -> None:
        """Believe the office that the card names, once."""
        path = self._card / CARD
        if self._desk or not path.exists():
            return
        try:
            made = msgspec.json.decode(path.read_bytes(), type=Introduction)
            self._member.believe(made.root)
        except (OSError, msgspec.DecodeError, TrustError) as error:
            self._refusal = error.word if isinstance(error, TrustError) else "", f"{CARD}: {error}"
            return
        self._desk = made.desk
        self._told = msgspec.structs.replace(self._told, practise=made.practise, desk=made.desk)

    def _way(self, enrolment_request: EnrolmentRequest | None) -> _Way | None:
        if enrolment_request is not None and enrolment_request.code and self._desk:
            return _Way(self._desk, code=enrolment_request.code)
        for path in sorted(self._card.glob("*.enrol")):
            if (path, path.stat().st_mtime_ns) not in self._spent:
                return self._by_file(path)
        return _Way(self._desk) if self._desk else None

    def _by_file(self, path: Path) -> _Way:
        try:
            file = self._member.read_file(path, self._now_ms())
        except TrustError:
            self._spend(path)
            raise
        return _Way(file.desk or self._desk, file.unit, file.code, path)

    def _spend(self, path: Path) -> None:
        self._spent.add((path, path.stat().st_mtime_ns))

    def _try(self, way: _Way | None) -> None:
        if way is None or not way.desk:
            self._say("refused" if self._refusal[1] else "alone", word=self._refusal[0], reason=self._refusal[1])
            return
        if way.code:
            self._refusal = "", ""
            self._say("asking", desk=way.desk, word="", reason="")
        try:
            with self._member.alone():
                if not self._trusted_identity():  # a USB drive may have been quicker
                    self._handle_answer(self._answer(way), way)
        except Unreachable as error:
            self._next = time.monotonic() + AWAY_S
            self._say(_FAILED.get(error.kind, "away"), desk=way.desk, word=error.kind, reason=str(error))

    def _answer(self, way: _Way) -> Answer:
        application = self._member.apply(way.unit, code=way.code, serial=board_serial(), version=version())
        desk = Https(way.desk, self._member.root_file)
        return ask_desk(self._member, desk, application, lambda: self._say("challenge", desk=way.desk))

    def _handle_answer(self, answer: Answer, way: _Way) -> None:
        if isinstance(answer, Grant):
            identity = self._member.accept(answer, self._now_ms(), way.desk)
            adopt(self._unit, self._state, self._member, identity)
        elif isinstance(answer, Refused):
            if way.file:
                self._spend(way.file)
                self._member.refused()
            self._refuse(answer.word, answer.reason)
        elif isinstance(answer, Waiting):
            self._say("waiting", desk=way.desk, word=self._refusal[0], reason=self._refusal[1])
        if way.code and way.file is None:
            files.clear_request(self._state)
            self._request = None
        elif way.file and not isinstance(answer, Refused):
            with contextlib.suppress(OSError):  # a partition that is root's: the service deletes it then
                way.file.unlink()

    def _refuse(self, word: str, reason: str) -> None:
        self._next = time.monotonic() + WAIT_S
        self._refusal = word, reason
        self._say("refused", word=word, reason=reason)

    # -- afterwards

    def _serve_trusted(self, identity: UnitIdentity, enrolment_request: EnrolmentRequest | None) -> bool:
        """Write unit.toml once more, in case the cut came before it; and the acceptance sheet, where the glass wants
        it.
        """
        try:
            adopt(self._unit, self._state, self._member, identity)
        except ValueError as error:  # the office's mistake, or somebody's in unit.toml: people must see it
            self._say("refused", reason=str(error))
            return False
        until = f"{self._member.leaf().not_valid_after_utc:%Y-%m-%d}"
        who = {"unit": identity.unit, "site": identity.site, "desk": identity.desk, "until": until}
        sheet = self._sheet() if enrolment_request is not None and enrolment_request.sheet else self._told.sheet
        key = self._member.fingerprint()
        self._say("trusted", **who, key=key, word="", reason="", sheet=sheet)
        files.clear_request(self._state)
        return True

    def _sheet(self) -> files.LastAcceptance:
        made = acceptance_sheet.make_sheet(self._member, version(), self._state, self._now_ms(), self._sys)
        acceptance_sheet.write(self._member, made, agent_folder(self._state) / files.SHEETS)
        wrong = tuple((name, seen) for name, well, seen in made.parts if not well)
        return files.LastAcceptance(made.at_ms, len(made.parts), wrong)

    # -- telling

    def _say(self, phase: files.Phase, **changed: Any) -> None:
        links = tuple(sorted(path.parent.name for path in self._sys.glob("class/net/*/carrier") if _is_up(path)))
        changed |= {"links": links, "radios": acceptance_sheet.radios(self._sys)}
        made = msgspec.structs.replace(self._told, phase=phase, **changed)
        if made != files.read_status(self._state):
            files.tell(self._state, made)
        self._told = made


def _is_up(carrier: Path) -> bool:
    """Return whether a cable is in; a network that is down cannot say."""
    try:
        return carrier.parent.name != "lo" and carrier.read_text().strip() == "1"
    except OSError:
        return False


def serve(service: EnrolmentService) -> int:
    """Serve until the unit is somebody, and nothing is wanted any more. Returns 0."""
    while not service.turn():
        time.sleep(LOOK_S)
    return 0
