"""`kiosk office init | audit`: the first administrator, and whether the audit holds.

Both work on the folder, with the office running or not. Passwords are asked for, never given as words of the command.
"""

from __future__ import annotations

import argparse
import getpass
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from kiosk_firmware.office.accounts.accounts import address_of
from kiosk_firmware.office.accounts.audit import BrokenChainError
from kiosk_firmware.office.accounts.errors import ActRefusedError
from kiosk_firmware.office.accounts.service import AccountService


def main(verb: str, arguments: Sequence[str]) -> int:
    """See the file's head.

    Returns:
        The exit code: 0 done, 1 there is an administrator already, or the audit is broken.

    Raises:
        ValueError: the name or password is none.
    """
    parser = argparse.ArgumentParser(prog=f"kiosk office {verb}", description=__doc__)
    parser.add_argument("--state", type=Path, default=Path("var/office"), metavar="DIR", help="where the database lies")
    if verb == "init":
        parser.add_argument("--name", required=True, help="of the administrator's account")
    chosen = parser.parse_args(arguments)
    people = AccountService(chosen.state)
    try:
        return _first(people, chosen.name) if verb == "init" else _verify_audit(people)
    finally:
        people.close()


def _first(people: AccountService, name: str) -> int:
    if any(person.role == "administrator" and not off for person, off in people.accounts.all()):
        print("there is an administrator already: accounts are made on the office's page", file=sys.stderr)
        return 1
    word = _ask_person("password: ")
    if sys.stdin.isatty() and word != _ask_person("once more: "):
        raise ActRefusedError("the two are not alike")
    secret = people.accounts.make("kiosk office init", name, "administrator", (), word)
    print(f"{name} is the first administrator. For the authenticator app (shown once):")
    print(f"  {secret}\n  {address_of(name, secret)}")
    print(_square(address_of(name, secret)))
    return 0


def _square(text: str) -> str:
    """Draw a code for the app's camera, of a terminal's half blocks; dark on light, with its quiet zone."""
    import qrcode  # only this and labels need it

    made, drawn = qrcode.QRCode(border=4), io.StringIO()
    made.add_data(text)
    made.print_ascii(drawn, invert=True)
    return drawn.getvalue()


def _ask_person(what: str) -> str:
    return getpass.getpass(what) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def _verify_audit(people: AccountService) -> int:
    try:
        rows, head = people.audit.verify()
    except BrokenChainError as error:
        print(f"the audit is broken: {error}")
        return 1
    print(f"{rows} rows, unbroken; head {head}")
    return 0
