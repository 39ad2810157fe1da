"""How somebody leaves: asked once, and *end* has no second meaning."""

from __future__ import annotations

import pytest

from kiosk_firmware.unit.lobby.phases import lobby as s
from kiosk_firmware.unit.lobby.phases import sign_in as cs
from kiosk_firmware.unit.lobby.transitions import update
from tests.unit.lobby.test_lobby import presses, walked


@pytest.fixture(scope="module")
def seen():
    return walked()


def test_signing_out_asks_once(seen):
    """No key and no press on *end* signs anybody out, but one of two keys on one page; there it is asked no more."""
    asked = set()
    for lobby in seen:
        for event in [*presses(lobby), cs.TurnOver("key"), cs.TurnOver("key")]:
            after, requests = update(lobby, event)
            out = [one for one in requests if isinstance(one, s.SignedOut)]
            if out:
                assert isinstance(lobby.phase, s.SigningOut)
                assert event.key == "out.leave"
                asked.add(lobby.learner)
            lobby = after if isinstance(event, cs.TurnOver) else lobby
    assert len(asked) > 1, asked


def test_end_is_there_only_where_something_goes_on(seen):
    """On pages on which one chooses, the strip has no *end*: pressed twice after a run it meets nothing."""
    choosing = (s.Home, s.InPlace, s.Lessons, s.Meeting, s.Before, s.Debriefing, s.SigningOut, s.SignIn, s.Attract)
    assert not any(lobby.ends for lobby in seen if isinstance(lobby.phase, choosing))
    assert all(lobby.ends for lobby in seen if isinstance(lobby.phase, s.Looking))
