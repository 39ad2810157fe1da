"""Say what is wrong with a file that people write: key, value, and what is allowed, with the nearest right word.

`msgspec` says which rule was broken, in a programmer's words and without the value; a technician needs the words of the
file. Everything is worked out from the structs themselves, so nothing said here can be out of date.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec.inspect import (
    CollectionType,
    DictType,
    LiteralType,
    Metadata,
    StructType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)

_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": 'a text in quotes, "like this"',
    "bool": "true or false",
    "array": 'a list, ["like", "this"]',
    "object": "a table",
    "null": "nothing",
}
_BOUNDS = {">=": "at least", "<=": "at most", ">": "above", "<": "below"}
_EXPECTED = re.compile(r"Expected `(?P<kinds>[^`]+)`(?: (?P<how>[<>]=?) (?P<bound>-?[\d.]+))?(?:, got `(?P<got>\w+)`)?")


def explain_error(tables: dict[str, Any], message: str, kind: Any) -> str:
    """Return a `ValidationError`'s message, of tables that were to be such a struct, as key, value, what is allowed."""
    said, _, path = message.partition(" - at ")
    root = type_info(kind)
    keys = _named(tables, [key for key in re.split(r"[.\[\]`]+", path.strip("`$").replace("[...]", ".*")) if key], kind)
    if unknown := re.search(r"unknown field `(.+)`", said):
        allowed = _allowed(root, tables, keys)
        name = ".".join([*keys, unknown[1]])
        value = _shown(tables, [*keys, unknown[1]])
        return f"{name} = {value}: no such key; allowed are {', '.join(allowed)}{nearest(unknown[1], allowed)}"
    if missing := re.search(r"missing required field `(.+)`", said):
        lacking = ".".join([*keys, missing[1]])
        return f"{lacking} is missing; allowed here are {', '.join(_allowed(root, tables, keys))}"
    name = f"{'.'.join(keys) or 'file'} = {_shown(tables, keys)}"
    if choices := _choices(root, tables, keys):
        return f"{name}: allowed are {', '.join(choices)}{nearest(str(_at(tables, keys)), choices)}"
    return f"{name}: {_meant(said, _at(tables, keys))}"


def nearest(word: str, allowed: Sequence[str]) -> str:
    """Return the right word that somebody may have meant, in brackets; "" where none is near."""
    near = difflib.get_close_matches(word, allowed, 1)
    return f" (did you mean {near[0]}?)" if near else ""


def _meant(said: str, value: Any) -> str:
    """Return what is allowed, by the rule that was broken."""
    found = _EXPECTED.fullmatch(said)
    if found is None:
        return f"{said[:1].lower()}{said[1:]}"
    words = " or ".join(_WORDS.get(kind, kind) for kind in found["kinds"].split(" | ") if kind != "null")
    bound = f", {_BOUNDS[found['how']]} {found['bound'].removesuffix('.0')}" if found["how"] else ""
    is_quoted = isinstance(value, str) and {"int", "float", "bool"} & set(found["kinds"].split(" | "))
    return f"allowed is {words}{bound}{', without quotes' if is_quoted else ''}"


def _shown(tables: Any, keys: Sequence[str]) -> str:
    """Return the value at a key as it may be printed: a table is only named, a secret is not."""
    value = _at(tables, keys)
    if isinstance(value, dict):
        return "a table"
    return "…" if keys and "password" in keys[-1] else repr(value)


def _at(tables: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        if isinstance(tables, dict) and key in tables:
            tables = tables[key]
        elif isinstance(tables, list) and key.isdecimal() and int(key) < len(tables):
            tables = tables[int(key)]
        else:
            return None
    return tables


def _named(tables: Any, keys: list[str], kind: Any) -> list[str]:
    """Return the path with the names that the message leaves out: `*` is the first of a table's that does not fit
    alone.
    """
    if "*" not in keys:
        return keys
    at = keys.index("*")
    for name in _at(tables, keys[:at]) or ():
        if not _fits(_alone(tables, [*keys[:at], name]), kind):
            return _named(tables, [*keys[:at], name, *keys[at + 1 :]], kind)
    return keys


def _alone(tables: Any, keys: Sequence[str]) -> Any:
    """Return the tables with nothing beside the last key in its own table."""
    if len(keys) == 1:
        return {keys[0]: tables[keys[0]]}
    return {**tables, keys[0]: _alone(tables[keys[0]], keys[1:])}


def _fits(tables: Any, kind: Any) -> bool:
    try:
        msgspec.convert(tables, kind)
    except msgspec.ValidationError:
        return False
    return True


# -- what may stand where ----------------------------------------------------------------------------------------------


def _types(kind: Type) -> Iterator[Type]:
    """Yield the type, or a union's members."""
    if isinstance(kind, UnionType):
        for one in kind.types:
            yield from _types(one)
    elif isinstance(kind, Metadata):
        yield from _types(kind.type)
    else:
        yield kind


def _inside(kind: Type, key: str) -> Iterator[Type]:
    """Yield what may stand at a key of a type."""
    if isinstance(kind, StructType):
        for field in kind.fields:
            if field.encode_name == key:
                yield from _types(field.type)
    elif isinstance(kind, DictType):
        yield from _types(kind.value_type)
    elif isinstance(kind, CollectionType | VarTupleType):
        yield from _types(kind.item_type)


def _kinds(root: Type, tables: dict[str, Any], keys: Sequence[str]) -> list[Type]:
    """Return what may stand at a place: of several drivers the one that the file names."""
    here = [root]
    for depth, key in enumerate(keys):
        here = [inner for kind in here for inner in _inside(kind, key)]
        value = _at(tables, keys[: depth + 1])
        named = value.get("driver") if isinstance(value, dict) else None
        here = [kind for kind in here if isinstance(kind, StructType) and kind.tag == named] or here
    return here


def _structs(root: Type, tables: dict[str, Any], keys: Sequence[str]) -> list[StructType]:
    return [kind for kind in _kinds(root, tables, keys) if isinstance(kind, StructType)]


def _allowed(root: Type, tables: dict[str, Any], keys: Sequence[str]) -> list[str]:
    """Return the keys that a table may have."""
    found = [field.encode_name for struct in _structs(root, tables, keys) for field in struct.fields]
    tagged = [struct.tag_field for struct in _structs(root, tables, keys) if struct.tag_field]
    return list(dict.fromkeys([*tagged, *found]))


def _choices(root: Type, tables: dict[str, Any], keys: Sequence[str]) -> list[str]:
    """Return the words that may stand at a key: a driver's names, or a fixed list."""
    if not keys:
        return []
    if keys[-1] == "driver":
        above = [inner for kind in _kinds(root, tables, keys[:-2]) for inner in _inside(kind, keys[-2])]
        return [str(kind.tag) for kind in above if isinstance(kind, StructType)]
    literals = [kind for kind in _kinds(root, tables, keys) if isinstance(kind, LiteralType)]
    return [str(value) for kind in literals for value in kind.values]
