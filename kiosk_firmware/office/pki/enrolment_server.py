"""The desk's door on the network: HTTPS with the office's own certificate, two paths, nothing else.

A unit needs no certificate here, since it has none yet; it knows the office by the root in its enrolment file. The
pages of the office are another server, on loopback.
"""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import msgspec
import uvicorn
from fastapi import FastAPI, Request, Response

from kiosk_firmware.office.bounded_http import tls_config
from kiosk_firmware.office.pki.enrolment_desk import EnrolmentDesk
from kiosk_firmware.wire import message_bounds
from kiosk_firmware.wire.enrolment_messages import ASKED, ENCODE, LIMIT, Refused

JSON = "application/json"


def build(desk: EnrolmentDesk) -> FastAPI:
    """Build the application: `POST /enrol` takes Apply or Prove, `GET /crl.pem` is the revocation list."""
    app = FastAPI(openapi_url=None)

    @app.post("/enrol")
    async def enrol(request: Request) -> Response:
        """Answer one message; what cannot be read is refused, like everything else that is wrong."""
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > LIMIT:
                return Response(ENCODE(Refused(f"a message has {LIMIT} bytes at most")), 413, media_type=JSON)
        try:
            ask = message_bounds.decode(body, ASKED)
        except msgspec.DecodeError as error:
            return Response(ENCODE(Refused(f"no message: {error}")), 400, media_type=JSON)
        peer = request.client.host if request.client else "?"
        return Response(ENCODE(await asyncio.to_thread(desk.answer, ask, peer)), media_type=JSON)

    @app.get("/crl.pem")
    async def crl() -> Response:
        """Return what the broker and the units refuse."""
        return Response(desk.crl, media_type="application/x-pem-file")

    return app


def server(desk: EnrolmentDesk, certificate: Path, key: Path) -> uvicorn.Server:
    """Make a server that is not yet started. Raises OSError: the certificate's files cannot be read."""
    return uvicorn.Server(tls_config(build(desk), certificate, key, at_once=200))


def listen(address: str, port: int) -> socket.socket:
    """Open a listening socket; port 0 takes a free one. Raises OSError: the port is taken."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, port))
    made.listen(128)
    return made
