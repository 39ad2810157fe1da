"""SVG, as much as the papers need: boxes, lines and words, with everything escaped. Sizes in user units."""

from __future__ import annotations

from html import escape

INK, SOFT = "#1B2732", "#5A6875"
COLOURS = ("#0B6E99", "#A4262C", "#1F6B4A", "#7D5100", "#5B45A8", "#1B2732")


class Svg:
    """A drawing that grows; `text` is the whole file. `unit` "mm": one user unit is a millimetre, for 1:1 prints."""

    def __init__(self, wide: float, high: float, title: str, unit: str = "") -> None:
        """Begin an empty sheet."""
        size = f'width="{wide:g}{unit}" height="{high:g}{unit}" viewBox="0 0 {wide:g} {high:g}"'
        self._rows = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="Noto Sans SC, Noto Sans, sans-serif">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{wide:g}" height="{high:g}" fill="#FFFFFF"/>',
        ]

    def box(
        self,
        x: float,
        y: float,
        wide: float,
        high: float,
        fill: str = "none",
        rim: str = INK,
        thick: float = 1,
        radius: float = 3,
    ) -> None:
        """Draw a box with round corners."""
        place = f'x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" rx="{radius:g}"'
        self._rows.append(f'<rect {place} fill="{fill}" stroke="{rim}" stroke-width="{thick:g}"/>')

    def line(self, points: list[tuple[float, float]], colour: str = INK, thick: float = 1, dash: str = "") -> None:
        """Draw a line through points; `dash` as SVG has it."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        look = f'fill="none" stroke="{colour}" stroke-width="{thick:g}"{dashed}'
        self._rows.append(f'<polyline points="{path}" {look}/>')

    def words(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 12,
        anchor: str = "start",
        ink: str = INK,
        bold: bool = False,
    ) -> None:
        """Draw one line of text; `anchor` start, middle or end."""
        weight = ' font-weight="bold"' if bold else ""
        place = f'x="{x:g}" y="{y:g}" font-size="{size:g}" text-anchor="{anchor}" fill="{ink}"{weight}'
        self._rows.append(f"<text {place}>{escape(text)}</text>")

    @property
    def text(self) -> str:
        """The whole file."""
        return "\n".join([*self._rows, "</svg>"]) + "\n"
