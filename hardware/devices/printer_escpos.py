"""An ESC/POS receipt printer: a slip is printed, or it is said why not.

The theory. The printer never says "done". So before a slip is sent its state is asked, and a slip that cannot be
printed is not sent at all. After sending, its state is asked again and again for as long as printing takes; an error
meanwhile ends the slip as failed, and what the printer still holds of it is cleared, so that no stranger's receipt
comes out of the next roll. Silence after sending is ``unknown``: the paper may have come out. Paper is watched
between slips as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

from hardware.devices.serial_device import Ask, Script, SerialDevice, Wait
from hardware.devices.slip import lay_out
from hardware.ports import PortSettings, monotonic_ms
from hardware.protocols import escpos
from kiosk_firmware.core.effects import AnyEffect, PrintDocument
from kiosk_firmware.core.events import AnyEvent, Completion, Device, DocumentPrinted, PaperChanged
from kiosk_firmware.core.pages import Text

Reason = Literal["", "paperOut", "paperJam", "notResponding", "coverOpen"]
Paper = Literal["full", "low", "out"]
CLEAR = b"\x10\x05\x02"
CAUSES = (4, 2, 3)
"""DLE EOT questions that together tell everything a driver acts on: paper, off-line cause, error cause."""


class _StatusHost:
    """DLE EOT as a host with one question at a time. The outcome is a Status, or None for silence."""

    def __init__(self) -> None:
        self.codec = escpos.StatusCodec()
        self._out = b""

    @property
    def busy(self) -> bool:
        return self.codec.waiting > 0

    def command(self, data: bytes, now_ms: int, answer_ms: int = 0) -> None:
        """*data* ends with a DLE EOT question; *answer_ms* is what the bytes before it need on the line."""
        self._out += data
        self.codec.asked(data[-1], now_ms + answer_ms)

    def data_to_send(self) -> bytes:
        out, self._out = self._out, b""
        return out

    def receive_data(self, data: bytes, now_ms: int) -> list[escpos.Status]:
        return self.codec.receive_data(data, now_ms)

    def tick(self, now_ms: int) -> list[None]:
        return [None] * self.codec.tick(now_ms)


class PrinterEscpos(SerialDevice):
    """The driver; see ``SerialDevice`` for its face. *render* turns a Text into the words of the run's language.

    *columns* are half-width characters a line (48 on 80 mm, 32 on 58 mm); *line_ms* is how long a line takes to print.
    """

    CAN: ClassVar[frozenset[str]] = frozenset()
    POLL_MS = 1000
    EFFECT_MS = 30_000

    def __init__(
        self, port: PortSettings, post: Callable[[AnyEvent], None], clock: Callable[[], int] = monotonic_ms,
        at: Device = "receipt_printer", render: Callable[[Text], str] = lambda text: text.key, columns: int = 48,
        line_ms: int = 40,
    ) -> None:
        self._render, self._columns, self._line_ms, self._byte_ms = render, columns, line_ms, 10_000 / port.baud
        self._paper: Paper = "full"
        self._trouble: Reason = ""
        self._printed = 0
        super().__init__(at, port, post, clock)

    @property
    def paper(self) -> Paper:
        """The paper as last seen."""
        return self._paper

    def health(self) -> dict[str, Any]:
        """As ``SerialDevice.health``, with paper, what is wrong, and slips printed."""
        return {**super().health(), "paper": self._paper, "trouble": self._trouble, "printed": self._printed}

    def _new_host(self) -> _StatusHost:
        return _StatusHost()

    def _silent(self, outcome: Any) -> bool:
        return outcome is None

    def _set_up(self) -> Script:
        yield from self._look()

    def _poll(self) -> Script:
        yield from self._look()

    def _look(self) -> Script:
        """Ask for everything, and say when the paper has changed. Sets ``_trouble``."""
        status = escpos.Status()
        for n in CAUSES:
            outcome = yield Ask(escpos.ask(n), 0)
            if outcome is None:
                self._trouble = "notResponding"
                self._fail()
                return
            status = _joined(status, outcome)
        self._understand(status)

    def _in_trouble(self) -> bool:
        return self._trouble != ""

    def _understand(self, status: escpos.Status) -> None:
        self._trouble = trouble(status)
        paper: Paper = "out" if status.paper_end else "low" if status.paper_near_end else "full"
        if paper != self._paper:
            self._paper = paper
            self._post(PaperChanged(self.at, paper))

    def _act(self, effect: AnyEffect) -> Script | None:
        return self._print(effect) if isinstance(effect, PrintDocument) else None

    def _print(self, effect: PrintDocument) -> Script:
        if self._begun:  # the line broke while it was printing: whether it came out cannot be known
            self._end("unknown", "notResponding")
            return
        yield from self._look()
        if self._trouble:
            if not self._failed:
                self._end("hardwareError", self._trouble)
            return
        parts = lay_out(effect.document, self._render, self._columns)
        data = escpos.encode(parts)
        needed_ms = round(len(data) * self._byte_ms) + (len(parts) + 6) * self._line_ms
        yield Ask(data + escpos.ask(CAUSES[0]), round(len(data) * self._byte_ms), acts=True)
        until_ms = self._clock() + needed_ms
        while True:
            yield Wait(min(200, max(20, until_ms - self._clock())))
            over = self._clock() >= until_ms
            yield from self._look()
            if self._in_trouble():
                if not self._failed:
                    yield Ask(CLEAR + escpos.ask(CAUSES[0]), 0)
                    self._end("hardwareError", self._trouble)
                return
            if over:
                self._printed += 1
                self._end("success", "")
                return

    def _end(self, completion: Completion, reason: Reason) -> None:
        if self._effect is not None:
            self._finish(DocumentPrinted(self.at, self._effect.ref, completion, reason))


def trouble(status: escpos.Status) -> Reason:
    """What keeps the printer from printing, the most telling first; "" when nothing does."""
    if status.cover_open:
        return "coverOpen"
    if status.paper_end:
        return "paperOut"
    if status.cutter_error or status.fatal_error or status.recoverable_error or status.error:
        return "paperJam"
    return ""


def _joined(left: escpos.Status, right: escpos.Status) -> escpos.Status:
    """Both together; where both speak, a trouble told by either counts."""
    fields = {}
    for name in escpos.Status.__struct_fields__:
        one, other = getattr(left, name), getattr(right, name)
        fields[name] = other if one is None else one if other is None else one or other
    return escpos.Status(**fields)
