"""Make tables of structs: each with its fields and what its docstring says."""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Iterator
from typing import Any

import msgspec

NOTE = "Written by `python -m deploy.generate_reference` from the code; do not edit.\n"


def about(thing: type) -> str:
    """Return a docstring in one line, as a cell of a table can hold it."""
    return " ".join((inspect.getdoc(thing) or "").split()).replace("|", "\\|")


def keys(table: type[msgspec.Struct]) -> str:
    """Return each key of a table with its default, as TOML would have it; bold where it must be given."""
    found = []
    for field in msgspec.structs.fields(table):
        default = field.default_factory() if callable(field.default_factory) else field.default
        if default is msgspec.NODEFAULT:
            found.append(f"**`{field.encode_name}`**")
        else:
            shown = "" if default is None else f" = {json.dumps(msgspec.to_builtins(default), ensure_ascii=False)}"
            found.append(f"`{field.encode_name}{shown}`")
    return ", ".join(found)


def union_table(union: Any) -> Iterator[str]:
    """Yield a table of the structs of a closed union."""
    yield "| name | fields | meaning |\n|---|---|---|"
    for struct in typing.get_args(union):
        fields = ", ".join(f"`{name}`" for name in struct.__struct_fields__)
        yield f"| `{struct.__name__}` | {fields} | {about(struct)} |"
