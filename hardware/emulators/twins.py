"""All twins of one unit, and what people and bad luck can do to them, by name.

Serial twins are served on ptys at stable names in the state folder, pin twins on the board. Every act is one word
with arguments as JSON values (`ACTS`); acts that a person could do answer whether the cabinet let them. `state` is
what somebody standing before the cabinet, and with the key to it, would see. The counts in it are kept by the twins,
never by the application, so a test may kill the application and still know what became of each card, note and token.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from hardware.emulators import cctalk_unit
from hardware.emulators.board import Board, now_ms
from hardware.emulators.coins import CoinTwin
from hardware.emulators.crt310 import Crt310Twin, TwinCard
from hardware.emulators.escpos import EscposTwin
from hardware.emulators.keypad import KeypadTwin, SideKeysTwin
from hardware.emulators.pin_twin import PinTwin
from hardware.emulators.pn532 import Pn532Twin, TwinTag
from hardware.emulators.pty import Served, serve
from hardware.emulators.ssp import SspTwin
from hardware.emulators.tray import LampsTwin, TrayTwin
from hardware.memory import write_whole
from hardware.settings import (
    Crt310,
    Devices,
    Escpos,
    Lamps,
    LinkedPins,
    Matrix,
    Money,
    Pn532,
    Pulse,
    SideKeys,
    Ssp,
    Tray,
)

Answer = dict[str, Any]
FULL_ROLL, LOW_ROLL = 2000, 20


class Twins:
    """The twins of a unit. `act` and `state` may be called from any thread; close twice is fine."""

    def __init__(self, devices: Devices, money: Money, folder: Path, kept: dict[str, Any] | None = None) -> None:
        """Serve everything that `devices` lists; ptys and the pin socket lie in `folder`. `kept`: a state that an
        earlier process kept; it is taken up before anybody can ask.
        """
        kept = kept or {}
        self._devices, self._money, self._folder = devices, money, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.serial: dict[str, Served] = {}
        for name, table in devices.named():
            twin = _serial_twin(table, money)
            if twin is not None:
                if isinstance(kept.get(name), dict) and hasattr(twin, "restore"):
                    twin.restore(kept[name])
                self.serial[name] = serve(twin, folder / Path(table.port).name)  # type: ignore[attr-defined]
        for port, wire in cctalk_unit.wires(devices, money).items():
            for name, part in wire.parts.items():
                part.restore(kept.get(name, {}))
            served = serve(wire, folder / Path(port).name)
            self.serial.update(dict.fromkeys(wire.parts, served))
        socket = devices.pins.socket if isinstance(devices.pins, LinkedPins) else "pins.sock"
        self.board = Board(folder / socket, _restored(_pin_twins(devices, money), kept))
        self._notes_returned: list[Any] = list(kept.get("note_acceptor", {}).get("taken_back", []))

    def act(self, do: str, arguments: dict[str, Any]) -> Answer:
        """Carry out one act.

        Returns:
            `{"ok": True, …}` where it could be done, `{"ok": False, "error": …}` where the cabinet did not let it.

        Raises:
            ValueError: no such act, device or argument; the message says what is allowed.
        """
        if do not in ACTS:
            raise ValueError(f"no act {do!r}: allowed are {', '.join(sorted(ACTS))}")
        try:
            return ACTS[do](self, arguments)
        except KeyError as error:
            raise ValueError(f"{do}: this unit or this request has no {error}") from None

    # -- what a person does -------------------------------------------------------------------------------------------

    def _insert_card(self, args: dict[str, Any]) -> Answer:
        card = TwinCard(
            str(args["card"]), str(args.get("expires", "3012")), bool(args.get("chip", True)),
            bool(args.get("readable", True)), bool(args.get("wrong_way", False)),
        )
        with self._serve("card_reader", Crt310Twin).hold() as twin:
            return _done(twin.insert_card(card), "the slot does not take the card")  # type: ignore[attr-defined]

    def _take_card(self, _: dict[str, Any]) -> Answer:
        with self._serve("card_reader", Crt310Twin).hold() as twin:
            card = twin.take_card()  # type: ignore[attr-defined]
        return {"ok": True, "card": card.number} if card else _done(False, "no card stands in the slot")

    def _tap_tag(self, args: dict[str, Any]) -> Answer:
        with self._serve("card_reader", Pn532Twin).hold() as twin:
            twin.tap(TwinTag(bytes.fromhex(str(args["uid"]))))  # type: ignore[attr-defined]
        return {"ok": True}

    def _remove_tag(self, _: dict[str, Any]) -> Answer:
        with self._serve("card_reader", Pn532Twin).hold() as twin:
            twin.remove()  # type: ignore[attr-defined]
        return {"ok": True}

    def _coins(self) -> AbstractContextManager[Any]:
        """Whichever acceptor the unit has."""
        return self._part("coin_acceptor") if "coin_acceptor" in self.serial else self.board.hold("coin_acceptor")

    @contextmanager
    def _part(self, name: str) -> Iterator[Any]:
        """The twin on a serial line, alone on it or sharing it."""
        with self.serial[name].lock:
            yield cctalk_unit.part(name, self.serial[name])

    def _take_change(self, _: dict[str, Any]) -> Answer:
        with self._part("coin_dispenser") as twin:
            return {"ok": True, "tokens": twin.take()}

    def _token(self, args: dict[str, Any]) -> Answer:
        with self._coins() as twin:
            return _done(twin.token(int(args["fen"]), now_ms()), "the token fell back into the cup")

    def _empty_cup(self, _: dict[str, Any]) -> Answer:
        with self._coins() as twin:
            return {"ok": True, "tokens": twin.empty_cup()}

    def _note(self, args: dict[str, Any]) -> Answer:
        """A practice note is a ticket whose text begins as `[money] tickets` says; `good` False cannot be read."""
        fen, good = int(args["fen"]), bool(args.get("good", True))
        start = next((start for start, worth in self._money.tickets.items() if worth == fen), None)
        if start is None:
            raise ValueError(f"note of {fen} fen: allowed are {sorted(self._money.tickets.values())}")
        with self._serve("note_acceptor", SspTwin).hold() as twin:
            text = start + str(args.get("serial", "0000001"))
            return _done(twin.insert_ticket(text, good), "the slot does not draw the note in")  # type: ignore[attr-defined]

    def _take_note(self, _: dict[str, Any]) -> Answer:
        with self._serve("note_acceptor", SspTwin).hold() as twin:
            piece = twin.take_note()  # type: ignore[attr-defined]
        if piece is None:
            return _done(False, "no note stands in the slot")
        self._notes_returned.append(piece.ticket or piece.channel)
        return {"ok": True, "fen": self._worth(piece.ticket)}

    def _pin_key(self, args: dict[str, Any]) -> Answer:
        with self.board.hold("pin_pad") as twin:
            twin.press(str(args["key"]), now_ms())
        return {"ok": True}

    def _take_cash(self, _: dict[str, Any]) -> Answer:
        with self.board.hold("cash_dispenser") as twin:
            return _done(twin.take(now_ms()), "the tray is locked or empty")

    def _tear_off(self, _: dict[str, Any]) -> Answer:
        with self._serve("receipt_printer", EscposTwin).hold() as twin:
            slip = twin.tear_off()  # type: ignore[attr-defined]
        return {"ok": True, "lines": [line.text for line in slip]} if slip else _done(False, "no slip hangs out")

    def _side_key(self, args: dict[str, Any]) -> Answer:
        with self.board.hold("side_keys") as twin:
            twin.press(int(args["index"]), now_ms())
        return {"ok": True}

    # -- what a technician does, and bad luck -------------------------------------------------------------------------

    def _paper(self, args: dict[str, Any]) -> Answer:
        rolls = {"full": FULL_ROLL, "low": LOW_ROLL, "out": 0}
        if args["state"] not in rolls:
            raise ValueError(f"paper {args['state']!r}: allowed are {', '.join(rolls)}")
        with self._serve("receipt_printer", EscposTwin).hold() as twin:
            twin.set_paper(rolls[args["state"]])  # type: ignore[attr-defined]
        return {"ok": True}

    def _empty_boxes(self, _: dict[str, Any]) -> Answer:
        """Kept cards go back to the teacher, notes and tokens out of their boxes."""
        for name, served in self.serial.items():
            if name in ("card_reader", "note_acceptor") and hasattr(served.twin, "empty_box"):
                with served.hold() as twin:
                    twin.empty_box()  # type: ignore[attr-defined]
        if "coin_acceptor" in {*self.board.twins, *self.serial}:
            with self._coins() as twin:
                twin.box.clear()
        return {"ok": True}

    def _unplug(self, args: dict[str, Any]) -> Answer:
        name = self._known(args)
        if name in self.serial:
            self.serial[name].unplug()
        else:
            self.board.unplug(name)
        return {"ok": True}

    def _replug(self, args: dict[str, Any]) -> Answer:
        name = self._known(args)
        if name in self.serial:
            self.serial[name].replug()
        else:
            self.board.replug(name)
        return {"ok": True}

    def _fault(self, args: dict[str, Any]) -> Answer:
        """Bad luck by kind; `on` False ends it. See `FAULTS`."""
        kind, on = str(args["kind"]), bool(args.get("on", True))
        name = self._known(args)
        known = (BUS_FAULTS if name in self.serial else {}).get(name, FAULTS.get(name, ()))
        known += SERIAL_FAULTS if name in self.serial else ()
        if kind not in known:
            raise ValueError(f"fault {kind!r} of {name}: allowed are {', '.join(known) or 'none'}")
        if name in self.serial:
            with self._part(name) as twin:
                _spoil(twin, kind, on, args)
        else:
            with self.board.hold(name) as twin:
                _spoil_pins(twin, kind, on)
        return {"ok": True}

    def _state(self, _: dict[str, Any]) -> Answer:
        return {"ok": True, "state": self.state()}

    # -- what is seen -------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Every twin's state by logical device, and `connected`: an application holds the pins."""
        found: dict[str, Any] = {}
        for name in self.serial:
            with self._part(name) as twin:
                found[name] = twin.state()
        found.update(self.board.states())
        if "note_acceptor" in found:
            found["note_acceptor"]["taken_back"] = list(self._notes_returned)
        return {**found, "connected": self.board.connected}

    def save(self, path: Path) -> None:
        """Keep the state on disk, for whoever looks after this process is gone."""
        write_whole(path, json.dumps(self.state(), ensure_ascii=False).encode())

    def close(self) -> None:
        """Stop serving."""
        for served in self.serial.values():
            served.close()
        self.board.close()

    def _serve(self, name: str, kind: type) -> Served:
        served = self.serial.get(name)
        if served is None or not isinstance(served.twin, kind):
            raise ValueError(f"this unit's {name} is no {kind.__name__.removesuffix('Twin')}")
        return served

    def _known(self, args: dict[str, Any]) -> str:
        name = str(args["device"])
        if name not in self.serial and name not in self.board.twins:
            raise ValueError(f"no device {name!r}: allowed are {', '.join([*self.serial, *self.board.twins])}")
        return name

    def _worth(self, text: str) -> int:
        return next((fen for start, fen in self._money.tickets.items() if text.startswith(start)), 0)


