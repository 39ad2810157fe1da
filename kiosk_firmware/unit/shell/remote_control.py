"""A hand for tests, the bench and a demo without a display: presses keys by name or touches the window over a UNIX
socket, and sees the page as data or as a picture.

Only where the screen process was started with --hand. One JSON line in, one out: {"tap": "menu.withdraw"} presses a
key of the page or of the strip ("strip.end") by the same rules as a finger; {"type": "300"} edits the page's field;
{"knock": ""} knocks at the supervisor's door; {} only looks. The answer is what stands on the glass: {"page": …,
"visit": n, "run": id, "strip": "…", "pressed": true}. {"touch": "down", "at": [0.5, 0.9]} touches the window, front
panel and all (down, move or up; fractions from the top left). {"picture": ""} is answered with the whole window as
{"jpeg": base64}, nothing covered: it never leaves the machine on which the demo runs.
"""

from __future__ import annotations

import base64
import io
import os
import queue
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

WAIT_S = 10.0
TOUCHES = ("down", "move", "up")
PICTURE_QUALITY = 80


class RemoteRequest(msgspec.Struct, frozen=True):
    """A request of the remote control to the glass's thread; `answer` is called there with what is seen."""

    words: dict[str, Any]
    answer: Callable[[dict[str, Any]], None]


def serve(path: Path, post: Callable[[object], None]) -> socket.socket:
    """Listen at `path`; every request is posted as `RemoteRequest`. Returns the listening socket (close it to stop)."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    os.chmod(path, 0o600)
    listener.listen()
    threading.Thread(target=_accept, args=(listener, post), name="hand", daemon=True).start()
    return listener


def _accept(listener: socket.socket, post: Callable[[object], None]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=(connection, post), name="hand", daemon=True).start()


def _talk(connection: socket.socket, post: Callable[[object], None]) -> None:
    with connection, connection.makefile("rw", encoding="utf-8") as lines:
        for line in lines:
            box: queue.Queue[dict[str, Any]] = queue.Queue(1)
            post(RemoteRequest(msgspec.json.decode(line, type=dict[str, Any]), box.put))
            try:
                seen = box.get(timeout=WAIT_S)
            except queue.Empty:
                seen = {"error": "the glass does not answer"}
            lines.write(msgspec.json.encode(_encode_answer(seen)).decode() + "\n")
            lines.flush()


def _encode_answer(seen: dict[str, Any]) -> dict[str, Any]:
    """Encode the answer's pixels (RGBA rows from the bottom) as a JPEG: made here, so that the glass need not wait."""
    if "pixels" not in seen:
        return seen
    from PIL import Image

    upright = Image.frombytes("RGBA", seen["size"], seen["pixels"]).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    out = io.BytesIO()
    upright.convert("RGB").save(out, "JPEG", quality=PICTURE_QUALITY)
    return {"jpeg": base64.b64encode(out.getvalue()).decode()}


def dispatch_touch(window: Any, kind: str, x: float, y: float) -> None:
    """Touch the window as a mouse does; `x`, `y`: fractions from the top left.

    Raises:
        ValueError: `kind` is none of `TOUCHES`.
    """
    if kind not in TOUCHES:
        raise ValueError(f"touch {kind!r}: allowed are {', '.join(TOUCHES)}")
    at, button = (x * window.width, y * window.height), () if kind == "move" else ("left",)
    window.dispatch(f"on_mouse_{kind}", *at, *button, [])


def picture(window: Any) -> dict[str, Any]:
    """Read the pixels of the whole window, drawn anew: what a frame buffer holds after a flip is not promised."""
    from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels

    window.dispatch("on_draw")
    wide, high = window.system_size
    return {"pixels": glReadPixels(0, 0, wide, high, GL_RGBA, GL_UNSIGNED_BYTE), "size": (wide, high)}
