"""The rehearsal: an office is backed up while it works, lost, and restored elsewhere; what it had promised is there."""

from __future__ import annotations

import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from kiosk_firmware.office.accounts.service import AccountService
from kiosk_firmware.office.database.completeness_proof import account
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.pki import certificate_authority
from kiosk_firmware.office.pki.trust_folder import TrustFolder
from kiosk_firmware.office.pki.unit_register import Register
from kiosk_firmware.office.process.backup import main
from tests.office.test_fact_store import NOW, fact


@pytest.fixture
def office(tmp_path: Path) -> Path:
    state = tmp_path / "office"
    certificate_authority.found_authority(state / "trust", tmp_path / "usb", "correct horse", NOW)
    people = AccountService(state)
    people.accounts.make("test", "head", "administrator", (), "Correct-horse-7-battery")
    people.close()
    with closing(Register(state / "trust" / "trust.db")) as register:
        register.expect("u-1", "jia", "atm", NOW)
    (state / "log").mkdir()
    (state / "log" / "office.log").write_text("much")
    return state


def moved(file: Path, office: Path) -> Path:
    """The office's folder elsewhere, from the file alone."""
    assert main("backup", [str(file), "--state", str(office)]) == 0
    elsewhere = office.with_name("elsewhere")
    assert main("restore", [str(file), "--state", str(elsewhere)]) == 0
    return elsewhere


def test_what_was_committed_is_there_after_a_restore_and_the_rest_comes_again(office, tmp_path):
    facts = [fact(seq) for seq in range(1, 41)]
    with closing(FactStore(office / "office.db")) as store:
        store.apply(facts[:30])
        elsewhere = moved(tmp_path / "backup.tar", office)  # the books are open, their last pages in the log beside
        store.apply(facts[30:])
    (one,) = account(elsewhere / "office.db", NOW)
    assert (one.stored, one.lost, one.wrong) == (30, 0, "")
    with closing(FactStore(elsewhere / "office.db")) as again:
        again.apply(facts)
    (one,) = account(elsewhere / "office.db", NOW)
    assert (one.stored, one.lost) == (40, 0)


def test_trust_accounts_and_register_work_after_a_restore(office, tmp_path):
    elsewhere = moved(tmp_path / "backup.tar", office)
    assert TrustFolder(elsewhere).authority.root == TrustFolder(office).authority.root
    assert (elsewhere / "trust" / "issuing.key").stat().st_mode & 0o777 == 0o600
    with closing(Register(elsewhere / "trust" / "trust.db")) as register:
        assert [unit.id for unit in register.units()] == ["u-1"]
    people = AccountService(elsewhere)
    assert [person.name for person, _ in people.accounts.all()] == ["head"]
    people.close()
    assert not (elsewhere / "log").exists()


def test_backup_is_its_owners_alone_and_replaces_only_when_whole(office, tmp_path, monkeypatch):
    file = tmp_path / "backup.tar"
    assert main("backup", [str(file), "--state", str(office)]) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_bytes()
    monkeypatch.setattr(tarfile.TarFile, "add", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "full", str(file))))
    with pytest.raises(OSError, match="full"):
        main("backup", [str(file), "--state", str(office)])
    assert file.read_bytes() == before
    assert not list(tmp_path.glob(".backup-*"))


def test_a_restore_overwrites_nothing_and_takes_no_other_file(office, tmp_path):
    (tmp_path / "other.tar").write_bytes(b"no tar")
    with pytest.raises(ValueError, match="already"):
        main("restore", [str(tmp_path / "other.tar"), "--state", str(office)])
    with pytest.raises(ValueError, match="no backup"):
        main("restore", [str(tmp_path / "other.tar"), "--state", str(tmp_path / "new")])
    with pytest.raises(ValueError, match="no office"):
        main("backup", [str(tmp_path / "x.tar"), "--state", str(tmp_path / "nowhere")])
