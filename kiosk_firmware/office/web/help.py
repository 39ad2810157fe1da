"""Show the project's documents under *Help*, rendered from their Markdown, readable without any network.

An address mirrors a file's place (`/help/zh/office/README.md`), so the links in the documents work as they stand. A
package carries the documents beside this module (`deploy/packaging.py`); a checkout has them in `docs/`.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from markdown_it import MarkdownIt
from markupsafe import Markup

from kiosk_firmware.office.web.page_context import PageContext, language_of
from kiosk_firmware.office.web.render import LANGUAGES

START = "README.md"
PICTURES = {"png": "image/png", "svg": "image/svg+xml"}
_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_MARKDOWN = MarkdownIt("commonmark").enable("table")


@cache
def documents() -> Traversable:
    """Return the folder of all documents."""
    packaged = resources.files("kiosk_firmware.office.web").joinpath("help")
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "docs"


def document(path: str) -> Traversable:
    """Return the file of that place.

    Raises:
        LookupError: there is none.
    """
    parts = path.split("/")
    found = documents().joinpath(*parts) if all(map(_PART.fullmatch, parts)) else None
    if found is None or not found.is_file():
        raise LookupError(path)
    return found


@cache
def render_document(path: str) -> tuple[str, Markup]:
    """Return a document's title and its page."""
    text = document(path).read_text("utf-8")
    title = re.search(r"^# (.+)$", text, re.MULTILINE)
    return title[1].replace("`", "") if title else path, Markup(_MARKDOWN.render(text))


def counterpart(path: str, language: str) -> str:
    """Return the same document in that language, or the document itself where there is no other one."""
    first, _, rest = path.partition("/")
    other = f"{language}/{rest}"
    try:
        document(other)
    except LookupError:
        return path
    return other if first in LANGUAGES else path


class HelpPages:
    """The handlers; everybody who has come in may read."""

    def __init__(self, frame: PageContext) -> None:
        self._frame = frame

    def start(self, request: Request) -> Response:
        """Lead to the first page, in the reader's language."""
        return RedirectResponse(f"/help/{language_of(request)}/{START}", 303)

    def read(self, request: Request, path: str) -> Response:
        """Show a document or a picture; a document of the other language leads to the reader's."""
        own = counterpart(path, language_of(request))
        if own != path:
            return RedirectResponse(f"/help/{own}", 303)
        try:
            return self._show_document(request, path)
        except LookupError as error:
            raise HTTPException(404) from error

    def _show_document(self, request: Request, path: str) -> Response:
        kind = path.rpartition(".")[2]
        if kind in PICTURES:
            return Response(document(path).read_bytes(), media_type=PICTURES[kind])
        if kind != "md":
            raise LookupError(path)
        title, text = render_document(path)
        first = f"{language_of(request)}/{START}"
        return self._frame.page(request, "help.html", "help", title=title, text=text, first=first, at=path)

    def mount(self, app: FastAPI) -> None:
        """Give the pages their addresses."""
        app.get("/help", response_model=None)(self.start)
        app.get("/help/{path:path}", response_model=None)(self.read)
