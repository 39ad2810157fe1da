"""Message: something is said; the keys answer it. Also what waiting and being out of service look like."""

from __future__ import annotations

from copy import copy

import msgspec

from screens.parts import held_things, journey_ticket, key_layout, page_content
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Rect

HELD, GAP = 0.52, 20.0
"""Of the room, for what somebody has in their hands; the words stand beside it."""


class Message:
    """Draws pages of kind Message."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw title, panel, keys."""
        scene.title()
        room = key_layout.place(scene, key_layout.machine_keys(scene))
        if scene.page.body.journey:
            journey_ticket.draw(scene, room, scene.page.body.journey)
        elif scene.page.body.carried:
            _held(scene, room)
        else:
            page_content.fill(scene, room)


def _held(scene: PageCanvas, room: Rect) -> None:
    """Draw large what somebody now has in their hands, and beside it what the page says; its sum stands once."""
    body = scene.page.body
    if not (body.lines or body.rows):
        held_things.draw(scene, room)
        return
    wide = room.w * HELD - GAP
    held_things.draw(scene, Rect(room.x, room.y, wide, room.h))
    words = copy(scene)
    words.page = msgspec.structs.replace(scene.page, body=msgspec.structs.replace(body, amount_fen=-1))
    page_content.fill(words, Rect(room.x + wide + GAP, room.y, room.w - wide - GAP, room.h))
