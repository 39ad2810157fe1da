"""How the vectors of cards and their readers are held against the codecs: CARDS, one way a file name.

As in vector_ways, which joins them: a way raises AssertionError for what is wrong. Frames go through the wires of
their codec; a stripe's bits, a Wiegand number, an ID number and an APDU are no frames and have ways of their own.
"""

from __future__ import annotations

from collections.abc import Callable

from hardware.protocols import crt591, dispenser_enq, id_text, sdt
from tests.hardware.support import Vector
from tests.hardware.vector_wires import benched

FIELDS = {"id": "number", "from": "begins", "to": "ends"}
"""What a vector calls a field of ``id_text.Person``, where the words differ."""


def _sdt(vector: Vector) -> None:
    if not vector.data.startswith(sdt.START[:1]):
        number = vector.data.decode("latin-1")
        good = id_text.valid_number(number) and vector.extra.get("text", number) == number
        assert good == vector.valid, "the number's check character"
        return
    benched("sdt").check(vector)
    if vector.valid and len(vector.data) > id_text.SIZE:
        _person(vector)


def _person(vector: Vector) -> None:
    (frame,) = sdt.Codec().receive_data(vector.data, 0)
    assert isinstance(frame, sdt.Frame)
    text = sdt.text_of(frame.body[3:])
    person = id_text.decode(text or b"")
    assert person is not None, "the text is not understood"
    assert id_text.encode(person) == text, "written again it is another text"
    for word, told in vector.extra.get("fields", {}).items():
        read = getattr(person, FIELDS.get(word, word), None)
        assert read == ("" if told == "长期" else told), f"{word} is read as something else"


def _crt591(vector: Vector) -> None:
    benched("crt591").check(vector)
    if vector.valid and vector.direction == "device->host" and len(vector.data) > 1:
        assert crt591.decode(vector.data[4:-2]) is not None, "the answer is not understood"


def _dispenser_enq(vector: Vector) -> None:
    benched("dispenser_enq").check(vector)
    if vector.valid and vector.data[1:3] == b"SF":
        text = vector.data[1:-2]
        state = dispenser_enq.decode_state(text)
        assert state is not None, "the state is not understood"
        assert dispenser_enq.encode_state(state) == text or text[4] & 1, "said again it is another state"


CARDS: dict[str, Callable[[Vector], None]] = {
    "card_dispenser_enq": _dispenser_enq, "crt591": _crt591, "sdt_idcard": _sdt,
}
