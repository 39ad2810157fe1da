"""`kiosk devices VERB`: the technician's workbench. Each verb prints lines; exit codes as everywhere."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from hardware.diagnostics.cli import history, listing
from hardware.drivers.settings import hardware_settings
from kiosk_firmware.system.state_folders import screen_folder

Verb = Callable[[argparse.Namespace], int]


def _printed(lines: Iterable[str]) -> int:
    for line in lines:
        print(line, flush=True)
    return 0


def _unit(chosen: argparse.Namespace) -> tuple[Any, Any]:
    return hardware_settings.read_settings(chosen.unit)


def _list(chosen: argparse.Namespace) -> int:
    return _printed(listing.list_devices(_unit(chosen)[0], chosen.state))


def _probe(chosen: argparse.Namespace) -> int:
    return _printed(listing.probe_ports(chosen.port, chosen.state))


def _locate(chosen: argparse.Namespace) -> int:
    return _printed(listing.locate_device(chosen.device, _unit(chosen)[0], chosen.state))


def _watch(chosen: argparse.Namespace) -> int:
    from hardware.diagnostics.cli.monitor import watch_lines

    devices, money = _unit(chosen)
    return _printed(watch_lines(devices, money, chosen.state, chosen.device, chosen.seconds, chosen.all))


def _record(chosen: argparse.Namespace) -> int:
    from hardware.diagnostics.cli.monitor import record_line

    devices, money = _unit(chosen)
    with chosen.file.open("w", encoding="utf-8") as out:
        return _printed(record_line(devices, money, chosen.state, chosen.device, chosen.seconds, out, chosen.reopen))


def _replay(chosen: argparse.Namespace) -> int:
    from hardware.diagnostics.cli.replay import replay_recording

    found = 0
    for line, differs in replay_recording(chosen.file):
        print(line, flush=True)
        found += differs
    return 1 if found else 0


def _test(chosen: argparse.Namespace) -> int:
    from hardware.diagnostics.cli.test_and_teach import Terminal, guide_tests

    devices, money = _unit(chosen)
    report = guide_tests(devices, money, chosen.state, chosen.device, Terminal(), chosen.wait)
    print("\n" + report.text(), end="")
    return 0 if report.ok else 1


def _teach(chosen: argparse.Namespace) -> int:
    from hardware.diagnostics.cli.test_and_teach import Terminal, taught

    devices, money = _unit(chosen)
    text, good = taught(devices, money, chosen.state, chosen.device, chosen.times, Terminal().say)
    print(text, end="")
    return 0 if good else 1


def _compare(chosen: argparse.Namespace) -> int:
    return _printed(history.compare_counts(chosen.state, chosen.since))


def _accept(chosen: argparse.Namespace) -> int:
    return _printed(history.accept_baseline(chosen.state))


def _note(chosen: argparse.Namespace) -> int:
    return _printed(history.note_service(chosen.state, _unit(chosen)[0], chosen.device, chosen.text))


def _history(chosen: argparse.Namespace) -> int:
    return _printed(history.history_lines(chosen.state, chosen.device))


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description="A unit's devices: look, try, compare.")
    parser.add_argument("--unit", type=Path, default=Path("unit.toml"), metavar="UNIT.toml")
    parser.add_argument("--state", type=Path, default=Path("state"), metavar="DIR", help="the unit's state folder")
    verbs = parser.add_subparsers(dest="verb", required=True)

    def verb(word: str, work: Verb, about: str) -> argparse.ArgumentParser:
        one = verbs.add_parser(word, help=about, description=about)
        one.set_defaults(work=work)
        return one

    verb("list", _list, "every device of unit.toml: driver, port, how it is")
    verb("probe", _probe, "who answers at a port (none: at all), and what unit.toml could say").add_argument(
        "port", nargs="*", help="a tty, usb:serial=…, usb:path=…"
    )
    verb("locate", _locate, "flash a device's lamp").add_argument("device")
    _add_wires(verb)
    _add_books(verb)
    _add_tests(verb)
    return parser


def _add_wires(verb: Callable[[str, Verb, str], argparse.ArgumentParser]) -> None:
    watch = verb("watch", _watch, "what is said on serial lines, live and decoded")
    watch.add_argument("device", nargs="*", help="none: all")
    watch.add_argument("--all", action="store_true", help="repeated exchanges too")
    record = verb("record", _record, "write what is said on serial lines to a file; secrets are left out")
    record.add_argument("file", type=Path)
    record.add_argument("device", nargs="*", help="none: all")
    record.add_argument("--reopen", action="store_true", help="open a running unit's lines anew, to have the set-up")
    for one, most in ((watch, 0.0), (record, 0.0)):
        one.add_argument("--seconds", type=float, default=most, help="end after so long (0: at Ctrl-C)")
    verb("replay", _replay, "our driver against a recorded far end: what differs").add_argument("file", type=Path)


def _add_books(verb: Callable[[str, Verb, str], argparse.ArgumentParser]) -> None:
    compare = verb("compare", _compare, "what got worse with the devices, in words")
    compare.add_argument("--since", default="acceptance", metavar="acceptance|DATE")
    verb("accept", _accept, "what was counted so far is what later weeks are compared with")
    note = verb("note", _note, "write a change into a device's log: a part, a cable, a cleaning")
    note.add_argument("device")
    note.add_argument("text")
    verb("history", _history, "a device's weeks and its log").add_argument("device")


def _add_tests(verb: Callable[[str, Verb, str], argparse.ArgumentParser]) -> None:
    test = verb("test", _test, "lead through a test of each device; the report is kept")
    test.add_argument("device", nargs="*", help="none: all")
    test.add_argument("--wait", type=float, default=60.0, metavar="SECONDS", help="how long to wait for a person")
    teach = verb("teach", _teach, "measure a pulse coin acceptor, token by token, and propose its table")
    teach.add_argument("device", choices=["coin_acceptor"])
    teach.add_argument("--times", type=int, default=5, help="how often each token is dropped")


def main(name: str, arguments: Sequence[str]) -> int:
    """Run one verb. Returns 0 done, 1 found wanting. Raises ValueError for wrong words and settings."""
    chosen = _parser(name).parse_args(arguments)
    chosen.state = screen_folder(chosen.state)
    try:
        code: int = chosen.work(chosen)
    except BrokenPipeError:  # whoever read the lines has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code
