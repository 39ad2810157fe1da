"""The front panel: what it shows of the twins' state, and which act each place stands for."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from screens.panel_parts import PanelCard, Seen, draw, seen
from screens.touch import Taps

CARDS = (PanelCard("9900120000005528", "工资卡"), PanelCard("9900120000001111", "磁条卡", chip=False))


def painted(now: Seen) -> dict[str, list[Any]]:
    from kivy.graphics import InstructionGroup

    from screens.letters import Letters
    from screens.paint import Painter

    acts: dict[str, list[Any]] = {}
    for press in draw(Painter(InstructionGroup(), Letters()), now, CARDS):
        acts.setdefault(press.act, []).append(press.args)
    return acts


def test_the_state_as_a_person_sees_it() -> None:
    now = seen(
        {
            "card_reader": {"position": "front", "card": "9900120000005528", "captured": ["1"]},
            "note_acceptor": {"mouth": "10000"},
            "coin_acceptor": {"cup": [100]},
            "cash_dispenser": {"locked": False, "full": True},
            "lights": {"lit": {"card_reader": True, "x": False}},
            "receipt_printer": {"slips": [[{"text": "凭条", "bold": True, "align": "center"}]]},
            "side_keys": {},
        }
    )
    assert (now.card_out, now.card_in, now.kept, now.note_out, now.cup) == (
        "9900120000005528",
        "",
        ("1",),
        "10000",
        (100,),
    )
    assert (now.tray_full, now.tray_open, now.lit, now.side_keys) == (True, True, frozenset({"card_reader"}), True)
    assert now.slip == (("凭条", True, "center"),)
    assert seen({}) == Seen()


@pytest.mark.glass
def test_what_can_be_pressed_follows_what_stands_there(glass: Any) -> None:
    idle = painted(Seen(connected=True))
    assert {args["card"] for args in idle["insert_card"]} == {card.number for card in CARDS}
    assert {args["key"] for args in idle["pin_key"]} == set("0123456789ECX")
    assert not {"take_card", "take_cash", "take_note", "tear_off", "empty_cup", "side_key"} & set(idle)
    busy = painted(
        Seen(
            connected=True,
            card_out=CARDS[0].number,
            note_out="1",
            cup=(100,),
            slip=(("x", False, "left"),),
            tray_full=True,
            tray_open=True,
            side_keys=True,
        )
    )
    assert {"take_card", "take_cash", "take_note", "tear_off", "empty_cup"} <= set(busy)
    assert len(busy["side_key"]) == 8
    assert [args["card"] for args in busy["insert_card"]] == [CARDS[1].number]
    assert "take_cash" not in painted(Seen(connected=True, tray_full=True, tray_open=False))


@pytest.mark.glass
def test_a_press_reaches_the_socket(glass: Any, tmp_path: Path) -> None:
    heard: list[dict[str, Any]] = []
    got = threading.Event()
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "twins.sock"))
    server.listen()

    def serve(end: socket.socket) -> None:
        for line in end.makefile("r", encoding="utf-8"):
            message = json.loads(line)
            heard.append(message)
            end.sendall(json.dumps({"ok": True, "id": message.get("id")}).encode() + b"\n")
            if message["do"] != "subscribe":
                got.set()

    def accept() -> None:
        while True:
            try:
                end, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(end,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    from screens.panel import Wire

    wire = Wire(tmp_path / "twins.sock", lambda _: None)
    wire.act("token", {"fen": 100})
    assert got.wait(20)
    wire.close()
    server.close()
    act = next(message for message in heard if message["do"] == "token")
    assert act["fen"] == 100


def test_the_panel_is_no_part_of_touch_rules() -> None:
    """Its parts answer at once: it imitates metal, not the glass."""
    assert Taps().fresh(0)
