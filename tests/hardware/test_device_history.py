"""What devices did is counted by the week, kept thirteen months, and compared without blaming chance."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.diagnostics import degradation, usage_counters
from hardware.diagnostics.cli.main import main
from hardware.diagnostics.device_history import FILE, WEEKS, History, week_of
from hardware.drivers.settings.coins import Pulse
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.notes import Ssp
from hardware.drivers.settings.unit_fixtures import LinkedPins, SimulatedHost
from kiosk_firmware.core.effects import StoreItems
from kiosk_firmware.core.events import (
    DeviceLost,
    DocumentPrinted,
    Idled,
    ItemsInserted,
    ItemsPresented,
    ItemsRefused,
    ItemsStored,
    MediaInvalid,
)
from kiosk_firmware.system.utc_clock import utc_ms
from tests.hardware.pin_rig import CabinetRig

DAY_MS = 86_400_000
NOW_MS = 1_795_700_000_000


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]), st.sampled_from(["accepted", "lost"]), st.integers(1, 9), st.integers(0, 500)
        ),
        max_size=12,
    ),
    st.integers(0, 12),
)
def test_sums_are_what_was_added_within_thirteen_months(tmp_path, added, at):
    file = tmp_path / "h.db"
    file.unlink(missing_ok=True)
    history, kept = History(file), Counter()
    added.sort(key=lambda one: one[3])
    for n, (device, name, count, day) in enumerate(added):
        if n == at:
            history.accept(NOW_MS + day * DAY_MS)
        history.add({device: {name: count}}, NOW_MS + day * DAY_MS)
    last_day = max((day for *_, day in added), default=0)
    oldest = week_of(NOW_MS + (last_day - WEEKS * 7) * DAY_MS)
    for device, name, count, day in added:
        if week_of(NOW_MS + day * DAY_MS) > oldest:
            kept[device, name] += count
    found = History(file).counts()
    assert {(device, name): n for device, names in found.items() for name, n in names.items()} == dict(kept)
    by_era = [history.counts(era=era) for era in (0, 1)]
    assert sum(names.total() for era in by_era for names in era.values()) == kept.total()


def test_the_log_is_bounded_and_tells_what_unit_toml_became(tmp_path, monkeypatch):
    monkeypatch.setattr("hardware.diagnostics.device_history.LOGGED", 20)
    history = History(tmp_path / FILE)
    for n in range(25):
        history.note("gate", f"cleaned {n}", NOW_MS + n)
    assert next(entry.text for entry in history.log()) == "cleaned 5"
    for baud in (9600, 9600, 19_200):
        history.shaped({"card_reader": json.dumps({"baud": baud})}, NOW_MS)
    (changed,) = (entry for entry in history.log() if entry.device == "card_reader")
    assert "9600" in changed.text
    assert "19200" in changed.text


def test_a_process_killed_while_it_writes_leaves_whole_sums(tmp_path):
    """Each addition adds one to both names and is said when it is done; a kill at any moment leaves them equal."""
    script = (
        "import sys; from pathlib import Path; from hardware.diagnostics.device_history import History\n"
        f"h = History(Path(sys.argv[1])); add = lambda: h.add({{'a': {{'x': 1, 'y': 1}}}}, {NOW_MS})\n"
        "while True: add(); print('added', flush=True)\n"
    )
    added = 0
    for turn in range(3):
        command = [sys.executable, "-c", script, str(tmp_path / FILE)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for _ in range(5 + turn):
            added += child.stdout.readline() == "added\n"
        child.kill()
        added += child.stdout.read().count("added")
        child.wait()
        child.stdout.close()
        now = History(tmp_path / FILE).counts()["a"]
        assert now["x"] == now["y"] >= added


@pytest.mark.parametrize(
    ("event", "names"),
    [
        (ItemsInserted("note_acceptor", 100, 1), ["accepted"]),
        (DeviceLost("gate"), ["lost"]),
        (Idled(), []),
        (DeviceLost("gate", "ssp"), []),
        (ItemsRefused("note_acceptor", "counterfeit"), ["rejected.counterfeit"]),
        (MediaInvalid("card_reader", "upside_down"), ["rejected.upside_down"]),
        (DocumentPrinted("receipt_printer", "r", "hardwareError", "paperJam"), ["failed.paperJam"]),
        (DocumentPrinted("receipt_printer", "r"), ["done"]),
        (ItemsPresented("cash_dispenser", "r", (), "hardwareError"), ["failed.hardwareError"]),
        (ItemsPresented("cash_dispenser", "r", (), "userError"), []),
    ],
)
def test_what_an_event_counts_for(event, names):
    assert list(usage_counters.counter_names(event)) == names


def test_a_counter_that_began_anew_is_not_negative(tmp_path):
    health = {"gate": {"faults": {"check": 5}, "silences": 2, "port": {"lost": 1}}}
    history = History(tmp_path / FILE)
    counts = usage_counters.UsageCounters(history, lambda: health)
    counts.save()
    health["gate"] = {"faults": {"check": 3}, "silences": 4, "port": {"lost": 0}}  # the driver was made anew
    counts.save()
    counts.save()
    assert history.counts()["gate"] == {"line.check": 8, "silences": 4, "unplugged": 1}


def test_a_device_that_says_why_is_believed_and_nothing_is_counted_twice(tmp_path):
    health = {"note_acceptor": {"rejected": {"strim": 1}}, "coin_acceptor": {}}
    history = History(tmp_path / FILE)
    counts = usage_counters.UsageCounters(history, lambda: health)
    for at in health:
        counts.heard(ItemsRefused(at, "invalidBill"))
    counts.save()
    health["note_acceptor"] = {"rejected": {"strim": 2, "double": 1}}
    for _ in range(2):
        counts.heard(ItemsRefused("note_acceptor", "invalidBill"))
    counts.save()
    assert history.counts() == {
        "note_acceptor": {"rejected.strim": 2, "rejected.double": 1},
        "coin_acceptor": {"rejected.invalidBill": 1},
    }


def test_a_file_that_cannot_be_written_loses_nothing_counted(tmp_path, monkeypatch):
    history = History(tmp_path / FILE)
    counts = usage_counters.UsageCounters(history, dict)
    counts.heard(ItemsInserted("note_acceptor", 100, 1))
    with monkeypatch.context() as patched:
        patched.setattr(History, "add", lambda *_: (_ for _ in ()).throw(sqlite3.OperationalError("disk full")))
        counts.save()
    counts.heard(ItemsInserted("note_acceptor", 100, 2))
    counts.save()
    assert (history.counts()["note_acceptor"]["accepted"], counts.failures) == (2, 1)


# -- comparing ---------------------------------------------------------------------------------------------------------


def drawn(chance: random.Random, n: int, rate: float) -> dict[str, int]:
    """A device's counters after n notes, each refused with this probability."""
    refused = sum(chance.random() < rate for _ in range(n))
    return {"accepted": n - refused, "rejected.invalidBill": refused}


