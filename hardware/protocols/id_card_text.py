"""Read and write the text block of a Chinese ID card: 256 bytes of UTF-16LE, three layouts, and the check digit.

The theory. A citizen's card has name, sex, nation, birth, address, number, issuer and validity at fixed places; the
letter at byte 248 says which other card it is: ``I`` a foreigner's permanent residence card (names first, a number of
three letters and twelve digits), ``J`` a residence permit of Hong Kong, Macao or Taiwan (as a citizen's). A number of
eighteen characters ends in ISO 7064 MOD 11-2, so a misread one is refused. Sources: GA/T 490, GA/T 1011, GB 11643.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

import msgspec

SIZE = 256
KIND_AT = 248
_CITIZEN = (
    ("name", 30),
    ("sex", 2),
    ("nation", 4),
    ("birth", 16),
    ("address", 70),
    ("id", 36),
    ("issuer", 30),
    ("from", 16),
    ("to", 16),
)
_FOREIGNER = (
    ("name", 120),
    ("sex", 2),
    ("id", 30),
    ("nation", 6),
    ("chinese", 30),
    ("from", 16),
    ("to", 16),
    ("birth", 16),
)
_LONG = "长期"
_DATE = re.compile(r"(?:18|19|20|21)[0-9]{6}")
Kind = Literal["citizen", "foreigner", "permit"]


class Person(msgspec.Struct, frozen=True):
    """The text of an ID card; repr hides it, for a card on a reader may be somebody's real one.

    `sex` 1 male, 2 female; `nation` 01..56, a foreigner's three letters; `birth`, `begins`, `ends` YYYYMMDD, `ends`
    empty where it never ends. `latin` is a foreigner's name as in the passport.
    """

    kind: Kind
    name: str
    sex: str
    nation: str
    birth: str
    number: str
    begins: str
    ends: str
    address: str = ""
    issuer: str = ""
    latin: str = ""

    def __repr__(self) -> str:
        return f"Person({self.kind}, …)"


def check_character(digits: str) -> str:
    """Return ISO 7064 MOD 11-2 of the first seventeen digits: 0..9 or X."""
    rest = 0
    for digit in digits:
        rest = (rest + int(digit)) * 2 % 11
    return "0123456789X"[(12 - rest) % 11]


def wrong_with(number: str) -> Literal["", "form", "date", "check"]:
    """Return what is wrong with *number*: neither eighteen characters nor a foreigner's three letters and twelve
    digits, a date of birth that no calendar has, or the last character; empty if it may stand on a card.
    """
    if re.fullmatch(r"[A-Z]{3}[0-9]{12}", number):
        return ""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return "form"
    if not _is_date(number[6:14]):
        return "date"
    return "" if check_character(number[:17]) == number[17] else "check"


def valid_number(number: str) -> bool:
    """Return whether *number* may stand on a card."""
    return not wrong_with(number)


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and date(int(text[:4]), int(text[4:6]), int(text[6:])))
    except ValueError:
        return False


def practice_number(number: str) -> bool:
    """Return whether no authority can have given *number*: area codes 99…… and ..99.., nationalities ZZ."""
    return number[:2] in ("99", "ZZ") or number[2:4] == "99"


def decode(text: bytes) -> Person | None:
    """Return what the block *text* says, or None where it does not fit together (length, letters, check digit,
    dates).
    """
    if len(text) != SIZE:
        return None
    try:
        letter = text[KIND_AT : KIND_AT + 2].decode("utf-16-le").strip(" \0")
        fields = _split_fields(text, _FOREIGNER if letter == "I" else _CITIZEN)
    except UnicodeDecodeError:
        return None
    if letter not in ("", "I", "J") or not _plausible(fields):
        return None
    kind: Kind = "foreigner" if letter == "I" else "permit" if letter == "J" else "citizen"
    return Person(
        kind,
        fields.get("chinese") or fields["name"],
        fields["sex"],
        fields["nation"],
        fields["birth"],
        fields["id"],
        fields["from"],
        "" if fields["to"] == _LONG else fields["to"],
        fields.get("address", ""),
        fields.get("issuer", ""),
        fields["name"] if letter == "I" else "",
    )


def _split_fields(text: bytes, layout: tuple[tuple[str, int], ...]) -> dict[str, str]:
    fields, at = {}, 0
    for name, size in layout:
        fields[name] = text[at : at + size].decode("utf-16-le").strip(" \0")
        at += size
    return fields


def _plausible(fields: dict[str, str]) -> bool:
    dates = (fields["birth"], fields["from"], *((fields["to"],) if fields["to"] != _LONG else ()))
    return bool(fields["name"]) and valid_number(fields["id"]) and all(map(_is_date, dates))


def encode(person: Person) -> bytes:
    """Encode *person* as the 256-byte text block of a card. Raises ValueError for a field that is too long."""
    fields = {
        "name": person.latin or person.name,
        "sex": person.sex,
        "nation": person.nation,
        "birth": person.birth,
        "address": person.address,
        "id": person.number,
        "issuer": person.issuer,
        "from": person.begins,
        "to": person.ends or _LONG,
        "chinese": person.name,
    }
    block = b""
    for name, size in _FOREIGNER if person.kind == "foreigner" else _CITIZEN:
        raw = fields[name].encode("utf-16-le")
        if len(raw) > size:
            raise ValueError(f"{name} of {len(raw) // 2} characters; allowed are {size // 2}")
        block += raw + " ".encode("utf-16-le") * ((size - len(raw)) // 2)
    letter = {"foreigner": "I", "permit": "J"}.get(person.kind, " ")
    block += " ".encode("utf-16-le") * ((KIND_AT - len(block)) // 2) + letter.encode("utf-16-le")
    return block + " ".encode("utf-16-le") * ((SIZE - len(block)) // 2)
