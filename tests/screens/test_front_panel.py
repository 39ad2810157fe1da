"""The front panel: what it shows of the twins' state, and which act each place stands for."""

from __future__ import annotations

import json
import queue
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hardware.drivers.card_stored_value import own
from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.pages import Body, Key, Page, text
from kiosk_firmware.settings import unit_toml
from screens.input.tap_rules import Taps
from screens.panel.panel_base import PHOTO, STRANGER, TEXTS, PanelCard, PanelId, PersonView, seen_state
from screens.panel.panel_drawing import draw
from screens.panel.practice_phone import CodeScan, look
from screens.panel.transit_pad import CARD_UID, PHONE_UID, ticket_uid
from screens.stage import kivy_boot

IDS = (PanelId("519901198802140030", "张明"), PanelId("519901197604050013", "张小燕"), PanelId("worn"))
CARDS = (PanelCard("9900120000005528", "工资卡"), PanelCard("9900120000001111", "磁条卡", chip=False))


def painted(now: PersonView) -> dict[str, list[Any]]:
    from kivy.graphics import InstructionGroup

    from screens.stage.painter import Painter
    from screens.text.text_textures import TextTextures

    acts: dict[str, list[Any]] = {}
    for press in draw(Painter(InstructionGroup(), TextTextures()), now, CARDS, ids=IDS):
        acts.setdefault(press.act, []).append(press.args)
    return acts