def test_the_same_rate_is_hardly_ever_called_worse_and_a_much_higher_one_almost_always():
    chance = random.Random(7)
    sizes = [(30, 400), (200, 200), (1000, 500), (80, 60)]
    same = [
        list(degradation.worse("n", drawn(chance, now, r), drawn(chance, before, r)))
        for now, before in sizes
        for r in (0.01, 0.05, 0.2)
        for _ in range(100)
    ]
    assert sum(map(bool, same)) <= len(same) * 0.01
    more = [
        list(degradation.worse("n", drawn(chance, 300, 5 * r), drawn(chance, 500, r)))
        for r in (0.02, 0.1)
        for _ in range(100)
    ]
    assert sum(map(bool, more)) >= len(more) * 0.9


@given(st.dictionaries(st.sampled_from(["rejected.inhibited", "rejected.foreign"]), st.integers(0, 10_000)))
def test_what_people_do_is_held_against_nobody(theirs):
    before = {"accepted": 500, "done": 500}
    assert not list(degradation.worse("card_reader", {**before, **theirs}, before))


def test_pulses_that_became_longer_are_said():
    (said,) = degradation.degradation_sentences(
        {"coin": {"pulses": 100, "pulse_ms": 6300}}, {"coin": {"pulses": 100, "pulse_ms": 5000}}
    )
    assert said == "coin: its pulses became longer: 63 ms, they were 50 ms"


