"""`kiosk enrol`: from blank to trusted, on the unit.

Four ways lead to the same grant: an enrolment file (on a USB drive, or copied onto the card for the first boot), a
code that is typed, the waiting room, or a USB drive that carries the messages where there is no network. `serve` goes
whichever way there is while the glass shows it (`enrolling.py`). Then `unit.toml` names the unit as its certificate
does and finds its broker (`adopt`, which the agent's service repeats at each start, since a unit may be set up anew).
`check` proves by delivery: over the connection that the certificate opened, the office's own word was heard.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.unit.enrolment.identity_settings import adopt
from kiosk_firmware.unit.identity.unit_identity import UnitTrust, board_serial
from kiosk_firmware.wire import certificates, private_keys, topics
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.certificates import TrustError
from kiosk_firmware.wire.enrolment_client import Https, Unreachable, ask_desk
from kiosk_firmware.wire.enrolment_messages import (
    ANSWERED,
    ENCODE,
    WHY,
    Answer,
    Apply,
    EnrolmentFile,
    Grant,
    Refused,
    Waiting,
)
from kiosk_firmware.wire.error_texts import FINAL, refusal, terminal_sentence

CHECK_S = 30.0
CARDS = Path("/bootfs"), Path("/boot/firmware")
ASK, ANSWER = ".ask.json", ".answer.json"
"""How the names of what a USB drive carries end, after the unit's: its application, and what the office said to it.
"""
WIPED = "wiped"
"""Beside unit.toml: the system shall destroy the key of the data partition (kiosk-wipe.path), and start anew."""
ASKING = ("file", "code", "wait", "take", "renew")
"""Verbs that may end with another certificate."""


def main(name: str, arguments: Sequence[str]) -> int:
    """See the file's head. Returns 0 done, 1 found wanting (refused, waiting, unreachable).

    Raises:
        ValueError: a wrong word or file; names it and what is allowed.
    """
    chosen = _parser(name).parse_args(arguments)
    act: Callable[[argparse.Namespace, UnitTrust], int] = chosen.act
    try:
        member = UnitTrust(chosen.state)
        with member.alone() if chosen.verb in ASKING else contextlib.nullcontext():
            return act(chosen, member)
    except TrustError as error:
        if error.word not in WHY:
            raise
        print(f"{error}\n{refusal(error.word)}", file=sys.stderr)
        return 1
    except Unreachable as error:
        print(terminal_sentence(error.kind, error.where), file=sys.stderr)
        if error.kind == "other":
            print(f"kiosk {name}: {error}", file=sys.stderr)
        return 1


def card() -> Path:
    """Return where the card's first partition is mounted: of an image with two systems, or of a plain one."""
    return next((path for path in CARDS if path.is_dir()), CARDS[-1])


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description="Make this unit trusted.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--unit", type=Path, default=Path("/var/lib/kiosk/unit.toml"), metavar="UNIT.toml")
    common.add_argument("--state", type=Path, default=Path("/var/lib/kiosk/state"), metavar="DIR")
    desk = argparse.ArgumentParser(add_help=False)
    desk.add_argument("--desk", required=True, metavar="HOST:PORT", help="the office's enrolment desk")
    desk.add_argument("--root", type=Path, metavar="root.pem", help="the office's root, where this unit has none yet")
    one = verbs.add_parser("file", parents=[common], help="with an enrolment file")
    one.add_argument("file", type=Path)
    one.add_argument("--stick", type=Path, metavar="DIR", help="where no desk answers, write the application there")
    one.set_defaults(act=_file)
    one = verbs.add_parser("serve", parents=[common], help="by whatever way there is, until the unit is somebody")
    one.add_argument("--card", type=Path, default=card(), metavar="DIR", help="the card's first partition")
    one.set_defaults(act=_serve)
    one = verbs.add_parser("code", parents=[common, desk], help="with a code")
    one.add_argument("code")
    one.set_defaults(act=_code)
    verbs.add_parser("wait", parents=[common, desk], help="in the waiting room").set_defaults(act=_code, code="")
    one = verbs.add_parser("take", parents=[common], help="the answer that a stick brought back")
    one.add_argument("stick", type=Path)
    one.set_defaults(act=_take)
    for verb, act, about in (
        ("renew", _renew, "a new certificate, once two thirds of the old one's life are over"),
        ("adopt", _adopt, "write into unit.toml what the certificate says"),
        ("check", _check, "reach the broker and hear the office"),
        ("show", _show, "who this unit is"),
    ):
        verbs.add_parser(verb, parents=[common], help=about).set_defaults(act=act)
    one = verbs.add_parser("sheet", parents=[common], help="write the acceptance sheet: signed, and to print")
    one.add_argument("--out", type=Path, required=True, metavar="DIR")
    one.set_defaults(act=_sheet)
    one = verbs.add_parser("wipe", parents=[common], help="make this unit blank again")
    one.add_argument("--yes", action="store_true", help="really; nothing comes back")
    one.set_defaults(act=_wipe)
    return parser