def test_the_state_as_a_person_sees_it() -> None:
    now = seen_state(
        {
            "card_reader": {"position": "front", "card": "9900120000005528", "captured": ["1"]},
            "note_acceptor": {"mouth": "10000"},
            "coin_acceptor": {"cup": [100]},
            "coin_dispenser": {"cup": [500, 100]},
            "id_reader": {"number": IDS[0].number},
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
    assert (now.change, now.ident, now.has_ident) == ((500, 100), IDS[0].number, True)
    assert seen_state({"id_reader": {"number": "", "uid": "0bad0bad"}}).ident == STRANGER
    assert seen_state({}) == PersonView()


@pytest.mark.glass
def test_what_can_be_pressed_follows_what_stands_there(glass: Any) -> None:
    idle = painted(PersonView(connected=True))
    assert {args["card"] for args in idle["insert_card"]} == {card.number for card in CARDS}
    assert {args["key"] for args in idle["pin_key"]} == set("0123456789ECX")
    assert not {"take_card", "take_cash", "take_note", "tear_off", "empty_cup", "side_key"} & set(idle)
    busy = painted(
        PersonView(
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
    assert "take_cash" not in painted(PersonView(connected=True, tray_full=True, tray_open=False))
    assert PHOTO in idle


@pytest.mark.glass
def test_id_cards_are_laid_one_at_a_time_and_taken_up(glass: Any) -> None:
    assert "lay_card" not in painted(PersonView(connected=True))
    laid = painted(PersonView(connected=True, has_ident=True))["lay_card"]
    assert laid == [{"at": "id_reader", "number": one.number} for one in IDS]
    for lying in (IDS[0].number, STRANGER):
        busy = painted(PersonView(connected=True, has_ident=True, ident=lying))
        assert busy["lift_card"] == [{"at": "id_reader"}]
        assert "lay_card" not in busy


@pytest.mark.glass
def test_a_metro_card_is_tapped_and_taken_up_and_one_walks_where_the_barrier_is_open(glass: Any) -> None:
    assert not {"tap_tag", "walk"} & set(painted(PersonView(connected=True)))
    tickets = {"counters": {"taken": 2}}
    idle = seen_state({"tap_reader": {"uid": None}, "gate": {"mode": "locked"}, "ticket_dispenser": tickets})
    assert [args["uid"] for args in painted(idle)["tap_tag"]] == [CARD_UID, PHONE_UID, ticket_uid(2)]
    assert "walk" not in painted(idle)
    busy = painted(seen_state({"tap_reader": {"uid": CARD_UID}, "gate": {"mode": "single B"}}))
    assert busy["remove_tag"] == [{"at": "tap_reader"}] * 2
    assert busy["walk"] == [{"way": "exit"}]
    assert PHONE_UID == unit_toml.PHONE_TAG
    assert own(bytes.fromhex(CARD_UID)).number == machine_loader.personas()["default"].passes[0].number


CUP = ("take_dispensed", "take_change", "empty_cup")


@pytest.mark.glass
def test_the_cup_gives_change_and_returned_tokens_in_one_reach(glass: Any) -> None:
    from kivy.graphics import InstructionGroup

    from screens.stage.painter import Painter
    from screens.text.text_textures import TextTextures

    def cup(now: PersonView) -> list[tuple[str, str]]:
        presses = draw(Painter(InstructionGroup(), TextTextures()), now, CARDS)
        return [(press.act, press.also) for press in presses if press.act in CUP]

    assert cup(PersonView()) == []
    assert cup(PersonView(change=(100,))) == [("take_change", "")]
    assert cup(PersonView(cup=(100,))) == [("empty_cup", "")]
    assert cup(PersonView(change=(500,) * 30, cup=(100,))) == [("take_change", "empty_cup")]
    assert cup(PersonView(ticket=True)) == [("take_dispensed", "")]
    assert cup(PersonView(ticket=True, change=(100,))) == [("take_dispensed", "take_change")]


@pytest.mark.glass
@pytest.mark.parametrize("language", TEXTS)
def test_every_word_fits_and_no_two_places_overlap(glass: Any, language: str) -> None:
    from kivy.graphics import InstructionGroup

    from screens.stage.painter import Painter
    from screens.text.text_textures import TextTextures

    lying = PersonView(
        True,
        CARDS[0].number,
        ident=IDS[1].number,
        has_ident=True,
        note_out="1",
        cup=(100,),
        change=(500,),
        slip=(("行程信息单", True, "center"),),
        tray_full=True,
        tray_open=True,
        side_keys=True,
    )
    metro = msgspec.structs.replace(lying, has_pad=True, on_pad=CARD_UID, taken=1, has_gate=True, gate="single A")
    words = [key.removeprefix("phone.") for key in TEXTS[language] if key.startswith("phone.")]
    for now in (PersonView(), lying, metro, msgspec.structs.replace(metro, gate="")):
        for word in words:
            notes: list[Any] = []
            shot = CodeScan("" if word == "idle" else word, 3, 1_234_500)
            presses = draw(Painter(InstructionGroup(), TextTextures(), notes=notes), now, CARDS, language, IDS, shot)
            assert [note.text for note in notes if note.kind == "text" and not note.fits] == []
            for at, one in enumerate(presses):
                for other in presses[at + 1 :]:
                    apart_x = one.rect.right <= other.rect.x or other.rect.right <= one.rect.x
                    apart_y = one.rect.bottom <= other.rect.y or other.rect.bottom <= one.rect.y
                    assert apart_x or apart_y, (one, other)
    assert set(TEXTS[language]) == set(TEXTS["zh"])


PAY = Page(
    "Pay",
    "phone",
    text("phone.title"),
    body=Body((text("phone.how"),), amount_fen=15400, icon="phone", code=""),
    keys=(Key("phone.back", "back", text("key.phone.back")),),
)


def shown(glass: Any, skin: str, code: str, language: str = "zh") -> tuple[bytes, int, int]:
    it = machine_loader.load("rail", skin)
    page = msgspec.structs.replace(PAY, body=msgspec.structs.replace(PAY.body, code=code))
    glass.show(page, it.words, language, it.look)
    return glass.stage.pixels(kivy_boot.WIDE, kivy_boot.HIGH), kivy_boot.WIDE, kivy_boot.HIGH


@pytest.mark.glass
@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("skin", machine_loader.skins("rail"))
def test_the_phone_reads_the_code_off_the_glass(glass: Any, skin: str, language: str) -> None:
    assert look(*shown(glass, skin, "kiosk-practice:pay?order=3&fen=15400", language)) == CodeScan("order", 3, 15400)
    assert look(*shown(glass, skin, "", language)) == CodeScan("no_code")


@pytest.mark.glass
@pytest.mark.parametrize(
    "code",
    [
        "wxp://f2f0abcdefghij",
        "kiosk-practice:pay?order=3",
        "kiosk-practice:pay?order=3&fen=-1",
        "kiosk-practice:pay?order=3&fen=1&to=x",
        "kiosk-practice:pay?order=3&fen=99999999999",
    ],
)
def test_a_code_that_is_not_ours_is_not_paid(glass: Any, code: str) -> None:
    assert look(*shown(glass, machine_loader.skins("rail")[0], code)) == CodeScan("other_code")


class Twins:
    """A control socket that answers what it is told to and keeps what it heard."""

    def __init__(self, path: Path, answers: dict[str, dict[str, Any]]) -> None:
        self.heard: list[dict[str, Any]] = []
        self._answers = answers
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                end, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(end,), daemon=True).start()

    def _serve(self, end: socket.socket) -> None:
        for line in end.makefile("r", encoding="utf-8"):
            message = json.loads(line)
            self.heard.append(message)
            answer = {"ok": True, **self._answers.get(message["do"], {}), "id": message.get("id")}
            with suppress(BrokenPipeError):  # the panel has been closed meanwhile
                end.sendall(json.dumps(answer).encode() + b"\n")

    def close(self) -> None:
        self._server.close()


@pytest.mark.glass
@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ({}, "paid"),
        ({"ok": False, "error": "over"}, "over"),
        (None, "unreached"),
    ],
)
def test_the_phone_pays_and_says_what_came_of_it(glass: Any, tmp_path: Path, answer: Any, word: str) -> None:
    from screens.panel.front_panel import Wire

    twins = Twins(tmp_path / "twins.sock", {"phone_pay": answer}) if answer is not None else None
    wire = Wire(tmp_path / "twins.sock", lambda _: None)
    told: queue.Queue[CodeScan] = queue.Queue()
    wire.pay(shown(glass, machine_loader.skins("rail")[0], "kiosk-practice:pay?order=3&fen=15400"), told.put)
    assert told.get(timeout=30).word == word
    wire.close()
    if twins is not None:
        twins.close()
        paid = [message for message in twins.heard if message["do"] == "phone_pay"]
        assert [(message["order"], message["fen"]) for message in paid] == [(3, 15400)]


@pytest.mark.glass
def test_a_press_reaches_the_socket(glass: Any, tmp_path: Path) -> None:
    from screens.panel.front_panel import Wire

    twins = Twins(tmp_path / "twins.sock", {})
    wire = Wire(tmp_path / "twins.sock", lambda _: None)
    wire.act("token", {"fen": 100})
    wire.close()  # only when all acts are done
    twins.close()
    heard = twins.heard
    act = next(message for message in heard if message["do"] == "token")
    assert act["fen"] == 100


def test_the_panel_is_no_part_of_touch_rules() -> None:
    """Its parts answer at once: it imitates metal, not the glass."""
    assert Taps().fresh(0)


@pytest.mark.glass
def test_the_whole_panel_lays_an_id_card_and_photographs_the_glass(glass: Any, tmp_path: Path) -> None:
    from screens.panel.front_panel import Panel

    twins = Twins(tmp_path / "twins.sock", {})
    shown(glass, machine_loader.skins("rail")[0], "kiosk-practice:pay?order=3&fen=15400")
    panel = Panel(tmp_path / "twins.sock", CARDS, idents=IDS, photo=glass.stage.pixels)
    panel.show(PersonView(connected=True, has_ident=True))
    for act in ("lay_card", PHOTO):
        rect = next(press.rect for press in panel.presses if press.act == act)
        panel.do(panel.press_at(*rect.centre))
    assert panel.shot.word == "looking"
    panel.close()
    twins.close()
    acts = [message for message in twins.heard if message["do"] != "subscribe"]
    assert [(act["do"], act.get("number"), act.get("order")) for act in acts] == [
        ("lay_card", IDS[0].number, None),
        ("phone_pay", None, 3),
    ]


@pytest.mark.glass
@pytest.mark.parametrize("many", [2, 6])
@pytest.mark.parametrize("language", sorted(TEXTS))
def test_no_digit_of_a_pin_slip_is_cut_at_the_cards_edge(glass: Any, many: int, language: str) -> None:
    """A card that is in the machine leaves its slip, however many cards lie beside it."""
    from kivy.graphics import InstructionGroup

    from screens.stage.painter import Painter, PlacedItem
    from screens.text.text_textures import TextTextures

    cards = [PanelCard(f"990012000000{n:04d}", "工资卡", pin="128639") for n in range(many)]
    notes: list[PlacedItem] = []
    now = PersonView(connected=True, card_in=cards[0].number)
    draw(Painter(InstructionGroup(), TextTextures(), notes=notes), now, cards, ids=IDS, language=language)
    texts = [note for note in notes if note.kind == "text"]
    digits = [note for note in texts if note.text.replace(" ", "") in ("128639", "128", "639")]
    assert "".join(note.text for note in digits).replace(" ", "") == "128639"
    assert [
        note.text for note in texts if note.text == TEXTS[language]["slip"] or note in digits if not note.fits
    ] == []
