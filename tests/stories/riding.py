"""A ride bought at the ticket machine as a person does it: keys on the glass, everything else at the twins."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from screens.panel.practice_phone import CodeScan, look
from tests.stories.judging import judge
from tests.stories.rig import OURS, House
from tests.wire.rig import wait

ME, HER, NOBODY = "519901198802140030", "519901197604050013", "worn"


def lay(house: House, number: str) -> None:
    """Lay an ID card on the reader."""
    wait(lambda: house.twins.do("lay_card", at="id_reader", number=number)["ok"], "the reader to be free")


def lift(house: House) -> None:
    """Take the ID card up again."""
    house.twins.must("lift_card", at="id_reader")


def phone(house: House) -> None:
    """Look at the glass as the panel's phone does, and pay the code there. The house's glass is pictured (`seen`)."""
    shots = [CodeScan()]

    def sees() -> bool:
        shots.append(_shot(house.state / "glass.jpg"))
        return shots[-1].word == "order"

    wait(sees, "the phone to see a code of ours")
    house.twins.must("phone_pay", order=shots[-1].order, fen=shots[-1].fen)


def _shot(path: Path) -> CodeScan:
    if not path.exists():
        return CodeScan()
    picture = Image.open(path).convert("RGB")
    return look(picture.tobytes(), *picture.size)


def choose(house: House, station: str, day: int, train: str) -> None:
    """From the list of stations to the one who travels."""
    house.tap(f"station.{station}")
    house.tap(f"day.{day}")
    seat(house, train)


def seat(house: House, train: str) -> None:
    """A second-class seat of the train, wherever in the list it stands."""
    key = f"train.{train}.second"
    house.wait_step("trains")
    house.turn_pages("trains.down", key)
    house.tap(key)


def identify(house: House) -> None:
    """Lay one's ID card on the reader and go on."""
    house.wait_step("people", "ident")
    lay(house, ME)
    if house.step() == "people":
        house.tap("people.ok")


def buy(house: House, station: str, day: int, train: str, pay: str) -> None:
    """All up to paying, on the first skin."""
    house.tap("menu.buy")
    choose(house, station, day, train)
    identify(house)
    house.tap("confirm.ok")
    house.tap(f"pay.{pay}")


def lift_ident(house: House) -> None:
    """Take the ID card up when the machine says so."""
    house.wait_step("take-ident")
    lift(house)


def proved(house: House, lesson: str, outcome: str = "done", **facts: object) -> str:
    """The run's fact says all this, the judges agree; the slips that came out."""
    ended = house.end()
    assert (ended["machine"], ended["lesson"], ended["outcome"]) == ("rail", lesson, outcome)
    told = {name: ended["facts"].get(name) for name in facts}
    assert told == facts, told
    assert ended["facts"]["id_back"] is True
    judge(house)
    assert not [number for number in (ME, HER, OURS) if number in house.told()]
    return "\n".join(house.slips())
