"""An ESC/POS receipt printer: a slip is printed, or it is said why not.

The theory. The printer never says "done". So before a slip is sent its state is asked, and a slip that cannot be
printed is not sent at all. After sending, its state is asked again and again for as long as printing takes; an error
meanwhile ends the slip as failed, and what the printer still holds of it is cleared, so that no stranger's receipt
comes out of the next roll. Silence after sending is ``unknown``: the paper may have come out.

Between slips the printer is watched. It is asked to tell by itself what changes (automatic status); models that ignore
that are asked every second instead, the others only now and then, to hear that they are still there. A printer that
cannot print for a reason that a person must see to (cover, cutter, error, off line) is lost until it can; paper that
is low or out is told as such, and not believed while the cover is open.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

from hardware.drivers.receipt_layout import lay_out
from hardware.drivers.serial_device import DeviceCommand, Script, SerialDevice, Wait
from hardware.protocols import escpos
from hardware.transport.serial_port import PortSettings, monotonic_ms
from kiosk_firmware.core.effects import AnyEffect, PrintDocument
from kiosk_firmware.core.events import (
    AnyEvent,
    Completion,
    Device,
    DeviceBack,
    DeviceLost,
    DocumentPrinted,
    PaperChanged,
)
from kiosk_firmware.core.pages import Text

Reason = Literal["", "paperOut", "paperJam", "notResponding", "coverOpen"]
Paper = Literal["full", "low", "out"]
CLEAR = b"\x10\x05\x02"
CAUSES = (4, 2, 3, 1)
"""DLE EOT questions that together tell everything a driver acts on: paper, off-line cause, error cause, off line."""


class _StatusHost:
    """DLE EOT as a host with one question at a time. The outcome is a Status, or None for silence."""

    def __init__(self) -> None:
        self.codec = escpos.StatusCodec()
        self._out = b""

    @property
    def busy(self) -> bool:
        return self.codec.waiting > 0

    def command(self, data: bytes, now_ms: int, answer_ms: int = 0) -> None:
        """Write *data*, which ends with a DLE EOT question; *answer_ms* is the time that the bytes before it need on
        the line.
        """
        self._out += data
        self.codec.asked(data[-1], now_ms + answer_ms)

    def unasked(self, data: bytes) -> None:
        """Write bytes that have no answer of their own."""
        self._out += data

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
    POLL_MS, SELDOM_MS = 1000, 3000
    """How often the printer is asked, and one that tells by itself all the same."""
    EFFECT_MS = 30_000

    def __init__(
        self,
        port: PortSettings,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
        at: Device = "receipt_printer",
        render: Callable[[Text], str] = lambda text: text.key,
        columns: int = 48,
        line_ms: int = 40,
        automatic: bool = True,
    ) -> None:
        self._render, self._columns, self._line_ms, self._byte_ms = render, columns, line_ms, 10_000 / port.baud
        self._paper: Paper = "full"
        self._trouble: Reason = ""
        self._state = escpos.Status()
        self._printed = 0
        self._automatic, self._tells, self._overtaken = automatic, False, False
        self._tell, self._told_lost = post, False
        super().__init__(at, port, self._weighed, clock)

    @property
    def paper(self) -> Paper:
        """The paper as last seen."""
        return self._paper

    def health(self) -> dict[str, Any]:
        """Return ``SerialDevice.health``, with paper, what is wrong, slips printed, all that the printer says of itself
        by name (`state`), and whether it tells by itself (`automatic`).
        """
        return {
            **super().health(),
            "paper": self._paper,
            "trouble": self._trouble,
            "printed": self._printed,
            "state": list(self._state.words),
            "automatic": self._tells,
            "lost": self._told_lost,
        }

    def _weighed(self, event: AnyEvent) -> None:
        """Pass an event on as it is; weigh lost and back."""
        if isinstance(event, DeviceLost | DeviceBack):
            self._weigh()
        else:
            self._tell(event)

    def _weigh(self) -> None:
        """Tell once when the printer is lost or back: a line that is out and a printer that cannot print are both
        "lost".
        """
        lost = self._said_lost or self._trouble in ("coverOpen", "paperJam", "notResponding")
        if lost != self._told_lost:
            self._told_lost = lost
            self._tell(DeviceLost(self.at) if lost else DeviceBack(self.at))

    def _new_host(self) -> _StatusHost:
        return _StatusHost()

    def _silent(self, outcome: Any) -> bool:
        return outcome is None

    def _set_up(self) -> Script:
        self._tells = False
        self._host.unasked(escpos.ASB_ON if self._automatic else b"")
        yield from self._look()

    def _poll(self) -> Script:
        if self._tells:  # it may have been switched off and on
            self._host.unasked(escpos.ASB_ON)
        yield from self._look()
        if self._tells:
            self._poll_ms = self._clock() + self.SELDOM_MS

    def _feed(self, outcomes: Any, now_ms: int) -> None:
        """Take what the printer tells by itself: it answers nothing and goes past the script."""
        for outcome in outcomes:
            if isinstance(outcome, escpos.Automatic) and self._automatic:
                self._tells, self._overtaken = True, True
                self._understand(outcome)
        super()._feed([outcome for outcome in outcomes if not isinstance(outcome, escpos.Automatic)], now_ms)

    def _look(self) -> Script:
        """Ask for everything, and say when the paper has changed. Sets ``_trouble``."""
        status, self._overtaken = escpos.Status(), False
        for n in CAUSES:
            outcome = yield DeviceCommand(escpos.ask(n), 0)
            if outcome is None:
                self._trouble = "notResponding"
                self._fail()
                return
            status = _join_status(status, outcome)
        if not self._overtaken:  # else the printer has told something newer than the first of these answers
            self._understand(status)

    def _in_trouble(self) -> bool:
        return self._trouble != ""

    def _understand(self, status: escpos.Status) -> None:
        self._state, self._trouble = status, trouble(status)
        paper: Paper = "out" if status.paper_end else "low" if status.paper_near_end else "full"
        if paper != self._paper and not status.cover_open:
            self._paper = paper
            self._post(PaperChanged(self.at, paper))
        self._weigh()

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
        yield DeviceCommand(data + escpos.ask(CAUSES[0]), round(len(data) * self._byte_ms), acts=True)
        until_ms = self._clock() + needed_ms
        while True:
            yield Wait(min(200, max(20, until_ms - self._clock())))
            over = self._clock() >= until_ms
            yield from self._look()
            if self._in_trouble():
                if not self._failed:
                    yield DeviceCommand(CLEAR + escpos.ask(CAUSES[0]), 0)
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
    """Return what keeps the printer from printing, the most telling first; "" when nothing does."""
    if status.cover_open:
        return "coverOpen"
    if status.paper_end:
        return "paperOut"
    if status.cutter_error or status.fatal_error or status.recoverable_error or status.error:
        return "paperJam"
    return "notResponding" if status.offline and not status.feeding else ""


def _join_status(left: escpos.Status, right: escpos.Status) -> escpos.Status:
    """Join both; where both speak, a trouble told by either counts."""
    fields = {}
    for name in escpos.Status.__struct_fields__:
        one, other = getattr(left, name), getattr(right, name)
        fields[name] = other if one is None else one if other is None else one or other
    return escpos.Status(**fields)
