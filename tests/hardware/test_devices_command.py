"""`kiosk devices`: what a technician sees and does, through the running unit or without one, over ptys and sockets."""

from __future__ import annotations

import itertools
import json
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.decoders.wire_decoders import WireDecoder
from hardware.diagnostics.cli import device_access
from hardware.diagnostics.cli.main import main
from hardware.diagnostics.live_socket import SOCKET
from hardware.drivers.settings import hardware_settings
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.cards import Crt310, Pn532
from hardware.drivers.settings.coins import CctalkCoins, CctalkHoppers
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.notes import Ssp
from hardware.drivers.settings.pin_pads import SerialPad
from hardware.drivers.settings.printers import Escpos
from hardware.drivers.settings.unit_fixtures import Lamps, LinkedPins, SimulatedHost
from hardware.protocols import crt310
from hardware.twins.unit_twins import Twins
from kiosk_firmware.core.effects import EjectMedia, ReadPin
from kiosk_firmware.core.events import MediaInserted, MediaPresented, PinEntered
from tests.hardware.pin_rig import CARD, PIN, CabinetRig, Heard

DEVICES = DeviceTables(
    card_reader=Crt310(),
    note_acceptor=Ssp(),
    coin_acceptor=CctalkCoins(),
    coin_dispenser=CctalkHoppers(),
    receipt_printer=Escpos(),
    payment_host=SimulatedHost(answer_ms=0),
    pins=LinkedPins(),
    lights=Lamps(slots={"card_reader": 12}),
)
UNIT = """
[devices.card_reader]
driver = "crt310"
[devices.note_acceptor]
driver = "ssp"
[devices.coin_acceptor]
driver = "cctalk"
[devices.coin_dispenser]
driver = "cctalk"
[devices.receipt_printer]
driver = "escpos"
[devices.lights]
driver = "lamps"
slots = { card_reader = 12 }
[devices.pins]
driver = "linked"
"""


@pytest.fixture
def desk(tmp_path):
    """Twins and a unit.toml, and nobody who runs the unit."""
    (tmp_path / "unit.toml").write_text(UNIT)
    twins = Twins(DEVICES, MoneyChannels(), tmp_path)
    yield tmp_path
    twins.close()


@pytest.fixture
def rig(tmp_path):
    """The same with a running unit."""
    (tmp_path / "unit.toml").write_text(UNIT)
    with CabinetRig(tmp_path, DEVICES) as rig:
        yield rig


def said(capsys, folder: Path, *words: str, code: int = 0) -> list[str]:
    """What a verb prints."""
    capsys.readouterr()
    assert main("devices", ["--unit", str(folder / "unit.toml"), "--state", str(folder), *words]) == code
    return capsys.readouterr().out.splitlines()


class Watching(Heard):
    """`watch` of a running unit, in a thread of its own."""

    def __init__(self, folder: Path, *at: str) -> None:
        super().__init__()
        line = device_access.connect_running(folder)
        assert line is not None
        self._line = line
        self._rows = line.watch(at)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        for row in self._rows:
            self.post(row)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._line.close()
        self._thread.join(timeout=10)
        self._line.__exit__()

    def words(self, text: str):
        """Wait for a row that says so."""
        return self.until(lambda: next((row for row in list(self.events) if text in "; ".join(row["words"])), None))


def test_a_list_with_and_without_the_unit(tmp_path, capsys):
    (tmp_path / "unit.toml").write_text(UNIT)
    rig = CabinetRig(tmp_path, DEVICES)
    lines = said(capsys, tmp_path, "list")
    assert lines[0] == "no unit runs here"
    assert any(line.startswith("card_reader      crt310") and "there, not asked" in line for line in lines)
    with rig:
        rig.do("unplug", device="receipt_printer")
        rig.until(lambda: "receipt_printer" in rig.cabinet.lost)
        lines = said(capsys, tmp_path, "list")
        assert lines[0] == "the unit runs"
        assert next(line for line in lines if line.startswith("card_reader")).endswith("ready")
        assert " lost" in next(line for line in lines if line.startswith("receipt_printer"))
        printed = said(capsys, tmp_path, "probe", "tty-card", "tty-printer")
        assert "held by process" in printed[0]
        assert printed[1] == "tty-printer: nothing is plugged in there"