ACTS: dict[str, Callable[[Twins, dict[str, Any]], Answer]] = {
    "insert_card": Twins._insert_card, "take_card": Twins._take_card, "tap_tag": Twins._tap_tag,
    "remove_tag": Twins._remove_tag, "token": Twins._token, "empty_cup": Twins._empty_cup, "note": Twins._note,
    "take_note": Twins._take_note, "pin_key": Twins._pin_key, "take_cash": Twins._take_cash,
    "take_change": Twins._take_change, "tear_off": Twins._tear_off, "side_key": Twins._side_key, "paper": Twins._paper,
    "empty_boxes": Twins._empty_boxes, "unplug": Twins._unplug, "replug": Twins._replug, "fault": Twins._fault,
    "state": Twins._state,
}
BUS_FAULTS = {"coin_acceptor": ("power_cycle",), "coin_dispenser": ("jam", "empty", "power_cycle")}
SERIAL_FAULTS = ("silent", "bad_checks", "late")
FAULTS: dict[str, tuple[str, ...]] = {
    "card_reader": ("jam",), "note_acceptor": ("jam", "stacker_full", "power_cycle"),
    "receipt_printer": ("jam", "cover_open"), "coin_acceptor": ("stuck", "bounce", "spike", "lone"),
    "cash_dispenser": ("blocked", "wave"), "pin_pad": ("bounce", "two_keys"),
}


