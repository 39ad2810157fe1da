"""Compose a person from parts, as SVG: hair, skin, collar, coat, and what else one sees.

Somebody new is a line of `screens/pictures/pictures.toml`: `person:HAIR SKIN COLLAR #COAT [grey] [glasses] [lines]
[badge]`. No mouth is drawn: pages lay one over it, shut or open, so that whoever speaks costs no second picture.
"""

from __future__ import annotations

from collections.abc import Mapping

DARK, GREY = "#2B211C", "#8B8984"
SKIN: Mapping[str, tuple[str, str]] = {
    "pale": ("#F6D6B8", "#E3B48E"),
    "light": ("#F2C9A5", "#DDA77E"),
    "tan": ("#E6B088", "#C98F66"),
}
"""The face, and its shade."""
HAIR: Mapping[str, tuple[str, str]] = {
    "bob": (
        "M38 128c-10-88 14-116 62-116s72 28 62 116c-10 8-24 8-34 4H72c-10 4-24 4-34-4z",
        "M52 84c-4-40 14-58 48-58s52 18 48 58c-6-12-12-22-20-28-26 4-46-2-56-10-4 14-14 24-20 38z",
    ),
    "bun": (
        "M77 25a23 23 0 1 0 46 0a23 23 0 1 0-46 0z",
        "M52 84c-6-48 20-62 48-62s54 14 48 62c-6-16-14-30-26-36-16 6-34 4-46 0-12 8-20 20-24 36z",
    ),
    "pony": (
        "M134 60c40 0 44 60 22 88-8 4-12-2-10-10 4-30-2-48-16-58z",
        "M52 84c-6-48 18-64 48-64s54 16 48 64c-6-16-14-28-22-34-24 6-50 0-60-6-6 12-10 24-14 40z",
    ),
    "long": (
        "M40 176c-12-120 8-164 60-164s72 44 60 164c-12 6-24 6-32 2H72c-8 4-20 4-32-2z",
        "M52 88c-4-44 14-62 48-62s52 18 48 62c-8-18-20-34-46-44-16 12-36 24-50 44z",
    ),
    "curls": (
        "M44 108c-16-8-16-28-6-36-8-18 4-34 16-36 6-18 26-26 46-24 20-2 40 6 46 24 12 2 24 18 16 36 10 8 10 28-6 36z",
        "M52 84c-6-30 6-44 20-46 10-10 46-10 56 0 14 2 26 16 20 46-6-10-8-18-14-24-26 2-42 0-60-2-8 8-16 18-16 26z",
    ),
    "parted": (
        "",
        "M50 88c-8-56 22-72 54-72 28 0 54 18 46 72-4-18-8-26-16-36-16 4-40 2-56-10-10 10-22 20-28 46z",
    ),
    "short": (
        "",
        "M54 76c-6-42 18-56 46-56s52 14 46 56c-4-14-8-22-12-26-20-6-48-6-68 0-4 4-8 12-12 26z",
    ),
    "bald": (
        "",
        "M52 92c-6-20-4-30 2-36 0 14 2 24 2 36zM148 92c6-20 4-30-2-36 0 14-2 24-2 36z",
    ),
}
"""What lies behind the head, and before it."""
COLLARS: Mapping[str, str] = {
    "shirt": '<path d="M78 142l22 34 22-34 12 6-18 50-16-18-16 18-18-50z" fill="#fff"/>',
    "tie": '<path d="M78 142l22 34 22-34 12 6-18 50-16-18-16 18-18-50z" fill="#fff"/>'
    '<path d="M94 172h12l6 48H88z" fill="#7A2F2A"/>',
    "vee": '<path d="M80 142l20 40 20-40z" fill="#fff"/>',
    "scarf": '<path d="M74 140c10 18 42 18 52 0l8 8c-12 26-56 26-68 0z" fill="#E9C46A"/>',
    "round": '<path d="M76 144c8 16 40 16 48 0l6 4c-10 24-50 24-60 0z" fill="#00000026"/>',
}
GLASSES = (
    '<g fill="#ffffff55" stroke="#2A2A33" stroke-width="4"><rect x="64" y="74" width="32" height="26" rx="10"/>'
    '<rect x="104" y="74" width="32" height="26" rx="10"/><path d="M96 84h8M64 82l-10-3M136 82l10-3" fill="none"/></g>'
)
BADGE = (
    '<rect x="128" y="182" width="38" height="22" rx="4" fill="#fff"/>'
    '<path d="M135 190h24M135 197h14" stroke="#8795A6" stroke-width="4" stroke-linecap="round"/>'
)
MARKS = ("grey", "glasses", "lines", "badge")


def svg(spec: str) -> str:
    """Draw the person of a line.

    Raises:
        ValueError: a word that is none of them; says what is allowed.
    """
    hair, skin, collar, coat, *marks = spec.split()
    for word, known in ((hair, HAIR), (skin, SKIN), (collar, COLLARS), *((mark, MARKS) for mark in marks)):
        if word not in known:
            raise ValueError(f"person:{spec}: {word!r}: allowed are {', '.join(known)}")
    behind, before = HAIR[hair]
    colour = GREY if "grey" in marks else DARK
    parts = [
        f'<path d="{behind}" fill="{colour}"/>' if behind else "",
        f'<path d="M8 222c0-60 30-78 68-82h48c38 4 68 22 68 82z" fill="{coat}"/>',
        f'<path d="M80 116h40v28c-6 12-34 12-40 0z" fill="{SKIN[skin][1]}"/>',
        COLLARS[collar],
        _face(*SKIN[skin], colour, "lines" in marks),
        f'<path d="{before}" fill="{colour}"/>',
        GLASSES if "glasses" in marks else "",
        BADGE if "badge" in marks else "",
    ]
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 220">{"".join(parts)}</svg>'


def _face(skin: str, shade: str, hair: str, has_lines: bool) -> str:
    """Draw head, cheeks, eyes, brows and nose; lines of age."""
    brows = hair if hair != GREY else "#77736C"
    lines = "M68 104c2 6 2 10 0 16M132 104c-2 6-2 10 0 16M82 54h36"
    return (
        f'<g fill="{shade}"><ellipse cx="53" cy="88" rx="9" ry="13"/><ellipse cx="147" cy="88" rx="9" ry="13"/></g>'
        f'<path d="M54 76c0-32 18-50 46-50s46 18 46 50c0 36-20 60-46 60S54 112 54 76z" fill="{skin}"/>'
        '<g fill="#E9947A" opacity=".28"><circle cx="70" cy="106" r="9"/><circle cx="130" cy="106" r="9"/></g>'
        '<g fill="#2A211C"><circle cx="80" cy="87" r="5"/><circle cx="120" cy="87" r="5"/></g>'
        f'<g fill="none" stroke-linecap="round"><path d="M71 73c5-4 12-4 17-1M112 72c5-3 12-3 17 1" stroke="{brows}"'
        f' stroke-width="4.5"/><path d="M100 90c2 6 4 10 0 12" stroke="{shade}" stroke-width="4"/>'
        + (f'<path d="{lines}" stroke="{shade}" stroke-width="3"/>' if has_lines else "")
        + "</g>"
    )
