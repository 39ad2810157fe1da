"""The shelf's door on the network: HTTPS for whoever has a unit's certificate, one file a path, by ranges; and the way
back for a diagnostic bundle that was asked for, in pieces.

Strangers do not come further than the handshake: it wants a certificate of this office that stands in no revocation
list. The list is read again as soon as it is another file, before the next handshake.
"""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from typing import Any

import uvicorn
from anyio import to_thread
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse

from kiosk_firmware.office.bounded_http import tls_config
from kiosk_firmware.office.pki.diagnosis_store import DiagnosisStore
from kiosk_firmware.office.pki.trust_folder import TrustFolder
from kiosk_firmware.office.rollouts.bundle_store import BundleStore
from kiosk_firmware.wire import diagnostic_messages as d

_SHA256 = re.compile(r"[0-9a-f]{64}")
AT_ONCE = 200
"""Units at once: a wave's."""


def build(bundles: BundleStore, diagnoses: DiagnosisStore) -> FastAPI:
    """Build the application: `GET /SHA256` is the file of that hash, or a part of it; `PUT /diagnoses/NUMBER` a piece
    of what was asked for.
    """
    app = FastAPI(openapi_url=None)

    @app.get("/{sha256}")
    def file(sha256: str) -> FileResponse:
        """Return the file of that hash; Starlette answers ranges."""
        path = bundles.path(sha256)
        if not _SHA256.fullmatch(sha256) or not path.exists():
            raise HTTPException(404)
        return FileResponse(path, media_type="application/octet-stream")

    @app.put("/diagnoses/{number}")
    async def piece(number: str, offset: int, last: bool, request: Request) -> dict[str, int]:
        """Take a piece; the number is the ticket's, which nobody but the unit that was asked has seen."""
        data = bytearray()
        async for more in request.stream():
            data += more
            if len(data) > d.PIECE_BYTES:
                raise HTTPException(413)
        try:
            return {"have": await to_thread.run_sync(diagnoses.add_piece, number, offset, bytes(data), last)}
        except LookupError:
            raise HTTPException(404) from None
        except ValueError as error:
            raise HTTPException(400, str(error)[:200]) from error

    return app


def server(bundles: BundleStore, place: TrustFolder) -> uvicorn.Server:
    """Make a server that is not yet started. Raises ValueError: there is no authority or no broker yet."""
    certificate, key = place.desk_papers()
    config = tls_config(build(bundles, DiagnosisStore(place.folder.parent)), certificate, key, AT_ONCE)
    assert config.ssl is not None
    _guard(config.ssl, place)
    return uvicorn.Server(config)


def _guard(context: ssl.SSLContext, place: TrustFolder) -> None:
    """Let in only our own certificates, by the revocation list as it is then."""
    authority = place.authority
    context.load_verify_locations(cadata=authority.issuing + authority.root)
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    listed = place.folder / "crl.pem"
    known: list[tuple[int, int]] = []

    def look(*_: Any) -> None:
        mark = _mark(listed)
        if known[-1:] != [mark]:
            context.load_verify_locations(cafile=str(listed))
            known[:] = [mark]

    look()
    context.sni_callback = look


def _mark(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_ino
