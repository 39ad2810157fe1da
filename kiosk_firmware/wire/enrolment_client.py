"""Carry the messages of enrolment: HTTPS to the desk, which must show a certificate of the office that we know."""

from __future__ import annotations

import contextlib
import http.client
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from kiosk_firmware.wire.connection_errors import kind_of
from kiosk_firmware.wire.enrolment_messages import ANSWERED, ENCODE, LIMIT, Answer, Apply, Ask, Challenge, Prove
from kiosk_firmware.wire.error_texts import Kind

TIMEOUT_S = 30.0


class Unreachable(OSError):  # noqa: N818 - it says what the desk is, as ConnectionRefused does
    """The desk does not answer, or is not our office's; `kind` says which, for people."""

    def __init__(self, where: str, error: Exception) -> None:
        """Take `where`: HOST:PORT; `error`: as the library has it."""
        super().__init__(f"the enrolment desk {where}: {error}")
        self.kind: Kind = kind_of(error)
        self.where = where


class Https:
    """The desk at HOST:PORT."""

    def __init__(self, desk: str, root: Path) -> None:
        """Take the desk's address; nothing is opened. Raises ValueError: not of the form HOST:PORT."""
        host, colon, port = desk.rpartition(":")
        if not colon or not host or not port.isdecimal():
            raise ValueError(f"desk {desk!r}: allowed is HOST:PORT")
        self._host, self._port = host, int(port)
        self._context = ssl.create_default_context(cafile=str(root))
        self._context.minimum_version = ssl.TLSVersion.TLSv1_3

    def __call__(self, ask: Ask) -> Answer:
        """Send one message and return its answer.

        Raises:
            Unreachable: no connection, no answer that can be read, or a certificate that is not our office's.
        """
        with self._line() as line:
            line.request("POST", "/enrol", ENCODE(ask), {"Content-Type": "application/json"})
            answer: Answer = ANSWERED.decode(line.getresponse().read(LIMIT * 4))
            return answer

    def get(self, path: str, limit: int) -> bytes:
        """Return what lies there, up to `limit` bytes. Raises Unreachable, as above."""
        with self._line() as line:
            line.request("GET", path)
            answer = line.getresponse()
            if answer.status != http.HTTPStatus.OK:
                raise OSError(f"{path}: {answer.status} {answer.reason}")
            return answer.read(limit)

    @contextlib.contextmanager
    def _line(self) -> Iterator[http.client.HTTPSConnection]:
        line = http.client.HTTPSConnection(self._host, self._port, timeout=TIMEOUT_S, context=self._context)
        try:
            yield line
        except (OSError, http.client.HTTPException, msgspec.DecodeError) as error:
            raise Unreachable(f"{self._host}:{self._port}", error) from error
        finally:
            line.close()


class Prover(Protocol):
    """The holder of the key that a challenge asks for."""

    def prove(self, challenge: Challenge, renew: bool = False) -> Prove:
        """Sign the challenge; `renew`: with the key of the certificate in force as well."""


def ask_desk(prover: Prover, desk: Https, application: Apply, challenged: Callable[[], None] = lambda: None) -> Answer:
    """Hold the whole dialogue and return its last answer, Grant, Waiting or Refused; `challenged` is called in its
    middle. Raises Unreachable.
    """
    answer = desk(application)
    if isinstance(answer, Challenge):
        challenged()
        answer = desk(prover.prove(answer, bool(application.certificate)))
    return answer
