"""`kiosk service-shell`: what root's helper asks before it opens a shell, and tells when it is closed again.

A locked unit has no console. A ticket that the office signed for this unit (`kiosk office diagnose shell`), on a USB
drive, opens one: once, for some minutes. `take` judges it as the network's user and writes it down as spent, and told
to the office, before anything is opened; root's `service-shell.sh` opens and closes. `console` stands before the shell
on the unit's own screen and asks for the code that the office gave with the ticket.
"""

from __future__ import annotations

import argparse
import getpass
import hmac
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal, NoReturn

import msgspec

from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.system.state_folders import facts_file
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.unit.agent.agent_db import AgentDb
from kiosk_firmware.unit.agent.screen_db_reader import current_run
from kiosk_firmware.unit.identity.unit_identity import UnitTrust
from kiosk_firmware.wire import diagnostic_messages as d
from kiosk_firmware.wire import one_time_codes, signed_document
from kiosk_firmware.wire.certificates import TrustError
from kiosk_firmware.wire.facts import ShellStaged

SPENT = "shell.spent"
"""In agent.db: the numbers of tickets that were used, each with its end; a ticket past its end is refused anyway."""
TRIES = 5
WRONG_CODE = 99
"""The exit code of `console` after too many wrong codes."""
SHELL = "/bin/bash"


def main(name: str, arguments: Sequence[str]) -> int:
    """Run `kiosk service-shell take TICKET | end NUMBER WHY --unit UNIT.toml --state DIR`, `… console FILE`.

    Returns:
        The exit code: 0 done, 99 too many wrong codes.

    Raises:
        ValueError: a ticket that is another unit's, another office's, changed, used or past its end; it was told.
    """
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    take_ = verbs.add_parser("take", help="judge a ticket and write it down as used; what to open, for root's helper")
    take_.add_argument("ticket", type=Path, metavar="TICKET", help="the office's, *.shell")
    end_ = verbs.add_parser("end", help="tell the office that the shell is closed")
    end_.add_argument("number", metavar="NUMBER", help="the ticket's")
    end_.add_argument("why", choices=("time", "left", "code", "failed"))
    for verb in (take_, end_):
        verb.add_argument("--unit", type=Path, required=True, metavar="UNIT.toml")
        verb.add_argument("--state", type=Path, required=True, metavar="DIR", help="the unit's run-time folder")
    console_ = verbs.add_parser("console", help="ask for the office's code, then be a shell")
    console_.add_argument("file", type=Path, metavar="FILE", help="the code's hash, from the ticket")
    chosen = parser.parse_args(arguments)
    if chosen.verb == "console":
        return console(chosen.file.read_text().strip())
    unit = unit_settings.read_settings(chosen.unit).unit.id
    if chosen.verb == "end":
        tell(unit, chosen.state, ShellStaged(chosen.number, "closed", detail=chosen.why))
        return 0
    asked = take(unit, chosen.state, chosen.ticket.read_bytes())
    print("cable" if asked.key else "console", asked.minutes, asked.number, asked.key or asked.code)
    return 0


def take(unit: str, state: Path, data: bytes) -> d.ShellTicket:
    """Judge a ticket; from now on it is spent.

    Raises:
        ValueError: it opens nothing here now; the office is told why.
    """
    with closing(AgentDb(facts_file(state, "agent.db"), unit)) as db:
        try:
            asked = _judged(unit, state, data, db)
        except ValueError as error:
            db.add("shell.staged", ShellStaged(_number(data), "refused", detail=str(error)[:200]), now_ms())
            raise
        opened = ShellStaged(asked.number, "opened", *_way(asked))
        spent = {number: end for number, end in _spent(db).items() if end > now_ms()}
        value = msgspec.json.encode(spent | {asked.number: asked.until_ms}).decode()
        db.note(SPENT, value, "shell.staged", opened, now_ms())
        return asked


def _judged(unit: str, state: Path, data: bytes, db: AgentDb) -> d.ShellTicket:
    member, now = UnitTrust(state), now_ms()
    _, asked = signed_document.open_document(data, d.SHELL, d.ShellTicket, member.root(), now, "signer", member.crl())
    if asked.unit != unit:
        raise TrustError(f"this ticket is for unit {asked.unit!r}; allowed here is {unit!r}")
    if asked.until_ms < now:
        raise TrustError("this ticket has ended; ask the office for a new one")
    if asked.number in _spent(db):
        raise TrustError("this ticket was used already; ask the office for a new one")
    if not 1 <= asked.minutes <= d.MOST_MINUTES or bool(asked.key) == bool(asked.code):
        raise TrustError(f"minutes = {asked.minutes}: allowed are 1 to {d.MOST_MINUTES}, and a key or a code")
    if asked.code and current_run(facts_file(state, "screen.db")) != ("", ""):
        raise TrustError("somebody is practising here; plug the drive in again afterwards")
    return asked


def _way(asked: d.ShellTicket) -> tuple[Literal["console", "cable"], int, str]:
    """Return which way it opens, for how many minutes, and the address on the cable."""
    return ("cable", asked.minutes, own_address()) if asked.key else ("console", asked.minutes, "")


def own_address() -> str:
    """Return this unit's address on the network, "" where it has none; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))  # an address that is nobody's (RFC 5737): only the way to it is looked up
        except OSError:
            return ""
        return str(asked.getsockname()[0])


def _spent(db: AgentDb) -> dict[str, int]:
    return msgspec.json.decode(db.noted(SPENT) or "{}", type=dict[str, int])


def _number(data: bytes) -> str:
    """Return the number that a ticket claims to have; nothing is believed of it. "": it is none."""
    try:
        return signed_document.read_claimed(data, d.ShellTicket).number[:32]
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def tell(unit: str, state: Path, fact: ShellStaged) -> None:
    """Store a fact for the office."""
    with closing(AgentDb(facts_file(state, "agent.db"), unit)) as db:
        db.add("shell.staged", fact, now_ms())


def console(code: str, ask: Callable[[str], str] = getpass.getpass, become: Callable[[], int] | None = None) -> int:
    """Ask for the code until it is right, five times at most; then this process is the shell.

    Returns:
        99 after five wrong ones.
    """
    salt, _, known = code.partition(":")
    for _ in range(TRIES):
        try:
            typed = one_time_codes.hash_code(ask("The office's code: "), bytes.fromhex(salt))
            if hmac.compare_digest(typed, known):
                return (become or _become_shell)()
            print("another code was given with this ticket")
        except ValueError as error:
            print(error)
    return WRONG_CODE


def _become_shell() -> NoReturn:
    os.execv(SHELL, [SHELL, "--login"])