# -- coming in


def _file(chosen: argparse.Namespace, member: UnitTrust) -> int:
    file = member.read_file(chosen.file, now_ms())
    if not file.desk and not chosen.stick:
        raise ValueError(f"{chosen.file.name} names no desk: carry the application with --stick DIR")
    waits = _is_asked(chosen.file, file, member)
    application = member.apply(file.unit, code=file.code, serial=board_serial())
    try:
        if file.desk:
            return _end_application(
                ask_desk(member, Https(file.desk, member.root_file), application), chosen, member, file.desk
            )
    except Unreachable:
        if not chosen.stick:
            raise
    if not waits:
        member.carried(file.unit)
        write_whole(chosen.stick / f"{file.unit}{ASK}", ENCODE(application))
    print(f"{file.unit}{ASK}: take the stick to the office's laptop (kiosk office enrol sign), then back here")
    return 0


def _is_asked(path: Path, file: EnrolmentFile, member: UnitTrust) -> bool:
    """Return whether our application with this very code lies beside the file already, and waits for its answer.

    Raises:
        ValueError: another board has asked with this file, or the office has refused ours; another file is free.
    """
    beside = path.with_name(f"{file.unit}{ASK}")
    found = _read(beside)
    if found is None:
        return False
    ask, key = found
    if key != member.fingerprint():
        raise ValueError(f"{path.name}: another board has asked with it ({beside.name}); allowed is one for this board")
    answer = _read_answer(beside)
    if isinstance(answer, Refused) and ask.code == file.code:
        raise ValueError(f"{path.name}: the office has refused it: {answer.reason}")
    return ask.code == file.code and answer is None


def _read(path: Path) -> tuple[Apply, str] | None:
    """Read the application in a file, with its key's digits; None where there is none that can be read."""
    try:
        ask = msgspec.json.decode(path.read_bytes(), type=Apply)
        return ask, private_keys.fingerprint(private_keys.requested_key(ask.csr))
    except (OSError, ValueError):
        return None


def _read_answer(ask: Path) -> Answer | None:
    """Return what the office said to an application, where its answer lies beside it."""
    try:
        answer: Answer = ANSWERED.decode(ask.with_name(ask.name.replace(ASK, ANSWER)).read_bytes())
    except (OSError, msgspec.DecodeError):
        return None
    return answer


def _serve(chosen: argparse.Namespace, member: UnitTrust) -> int:
    from kiosk_firmware.unit.enrolment import service  # it knows the agent and the workbench's reports

    return service.serve(service.EnrolmentService(chosen.unit, chosen.state, chosen.card, now_ms))


def _code(chosen: argparse.Namespace, member: UnitTrust) -> int:
    if chosen.root:
        try:
            member.believe(chosen.root.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"--root {chosen.root}: {error}") from error
    member.root()
    application = member.apply("", code=chosen.code, serial=board_serial())
    return _end_application(
        ask_desk(member, Https(chosen.desk, member.root_file), application), chosen, member, chosen.desk
    )


def _take(chosen: argparse.Namespace, member: UnitTrust) -> int:
    for path in sorted(chosen.stick.glob(f"*{ASK}")):
        found, answer = _read(path), _read_answer(path)
        if found and answer and found[1] == member.fingerprint() and member.asked in ("", found[0].unit):
            return _end_application(answer, chosen, member)
    print(f"{chosen.stick}: no answer for this unit ({member.fingerprint()})", file=sys.stderr)
    return 1


