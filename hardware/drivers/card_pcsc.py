"""A contact chip reader behind PC/SC as the unit's card reader: a card pushed into its slot is read and told.

The theory. The daemon (pcscd) says when a card came or went; the card is then asked for the practice application and
its one record (`protocols/iso7816.py`). A card without the application is foreign, and nothing of it is read. The slot
is open: the person pulls the card out when they like, so the cabinet completes what the reader cannot. A card that is
in the slot while no page waits for one counts for nothing, not even later.

All calls into the daemon are made in this driver's own thread and none of them waits longer than `LOOK_MS`. A daemon
or a reader that is away is lost, and looked for again. pyscard is imported only here, when the unit has such a reader.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from hardware.drivers.driver_thread import DriverThread, monotonic_ms
from hardware.drivers.effect_answers import answer
from hardware.protocols import iso7816
from kiosk_firmware.core.effects import AnyEffect, Cancel
from kiosk_firmware.core.events import AnyEvent, Device, DeviceBack, DeviceLost, Media, MediaInserted, MediaInvalid

PREFIX = "9900"
LOOK_MS = 200
AGAIN_MS = 500
GRACE_MS = 3000
"""How long a reader may be away before it counts as lost."""


class Lost(Exception):  # noqa: N818 - the reader is away; no error of anybody's
    """The daemon or the reader is not there (any more); the text says which."""


class Slot:
    """The reader, as PC/SC has it: blocking calls that end soon. *name*: a part of its name; "": the first one."""

    def __init__(self, name: str) -> None:
        """Set up a slot. Raises ImportError where pyscard is not installed."""
        from smartcard import scard

        self._s: Any = scard
        self._name = name
        self._context: Any = None
        self._state: Any = None

    def close(self) -> None:
        """Let the daemon go; twice is fine."""
        context, self._context, self._state = self._context, None, None
        if context is not None:
            self._s.SCardReleaseContext(context)

    def present(self) -> bool:
        """Wait a moment for a change, and say whether a card is in the slot. Raises Lost."""
        s = self._s
        if self._context is None:
            code, self._context = s.SCardEstablishContext(s.SCARD_SCOPE_USER)
            self._good(code, "the daemon pcscd")
            self._state = (self._found(), s.SCARD_STATE_UNAWARE)
        code, states = s.SCardGetStatusChange(self._context, LOOK_MS, [self._state])
        if code != s.SCARD_E_TIMEOUT:
            self._good(code, "the reader")
            self._state = (states[0][0], states[0][1] & ~s.SCARD_STATE_CHANGED)
        if self._state[1] & (s.SCARD_STATE_UNKNOWN | s.SCARD_STATE_UNAVAILABLE):
            self._good(s.SCARD_E_READER_UNAVAILABLE, "the reader")
        return bool(self._state[1] & s.SCARD_STATE_PRESENT) and not self._state[1] & s.SCARD_STATE_MUTE

    def _found(self) -> str:
        code, names = self._s.SCardListReaders(self._context, [])
        self._good(code, "a reader")
        name = next((name for name in names if self._name in name), None)
        if name is None:
            self.close()
            raise Lost(f"no reader is called {self._name!r}; there are {', '.join(names)}")
        return str(name)

    def _good(self, code: int, what: str) -> None:
        if code != self._s.SCARD_S_SUCCESS:
            text = self._s.SCardGetErrorMessage(code)
            self.close()
            raise Lost(f"{what}: {text}")

    def run(self, command: iso7816.Apdu) -> iso7816.Response | None:
        """Say *command* to the card in the slot; None where it does not answer. To be called within `opened`."""
        talk, said = iso7816.exchange(command), None
        while True:
            try:
                data = next(talk) if said is None else talk.send(said)
            except StopIteration as end:
                result: iso7816.Response | None = end.value
                return result
            pci = {self._s.SCARD_PROTOCOL_T0: self._s.SCARD_PCI_T0}.get(self._protocol, self._s.SCARD_PCI_T1)
            code, heard = self._s.SCardTransmit(self._card, pci, list(data))
            said = bytes(byte & 0xFF for byte in heard) if code == self._s.SCARD_S_SUCCESS else b""

    def read(self) -> tuple[str, iso7816.Card | None]:
        """Ask the card for the practice record: ("ok", card), or "foreign", or "unreadable"."""
        s = self._s
        code, self._card, self._protocol = s.SCardConnect(
            self._context, self._state[0], s.SCARD_SHARE_SHARED, s.SCARD_PROTOCOL_T0 | s.SCARD_PROTOCOL_T1
        )
        if code != s.SCARD_S_SUCCESS:
            return "unreadable", None
        try:
            chosen = self.run(iso7816.select(iso7816.PRACTICE_AID))
            if chosen is None or chosen.status != iso7816.OK:
                return ("unreadable" if chosen is None else "foreign"), None
            record = self.run(iso7816.read_record(1))
            card = iso7816.decode_record(record.data) if record and record.status == iso7816.OK else None
            return ("ok" if card else "unreadable"), card
        finally:
            s.SCardDisconnect(self._card, s.SCARD_UNPOWER_CARD)


class CardPcsc:
    """The driver. It answers no effect: a card in an open slot cannot be held."""

    CAN: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, reader: str, post: Callable[[AnyEvent], None], at: Device = "card_reader") -> None:
        """Set up the driver. Raises ImportError where pyscard is not installed."""
        self.at: Device = at
        self._post = post
        self._slot = Slot(reader)
        self._loop = DriverThread(f"driver {at}", self._take, self._look)
        self._wanted = self._ready = self._here = self._said_lost = False
        self._trouble = ""
        self._away_ms = 0.0
        self._counts = {"cards": 0, "foreign": 0, "unreadable": 0}

    def start(self) -> None:
        """Begin to look for the reader; returns at once."""
        self._away_ms = monotonic_ms()
        self._loop.start()

    def stop(self) -> None:
        """Let it go; twice is fine."""
        self._loop.stop()
        self._slot.close()

    def __enter__(self) -> CardPcsc:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def perform(self, effect: AnyEffect) -> None:
        """Answer every effect with `unsupportedCommand`. From any thread."""
        self._loop.put(effect)

    def enable(self, on: bool) -> None:
        """Set whether the page waits on a card. From any thread."""
        self._loop.put(on)

    def health(self) -> dict[str, Any]:
        """Return ready, enabled, counters, and what is wrong in words."""
        state = {"at": self.at, "ready": self._ready, "enabled": self._wanted, "lost": self._said_lost}
        return {**state, **self._counts, "trouble": self._trouble, "failures": self._loop.failures}

    def _take(self, item: Any) -> None:
        if isinstance(item, bool):
            self._wanted = item
        elif not isinstance(item, Cancel):
            self._post(answer(item, "unsupportedCommand"))

    def _look(self) -> float:
        """Look once; return after how many ms to come again."""
        try:
            here = self._slot.present()
        except Lost as reason:
            self._away(str(reason))
            return AGAIN_MS
        self._back()
        came, self._here = here and not self._here, here
        if came and self._wanted:
            self._tell()
        return 0

    def _tell(self) -> None:
        how, card = self._slot.read()
        if card is not None and not card.number.startswith(PREFIX):
            how, card = "foreign", None
        if card is not None:
            self._counts["cards"] += 1
            self._post(MediaInserted(self.at, Media(card.number, card.expires, True)))
        else:
            foreign = how == "foreign"
            self._counts["foreign" if foreign else "unreadable"] += 1
            self._post(MediaInvalid(self.at, "foreign" if foreign else "unreadable"))

    def _away(self, trouble: str) -> None:
        if self._ready:
            self._away_ms = monotonic_ms()
        self._ready, self._trouble = False, trouble
        if not self._said_lost and monotonic_ms() - self._away_ms >= GRACE_MS:
            self._said_lost = True
            self._post(DeviceLost(self.at))

    def _back(self) -> None:
        self._ready, self._trouble = True, ""
        if self._said_lost:
            self._said_lost = False
            self._post(DeviceBack(self.at))
