"""How the vectors of cards and their readers are held against the codecs: CARDS, one way a file name.

As in vector_ways, which joins them: a way raises AssertionError for what is wrong. Frames go through the wires of
their codec; a stripe's bits, a Wiegand number, an ID number and an APDU are no frames and have ways of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from hardware.protocols import crt591, dispenser_enq, id_card_text, iso7816, magstripe, sdt, wiegand
from tests.hardware.support import Vector
from tests.hardware.vector_wires import Wire, benched

FIELDS = {"id": "number", "from": "begins", "to": "ends"}
"""What a vector calls a field of ``id_card_text.Person``, where the words differ."""


def _sdt(vector: Vector) -> None:
    if not vector.data.startswith(sdt.START[:1]):
        number = vector.data.decode("latin-1")
        good = id_card_text.valid_number(number) and vector.extra.get("text", number) == number
        assert good == vector.valid, "the number's check character"
        return
    benched("sdt").check(vector)
    if vector.valid and len(vector.data) > id_card_text.SIZE:
        _person(vector)


def _person(vector: Vector) -> None:
    (frame,) = sdt.Codec().receive_data(vector.data, 0)
    assert isinstance(frame, sdt.Frame)
    text = sdt.text_of(frame.body[3:])
    person = id_card_text.decode(text or b"")
    assert person is not None, "the text is not understood"
    assert id_card_text.encode(person) == text, "written again it is another text"
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


STRIPES = {
    dialect: Wire(
        lambda dialect=dialect: magstripe.Codec(dialect),
        magstripe.send,
        magstripe.Broken,
        (magstripe.Swipe,),
        apart=True,
    )
    for dialect in magstripe.DIALECTS
}
LETTERS = Wire(magstripe.Commands, magstripe.send, magstripe.Broken)


def _magstripe(vector: Vector) -> None:
    if "bits_lsb_first_odd_parity" in vector.extra:
        _stripe(vector)
    elif vector.direction == "host->device":
        LETTERS.check(vector)
    else:
        able = [wire for wire in STRIPES.values() if wire.reads(vector.data)] if vector.valid else STRIPES.values()
        assert able, "no dialect reads it"
        for wire in able:
            wire.check(vector)


def _stripe(vector: Vector) -> None:
    """A track's bits, drawn either way and as flux at any speed, against its text and LRC."""
    bits, told = vector.extra["bits_lsb_first_odd_parity"], vector.data.decode("latin-1")
    form = magstripe.SEVEN if told[:1] == "%" else magstripe.FIVE
    flux = magstripe.bits_of_flux(magstripe.flux_of(bits, 0.3))
    for drawn in (bits, "000" + bits + "00", bits[::-1], flux, flux[::-1]):
        assert (magstripe.text_of(drawn, form) == told) == vector.valid, "read as another text"
    if vector.valid:
        assert magstripe.bits_of(told) == bits, "written again these are other bits"
        assert magstripe.lrc_of(told) == vector.extra.get("lrc_char", magstripe.lrc_of(told)), "the LRC"


def _wiegand(vector: Vector) -> None:
    """Bits on two lines as edges in time, with a pause before and after; a number is what its parities say it is."""
    bits = str(vector.extra["bits"])
    reader = wiegand.Reader()
    said = [message for at_ms, line, level in wiegand.edges(bits) for message in reader.edge(line, level, at_ms)]
    said += reader.tick(wiegand.SILENCE_MS + len(bits) * 10)
    numbers = [message for message in said if isinstance(message, wiegand.Number)]
    assert bool(numbers) == vector.valid, f"heard {said}"
    for number in numbers:
        assert wiegand.bits_of(number) == bits
        told = re.search(r"facility (\d+) card (\d+)", str(vector.extra.get("meaning", "")))
        assert not told or (number.facility, number.card) == (int(told[1]), int(told[2]))


def _iso7816(vector: Vector) -> None:
    """A command or an answer, whole: there are no frames, so one byte more or less is another one or none."""
    read = iso7816.decode_command if vector.direction == "host->device" else iso7816.decode_response
    found = read(vector.data)
    assert (found is not None) == vector.valid, f"read as {found}"
    if found is None:
        return
    assert iso7816.send(found) == vector.data, "said again these are other bytes"
    if isinstance(found, iso7816.Response) and found.status >> 8 == iso7816.AGAIN:
        talk = iso7816.exchange(iso7816.read_record(1))
        next(talk)
        again = iso7816.decode_command(talk.send(vector.data))
        assert again is not None
        assert again.le == found.status & 0xFF, "it is not said again with that length"


CARDS: dict[str, Callable[[Vector], None]] = {
    "card_dispenser_enq": _dispenser_enq,
    "crt591": _crt591,
    "iso7816": _iso7816,
    "magstripe": _magstripe,
    "sdt_idcard": _sdt,
    "wiegand": _wiegand,
}