def _renew(chosen: argparse.Namespace, member: UnitTrust) -> int:
    identity = member.identity()
    if identity is None or not certificates.renewal_due(member.leaf(), now_ms()):
        return 0
    if not identity.desk:
        print("this unit was enrolled with a stick: ask the office for a new enrolment file", file=sys.stderr)
        return 1
    application: Apply = member.apply(identity.unit, renew=True, serial=board_serial())
    return _end_application(ask_desk(member, Https(identity.desk, member.root_file), application), chosen, member)


def _end_application(answer: Answer, chosen: argparse.Namespace, member: UnitTrust, desk: str = "") -> int:
    if isinstance(answer, Grant):
        identity = member.accept(answer, now_ms(), desk)
        adopt(chosen.unit, chosen.state, member, identity)
        print(f"✓ unit {identity.unit} of site {identity.site}; broker {identity.broker.host}:{identity.broker.port}")
        return 0
    if isinstance(answer, Waiting):
        print(f"waiting: compare at the office: {answer.fingerprint}")
    elif isinstance(answer, Refused):
        member.refused()
        print(refusal(answer.word) if answer.word in WHY else f"refused: {answer.reason}", file=sys.stderr)
    return 1


# -- unit.toml


def _adopt(chosen: argparse.Namespace, member: UnitTrust) -> int:
    if identity := member.identity():
        adopt(chosen.unit, chosen.state, member, identity)
    return 0


# -- looking


def _show(chosen: argparse.Namespace, member: UnitTrust) -> int:
    identity = member.identity()
    print(f"unit         {identity.unit if identity else 'blank'}")
    print(f"fingerprint  {member.fingerprint()}")
    print(f"board        {board_serial()}")
    if identity:
        print(f"site         {identity.site}")
        print(f"until        {member.leaf().not_valid_after_utc:%Y-%m-%d}")
    return 0


def _check(chosen: argparse.Namespace, member: UnitTrust) -> int:
    settings = unit_settings.read_settings(chosen.unit)
    who, _ = certificates.verify_chain(member.chain(), member.root(), now_ms())
    print(f"✓ certificate: {who.name}")
    if who.name != settings.unit.id:
        raise ValueError(f"unit.id = {settings.unit.id!r}: the certificate says {who.name}; run kiosk enrol adopt")
    heard = office_heard(settings.broker, settings.unit.id, CHECK_S, lambda trouble: print(trouble, flush=True))
    print("✓ broker reached, office heard" if heard else "✗ nothing was heard", flush=True)
    return 0 if heard else 1


def office_heard(
    broker: BrokerSettings, unit: str, patience_s: float, tell: Callable[[str], object] = lambda trouble: None
) -> bool:
    """Return whether the office's own word comes through, over our own certificate; `tell` hears at once what stands
    in the way. What no waiting mends is not waited for.
    """
    from kiosk_firmware.wire.mqtt import BrokerLink, MqttMessage  # only `check` speaks MQTT

    words: list[MqttMessage] = []
    link = BrokerLink(broker, unit, (topics.CENTRAL,), words.append)
    deadline = time.monotonic() + patience_s
    told = ""
    while not words and link.trouble not in FINAL and time.monotonic() < deadline:
        link.turn(0.1)
        if link.sentence not in ("", told):
            told = link.sentence
            tell(told)
    link.close()
    return bool(words)


def _sheet(chosen: argparse.Namespace, member: UnitTrust) -> int:
    from kiosk_firmware.unit.agent.main import version
    from kiosk_firmware.unit.enrolment import acceptance_sheet  # it reads the workbench's reports

    sheet = acceptance_sheet.make_sheet(member, version(), chosen.state, now_ms())
    acceptance_sheet.write(member, sheet, chosen.out)
    for line in sheet.wanting:
        print(f"✗ {line}", file=sys.stderr)
    print(f"{chosen.out}/acceptance.html and .json")
    return 1 if sheet.wanting else 0


def _wipe(chosen: argparse.Namespace, member: UnitTrust) -> int:
    if not chosen.yes:
        raise ValueError(f"everything in {chosen.state} would go, and the unit is nobody; say --yes")
    write_whole(chosen.unit.with_name(WIPED), b"")  # first: a power cut from here on ends in wiping again
    gone = member.wipe()
    chosen.unit.unlink(missing_ok=True)
    print(f"{len(gone)} files are gone; the unit is blank. The office: kiosk office enrol revoke …")
    return 0
