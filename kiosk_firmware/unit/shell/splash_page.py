"""The page that stands while the unit is still being put together: the lobby's first one, drawn from its own texts.

Nothing of devices, journal or session is imported for it, so that it stands as soon as the window does.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.texts import Words
from kiosk_firmware.unit.lobby.phases.lobby import Lobby
from kiosk_firmware.unit.lobby.texts import FOLDERS, lobby_texts
from kiosk_firmware.unit.lobby.view import view

VISIT = 1


def welcome(language: str) -> tuple[Page, Words]:
    """Return the page, its step as the unit will name it on its first visit, and its words."""
    page = view(Lobby(language=language))
    return msgspec.structs.replace(page, step=f"{page.step}#{VISIT}"), lobby_texts(folders=FOLDERS[:1])
