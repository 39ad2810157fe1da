"""`kiosk emulate DEVICE DRIVER --link PATH`: one twin for whoever writes a host of their own.

The twin stands on a pty at PATH (a twin on pins: it joins the pin link that listens at PATH). Lines on standard input
say what is done to it, one act each; lines on standard output say what happens, each beginning with one word:

    ready …     the twin stands; a host may open PATH
    host …      what the host said, decoded        device …   what the twin answered
    state k=v   what of its state has changed      done …     an act was carried out, with what it gave
    no …        the cabinet did not let the act    wrong …    the line made no sense; says what is allowed

An exchange that was printed among the last few is not printed again (a host polls five times a second); `--all` prints
every one. The end of standard input ends nothing; `quit`, SIGTERM and SIGINT do.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
import tomllib
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

import msgspec

from hardware.decoders.wire_decoders import DecodedLine, WireDecoder
from hardware.drivers.settings.base import MoneyChannels, Table
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.unit_fixtures import LinkedPins
from hardware.twins import factory, twin_actions
from hardware.twins.twin_actions import now_ms
from hardware.twins.unit_twins import UNIT_ACTS, Twins

LOOK_S = 0.05
REMEMBERED = 16
_BOOLS = {"on": True, "true": True, "off": False, "false": False}
WORDS = ("fault", "unplug", "replug", "state", "empty_boxes")


class TwinArguments(dict[str, Any]):
    """The arguments of one line: `name=value`, `on`, `off`, and values without a name, which go in their order to
    whatever the act misses.
    """

    def __init__(self, words: Sequence[str], given: dict[str, Any]) -> None:
        super().__init__(given)
        self._loose: deque[str] = deque()
        for word in words:
            name, mark, value = word.partition("=")
            if mark:
                self[name] = _BOOLS.get(value, value)
            elif word in _BOOLS:
                self["on"] = _BOOLS[word]
            else:
                self._loose.append(word)

    def __missing__(self, name: str) -> Any:
        if not self._loose:
            raise KeyError(name)
        self[name] = self._loose.popleft()
        return self[name]


class Single:
    """One served twin and its two streams of lines. `with` closes it."""

    def __init__(self, at: str, table: Table, link: Path, out: TextIO, repeats: bool) -> None:
        self.at, self._out, self._repeats = at, out, repeats
        self._lock = threading.RLock()
        self._told: deque[str] = deque(maxlen=REMEMBERED)
        self._known: dict[str, Any] = {}
        self._reader = WireDecoder(str(table.__struct_config__.tag), at)
        pins = LinkedPins(socket=str(link if type(table) in factory.PINS else f"{link}.pins"))
        alone: dict[str, Any] = {at: table, "pins": pins}
        self.twins = Twins(DeviceTables(**alone), MoneyChannels(), link.parent)
        if at in self.twins.serial:
            self.twins.serial[at].heard = self._heard
        self.look()

    def __enter__(self) -> Single:
        return self

    def __exit__(self, *_: object) -> None:
        self.twins.close()

    @property
    def words(self) -> list[str]:
        """Return what may stand at the head of a line."""
        return sorted(({*self.twins.words()} - {*UNIT_ACTS}) | {*WORDS, "help", "quit"})

    def do(self, line: str) -> bool:
        """Carry out one line; False when it is `quit`."""
        words = line.split()
        if not words or words[0] == "quit":
            return not words
        if words[0] == "help":
            self._help()
            return True
        try:
            answer = self._act(words[0], words[1:])
        except (ValueError, TypeError) as error:
            self.say("wrong", str(error))
            return True
        self.look()
        if answer.pop("ok"):
            self.say("done", words[0], *_pairs(answer))
        else:
            self.say("no", str(answer["error"]))
        return True

    def _act(self, word: str, words: list[str]) -> dict[str, Any]:
        if word not in self.words:
            raise ValueError(f"{word!r}: allowed are {', '.join(self.words)}")
        return dict(self.twins.act(word, TwinArguments(words, {"device": self.at, "at": self.at})))

    def _help(self) -> None:
        with self.twins.hold(self.at) as twin:
            faults = (*twin.FAULTS, *(twin_actions.WIRE_FAULTS if hasattr(twin, "wire") else ()))
        self.say("words", *self.words)
        self.say("faults", *faults)

    def say(self, word: str, *rest: str) -> None:
        """Print one line."""
        with self._lock:
            print(word, *rest, file=self._out, flush=True)

    def look(self) -> None:
        """Print what of the twin's state has changed, and what its wire left unfinished."""
        with self._lock:
            state = self.twins.state()[self.at]
            changed = {name: value for name, value in state.items() if self._known.get(name) != value}
            self._known = state
            if changed:
                self.say("state", *_pairs(changed))
            self._print(self._reader.tick(int(now_ms())))

    def _heard(self, data: bytes, from_host: bool) -> None:
        with self._lock:
            self._print(self._reader.heard(data, from_host, int(now_ms())))

    def _print(self, said: Iterator[DecodedLine]) -> None:
        for one in said:
            if not one.words:
                continue
            line = ("host " if one.host else "device ") + "; ".join(one.words)
            if self._repeats or line not in self._told:
                self.say(line)
            self._told.append(line)


