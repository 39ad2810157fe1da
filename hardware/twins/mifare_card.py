"""A MIFARE Classic 1K as a person holds it to a reader: 64 blocks, keys and access bits, and a hand that pulls it away.

Cards are written a block at a time. A card that is pulled away in the middle of a write keeps what had been written by
then (`tear`): that many bytes of the new block, the rest of it old. It falls silent after a wrong key until it is
found again, as the real one does.
"""

from __future__ import annotations

from hardware.protocols import mifare
from hardware.protocols.mifare import BLOCKS, FORMAT, OK, REFUSED, TIMEOUT


class Gone(Exception):  # noqa: N818 - the card is away; no error of anybody's
    """The card was pulled away just now."""


class MifareCard:
    """*blocks*: what an earlier process kept; None: as delivered."""

    def __init__(self, uid: bytes, blocks: list[bytes] | None = None) -> None:
        self.uid = uid
        self.blocks = blocks or self._delivered()
        self.tear: int | None = None
        self._open: tuple[int, str] | None = None  # sector, key
        self._buffer: mifare.Value | None = None

    def _delivered(self) -> list[bytes]:
        blocks = [bytes(mifare.SIZE)] * BLOCKS
        blocks[0] = (self.uid + bytes(mifare.SIZE))[: mifare.SIZE]
        for at in range(3, BLOCKS, 4):
            blocks[at] = mifare.trailer(mifare.FACTORY_KEY, mifare.FACTORY_KEY)
        return blocks

    @property
    def written(self) -> bool:
        """Return whether the card is any different from a delivered one."""
        return self.blocks != self._delivered()

    def found(self) -> None:
        """Close every sector: a reader has found the card anew."""
        self._open, self._buffer = None, None

    def command(self, data: bytes) -> bytes:
        """Handle one command handed through to the card; return the reader's status and what the card says.

        Raises:
            Gone: it was pulled away during this command.
        """
        if len(data) < 2 or data[1] >= BLOCKS:
            return bytes([FORMAT])
        code, at, rest = data[0], data[1], data[2:]
        if code in (mifare.AUTH_A, mifare.AUTH_B):
            return self._auth(code, at, rest)
        if self._open is None or self._open[0] != at // 4:
            return bytes([REFUSED])
        match code:
            case mifare.READ if not rest:
                return self._read(at)
            case mifare.WRITE if len(rest) == mifare.SIZE:
                return self._write(at, rest)
            case mifare.INCREMENT | mifare.DECREMENT | mifare.RESTORE if len(rest) == 4:
                return self._count(code, at, int.from_bytes(rest, "little"))
            case mifare.TRANSFER if not rest:
                return self._transfer(at)
            case _:
                return bytes([FORMAT])

    def _rights(self, at: int) -> dict[str, str]:
        conditions = mifare.decode_access(self.blocks[at | 3][6:9])
        if conditions is None:
            return {}
        return (mifare.TRAILER_RIGHTS if at & 3 == 3 else mifare.DATA_RIGHTS)[conditions[at & 3]]

    def _may(self, at: int, what: str) -> bool:
        """Return whether the key that opened the sector may do that; a key B that can be read is no key."""
        if self._open is None or (self._open[1] == "B" and "read_b" in self._rights(at | 3)):
            return False
        return self._open[1] in self._rights(at).get(what, "")

    def _auth(self, code: int, at: int, rest: bytes) -> bytes:
        own = self.blocks[at | 3][:6] if code == mifare.AUTH_A else self.blocks[at | 3][10:]
        if rest != own + self.uid[-4:]:
            self._open = None
            return bytes([REFUSED]) if len(rest) == 10 else bytes([FORMAT])
        self._open = (at // 4, "A" if code == mifare.AUTH_A else "B")
        return bytes([OK])

    def _read(self, at: int) -> bytes:
        if at & 3 != 3:
            return bytes([OK]) + self.blocks[at] if self._may(at, "read") else bytes([REFUSED])
        trailer = self.blocks[at]  # key A is never told
        return bytes([OK]) + bytes(6) + trailer[6:10] + (trailer[10:] if self._may(at, "read_b") else bytes(6))

    def _write(self, at: int, data: bytes) -> bytes:
        old = self.blocks[at]
        if at & 3 != 3:
            new = data if at and self._may(at, "write") else old
        else:
            new = data[:6] if self._may(at, "key_a") else old[:6]
            new += data[6:10] if self._may(at, "access") else old[6:10]
            new += data[10:] if self._may(at, "key_b") else old[10:]
        return self._keep(at, new) if new == data else bytes([REFUSED])

    def _count(self, code: int, at: int, amount: int) -> bytes:
        held = mifare.decode_value(self.blocks[at])
        if held is None or not self._may(at, "up" if code == mifare.INCREMENT else "down"):
            return bytes([REFUSED])
        step = {mifare.INCREMENT: amount, mifare.DECREMENT: -amount}.get(code, 0)
        if not -(1 << 31) <= held.value + step < 1 << 31:
            return bytes([REFUSED])
        self._buffer = mifare.Value(held.value + step, held.address)
        return bytes([OK])

    def _transfer(self, at: int) -> bytes:
        if self._buffer is None or not self._may(at, "down"):
            return bytes([REFUSED])
        return self._keep(at, mifare.value_block(self._buffer))

    def _keep(self, at: int, new: bytes) -> bytes:
        if self.tear is None:
            self.blocks[at] = new
            return bytes([OK])
        written, self.tear = self.tear, None
        self.blocks[at] = new[:written] + self.blocks[at][written:]
        raise Gone(bytes([TIMEOUT]))
