"""Content comes signed, whole and only forwards; it stands over the system's own, and no further."""

from __future__ import annotations

import json

import pytest

from kiosk_firmware.catalogue import machine_loader, site_content
from kiosk_firmware.core.pages import Text
from kiosk_firmware.office.pki.main import main as office_main
from kiosk_firmware.office.pki.trust_folder import now_ms
from kiosk_firmware.unit.agent import content_packs
from kiosk_firmware.wire import private_keys, signed_document
from kiosk_firmware.wire.enrolment_messages import CONTENT, Content
from screens.media.voice_pack import RATE, join_parts

LESSON = """
[lesson]
id = "take-{n}"
level = 1
goal = [{{ fact = "cash_taken_fen", equal = {n}00 }}]
[texts.zh]
title = "取钱"
task = "请取钱。"
[texts.en]
title = "Take money"
task = "Please take money."
"""
PACK = (machine_loader.folder("atm") / "rulepack.toml").read_text("utf-8")

WRONG = (
    ("lessons", ("atm", "no lesson"), "lesson"),
    ("lessons", ("toaster", LESSON.format(n=3)), "toaster"),
    ("packs", ("atm", "pack = []"), "empty|valid"),
    ("packs", ("atm", "[[pack]]\nsource = 1"), "rulepack.toml"),
    ("packs", ("toaster", PACK), "toaster"),
    ("texts", ("atm", "zh", "nonsense = 'x'"), "no such text"),
    ("texts", ("atm", "tlh", ""), "language = 'tlh'"),
    ("texts", ("atm", "zh", "="), "zh.toml"),
    ("voices", ("sc", "../../evil", b""), "pack.json"),
    ("voices", ("sc", "00001.wav", b""), "pack.json"),
    ("voices", ("tlh", "pack.json", b"{}"), "language = 'tlh'"),
)


@pytest.fixture
def unit(office):
    office.open_desk()
    yield office.trusted("jia-atm-01")
    machine_loader.content(None)


def sealed(office, version: int, *lessons: tuple[str, str], **more) -> bytes:
    return office.place.seal(CONTENT, Content(version, lessons, **more))


def kept(unit) -> list[str]:
    return sorted(
        path.stem
        for path in (site_content.delivered_folder(unit.state) or unit.state / "none").glob("lessons.d/*/*.toml")
    )


def take(unit, data: bytes) -> None:
    content_packs.install(data, unit.state, now_ms())
    machine_loader.content(site_content.delivered_folder(unit.state))


def first_text() -> tuple[str, str]:
    """A text of the cash machine without holes, and what it says."""
    words = machine_loader.machine_texts("atm")
    key = min(key for key in words.keys("zh") if "{" not in words.entry(key, "zh").text)
    return key, words.write(Text(key), "zh")


def test_a_folder_of_the_office_reaches_a_unit(office, unit, tmp_path, capsys):
    site = tmp_path / "site"
    (site / "atm").mkdir(parents=True)
    (site / "voices" / "sc").mkdir(parents=True)
    (site / "atm" / "take-100.toml").write_text(LESSON.format(n=100), "utf-8")
    (site / "atm" / "rulepack.toml").write_text(PACK.replace("source = ", "source = 'content, '  # "), "utf-8")
    key, own = first_text()
    (site / "atm" / "zh.toml").write_text(f'{key} = "新的说法"\n', "utf-8")
    (site / "voices" / "sc" / "pack.json").write_text(json.dumps({"language": "sc", "clips": {"新": "00001.wav"}}))
    (site / "voices" / "sc" / "00001.wav").write_bytes(join_parts([b"\0\0" * RATE]))
    out, state = tmp_path / "june.kcontent", str(office.folder / "office")
    words = ["content", str(site), "--version", "1", "--out", str(out), "--state", state]
    assert office_main("enrol", words) == 0
    assert "1 lessons, 1 rule packs, 1 texts, 2 voice files" in capsys.readouterr().out
    before = machine_loader.load("atm").content_hash
    assert content_packs.main("content", ["install", str(out), "--state", str(unit.state)]) == 0
    assert kept(unit) == ["take-100"]
    assert machine_loader.load("atm").content_hash == before, "who goes by the system's own still does"
    machine_loader.content(site_content.delivered_folder(unit.state))
    assert machine_loader.machine_texts("atm").write(Text(key), "zh") == "新的说法"
    assert {pack.source for pack in machine_loader.packs("atm").pack} == {"content, "}
    assert "take-100" in {lesson.id for lesson in machine_loader.lessons("atm")}
    assert machine_loader.load("atm").content_hash != before, "no journal is replayed over other content"
    assert (site_content.delivered_folder(unit.state) / "voices" / "sc" / "00001.wav").exists()
    assert content_packs.main("content", ["install", str(out), "--state", str(unit.state)]) == 1
    assert "allowed is one above 1" in capsys.readouterr().err
    machine_loader.content(None)
    assert machine_loader.machine_texts("atm").write(Text(key), "zh") == own