def _done(done: bool, error: str) -> Answer:
    return {"ok": True} if done else {"ok": False, "error": error}


def _spoil(twin: Any, kind: str, on: bool, args: dict[str, Any]) -> None:
    match kind:
        case "silent":
            twin.wire.silent = on
        case "bad_checks":
            twin.wire.bad_checks = int(args.get("count", 1)) if on else 0
        case "late":
            twin.wire.late_ms = int(args.get("ms", 500)) if on else 0
        case "jam" if hasattr(twin, "set_jam"):
            twin.set_jam(on)
        case "cover_open":
            twin.open_cover(on)
        case "power_cycle":
            twin.power_cycle()
        case _:
            setattr(twin, kind, on)


def _spoil_pins(twin: Any, kind: str, on: bool) -> None:
    now = now_ms()
    match kind:
        case "stuck":
            twin.stick(on, now)
        case "bounce":
            twin.bounces = 3 if on else 0
        case "spike":
            twin.spike(now)
        case "lone":
            twin.train(1, now)
        case "blocked":
            twin.block(on, now)
        case "wave":
            twin.wave(now)
        case "two_keys":
            twin.together(("1", "5"), now)


def _serial_twin(table: Any, money: Money) -> Any:
    match table:
        case Crt310():
            return Crt310Twin()
        case Pn532():
            return Pn532Twin()
        case Ssp(address=address):
            values = tuple(fen // 100 for fen in money.notes_fen)
            return SspTwin(values, address=address) if values else SspTwin(address=address)
        case Escpos():
            return EscposTwin(FULL_ROLL)
        case _:
            return None


def _restored(twins: dict[str, PinTwin], kept: dict[str, Any]) -> dict[str, PinTwin]:
    for name, twin in twins.items():
        if isinstance(kept.get(name), dict):
            twin.restore(kept[name])
    return twins


def _pin_twins(devices: Devices, money: Money) -> dict[str, PinTwin]:
    found: dict[str, PinTwin] = {}
    for name, table in devices.named():
        match table:
            case Pulse():
                found[name] = CoinTwin(table, money)
            case Matrix():
                found[name] = KeypadTwin(table)
            case Tray():
                found[name] = TrayTwin(table)
            case Lamps():
                found[name] = LampsTwin(table)
            case SideKeys():
                found[name] = SideKeysTwin(table)
    return found
