"""Put the project's own font beside the documents' site: a hook of mkdocs, named in mkdocs.yml."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parents[1] / "screens" / "fonts"
NAMES = ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf")


def on_post_build(config: Any) -> None:
    """Copy what `docs/site.css` names."""
    into = Path(config["site_dir"]) / "fonts"
    into.mkdir(exist_ok=True)
    for name in NAMES:
        shutil.copyfile(FONTS / name, into / name)
