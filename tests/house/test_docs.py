"""The papers that every reader looks for stand where they look."""

from __future__ import annotations

import re

import pytest

from deploy.generate_gallery import PAGES
from deploy.generate_reference import PAGES as GENERATED
from deploy.generate_reference import reference_page
from hardware.drivers.settings.hardware_settings import DeviceTables
from kiosk_firmware.catalogue.machine_list import MACHINES
from kiosk_firmware.cli import COMMANDS
from kiosk_firmware.core.faults import FAULTS
from kiosk_firmware.office.alerts.alert_list import rules
from kiosk_firmware.office.settings import OfficeSettings
from kiosk_firmware.office.web.render import office_texts
from kiosk_firmware.wire.facts import FACTS
from tests.house.tree import ROOT, name


@pytest.mark.parametrize(
    "paper", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "screens/fonts/OFL.txt"]
)
def test_paper_stands(paper):
    assert (ROOT / paper).read_text(encoding="utf-8").strip()


def test_readme_opens_with_the_two_commands():
    opening = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:25])
    assert "./kiosk demo" in opening
    assert "./kiosk test" in opening


@pytest.mark.parametrize("page", GENERATED)
def test_a_page_that_follows_from_the_code_is_fresh(page):
    """Every setting, command, event, effect, fact and alert, as the code has them now."""
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == reference_page(page), (
        "run `python -m deploy.generate_reference`"
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_runbook_has_a_section_for_each_alert(language):
    """The page of alerts links to each by its kind."""
    page = (ROOT / "docs" / language / "office" / "runbook.md").read_text(encoding="utf-8")
    sections = re.findall(r'^<a id="(\w+)"></a>$', page, re.MULTILINE)
    assert sections == list(rules())
    assert page.count("\n3. ") == len(sections)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_offices_guide_calls_each_page_what_its_menu_calls_it(language):
    guide = (ROOT / "docs" / language / "office" / "README.md").read_text(encoding="utf-8")
    rows = guide.split("|---|---|")[2].strip().split("\n\n")[0].splitlines()
    told = {name.strip() for row in rows for name in re.split("[、,]", row.split("|")[1])}
    menu = {office_texts().entry(key, language).text for key in office_texts().keys(language) if key.startswith("nav.")}
    assert len(told) > 10
    assert not told - menu


def test_the_reference_names_the_fields_of_every_setting_event_and_fact():
    """Nothing is forgotten, counted from the code by other means than the generator's."""
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "reference").glob("*.md")}
    assert not [name for name in FACTS if f"| `{name}` |" not in pages["facts"]]
    assert not [name for name in COMMANDS if f"## `kiosk {name}`" not in pages["cli"]]
    assert not [key for key in OfficeSettings.__struct_fields__ if f"[{key}" not in pages["office-toml"]]
    assert not [fault for fault in FAULTS if f"`{fault}`" not in pages["faults"]]
    assert not [name for name in DeviceTables.__struct_fields__ if f"| {name} |" not in pages["devices"]]


