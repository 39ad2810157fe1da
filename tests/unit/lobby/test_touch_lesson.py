"""The touch lesson is everybody's, whichever way they come in; no key of it leads astray."""

from __future__ import annotations

import pytest

from kiosk_firmware.core.events import Tapped
from kiosk_firmware.unit.lobby.phases import lobby as s
from kiosk_firmware.unit.lobby.phases import sign_in as cs
from kiosk_firmware.unit.lobby.transitions import update
from kiosk_firmware.unit.lobby.view import view
from tests.unit.lobby.test_lobby import OFFERS, go

START = s.Lobby(offers=OFFERS)
SIGNING = s.Lobby(s.SignIn(), offers=OFFERS)
WAYS = {
    "guest": lambda: go(START, "attract.start", "sign.guest")[0],
    "card at the first page": lambda: update(START, cs.Recognised("l-000932", card=True))[0],
    "card while signing in": lambda: update(SIGNING, cs.Recognised("l-000932", card=True))[0],
    "known pictures": lambda: update(SIGNING, cs.Recognised("l-000932"))[0],
    "new pictures": lambda: update(SIGNING, cs.Recognised("l-000932", fresh=True))[0],
    "no pictures": lambda: go(update(SIGNING, cs.NumberFound("l-000932", "choose"))[0], "pictures.later")[0],
}


@pytest.mark.parametrize("way", WAYS)
def test_whoever_comes_in_meets_it_and_three_good_presses_lead_home(way):
    lobby, seen = WAYS[way](), []
    for _ in range(cs.ROUNDS):
        page = view(lobby)
        seen.append((page.kind, page.step, page.body.digits))
        lobby, requests = go(lobby, "touch.press")
    assert seen == [("Touch", f"touch-{at + 1}", at) for at in range(cs.ROUNDS)]
    assert view(lobby).step == "home"
    assert requests == (), "no setting is written: the learner's own may still be on its way"


@pytest.mark.parametrize("way", [way for way in WAYS if way != "guest"])
def test_whoever_has_practised_is_at_home_at_once_and_may_ask_for_it_again(way):
    met = cs.Practised()
    lobby = update(WAYS[way](), met)[0]
    assert view(lobby).step == "home"
    again = go(lobby, "home.own", "own.touch")[0]
    assert view(again).step == "touch-1"
    assert update(again, met)[0].phase == again.phase, "nobody is taken out of a lesson that they asked for"
    lobby, requests = go(again, "touch.press", "touch.press", "touch.press")
    assert (view(lobby).step, requests) == ("home", ())


def test_its_pages_have_one_key_to_press_and_one_to_skip_whatever_was_pressed_before():
    """No press hides the key that is wanted: there is no page for a wrong one."""
    for at in range(cs.ROUNDS):
        lobby = s.Lobby(cs.Touching(at), "guest", offers=OFFERS)
        page = view(lobby)
        assert [key.name for key in page.keys] == ["touch.press", "touch.skip"]
        assert not page.body.lines
        missed = update(lobby, Tapped("touch.elsewhere", page.step))[0]
        assert missed is lobby
