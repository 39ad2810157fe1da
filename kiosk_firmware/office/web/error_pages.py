"""Say in words what went wrong, where a person asked for a page; another program gets JSON, as before."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from kiosk_firmware.office.web.page_context import PageContext

KNOWN = (400, 403, 404, 405, 409, 413, 422)
"""Codes that have words of their own: `error.<code>`."""


class ErrorPages:
    """The handlers."""

    def __init__(self, frame: PageContext) -> None:
        self._frame = frame

    async def refused(self, request: Request, error: Exception) -> Response:
        """Show an answer that a handler or the addresses refused."""
        assert isinstance(error, HTTPException)
        if not self._is_page(request):
            return await http_exception_handler(request, error)
        return self._page(request, error.status_code, str(error.detail))

    async def unreadable(self, request: Request, error: Exception) -> Response:
        """Answer a request whose fields are not what the address takes."""
        assert isinstance(error, RequestValidationError)
        if not self._is_page(request):
            return await request_validation_exception_handler(request, error)
        return self._page(request, 422, "; ".join(_field(one) for one in error.errors()))

    def _is_page(self, request: Request) -> bool:
        """Return whether a browser shows the answer by itself, in the frame of somebody who is in."""
        wants = "text/html" in request.headers.get("accept", "") and "hx-request" not in request.headers
        return wants and getattr(request.state, "me", None) is not None

    def _page(self, request: Request, code: int, detail: str) -> Response:
        page = self._frame.page(request, "error.html", "", code=code, known=code in KNOWN, detail=detail)
        page.status_code = code
        return page

    def mount(self, app: FastAPI) -> None:
        """Take what is refused."""
        app.add_exception_handler(HTTPException, self.refused)
        app.add_exception_handler(RequestValidationError, self.unreadable)


def _field(error: Any) -> str:
    return f"{'.'.join(map(str, error['loc'][1:]))}: {error['msg']}"
