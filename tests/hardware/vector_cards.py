"""How the vectors of cards and their readers are held against the codecs: CARDS, one way a file name.

As in vector_ways, which joins them: a way raises AssertionError for what is wrong. Frames go through the wires of
their codec; a stripe's bits, a Wiegand number, an ID number and an APDU are no frames and have ways of their own.
"""

from __future__ import annotations

from collections.abc import Callable

from hardware.protocols import id_text, sdt
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


CARDS: dict[str, Callable[[Vector], None]] = {"sdt_idcard": _sdt}
