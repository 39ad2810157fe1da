"""The window of a demo's unit on the office's page, glass and front panel, which takes presses: for a computer without
a display.

Only where the office was started with `--demo-glass` (`kiosk demo` does): a unit of a site has no such way in, and what
it shows the office is masked.
"""

from __future__ import annotations

import base64
import json
import socket
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import Response
from pydantic import Field

from kiosk_firmware.office.web.access_control import must

ANSWER_S = 5.0
Fraction = Annotated[float, Field(ge=0, le=1), Form()]
"""Of the window's width or height, from the top left."""


class DemoGlass:
    """The demo's unit by its remote control, a UNIX socket."""

    def __init__(self, unit: str, path: Path) -> None:
        """Take `unit` as the office knows it and `path`, the socket of its screen process, which may come later."""
        self.unit, self._path = unit, path

    def picture(self, request: Request) -> Response:
        """Return the window as it stands now."""
        must(request, "manage")
        return Response(base64.b64decode(self._ask_screen(picture="")["jpeg"]), media_type="image/jpeg")

    def touch(
        self, request: Request, kind: Annotated[Literal["down", "move", "up"], Form()], x: Fraction, y: Fraction
    ) -> Response:
        """Touch the window there."""
        must(request, "manage")
        self._ask_screen(touch=kind, at=(x, y))
        return Response(status_code=204)

    def _ask_screen(self, **words: Any) -> dict[str, Any]:
        """Ask the screen process. Raises HTTPException: 503, it is not there, or starts again."""
        try:
            with socket.socket(socket.AF_UNIX) as end:
                end.settimeout(ANSWER_S)
                end.connect(str(self._path))
                end.sendall(json.dumps(words).encode() + b"\n")
                found: dict[str, Any] = json.loads(end.makefile().readline())
        except (OSError, ValueError) as error:
            raise HTTPException(503) from error
        if "error" in found:
            raise HTTPException(503)
        return found

    def mount(self, app: FastAPI) -> None:
        """Add the routes."""
        app.get("/demo/window.jpg", response_model=None)(self.picture)
        app.post("/demo/touch", response_model=None)(self.touch)
