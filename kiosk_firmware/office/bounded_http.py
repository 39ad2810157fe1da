"""Let no connection stand that says nothing whole: a time for each request to be there, and a number for each address.

uvicorn ends a connection that is silent between two requests, but one that sends its header a byte at a time it keeps
for ever, so that few addresses hold all places. Here a request has to be whole (line, header, body) `request_s` after
it began, whatever trickles meanwhile, and one address has at most `per_address` connections (0: any number, behind a
proxy, which is one address for everybody and has such a bound of its own).
"""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol


class BoundedHttp(H11Protocol):
    """One connection of an office's server: `uvicorn.Config(http=…)`."""

    request_s = 20.0
    per_address = 0
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Count it, and give its first request a time."""
        super().connection_made(transport)
        if self.per_address and self._of_this_address() > self.per_address:
            transport.abort()
            return
        self._begin()

    def _of_this_address(self) -> int:
        return [_host(one) for one in self.connections].count(_host(self))

    def data_received(self, data: bytes) -> None:
        """Take bytes; those that do not make a request whole win it no time, those of a refused one go nowhere."""
        if self.conn.their_state is h11.ERROR:
            return
        if self._late is None and self.conn.their_state is h11.IDLE:
            self._begin()
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY, h11.ERROR):
            self._whole()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, and let whoever still sends it end, in the time that a request has: a line that is
        closed on bytes not yet read is reset, and the answer may go with it.
        """
        if not getattr(self.cycle, "response_complete", True):  # what goes on would answer a second time
            super().send_400_response(msg)
            return
        length = str(len(msg)).encode()
        headers = [(b"content-type", b"text/plain"), (b"content-length", length), (b"connection", b"close")]
        answer = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
        for part in (answer, h11.Data(data=msg.encode("ascii")), h11.EndOfMessage()):
            self.transport.write(self.conn.send(part))
        if self._late is None:
            self._begin()

    def on_response_complete(self) -> None:
        """Stop the clock of a request: the next begins with its first byte; the silence before it is uvicorn's own to
        end.
        """
        self._whole()
        super().on_response_complete()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Stop the clock for a line that talks: it has its own bounds (`visit_calls`)."""
        self._whole()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget its time."""
        self._whole()
        super().connection_lost(exc)

    def _begin(self) -> None:
        self._late = self.loop.call_later(self.request_s, self.transport.abort)

    def _whole(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def _host(connection: object) -> str:
    """Return the address of a connection, of whatever protocol; "" where it has none yet."""
    client: tuple[str, int] | None = getattr(connection, "client", None)
    return client[0] if client else ""


class BoundedByAddress(BoundedHttp):
    """A server that units reach themselves: one address is a unit, or a site's router in front of some twenty."""

    per_address = 32


def tls_config(app: Any, certificate: Path, key: Path, at_once: int) -> uvicorn.Config:
    """Configure a server for units: TLS 1.3, as units speak nothing older, and `at_once` connections at the most.

    Raises:
        OSError: the certificate's files cannot be read.
    """
    config = uvicorn.Config(
        app,
        http=BoundedByAddress,
        ssl_certfile=str(certificate),
        ssl_keyfile=str(key),
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        limit_concurrency=at_once,
    )
    config.load()
    assert config.ssl is not None
    config.ssl.minimum_version = ssl.TLSVersion.TLSv1_3
    return config
