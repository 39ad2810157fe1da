"""Serve the pages' scripts, sheets and icons, each under an address that names its content.

What is asked for by the digest of what stands there may be kept for ever; all else is asked for again each time, so a
page of before an update never makes a browser keep new content under an old digest, or the other way round.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs

from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
FOREVER, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"


def address(name: str) -> str:
    """Return where a file of the static folder is to be asked for."""
    return f"/static/{name}?v={digest(FOLDER / name)}"


def digest(path: Path) -> str:
    """Return what stands in the file, in twelve hexadecimal digits. Raises OSError: there is none."""
    stat = path.stat()
    return _digest(path, stat.st_mtime_ns, stat.st_size)


@cache
def _digest(path: Path, changed_ns: int, size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


class StaticPages(StaticFiles):
    """The folder, and how long each answer may be kept."""

    def __init__(self) -> None:
        """Serve the files of this package."""
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, or that it has not changed."""
        answer = await super().get_response(path, scope)
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("v", [""])[0]
        is_named = bool(asked) and asked == digest(FOLDER / path)
        answer.headers["Cache-Control"] = FOREVER if is_named else ASK_AGAIN
        return answer
