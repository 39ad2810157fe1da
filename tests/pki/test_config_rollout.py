"""A wanted configuration is in force whole, or not at all, and comes back by itself where it makes a unit ill."""

from __future__ import annotations

import contextlib

import msgspec
import pytest

from kiosk_firmware.office.pki.main import main as office_main
from kiosk_firmware.office.pki.trust_folder import now_ms
from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.unit.agent import config_rollout
from kiosk_firmware.unit.agent.config_rollout import STARTS, main, record
from kiosk_firmware.wire import private_keys, signed_document
from kiosk_firmware.wire.enrolment_messages import WANTED, WantedConfig

UNIT = "jia-atm-01"


class CutError(Exception):
    """The power went."""


@pytest.fixture
def unit(office):
    office.open_desk()
    made = office.trusted(UNIT)
    (made.state / "commission").unlink()
    return made


@pytest.fixture
def sealed(office, unit, tmp_path):
    """Signs a change of the unit's own settings."""

    def make(version: int = 1, name: str = UNIT, minutes: int = 7) -> bytes:
        held = unit_settings.read_settings(unit.toml)
        changed = msgspec.structs.replace(held, turn=msgspec.structs.replace(held.turn, minutes=minutes))
        return office.place.seal(WANTED, WantedConfig(name, version, unit_settings.settings_toml(changed)))

    return make


def minutes(unit) -> int:
    return unit_settings.read_settings(unit.toml).turn.minutes


def take(unit, data: bytes) -> int:
    return config_rollout.take(data, unit.toml, unit.state, now_ms())


def test_healthy_configuration_is_kept(unit, sealed):
    before = minutes(unit)
    assert take(unit, sealed()) == 1
    assert minutes(unit) == before, "only from the next start on"
    config_rollout.begin(unit.toml, unit.state)
    assert minutes(unit) == 7
    config_rollout.settle_trial(unit.state)
    for _ in range(STARTS + 1):
        config_rollout.begin(unit.toml, unit.state)
    assert (minutes(unit), record(unit.state).phase) == (7, "kept")


def test_configuration_without_a_healthy_minute_is_undone(unit, sealed):
    before = unit.toml.read_text()
    take(unit, sealed())
    for _ in range(STARTS):
        config_rollout.begin(unit.toml, unit.state)
        assert minutes(unit) == 7
    config_rollout.begin(unit.toml, unit.state)
    assert unit.toml.read_text() == before
    assert (record(unit.state).phase, record(unit.state).version) == ("undone", 1)
    with pytest.raises(ValueError, match="allowed is one above 1"):
        take(unit, sealed(1))


def test_what_is_refused_changes_nothing(office, unit, sealed):
    own = signed_document.seal(
        WANTED,
        WantedConfig(UNIT, 1, unit.toml.read_text()),
        private_keys.load(unit.member.certificate),
        unit.member.chain(),
    )
    wrong = office.place.seal(
        WANTED, WantedConfig(UNIT, 1, unit.toml.read_text().replace('kind = "atm"', 'kind = "bank"'))
    )
    other = office.place.seal(WANTED, WantedConfig(UNIT, 1, unit.toml.read_text().replace(UNIT, "jia-atm-09")))
    before = unit.toml.read_text()
    for data, reason in (
        (own, "allowed is a signer"),
        (sealed(name="jia-atm-09"), "this is jia-atm-01"),
        (wrong, "unit.kind = 'bank'"),
        (other, "what the certificate says"),
        (b"{}", "no signed file"),
        (office.place.seal(WANTED, WantedConfig(UNIT, 1, "[unit")), "unit.toml"),
    ):
        with pytest.raises(ValueError, match=reason.replace(".", r"\.")):
            take(unit, data)
    config_rollout.begin(unit.toml, unit.state)
    assert (unit.toml.read_text(), record(unit.state)) == (before, None)


def test_power_cut_anywhere_leaves_one_of_the_two_whole(unit, sealed, monkeypatch):
    """The n-th write does not happen, for each n; then the unit starts, as often as it takes."""
    before, data, real = unit.toml.read_text(), sealed(), config_rollout.write_whole
    for cut in range(9):
        writes = [cut]

        def cut_write(path, content, *mode, writes=writes):
            writes[0] -= 1
            if writes[0] == -1:
                raise CutError
            real(path, content, *mode)

        monkeypatch.setattr(config_rollout, "write_whole", cut_write)
        starts = [lambda: config_rollout.begin(unit.toml, unit.state)] * (STARTS + 3)
        for act in (lambda: take(unit, data), *starts):
            with contextlib.suppress(CutError):
                act()
            assert minutes(unit) == 7 or unit.toml.read_text() == before
        assert unit.toml.read_text() == before, "nobody said that it is healthy"
        assert record(unit.state) is None or record(unit.state).phase == "undone"
        assert writes[0] < 0 or cut >= 8, "the last round is one that nothing cut"
        (unit.state / config_rollout.RECORD).unlink(missing_ok=True)


def test_from_the_office_to_the_unit_by_command(office, unit, tmp_path, capsys):
    file, out = tmp_path / "unit.toml", tmp_path / "jia-atm-01.config"
    file.write_text(unit.toml.read_text())
    state = str(office.folder / "office")
    assert office_main("enrol", ["config", UNIT, str(file), "--version", "3", "--out", str(out), "--state", state]) == 0
    here = ["--unit", str(unit.toml), "--state", str(unit.state)]
    assert main("config", ["apply", str(out), *here]) == 0
    assert main("config", ["apply", str(out), *here]) == 1
    assert main("config", ["state", *here]) == 0
    assert "version 3: trial" in capsys.readouterr().out
