"""A barcode scanner on a serial line: what a person shows to it while the page waits on it.

The theory. The scanner looks only while it is wanted; what it reads otherwise is counted and forgotten. A code held
before it is read again and again, so the same one counts once until it has been away for a while. What is none of
ours (too long, unreadable, another beginning) is told as a code without its text: a person may show a code of their
own, and what stands in it is nobody's business. A scanner that ended its look by itself is triggered again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

from hardware.drivers.scanner_host import ScannedCode, ScannerHost
from hardware.drivers.serial_device import DeviceCommand, Script, SerialDevice
from hardware.drivers.settings.scanners import ScannerSettings
from hardware.framing.exchange import NoAnswer
from hardware.protocols import scanner
from hardware.transport.serial_port import PortSettings, monotonic_ms
from kiosk_firmware.core.effects import AnyEffect
from kiosk_firmware.core.events import AnyEvent, BarcodeRead

AWAY_MS = 1500
"""A code that was not seen for so long counts as shown anew."""
SEPARATORS = "\t\n\x1d\x1e"
"""Of GS1 and ISO 15434 codes."""


class BarcodeScanner(SerialDevice):
    """The driver; it posts `BarcodeRead`."""

    CAN: ClassVar[frozenset[str]] = frozenset({"reads_codes"})
    POLL_MS = 2000
    AWAY_MS = AWAY_MS

    def __init__(
        self,
        settings: ScannerSettings,
        port: PortSettings,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
    ) -> None:
        self._settings = settings
        self._looks = False
        self._last: bytes | None = None
        self._seen_ms = 0
        self._reads: Counter[str] = Counter(read=0, foreign=0, unasked=0)
        super().__init__("barcode_scanner", port, post, clock)

    def health(self) -> dict[str, Any]:
        """Return ``SerialDevice.health``, with how many codes were told, were none of ours, or nobody had asked for."""
        faults = self._faults + self._host.faults()
        return {**super().health(), **self._reads, "faults": dict(faults)}

    def _new_host(self) -> ScannerHost:
        return ScannerHost(self._settings.model, self._settings.ending)

    def _silent(self, outcome: Any) -> bool:
        return isinstance(outcome, NoAnswer)

    def _gone(self) -> None:
        self._looks = False

    def _set_up(self) -> Script:
        model = self._host.model
        for body in (model.ping, *model.first, model.off):
            if not self._failed:
                yield from self._say(body)

    def _urgent(self) -> Script | None:
        return self._trigger() if self._wanted != self._looks else None

    def _trigger(self) -> Script:
        self._looks = self._wanted
        model = self._host.model
        yield from self._say(model.on if self._looks else model.off)

    def _poll(self) -> Script:
        """Trigger again what may have ended its look, or see whether it is there."""
        yield from self._say(self._host.model.on if self._looks else self._host.model.ping)

    def _say(self, body: bytes) -> Script:
        if not self._host.model.answers:
            self._host.tell(body)
        elif body:
            outcome = yield DeviceCommand(body)
            if self._silent(outcome):
                self._fail()

    def _act(self, effect: AnyEffect) -> Script | None:
        return None

    def _feed(self, outcomes: Any, now_ms: int) -> None:
        """Feed the script with outcomes; a code is taken whatever the script waits for."""
        for outcome in outcomes:
            if isinstance(outcome, ScannedCode):
                self._read(outcome.data, now_ms)
            else:
                super()._feed([outcome], now_ms)

    def _read(self, data: bytes, now_ms: int) -> None:
        if not self._wanted:
            self._reads["unasked"] += 1
            return
        self._looks = False  # a read ends the look: it is triggered again
        again = data == self._last and now_ms - self._seen_ms < self.AWAY_MS
        self._last, self._seen_ms = data, now_ms
        if again:
            return
        text = self._ours(scanner.readable(data))
        self._reads["read" if text else "foreign"] += 1
        self._post(BarcodeRead(self.at, text))

    def _ours(self, text: str) -> str:
        """Return the text of a code of ours, or ""."""
        known = not self._settings.starts or text.startswith(self._settings.starts)
        readable = all(sign.isprintable() or sign in SEPARATORS for sign in text) and "\ufffd" not in text
        return text if known and readable and len(text) <= self._settings.longest else ""