def test_probing_proposes_what_unit_toml_could_say(desk, capsys):
    lines = said(capsys, desk, "probe", "tty-card", "tty-cctalk")
    assert lines[0] == "tty-card: card_reader crt310: says no name"
    written = "\n".join(lines[lines.index("# unit.toml could say:") :])
    (desk / "proposed.toml").write_text(written)
    devices, _ = hardware_settings.read_settings(desk / "proposed.toml")
    assert (devices.card_reader.port, devices.coin_acceptor.address) == (str(desk / "tty-card"), 2)
    assert devices.coin_dispenser.hoppers["100"].address == 3


def test_the_running_unit_shows_its_wires(rig, tmp_path):
    with Watching(tmp_path, "card_reader") as watching:
        rig.cabinet.expect(("card_reader",))
        watching.words("entry_open")
        rig.must("insert_card", card=CARD)
        rig.heard(MediaInserted)
        watching.words("card ic, entry open")
        assert rig.answer(EjectMedia("card_reader", "out")).completion == "success"
        watching.words("move_front_hold")
        assert {tuple(row["at"]) for row in watching.events} == {("card_reader",)}
    rig.heard(MediaPresented)


def test_two_devices_on_one_wire_are_heard_together(rig, tmp_path):
    with Watching(tmp_path, "coin_dispenser") as watching:
        assert watching.words("to 2: ")["at"] == ["coin_acceptor", "coin_dispenser"]
        watching.words("to 3: ")


def test_the_socket_refuses_in_words(rig, tmp_path):
    line = device_access.connect_running(tmp_path)
    assert line is not None
    with line:
        for do, arguments, says in (
            ("fly", {}, "allowed are health, locate, reopen, save, watch"),
            ("locate", {"at": "gate"}, "allowed are card_reader"),
            ("watch", {"at": ["pin_pad"]}, "on serial lines are"),
            ("reopen", {"at": "lights"}, "serial line"),
        ):
            with pytest.raises(device_access.UnitError, match=says):
                line.ask(do, **arguments)
    assert (tmp_path / SOCKET).stat().st_mode & 0o777 == 0o600


def test_a_lamp_flashes_where_the_device_is(rig, tmp_path, capsys):
    assert said(capsys, tmp_path, "locate", "card_reader") == ["card_reader: its lamp flashes for 6 s"]
    rig.until(lambda: rig.state("lights")["lit"]["card_reader"])
    rig.until(lambda: not rig.state("lights")["lit"]["card_reader"])


def test_what_was_recorded_plays_again_and_a_difference_is_named(desk, capsys):
    file = desk / "wires.jsonl"
    lines = said(capsys, desk, "record", str(file), "card_reader", "note_acceptor", "--seconds", "3")
    assert lines[-1].endswith("rows of card_reader, note_acceptor")
    played = said(capsys, desk, "replay", str(file))
    assert not [line for line in played if "differs" in line]
    assert sum("recorded exchanges played" in line for line in played) == 2
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    notes = [row for row in rows if row.get("at") != ["card_reader"]]
    asked = [None, *notes[:-1]]  # the rows of one line: an answer follows its question
    kept = [row for row, before in zip(notes, asked, strict=True) if not {"setup"} & {*said_in(row), *said_in(before)}]
    (desk / "broken.jsonl").write_text("\n".join(json.dumps(row) for row in kept))
    assert len(kept) < len(notes)
    played = said(capsys, desk, "replay", str(desk / "broken.jsonl"), code=1)
    assert "note_acceptor: differs: our driver says what was not recorded: setup" in played
    assert "note_acceptor: differs: our driver did not get ready" in played