def test_readme_is_short_and_shows_its_pictures():
    """Four doors and what it is; what each command does stands in the reference, which names them all."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(readme.splitlines()) <= 120
    pictures = re.findall(r"docs/pictures/[\w-]+\.png", readme)
    assert len(pictures) >= 4
    assert all((ROOT / picture).exists() for picture in pictures)


def test_every_command_in_the_readme_stands_in_the_reference():
    """By its words alone; that verbs and options exist is asked of the commands themselves (`test_papers`)."""
    told = set(re.findall(r"(?:\./)?kiosk [a-z-]+", (ROOT / "README.md").read_text(encoding="utf-8")))
    reference = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    assert {"./kiosk demo", "./kiosk test", "./kiosk docs"} <= told
    assert not [command for command in told if f"`{command}" not in reference]


def test_both_languages_have_every_page_of_every_reader():
    """Chinese first; neither is a stub of the other."""
    zh, en = (
        {path.relative_to(folder): len(path.read_text(encoding="utf-8")) for path in folder.rglob("*.md")}
        for folder in (ROOT / "docs" / "zh", ROOT / "docs" / "en")
    )
    assert zh.keys() == en.keys()
    assert {page.parent.name for page in zh} == {"", "teacher", "technician", "office", "developer"}
    assert not [page for page in zh if zh[page] < 250 or not 0.2 < zh[page] / en[page] < 1.2]
    own = {path.name for path in (ROOT / "docs" / "explanation").glob("*.md")}
    assert own - {"how-machines-were-added.md"} == {
        path.name for path in (ROOT / "docs" / "explanation" / "zh").iterdir()
    }


def _walk(page: str, walk: str) -> list[str]:
    """Return the files that one walk of `page` visits, in their order."""
    text = (ROOT / "docs" / "explanation" / page).read_text(encoding="utf-8")
    steps = text.partition(f'<a id="{walk}"></a>')[2].partition("<a id=")[0].partition("\n## ")[0]
    visited = re.findall(r"^\d+\. `([\w/]+\.py)`[:：]", steps, re.MULTILINE)
    assert len(visited) == len(re.findall(r"^\d+\. ", steps, re.MULTILINE))
    return visited


@pytest.mark.parametrize("walk", ["coin", "touch", "lesson"])
def test_a_walk_visits_each_file_once_and_they_are_there(walk):
    visited = _walk("architecture.md", walk)
    assert len(set(visited)) == len(visited) > 6
    assert not [path for path in visited if not (ROOT / path).is_file()]


@pytest.mark.parametrize("walk", ["coin", "touch", "lesson"])
def test_a_walk_is_told_in_chinese_with_the_same_files(walk):
    assert _walk("zh/architecture.md", walk) == _walk("architecture.md", walk)


def test_source_in_the_guides_is_the_source():
    """A box of Python begins with the file that it was taken from, and stands there so."""
    wrong, seen = [], 0
    for page in (ROOT / "docs").rglob("*.md"):
        for path, code in re.findall(
            r"```python\n# ([\w/]+\.py)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL
        ):
            seen += 1
            if code not in (ROOT / path).read_text(encoding="utf-8"):
                wrong.append((name(page), path))
    assert seen > 10
    assert not wrong


def test_the_gallery_shows_each_machine_small():
    """One picture of each that names its page, and of the first week; no file weighs on whoever fetches the project."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = {*(line.id for line in MACHINES if line.gallery), "first-week"}
    assert set(PAGES) == names
    assert set(re.findall(r"docs/pictures/gallery/([\w-]+)\.png", readme)) == names
    kept = {path.stem: path.stat().st_size for path in (ROOT / "docs" / "pictures" / "gallery").iterdir()}
    assert set(kept) == names
    assert max(kept.values()) < 40_000


KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
CONCERNED = ("Learners", "Teachers", "Technicians", "Office", "Developers")


def test_the_changelog_keeps_its_form_and_is_short():
    """Keep a Changelog 1.1.0: versions from the newest, kinds in their order; a line begins with whom it concerns."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert re.match(r"\[Unreleased\]\n", versions[0])
    assert not [one for one in versions[1:] if not re.match(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d\n", one)]
    for version in versions:
        kinds = re.findall(r"^### (.+)$", version, re.MULTILINE)
        assert kinds == [kind for kind in KINDS if kind in kinds]
        lines = version.partition("### ")[2].splitlines()
        told = [line for line in lines[1:] if line and not line.startswith(("### ", "["))]
        form = re.compile(rf"- \*\*(?:{'|'.join(CONCERNED)})\*\*: .{{20,160}}[.)]")
        assert not [line for line in told if not form.fullmatch(line)]
        order = {name: at for at, name in enumerate(CONCERNED)}
        for kind in re.split(r"^### ", version, flags=re.MULTILINE)[1:]:
            places = [order[name] for name in re.findall(r"^- \*\*(\w+)\*\*", kind, re.MULTILINE)]
            assert places == sorted(places), kind.splitlines()[0]
        assert len(told) <= 90


def test_no_picture_lies_about_unused():
    used = set(re.findall(r"docs/pictures/([\w/-]+\.png)", (ROOT / "README.md").read_text(encoding="utf-8")))
    folder = ROOT / "docs" / "pictures"
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.png")} == used
