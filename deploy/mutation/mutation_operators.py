"""Find what may be changed in a source, one small fault each, and write the source with one of them.

Comparisons are flipped, `and` becomes `or`, a figure is one off, a statement is dropped, a condition is turned round.
Everything else of the text stays byte for byte, so that a line number still names the same place.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import msgspec

SIGNS: dict[type[ast.AST], tuple[str, str, str]] = {
    ast.Eq: ("==", "!=", "comparison"),
    ast.NotEq: ("!=", "==", "comparison"),
    ast.Lt: ("<", "<=", "comparison"),
    ast.LtE: ("<=", "<", "comparison"),
    ast.Gt: (">", ">=", "comparison"),
    ast.GtE: (">=", ">", "comparison"),
    ast.Is: ("is", "is not", "comparison"),
    ast.IsNot: ("is not", "is", "comparison"),
    ast.In: ("in", "not in", "comparison"),
    ast.NotIn: ("not in", "in", "comparison"),
    ast.And: ("and", "or", "and/or"),
    ast.Or: ("or", "and", "and/or"),
    ast.Add: ("+", "-", "arithmetic"),
    ast.Sub: ("-", "+", "arithmetic"),
    ast.Mult: ("*", "//", "arithmetic"),
    ast.FloorDiv: ("//", "*", "arithmetic"),
}
"""What stands between two operands, what instead, and what that is called."""


class SourceChange(msgspec.Struct, frozen=True, order=True):
    """One fault: the first and last line that it touches, where in the text it is, what stands there, what instead."""

    line: int
    until: int
    start: int
    end: int
    old: str
    new: str
    kind: str


def changes(source: str) -> list[SourceChange]:
    """Return every change that `source` admits, in the order of the text."""
    tree = ast.parse(source)
    text = _Text(source)
    silent = {id(node) for node in _texts_and_types(tree)}
    found = [text.change(*one) for node in ast.walk(tree) if id(node) not in silent for one in _of(node, text)]
    return sorted({one for one in found if one.old != one.new})


def changed_source(source: str, change: SourceChange) -> str:
    """Return the source with that change made."""
    raw = source.encode()
    return (raw[: change.start] + change.new.encode() + raw[change.end :]).decode()


class _Text:
    """A source by its bytes, as `ast` counts columns."""

    def __init__(self, source: str) -> None:
        self.raw = source.encode()
        self.lines = [0]
        for line in self.raw.split(b"\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)

    def at(self, line: int, column: int) -> int:
        """Return the place in the text, in bytes."""
        return self.lines[line - 1] + column

    def start(self, node: ast.expr | ast.stmt) -> int:
        """Return the place where the node begins."""
        return self.at(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt) -> int:
        """Return the place where the node ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.at(node.end_lineno, node.end_col_offset)

    def of(self, node: ast.expr) -> str:
        """Return the node's own text."""
        return self.raw[self.start(node) : self.end(node)].decode()

    def change(self, start: int, end: int, new: str, kind: str) -> SourceChange:
        """Return the change of what stands between the two places."""
        old = self.raw[start:end]
        line = self.raw.count(b"\n", 0, start) + 1
        return SourceChange(line, line + old.count(b"\n"), start, end, old.decode(), new, kind)


_One = tuple[int, int, str, str]


def _of(node: ast.AST, text: _Text) -> Iterator[_One]:
    match node:
        case ast.Compare(left=left, ops=ops, comparators=rights):
            for before, sign, after in zip((left, *rights), ops, rights, strict=False):
                yield from _sign(text, before, sign, after)
        case ast.BoolOp(op=either, values=values):
            yield from _sign(text, values[0], either, values[1])
        case ast.BinOp(left=left, op=operator, right=right):
            yield from _sign(text, left, operator, right)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield (text.start(node), text.end(node), text.of(operand), "not")
        case ast.Constant(value=bool(value)):
            yield (text.start(node), text.end(node), str(not value), "truth")
        case ast.Constant(value=int(value)):
            yield (text.start(node), text.end(node), str(value + 1), "figure")
            yield (text.start(node), text.end(node), f"({value - 1})" if value < 1 else str(value - 1), "figure")
        case ast.IfExp(test=test) | ast.match_case(guard=ast.expr() as test):
            yield (text.start(test), text.end(test), f"(not ({text.of(test)}))", "condition")
        case ast.stmt():
            yield from _statement(node, text)


def _sign(text: _Text, before: ast.expr, sign: ast.AST, after: ast.expr) -> Iterator[_One]:
    """Change the sign between two operands, not the brackets around them."""
    if type(sign) not in SIGNS:
        return
    old, new, kind = SIGNS[type(sign)]
    start = text.raw.index(old.encode(), text.end(before), text.start(after))
    yield (start, start + len(old), new, kind)


def _statement(node: ast.stmt, text: _Text) -> Iterator[_One]:
    match node:
        case ast.If(test=test):
            yield (text.start(test), text.end(test), f"(not ({text.of(test)}))", "condition")
            if not node.orelse:
                yield (text.start(test), text.end(test), "False", "dropped")
        case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Raise():
            yield (text.start(node), text.end(node), "pass", "dropped")
        case ast.Return(value=ast.BoolOp() | ast.Compare() as value):
            yield (text.start(value), text.end(value), f"not ({text.of(value)})", "condition")
        case _:
            return


def _texts_and_types(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts that say nothing at run time: annotations, keywords of a class."""
    for node in ast.walk(tree):
        notes = [getattr(node, name, None) for name in ("annotation", "returns")]
        if isinstance(node, ast.FunctionDef | ast.ClassDef):  # `frozen=True` of a struct, `cache_hash=True`
            notes += [one.value for one in getattr(node, "keywords", ())]
        for note in notes:
            if isinstance(note, ast.AST):
                yield from ast.walk(note)
