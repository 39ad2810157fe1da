"""A practice chip card made of software, for a PC/SC daemon with the virtual reader (vpcd), which stands for a slot.

`ChipCard` is the card: it has the practice application and one record, and as on T=0 it lets its data be fetched (61xx)
and asks for the right length (6Cxx). `VirtualSlot` puts it in and takes it out: it connects to the port at which the
virtual reader listens (`DEVICENAME /dev/null:0xPORT`; the other way round vpcd dies of an empty slot). Both ends say
frames with two bytes of length before them: one byte is a control (0 power off, 1 on, 2 reset, 4 the ATR is wanted),
more are a command.
"""

from __future__ import annotations

import contextlib
import socket
import threading

from hardware.protocols import iso7816
from hardware.protocols.iso7816 import Apdu, Card, Response

ATR = bytes.fromhex("3B00")
"""The shortest there is: T=0, nothing historical."""
WANTS_ATR = 4


class ChipCard:
    """The card; *aid* another one makes it somebody's own."""

    def __init__(self, number: str, expires: str = "3012", aid: bytes = iso7816.PRACTICE_AID) -> None:
        self._record = iso7816.encode_record(Card(number, expires))
        self._aid = aid
        self._selected = False
        self._waiting = b""
        self.commands = 0

    def reset(self) -> None:
        """Forget what was selected: power was off."""
        self._selected, self._waiting = False, b""

    def answer(self, data: bytes) -> bytes:
        """Return the card's answer to a command, in bytes."""
        self.commands += 1
        command = iso7816.decode_command(data)
        return iso7816.send(self._run(command) if command else Response(b"", iso7816.WRONG_LENGTH))

    def _run(self, command: Apdu) -> Response:
        match command.ins:
            case iso7816.SELECT:
                self._selected = command.data == self._aid
                self._waiting = b"\x6f\x00" if self._selected else b""
                return Response(b"", 0x6100 | len(self._waiting) if self._selected else iso7816.NOT_FOUND)
            case iso7816.GET_RESPONSE if self._waiting:
                data, self._waiting = self._waiting, b""
                return Response(data, iso7816.OK)
            case iso7816.READ_RECORD if self._selected:
                if command.p1 != 1 or command.p2 != 0x0C:
                    return Response(b"", iso7816.NO_RECORD)
                if command.le != len(self._record):
                    return Response(b"", 0x6C00 | len(self._record))
                return Response(self._record, iso7816.OK)
            case iso7816.READ_RECORD | iso7816.GET_RESPONSE:
                return Response(b"", 0x6985)
            case _:
                return Response(b"", iso7816.NO_INSTRUCTION)


class VirtualSlot:
    """The slot of the virtual reader at *port* of this machine; with `with`. `insert` and `remove` are the person's."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._end: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> VirtualSlot:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def insert(self, card: ChipCard) -> None:
        """Put *card* in, in place of another one. Raises OSError where no virtual reader listens."""
        self.remove()
        card.reset()
        end = self._end = socket.create_connection(("127.0.0.1", self._port), timeout=5)
        end.settimeout(None)
        self._thread = threading.Thread(target=self._serve, args=(end, card), name="chip", daemon=True)
        self._thread.start()

    def remove(self) -> None:
        """Pull the card out; without one nothing happens."""
        end, self._end = self._end, None
        if end is not None:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _serve(self, end: socket.socket, card: ChipCard) -> None:
        with contextlib.suppress(OSError):  # the daemon ended, or the card was pulled out
            self._talk(end, card)

    @staticmethod
    def _talk(end: socket.socket, card: ChipCard) -> None:
        with end.makefile("rb") as stream:
            while len(head := stream.read(2)) == 2:
                data = stream.read(int.from_bytes(head, "big"))
                if len(data) > 1:
                    said = card.answer(data)
                elif data == bytes([WANTS_ATR]):
                    said = ATR
                else:
                    card.reset()
                    continue
                end.sendall(len(said).to_bytes(2, "big") + said)