def _pairs(values: dict[str, Any]) -> list[str]:
    return [f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]


def roles() -> dict[str, dict[str, type[Table]]]:
    """Return every device with the drivers that have a twin: device → driver → its table."""
    known: dict[str, dict[str, type[Table]]] = {}
    for field in msgspec.structs.fields(DeviceTables):
        kinds = msgspec.inspect.type_info(field.type)
        members = kinds.types if isinstance(kinds, msgspec.inspect.UnionType) else (kinds,)
        for kind in members:
            if isinstance(kind, msgspec.inspect.StructType) and issubclass(kind.cls, Table) and _has_twin(kind.cls):
                known.setdefault(field.name, {})[str(kind.tag)] = kind.cls
    return known


def _has_twin(table: type[Table]) -> bool:
    """Make the twins of devices that share a bus, on the bus's wire."""
    shared = table.addresses is not Table.addresses or table.shares is not Table.shares
    return table in factory.SERIAL or table in factory.PINS or shared


def table_of(at: str, driver: str, link: Path, values: Sequence[str]) -> Table:
    """Build the table of that driver with KEY=VALUE set, its port at *link*. Raises ValueError: names what
    is allowed.
    """
    known = roles()
    if at not in known:
        raise ValueError(f"device {at!r}: allowed are {', '.join(known)}")
    if driver not in known[at]:
        raise ValueError(f"driver {driver!r} of {at}: allowed are {', '.join(known[at])}")
    given = dict(_value(text) for text in values)
    if "port" in known[at][driver].__struct_fields__:
        given.setdefault("port", str(link))
    try:
        return msgspec.convert({**given, "driver": driver}, known[at][driver])
    except msgspec.ValidationError as error:
        raise ValueError(f"{at} {driver}: {error}; give it with --set KEY=VALUE") from error


def _value(text: str) -> tuple[str, Any]:
    key, _, value = text.partition("=")
    try:
        return key, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key, value


def main(name: str, arguments: Sequence[str]) -> int:
    """Run until told to end. Raises ValueError for a device, driver or value that is not allowed."""
    parser = argparse.ArgumentParser(prog=name, description="One twin, told by lines and telling by lines.")
    parser.add_argument("device", help="the logical device, as in unit.toml")
    parser.add_argument("driver", help="its driver, as in unit.toml")
    parser.add_argument("--link", type=Path, required=True, metavar="PATH", help="where the host finds it")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a key of the device's table")
    parser.add_argument("--all", action="store_true", help="print repeated exchanges too")
    chosen = parser.parse_args(arguments)
    link = chosen.link.absolute()
    if link.exists() and not link.is_symlink():
        raise ValueError(f"--link {chosen.link}: something is there already; allowed is a new name")
    table = table_of(chosen.device, chosen.driver, link, chosen.set)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with Single(chosen.device, table, link, sys.stdout, chosen.all) as single:
        single.say("ready", chosen.device, chosen.driver, str(chosen.link))
        threading.Thread(target=_run_commands, args=(single, sys.stdin, ended), daemon=True).start()
        while not ended.wait(LOOK_S):
            single.look()
    return 0


def _run_commands(single: Single, lines: TextIO, ended: threading.Event) -> None:
    for line in lines:
        if not single.do(line):
            ended.set()
            return
