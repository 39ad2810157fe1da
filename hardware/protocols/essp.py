"""eSSP: how an ITL device that pays out hides its commands. Keys are agreed, then each command is a sealed letter.

The theory. The host names a generator and a modulus (primes), each side keeps a secret and tells the other what comes
of it (Diffie-Hellman, 64 bit); what both can compute from that, behind a fixed key that was set beforehand, is an
AES-128 key. A letter is ``7E`` and, enciphered block by block, ``length, count (4, LSB first), data, padding, CRC``,
the CRC over all before it. The count is the device's protection against old letters: both begin with 0 when keys were
agreed; the answer carries the host's count + 1, which is the host's next one. A letter with another count is not
answered at all. So a lost answer is asked for by the same packet again (the device repeats itself), and when counts
have parted, new keys are agreed.

64 bits hide nothing from whoever wants to know; that is the protocol's own choice. The numbers stay below 2^31, as in
the maker's own library, for devices that multiply in 64 bits. AES is imported when the first letter is written.

Source: ITL manuals GA973, GA138_2_2_649A, section eSSP.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from hardware.framing.checksums import FrameFaults, LocalProtocolError, crc16_ssp

STEX = 0x7E
GENERATOR, MODULUS, KEY_EXCHANGE = 0x4A, 0x4B, 0x4C
FACTORY_KEY = 0x0123456701234567
MAX_DATA = 233
"""So that a letter fits into a packet."""
_LARGEST = 1 << 31
_WITNESSES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)
"""Enough for every number below 2^64 (Sorenson and Webster)."""

Below = Callable[[int], int]
"""A random number below its argument."""


def is_prime(number: int) -> bool:
    """Return whether *number* (below 2^64) is a prime: Miller and Rabin's test with witnesses that miss none."""
    if number < 2 or any(number % small == 0 for small in _WITNESSES):
        return number in _WITNESSES
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(number, witness, odd, twos) for witness in _WITNESSES)


def _passes(number: int, witness: int, odd: int, twos: int) -> bool:
    power = pow(witness, odd, number)
    if power in (1, number - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False


def prime(below: Below = secrets.randbelow) -> int:
    """Return a random prime between 2^16 and 2^31."""
    while not is_prime(found := (1 << 16) + below(_LARGEST - (1 << 16))):
        pass
    return found


class Keys:
    """The host's half of an agreement: ask GENERATOR, MODULUS, KEY EXCHANGE in that order, then ``agree``."""

    def __init__(self, below: Below = secrets.randbelow) -> None:
        one, other = prime(below), prime(below)
        self.generator, self.modulus = max(one, other), min(one, other)
        self._secret = 2 + below(self.modulus - 3)

    def asks(self) -> tuple[bytes, bytes, bytes]:
        """Return the three commands that offer our half of the key: generator, modulus, exchange."""
        mine = pow(self.generator, self._secret, self.modulus)
        numbers = ((GENERATOR, self.generator), (MODULUS, self.modulus), (KEY_EXCHANGE, mine))
        first, second, third = (bytes([code]) + number.to_bytes(8, "little") for code, number in numbers)
        return first, second, third

    def agree(self, told: bytes, fixed: int = FACTORY_KEY) -> bytes | None:
        """Return the 16 bytes of the key from the device's answer to the third command (after its F0); None when it is
        cut.
        """
        if len(told) != 8:
            return None
        return key_bytes(pow(int.from_bytes(told, "little"), self._secret, self.modulus), fixed)


def key_bytes(negotiated: int, fixed: int = FACTORY_KEY) -> bytes:
    """Return the AES key: the fixed half, then the negotiated one."""
    return fixed.to_bytes(8, "little") + negotiated.to_bytes(8, "little")


class Letters:
    """One side's letters under one key. *faults* counts what could not be opened: ``check``, ``count``."""

    def __init__(self, key: bytes, pad: Callable[[int], bytes] = secrets.token_bytes) -> None:
        """Begin with no letter sent. Raises ValueError unless *key* has 16 bytes."""
        if len(key) != 16:
            raise ValueError(f"{len(key)} key bytes: allowed are 16")
        self.count = 0
        self.faults = FrameFaults()
        self._pad = pad
        self._aes = _cipher(key)

    def ask(self, data: bytes) -> bytes:
        """Seal the host's next letter. Its count goes up when the answer has come."""
        return self._seal(self.count, data)

    def answered(self, letter: bytes) -> bytes | None:
        """Open the device's answer; None for a letter that does not answer the last one."""
        opened = self._open(letter, self.count + 1)
        if opened is not None:
            self.count += 1
        return opened

    def heard(self, letter: bytes) -> bytes | None:
        """Open a host's letter (the device's side); None for one that is to stay unanswered."""
        return self._open(letter, self.count)

    def answer(self, data: bytes) -> bytes:
        """Seal the answer to the letter just opened (the device's side)."""
        self.count += 1
        return self._seal(self.count, data)

    def _seal(self, count: int, data: bytes) -> bytes:
        if not 1 <= len(data) <= MAX_DATA:
            raise LocalProtocolError(f"{len(data)} data bytes; allowed 1..{MAX_DATA}")
        plain = bytes([len(data)]) + (count & 0xFFFFFFFF).to_bytes(4, "little") + data
        plain += self._pad(-(len(plain) + 2) % 16)
        plain += crc16_ssp(plain).to_bytes(2, "little")
        writer = self._aes.encryptor()
        return bytes([STEX]) + bytes(writer.update(plain))

    def _open(self, letter: bytes, count: int) -> bytes | None:
        told = open_letter(letter, self._aes)
        if told is None:
            self.faults.count("check")
            return None
        if told[0] != count & 0xFFFFFFFF:
            self.faults.count("count")
            return None
        return told[1]


def open_letter(letter: bytes, key: Any) -> tuple[int, bytes] | None:
    """Count and data of a letter (``7E`` and blocks) under *key* (16 bytes, or a cipher); None when it is not whole."""
    blocks = letter[1:]
    if letter[:1] != bytes([STEX]) or not blocks or len(blocks) % 16:
        return None
    reader = (_cipher(key) if isinstance(key, bytes) else key).decryptor()
    plain = bytes(reader.update(blocks))
    if crc16_ssp(plain[:-2]) != int.from_bytes(plain[-2:], "little") or plain[0] > len(plain) - 7:
        return None
    return int.from_bytes(plain[1:5], "little"), plain[5 : 5 + plain[0]]


def _cipher(key: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # only units that pay out have it

    return Cipher(algorithms.AES(key), modes.ECB())
