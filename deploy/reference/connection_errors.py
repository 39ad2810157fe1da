"""Make the list of sentences that a unit says while it and its office are apart, in a technician's language."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

from kiosk_firmware.core.texts import table
from kiosk_firmware.wire.error_texts import FOLDER

SAID = {
    "zh": {
        "title": "入网时的一句话",
        "written": "由 `python -m deploy.generate_reference` 生成，请勿手改。",
        "about": "屏幕、命令行和日志说同样的话：是什么，怎么办。照它说的做；“地址”是屏幕上写的那个。",
        "line": "连不上",
        "unit.why": "被拒绝",
        "where": "地址",
    },
    "en": {
        "title": "Sentences while a unit enrols",
        "written": "Written by `python -m deploy.generate_reference`; do not edit.",
        "about": "Glass, command line and log say the same: what is wrong, what to do. HOST:PORT is what stands there.",
        "line": "It does not come through",
        "unit.why": "It is turned away",
        "where": "HOST:PORT",
    },
}


def lines(language: str) -> Iterator[str]:
    """Yield the page in that language."""
    said = SAID[language]
    texts = table(tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8")))
    yield f"# {said['title']}\n\n<!-- {said['written']} -->\n\n{said['about']}"
    for part in ("line", "unit.why"):
        yield f"\n## {said[part]}\n"
        own = (entry.text for key, entry in texts.items() if key.rpartition(".")[0] == part)
        yield from (f"- {one.replace('{where}', said['where']).replace('{reason}', '…')}" for one in own)
