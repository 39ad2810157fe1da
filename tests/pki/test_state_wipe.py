"""Root's wipe of a state folder in which the kiosk's user has laid traps: nothing outside the folder changes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.unit.identity.unit_identity import UnitTrust


def file_link(at: Path, outside: Path) -> None:
    at.symlink_to(outside / "passwd")


def folder_link(at: Path, outside: Path) -> None:
    at.symlink_to(outside, target_is_directory=True)


def hard_link(at: Path, outside: Path) -> None:
    at.hardlink_to(outside / "passwd")


def pipe(at: Path, outside: Path) -> None:
    os.mkfifo(at)


def plain(at: Path, outside: Path) -> None:
    at.write_bytes(b"a learner's record")


def closed_folder(at: Path, outside: Path) -> None:
    at.mkdir()
    file_link(at / "inside", outside)
    at.chmod(0o500)


TRAPS: tuple[Callable[[Path, Path], None], ...] = file_link, folder_link, hard_link, pipe, plain, closed_folder


def outside(folder: Path) -> Path:
    made = folder / "etc"
    (made / "pam.d").mkdir(parents=True)
    for name in ("passwd", "shadow", "pam.d/login"):
        (made / name).write_text(f"{name} of the system")
    return made


def seen(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@settings(max_examples=40, deadline=None)
@given(traps=st.lists(st.tuples(st.sampled_from(TRAPS), st.sampled_from(("", "trust", "a/b"))), max_size=6))
def test_wipe_leaves_what_lies_outside_the_state_folder(tmp_path_factory, traps):
    folder = tmp_path_factory.mktemp("unit")
    system, state = outside(folder), folder / "state"
    state.mkdir()
    for n, (trap, where) in enumerate(traps):
        (state / where).mkdir(parents=True, exist_ok=True)
        trap(state / where / f"trap-{n}", system)
    before = seen(system)
    gone = UnitTrust(state).wipe()
    assert seen(system) == before
    assert not list(state.iterdir())
    assert len(gone) == len(traps), "each by its name"


def test_wipe_does_not_follow_a_state_folder_that_is_a_link(tmp_path):
    """The kiosk's user may rename `state`, whose folder is theirs, and lay a link to the system's in its place."""
    system = outside(tmp_path)
    before = seen(system)
    (tmp_path / "kiosk").mkdir()
    (tmp_path / "kiosk" / "state").symlink_to(system, target_is_directory=True)
    assert UnitTrust(tmp_path / "kiosk" / "state").wipe() == ["."]
    assert seen(system) == before
    assert not (tmp_path / "kiosk" / "state").is_symlink()


def test_wiped_bytes_are_overwritten_before_the_name_goes(tmp_path):
    (tmp_path / "state").mkdir()
    kept = tmp_path / "state" / "unit.pem"
    kept.write_bytes(b"a private key")
    with kept.open("rb") as file:
        assert UnitTrust(tmp_path / "state").wipe() == ["unit.pem"]
        assert file.read() == bytes(13)
