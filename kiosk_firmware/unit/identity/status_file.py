"""Write and read what the enrolment service and the glass tell each other: files in the state folder, each replaced
whole.

    enrol.json     service → glass   how far the unit is on its way to being trusted (`EnrolmentStatus`) enrol.ask
    glass → service   a code that was typed, or "make the acceptance sheet" (`EnrolmentRequest`); gone when answered
    office.heard   agent → glass     the unit as which the office was heard, over its own certificate carry.ask
    glass → stick     a supervisor wants the next stick to take the facts (deploy/unit/lockdown/stick.sh) carry.told
    stick → glass     how many it took wipe.ask       glass → system    a supervisor wants this unit blank
    (kiosk-wipe.path)

The glass has no network and cannot read the unit's key; the service has no device. A code lies in `enrol.ask` for as
long as the desk cannot be asked (mode 0600, one use, a day at most).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.state_folders import READABLE, agent_folder, shared_folder

TOLD, REQUEST, HEARD = "enrol.json", "enrol.ask", "office.heard"
CARRY, CARRIED, WIPE = "carry.ask", "carry.told", "wipe.ask"
SHEETS = "acceptance"
"""The folder of the acceptance sheet, from where a USB drive takes it."""
Phase = Literal["alone", "away", "early", "stranger", "waiting", "asking", "challenge", "refused", "trusted"]
"""No office known; desk out of reach; our clock stands before the office's certificates begin; who answers is not the
office; in the waiting room; asking with a code or file; proving the key; turned away; somebody.
"""
T = TypeVar("T")


class LastAcceptance(msgspec.Struct, frozen=True):
    """The acceptance sheet that was made last: when, how many parts stand on it, and what was seen of those that are
    not well.
    """

    at_ms: int
    parts: int
    wrong: tuple[tuple[str, str], ...] = ()


class EnrolmentStatus(msgspec.Struct, frozen=True):
    """`board`: its number; `key`: the fingerprint's digits; `desk`: HOST:PORT, "" unknown; `until`: the certificate's
    last day; `word` and `reason`: why the last try was refused (`messages.WHY`) or did not come about
    (`error_texts.Kind`), and in full; `links`: networks that
    are plugged in; `radios`: those that are on.
    """

    phase: Phase
    board: str
    key: str
    desk: str = ""
    unit: str = ""
    site: str = ""
    until: str = ""
    word: str = ""
    reason: str = ""
    practise: bool = True
    links: tuple[str, ...] = ()
    radios: tuple[str, ...] = ()
    sheet: LastAcceptance | None = None

    @property
    def code(self) -> str:
        """Return what the code on the glass says, for a laptop's scanner: `kiosk office enrol admit` takes it whole."""
        return f"kiosk:board={self.board};key={self.key};desk={self.desk}"


class EnrolmentRequest(msgspec.Struct, frozen=True):
    """A request of the person at the glass."""

    code: str = ""
    sheet: bool = False


def read_status(state: Path) -> EnrolmentStatus | None:
    """Read the service's status, None where no service has written one yet."""
    return _read(shared_folder(state) / TOLD, EnrolmentStatus)


def tell(state: Path, told: EnrolmentStatus) -> None:
    """Tell the glass."""
    _write(shared_folder(state) / TOLD, told)


def enrolment_request(state: Path) -> EnrolmentRequest | None:
    """Return what is wanted and not answered yet."""
    return _read(shared_folder(state) / REQUEST, EnrolmentRequest)


def ask(state: Path, wanted: EnrolmentRequest) -> None:
    """Want something; it replaces what was wanted before."""
    _write(shared_folder(state) / REQUEST, wanted)


def clear_request(state: Path) -> None:
    """Delete the request: nothing is wanted any more."""
    (shared_folder(state) / REQUEST).unlink(missing_ok=True)


def want(state: Path, name: str) -> None:
    """Want what a file of this name asks for."""
    (shared_folder(state) / name).touch(mode=0o600)


def bars(state: Path) -> bool:
    """Return whether the unit may not be practised on yet, as its office wants it; whoever was enrolled by hand may
    be.
    """
    told = read_status(state)
    is_open = told is None or told.phase == "trusted" or told.practise
    return not is_open and not (agent_folder(state) / "trust" / "member.json").exists()


def office_heard(state: Path, unit: str) -> bool:
    """Return whether the agent has heard the office as this unit."""
    try:
        return bool(unit) and (shared_folder(state) / HEARD).read_text(encoding="ascii").strip() == unit
    except OSError:
        return False


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError):
        return None


def _write(path: Path, made: msgspec.Struct) -> None:
    write_whole(path, msgspec.json.encode(made), READABLE)