def said_in(row) -> list[str]:
    return row.get("words", []) if row else []


def test_a_recording_that_is_none_is_refused(tmp_path):
    (tmp_path / "x.jsonl").write_text('{"format": "other"}\n')
    with pytest.raises(ValueError, match=r"x\.jsonl: no recording of wires: format 'other'"):
        main("devices", ["replay", str(tmp_path / "x.jsonl")])


def test_a_pin_is_in_no_recording_and_on_no_socket(tmp_path, capsys):
    unit = '[devices.pin_pad]\ndriver = "serial"\nmodel = "hcc960"\n[devices.pins]\ndriver = "linked"\n'
    (tmp_path / "unit.toml").write_text(unit)
    devices = DeviceTables(
        pin_pad=SerialPad(model="hcc960"), payment_host=SimulatedHost(answer_ms=0), pins=LinkedPins()
    )
    with CabinetRig(tmp_path, devices) as rig, Watching(tmp_path) as watching:
        rig.cabinet.perform(ReadPin("pin_pad", "pin", CARD))
        rig.until(lambda: rig.cabinet.health()["pin_pad"]["ready"])
        for key in (*PIN, "enter"):
            rig.must("pin_key", key=key)
        assert rig.heard(PinEntered).verdict == "right"
        rig.until(lambda: sum(row.get("hidden", 0) for row in watching.events) >= len(PIN))
        assert not [row for row in watching.events if "hex" in row]


STRIPE = b";6222021234567890123=30122010000?"


@given(st.lists(st.integers(1, len(STRIPE) - 1), max_size=6), st.sampled_from(["unknown", "crt310", "magstripe"]))
def test_a_card_that_is_no_practice_card_is_hidden_however_it_arrives(cuts, driver):
    frame = crt310.send(crt310.Frame(crt310.READ_TRACK_2 + b"\x1fY" + STRIPE)) if driver == "crt310" else STRIPE
    reader, places = WireDecoder(driver, "card_reader"), sorted({0, *cuts, len(frame)})
    shown = [one for n, (i, j) in enumerate(itertools.pairwise(places)) for one in reader.heard(frame[i:j], False, n)]
    shown += [*reader.tick(1000), *reader.heard(b"\x05", True, 1001), *reader.tick(2000)]
    assert sum(one.hidden for one in shown) == len(frame)
    assert all(one.host for one in shown if one.data)
    assert not any("6222021" in word for one in shown for word in one.words)


def test_what_a_tag_says_of_itself_is_seen_live_and_never_kept(tmp_path, capsys):
    (tmp_path / "unit.toml").write_text('[devices.card_reader]\ndriver = "pn532"\n[devices.pins]\ndriver = "linked"\n')
    devices = DeviceTables(card_reader=Pn532(), payment_host=SimulatedHost(answer_ms=0), pins=LinkedPins())
    with CabinetRig(tmp_path, devices) as rig, Watching(tmp_path) as watching:
        rig.must("tap_tag", uid="deadbeef")
        watching.words("de ad be ef")
        said(capsys, tmp_path, "record", str(tmp_path / "wires.jsonl"), "--seconds", "1")
    text = (tmp_path / "wires.jsonl").read_text()
    assert "deadbeef" not in text.lower().replace(" ", "")
    assert "bytes, not kept" in text


def test_a_practice_card_is_shown():
    reader = WireDecoder("unknown", "card_reader")
    shown = [*reader.heard(b";9900123412341234=3012201?", False, 0), *reader.tick(1000)]
    assert [one.data for one in shown] == [b";9900123412341234=3012201?"]


def test_a_port_that_somebody_holds_is_named_with_its_owner(rig, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    devices = DeviceTables(card_reader=Crt310(port=str(tmp_path / "tty-card")))
    bench = device_access.reach(devices, MoneyChannels(), tmp_path / "elsewhere")
    with pytest.raises(device_access.UnitError, match=r"card_reader: its port .* is held by process \d+"):
        bench.__enter__()
