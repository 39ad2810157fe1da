"""A folder as the office's people keep it, as one content file: `kiosk office enrol content FOLDER`.

MACHINE/ID.toml                 a lesson, as teachers write them
MACHINE/rulepack.toml           the machine's dated rules, whole
MACHINE/zh.toml, en.toml        texts that stand in for the machine's own
voices/LANGUAGE/pack.json, …    recordings, as `kiosk voices record` makes them
"""

from __future__ import annotations

from pathlib import Path

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.wire.enrolment_messages import Content

PACK, VOICES = "rulepack.toml", "voices"


def gather_content(folder: Path, version: int) -> Content:
    """Gather everything in the folder; the units say whether it is right.

    Raises:
        OSError: a file cannot be read.
    """
    texts = tuple(f"{language}.toml" for language in machine_loader.LANGUAGES)
    files = sorted(path for path in folder.glob("*/*.toml") if path.parent.name != VOICES)
    read = {path: path.read_text(encoding="utf-8") for path in files}
    return Content(
        version,
        lessons=tuple((p.parent.name, text) for p, text in read.items() if p.name not in (PACK, *texts)),
        packs=tuple((p.parent.name, text) for p, text in read.items() if p.name == PACK),
        texts=tuple((p.parent.name, p.stem, text) for p, text in read.items() if p.name in texts),
        voices=tuple((p.parent.name, p.name, p.read_bytes()) for p in sorted(folder.glob(f"{VOICES}/*/*"))),
    )
