"""A proof that stands hides no change: another byte, file or word makes it run, and only what passed is kept."""

from __future__ import annotations

import pytest

from tests import proofs

pytest_plugins = ["pytester"]
WALK = proofs.ROOT / "tests" / "machines" / "test_walk.py"
NEAR = (
    "kiosk_firmware/core/walk.py",
    "kiosk_firmware/kits/return_items.py",
    "kiosk_firmware/machines/legal_desk/walk.toml",
)
FAR = (
    "kiosk_firmware/machines/rail/rules.py",
    "kiosk_firmware/office/ingest/fact_store.py",
    "hardware/protocols/coin_pulses.py",
)


def test_what_a_walk_reads_is_an_input_and_what_it_cannot_read_is_none():
    assert all((proofs.ROOT / name).is_file() for name in (*NEAR, *FAR))
    found = {path.relative_to(proofs.ROOT).as_posix() for path in proofs.inputs(WALK, "legal-desk")}
    assert {*NEAR, "tests/machines/test_walk.py", "tests/machines/walking.py", "tests/conftest.py"} <= found
    assert not found & set(FAR)
    assert set(FAR[:1]) <= {path.relative_to(proofs.ROOT).as_posix() for path in proofs.inputs(WALK, None)}


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Two files that decide about a proof."""
    monkeypatch.setattr(proofs, "ROOT", tmp_path)
    for name in ("rules.py", "walk.toml"):
        (tmp_path / name).write_text(name)
    return tmp_path


def told(tree, *words: str) -> str:
    """What is reckoned anew, as in another session."""
    proofs.fingerprint.cache_clear()
    return proofs.fingerprint(frozenset(tree.glob("*.*")), words)


def test_another_byte_of_any_input_is_another_fingerprint(tree):
    first = told(tree)
    assert told(tree) == first
    for path in tree.glob("*.*"):
        was = path.read_bytes()
        path.write_bytes(bytes([was[0] ^ 1]) + was[1:])
        assert told(tree) != first, path
        path.write_bytes(was)
    assert told(tree) == first
    assert told(tree, "long: True") != first
    (tree / "recovery.toml").touch()
    assert told(tree) != first


PROJECT = """
import pytest
from tests.proofs import Proofs
from pathlib import Path

def pytest_configure(config):
    config.addinivalue_line("markers", "proof: stands")
    config.pluginmanager.register(Proofs(Path("kept"), (), again=False))
"""
PROVED = """
import pytest
from pathlib import Path

pytestmark = pytest.mark.proof

def test_good():
    with Path("ran").open("a") as ran:
        ran.write("good ")

def test_bad():
    with Path("ran").open("a") as ran:
        ran.write("bad ")
    assert Path("mended").exists()

@pytest.fixture
def torn():
    yield
    raise RuntimeError("at its end")

def test_whose_fixture_fails_at_its_end(torn):
    with Path("ran").open("a") as ran:
        ran.write("torn ")
"""


def ran(pytester) -> list[str]:
    """Which tests ran in a session."""
    (pytester.path / "ran").write_text("")
    pytester.runpytest_inprocess("-p", "no:xdist", "-p", "no:randomly")
    return (pytester.path / "ran").read_text().split()


def test_only_what_passed_to_its_end_is_not_run_again(pytester, monkeypatch):
    monkeypatch.setattr(proofs, "inputs", lambda test, machine: frozenset({test}))
    monkeypatch.setattr(proofs, "ROOT", pytester.path)
    pytester.makeconftest(PROJECT)
    path = pytester.makepyfile(PROVED)
    assert ran(pytester) == ["good", "bad", "torn"]
    assert ran(pytester) == ["bad", "torn"]
    (pytester.path / "mended").touch()
    assert ran(pytester) == ["bad", "torn"]
    assert ran(pytester) == ["torn"]
    path.write_text(path.read_text() + "# another byte\n")
    proofs.fingerprint.cache_clear()
    assert ran(pytester) == ["good", "bad", "torn"]


def test_a_proof_that_reads_what_is_no_input_fails(pytester, monkeypatch):
    monkeypatch.setattr(proofs, "inputs", lambda test, machine: frozenset({test}))
    pytester.makeconftest(PROJECT)
    foreign = proofs.ROOT / "kiosk_firmware" / "core" / "walk.py"
    pytester.makepyfile(f"import pytest\n@pytest.mark.proof\ndef test_reads():\n    open({str(foreign)!r}).close()\n")
    monkeypatch.setattr(proofs.Proofs, "_file", lambda self, item: self.folder / "x-1")
    result = pytester.runpytest_inprocess("-p", "no:xdist")
    result.assert_outcomes(failed=1)
    assert "not among its inputs" in result.stdout.str()


def test_a_torn_line_and_an_old_file_are_as_none(tmp_path):
    for number in range(proofs.MOST_KEPT + 2):
        proofs.keep(tmp_path / f"test_walk-atm-{number:016}", proofs.digest("a"))
    proofs.forget(tmp_path)
    assert len(list(tmp_path.iterdir())) == proofs.MOST_KEPT
    last = tmp_path / f"test_walk-atm-{proofs.MOST_KEPT + 1:016}"
    assert proofs.lines(last) == {proofs.digest("a")}
    last.write_bytes(last.read_bytes()[:-2])
    assert not proofs.lines(last)
