"""The documents as a site: built with every link checked, and no page of it fetches anything from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

FETCHED = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc=[\"']?([^\"'\s>]+)|<link\b[^>]*\bhref=[\"']?([^\"'\s>]+)"
)


def build(docs: Path, into: Path) -> subprocess.CompletedProcess[str]:
    """The site of `docs` by this project's own settings."""
    settings = into / "mkdocs.yml"
    into.mkdir(exist_ok=True)
    own = f"docs_dir: {docs}\nsite_dir: {into / 'site'}\nhooks: [{ROOT / 'deploy' / 'site_fonts.py'}]\n"
    settings.write_text(f"INHERIT: {ROOT / 'mkdocs.yml'}\n{own}", encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(settings)]
    plain = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, env=plain, capture_output=True, text=True, cwd=into)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    into = tmp_path_factory.mktemp("site")
    done = build(ROOT / "docs", into)
    assert done.returncode == 0, done.stderr
    return into / "site"


def test_every_document_is_a_page_and_every_link_holds(site):
    """Strict: a page outside the menu, a link or an anchor to nowhere is an error."""
    pages = [path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")]
    made = [path.with_name("index.html") if path.stem == "README" else path for path in pages]
    assert not [path for path in made if not (site / path).exists()]


def test_no_page_fetches_anything_from_elsewhere(site):
    """Neither a font nor a script nor a picture; styles neither."""
    pages = list(site.rglob("*.html"))
    assert len(pages) > 20
    fetched = {found for page in pages for pair in FETCHED.findall(page.read_text(encoding="utf-8")) for found in pair}
    assert len(fetched) > 5
    assert not [address for address in fetched if "//" in address and not address.startswith("data:")]
    named = re.findall(r'url\("([^"]+)"\)', (site / "site.css").read_text(encoding="utf-8"))
    assert len(named) == 2
    assert all((site / font).is_file() for font in named), "Mandarin stands there where a machine has no font for it"
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert not re.findall(r"url\([\"']?(?:https?:)?//[^)]*\)|@import[^;]*//[^;]*;", styles)


def test_a_link_to_nowhere_is_an_error(tmp_path):
    """The settings are strict, not the command alone."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "README.md").write_text("# A\n\n[b](b.md) and [c](#c)\n", encoding="utf-8")
    done = build(docs, tmp_path / "out")
    assert done.returncode == 1
    assert "'b.md'" in done.stderr
    assert "'#c'" in done.stderr