def test_all_or_nothing(office, unit):
    """One part that is wrong beside others that are right: nothing of it is taken."""
    take(unit, sealed(office, 1, ("atm", LESSON.format(n=100))))
    right = ("atm", LESSON.format(n=200))
    for part, wrong, said in WRONG:
        parts = {"lessons": (right,), part: (*((right,) if part == "lessons" else ()), wrong)}
        with pytest.raises((ValueError, LookupError), match=said):
            content_packs.install(office.place.seal(CONTENT, Content(2, **parts)), unit.state, now_ms())
        assert (kept(unit), site_content.number(unit.state)) == (["take-100"], 1), wrong
        assert [path.name for path in (unit.state / site_content.FOLDER).iterdir()] == ["1"]


def test_a_text_cannot_ask_for_what_nobody_says(office, unit):
    key, _ = first_text()
    with pytest.raises(ValueError, match="allowed are none"):
        take(unit, sealed(office, 1, texts=(("atm", "zh", f'{key} = "{{balance_fen}}"'),)))


def test_changed_foreign_and_older_ones_are_refused(office, unit):
    good = sealed(office, 3, ("atm", LESSON.format(n=100)))
    with pytest.raises(ValueError, match="the file was changed"):
        take(unit, good.replace(b"10000", b"20000"))
    own = Content(4, (("atm", LESSON.format(n=100)),))
    with pytest.raises(ValueError, match="allowed is a signer"):
        take(unit, signed_document.seal(CONTENT, own, private_keys.load(unit.member.certificate), unit.member.chain()))
    take(unit, good)
    with pytest.raises(ValueError, match="one above 3"):
        take(unit, sealed(office, 2))
    assert kept(unit) == ["take-100"]


def test_what_is_left_out_is_gone_and_the_one_before_stays_for_who_is_at_a_run(office, unit):
    for n in (1, 2, 3):
        take(unit, sealed(office, n, ("atm", LESSON.format(n=n * 100))))
        assert kept(unit) == [f"take-{n * 100}"]
    assert sorted(path.name for path in (unit.state / site_content.FOLDER).iterdir()) == ["2", "3"]


def test_a_cut_at_any_write_leaves_the_old_content_or_the_new_one(office, unit, monkeypatch):
    """The power goes at each write in turn; what counts is whole, and the file may be given again."""
    take(unit, sealed(office, 1, ("atm", LESSON.format(n=100))))
    key, _ = first_text()
    data = sealed(office, 2, ("atm", LESSON.format(n=200)), texts=(("atm", "zh", f'{key} = "x"'),))
    real, writes = content_packs.write_whole, 0
    for cut in range(10):
        writes = 0

        def write(path, what, *mode, cut=cut):
            nonlocal writes
            writes += 1
            if writes > cut:
                raise OSError("the power went")
            real(path, what, *mode)

        monkeypatch.setattr(content_packs, "write_whole", write)
        try:
            content_packs.install(data, unit.state, now_ms())
        except OSError:
            assert (kept(unit), site_content.number(unit.state)) == (["take-100"], 1)
        else:
            break
    assert cut > 1
    assert (kept(unit), site_content.number(unit.state)) == (["take-200"], 2)


def test_rules_that_machines_share_are_one_file(office, unit):
    """The metro's fares stand in their kit: whichever of its machines they come for, all go by them."""
    pack = (machine_loader.PACKAGE / machine_loader.place_of_packs("metro-ticket")).read_text("utf-8")
    take(unit, sealed(office, 1, packs=(("metro-ticket", pack.replace("source = ", "source = 'content, '  # ")),)))
    both = ("metro-ticket", "metro-gate")
    assert {one.source for name in both for one in machine_loader.packs(name).pack} == {"content, "}