# -- the whole way -----------------------------------------------------------------------------------------------------

UNIT = '[devices.note_acceptor]\ndriver = "ssp"\n[devices.pins]\ndriver = "linked"\n'


def said(capsys, folder: Path, *words: str, code: int = 0) -> list[str]:
    capsys.readouterr()
    assert main("devices", ["--unit", str(folder / "unit.toml"), "--state", str(folder), *words]) == code
    return capsys.readouterr().out.splitlines()


def test_a_validator_that_wears_is_said_in_words(tmp_path, capsys):
    """Twins, a unit, real notes in and out; the many weeks before are written into the file."""
    (tmp_path / "unit.toml").write_text(UNIT)
    devices = DeviceTables(
        note_acceptor=Ssp(),
        coin_acceptor=Pulse(pin=17, inhibit_pin=27, deaf_ms=100),
        payment_host=SimulatedHost(answer_ms=0),
        pins=LinkedPins(),
    )
    with CabinetRig(tmp_path, devices) as rig:
        rig.cabinet.expect(("note_acceptor", "coin_acceptor"))
        rig.must("token", fen=100)
        rig.must("note", fen=10_000)
        rig.heard(ItemsInserted, 2)
        rig.cabinet.perform(StoreItems("note_acceptor", "in"))
        rig.heard(ItemsStored)
        rig.cabinet.committed()
        assert said(capsys, tmp_path, "accept")[0].startswith("accepted with what")
        rig.must("note", fen=10_000, good=False)
        rig.heard(ItemsRefused)
        rig.must("take_note")
        told = said(capsys, tmp_path, "compare")
        assert "note_acceptor: too little to compare (1 now, 2 then)" in told
        assert said(capsys, tmp_path, "note", "note_acceptor", "belt cleaned") == ["note_acceptor: noted"]
    history = History(tmp_path / FILE)
    assert history.counts(era=0)["coin_acceptor"]["pulses"] == 2
    history.add({"note_acceptor": {"accepted": 200, "rejected.invalidBill": 40}}, utc_ms())
    with sqlite3.connect(tmp_path / FILE) as file:
        file.execute("UPDATE week SET n = 300 WHERE era = 0 AND name = 'accepted' AND device = 'note_acceptor'")
    file.close()
    told = said(capsys, tmp_path, "compare", "--since", "acceptance")
    assert [line for line in told if line.startswith("note_acceptor: refuses more: 17.0 % of 241, it was 0.0 % of 300")]
    assert any(line.endswith("note_acceptor: belt cleaned") for line in told)
    weeks = said(capsys, tmp_path, "history", "note_acceptor")
    assert any("rejected.barcode_scan 1, rejected.invalidBill 40" in line for line in weeks)


def test_nothing_to_compare_with_is_said(tmp_path, capsys):
    with pytest.raises(ValueError, match="kiosk devices accept"):
        main("devices", ["--state", str(tmp_path), "compare"])
    with pytest.raises(ValueError, match=r"--since 'spring'.*2026-11-02"):
        main("devices", ["--state", str(tmp_path), "compare", "--since", "spring"])
    (tmp_path / "unit.toml").write_text(UNIT)
    with pytest.raises(ValueError, match="device 'teapot': allowed are note_acceptor"):
        main("devices", ["--unit", str(tmp_path / "unit.toml"), "--state", str(tmp_path), "note", "teapot", "x"])
