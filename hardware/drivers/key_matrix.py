"""Keys as a matrix on GPIO pins: rows that are pulled low, columns that wait.

Scanning costs nothing while nobody presses: at rest all rows are pulled low and the columns wait for an edge; only
then rows are driven one at a time until all keys are up again. Rows that are not driven float (input with pull-up),
so that two keys in a column never short two outputs. What the contacts mean is said by `protocols.matrix_keypad`.
"""

from __future__ import annotations

from collections.abc import Callable

from gpiozero import GPIODevice

from hardware.drivers.gpio_device import Edge, WatchedPin, now_ms
from hardware.protocols.matrix_keypad import Contact, Scanner
from hardware.transport.gpio_pin_factory import Factory


class KeyMatrix:
    """Rows and columns (BCM numbers). `stirred` is called, in gpiozero's thread, when a key moves at rest."""

    def __init__(
        self, rows: tuple[int, ...], columns: tuple[int, ...], debounce_ms: float, stirred: Callable[[Edge], None]
    ) -> None:
        self.scanning = False
        self._row_pins, self._column_pins, self._stirred = rows, columns, stirred
        self._scanner = Scanner(debounce_ms)
        self._rows: list[GPIODevice] = []
        self._columns: list[WatchedPin] = []

    @property
    def crowded(self) -> int:
        """The count of scans with two or more contacts closed."""
        return self._scanner.crowded

    @property
    def idle(self) -> bool:
        """All keys are up, and believed to be."""
        return self._scanner.idle

    def open(self, factory: Factory) -> list[WatchedPin | GPIODevice]:
        """Take the pins and rest; returns what must be closed. Raises what gpiozero raises."""
        self._columns = [WatchedPin(pin, self._moved, factory) for pin in self._column_pins]
        self._rows = [GPIODevice(pin, pin_factory=factory) for pin in self._row_pins]
        self._rest()
        return [*self._columns, *self._rows]

    def scan(self) -> list[Contact]:
        """Scan once; returns the key that went down, if one did."""
        self.scanning = True
        pressed = [message.contact for message in self._scanner.scan(self._closed(), now_ms())]
        self.scanning = not self._scanner.idle
        return pressed

    def any_down(self) -> bool:
        """Return whether a key is down: at rest every row is low, so it shows in its column."""
        return not all(column.level for column in self._columns)

    def _moved(self, edge: Edge) -> None:
        # While scans go on, the columns move because rows are driven; only at rest an edge is news.
        if not self.scanning:
            self._stirred(edge)

    def _closed(self) -> frozenset[Contact]:
        if self._scanner.idle and not self.any_down():
            return frozenset()
        for row in self._rows:
            row.pin.input_with_pull("up")
        closed = set()
        for r, row in enumerate(self._rows):
            row.pin.output_with_state(0)
            closed |= {(r, c) for c, column in enumerate(self._columns) if not column.level}
            row.pin.input_with_pull("up")
        self._rest()
        return frozenset(closed)

    def _rest(self) -> None:
        for row in self._rows:
            row.pin.output_with_state(0)
