"""A blank unit's enrolment service: every way in, every way that it fails, and a power cut at each of its steps.

The desk is the office's own, over HTTPS on loopback. A power cut is an exception at a place where a file was just
written; what starts again knows only what lies on the disk.
"""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from kiosk_firmware.office.pki import batch_enrolment
from kiosk_firmware.office.pki.main import main as office_main
from kiosk_firmware.office.pki.trust_folder import DESK, TrustFolder, now_ms
from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.system import durable_files
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.unit.agent.main import Agent
from kiosk_firmware.unit.enrolment import identity_settings, service
from kiosk_firmware.unit.identity import status_file
from kiosk_firmware.unit.identity.status_file import EnrolmentRequest
from kiosk_firmware.unit.shell.unit_rename import UnitRename
from kiosk_firmware.wire import certificates, one_time_codes, signed_document
from kiosk_firmware.wire.enrolment_messages import CARD, ENCODE, Introduction, scanned_fingerprint
from tests.pki.rig import Office, wait


class Board:
    """A blank board with a card: its service, turned by hand, and what its glass is told."""

    def __init__(self, office: Office, name: str = "board") -> None:
        self.office, self.unit, self.card = office, office.unit(name), office.folder / f"card-{name}"
        self.card.mkdir()
        self.start()

    def start(self) -> None:
        """Power on."""
        self.over = False
        self.service = service.EnrolmentService(self.unit.toml, self.unit.state, self.card, now_ms, self.card / "sys")

    def introduced(self, **changed: object) -> Board:
        made = Introduction(self.office.address or "127.0.0.1:9", self.office.place.authority.root)
        write_whole(self.card / CARD, ENCODE(msgspec.structs.replace(made, **changed)), 0o644)
        return self

    def turn(self) -> str:
        """One look, at once; the phase that the glass is told."""
        self.service._next = 0.0
        self.over = self.service.turn()
        return self.told().phase

    def told(self) -> status_file.EnrolmentStatus:
        made = status_file.read_status(self.unit.state)
        assert made is not None
        return made

    def typed(self, code: str) -> str:
        status_file.ask(self.unit.state, EnrolmentRequest(code))
        return self.turn()

    def code(self, name: str = "jia-atm-01", **words: int) -> str:
        register = self.office.register
        register.expect(name, "jia", "atm", now_ms())
        return register.code(name, now_ms(), **words)


@pytest.fixture
def board(office):
    office.open_desk()
    return Board(office).introduced()


def test_unit_that_knows_no_office_says_so_and_shows_its_digits(office):
    board = Board(office)
    assert board.turn() == "alone"
    said = board.told()
    assert said.key == board.unit.member.fingerprint()
    assert scanned_fingerprint(said.code) == said.key == scanned_fingerprint(said.key)
    assert said.practise
    assert not status_file.bars(board.unit.state)


def test_code_that_is_typed_makes_it_somebody_and_the_acceptance_sheet_follows(board):
    assert board.turn() == "waiting"
    assert board.typed(board.code()) == "trusted"
    assert board.over
    said = board.told()
    assert (said.unit, said.site, said.desk) == ("jia-atm-01", "jia", board.office.address)
    assert status_file.enrolment_request(board.unit.state) is None, "a code is not kept"
    assert unit_settings.read_settings(board.unit.toml).unit.id == "jia-atm-01"
    status_file.ask(board.unit.state, EnrolmentRequest(sheet=True))
    board.start()
    assert board.turn() == "trusted"
    assert board.told().sheet.parts == 0, "nobody has tried one"
    from kiosk_firmware.unit.enrolment.acceptance_sheet import PURPOSE, AcceptanceSheet

    data = (board.unit.state / status_file.SHEETS / "acceptance.json").read_bytes()
    who, _ = signed_document.open_document(
        data, PURPOSE, AcceptanceSheet, board.office.place.authority.root, now_ms(), "unit"
    )
    assert who.name == "jia-atm-01"
    assert not status_file.office_heard(board.unit.state, "jia-atm-01"), "that is the agent's to say"


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (lambda board: one_time_codes.make_code(), "unknown"),
        (lambda board: board.code(lasts_ms=-1), "ended"),
        (lambda board: used(board), "used"),
        (lambda board: taken(board), "taken"),
    ],
)
def test_refusal_is_told_by_its_name_and_stays_until_the_next_try(board, code, word):
    assert board.typed(code(board)) == "refused"
    assert board.told().word == word
    assert status_file.enrolment_request(board.unit.state) is None
    for _ in range(2):
        assert board.turn() == "waiting"
        assert board.told().word == word, "what went wrong still stands while it waits"
    assert board.typed(board.code("jia-atm-07")) == "trusted"
    assert board.told().word == board.told().reason == ""


def used(board: Board) -> str:
    code = board.code()
    other = Board(board.office, "other").introduced()
    assert other.typed(code) == "trusted"
    return code


def taken(board: Board) -> str:
    used(board)
    return board.code()


def test_office_that_is_away_is_asked_again_with_the_same_key_and_code(office):
    board = Board(office).introduced()
    code, key = board.code(), board.told().key if status_file.read_status(board.unit.state) else board.service._told.key
    assert board.typed(code) == "away"
    assert "127.0.0.1:9" in board.told().reason
    assert status_file.enrolment_request(board.unit.state) == EnrolmentRequest(code)
    office.open_desk()
    (board.card / CARD).unlink()
    board.introduced().start()
    assert board.turn() == "trusted"
    assert board.unit.member.fingerprint() == key


def test_clock_that_is_behind_is_told_as_that(office, monkeypatch):
    """The desk's certificate begins tomorrow by this unit's clock, which is the same as a clock of yesterday."""
    from kiosk_firmware.office.pki import certificate_authority

    tomorrow = now_ms() + 2 * 24 * 3600 * 1000
    monkeypatch.setattr(certificate_authority, "moment", lambda ms: dt.datetime.fromtimestamp(tomorrow / 1000, dt.UTC))
    TrustFolder(office.folder / "office").certificate(DESK, office.place.folder)
    monkeypatch.undo()
    from kiosk_firmware.office.pki import enrolment_server

    office._server = enrolment_server.server(
        office.desk, office.place.folder / f"{DESK}.pem", office.place.folder / f"{DESK}.key"
    )
    office.open_desk()
    assert Board(office).introduced().turn() == "early"


def test_desk_of_another_office_is_told_as_that(office, tmp_path):
    other = Office(tmp_path / "other")
    try:
        other.open_desk()
        assert Board(office).introduced(desk=other.address).turn() == "stranger"
    finally:
        other.close()


def test_waiting_room_admits_by_the_code_on_the_glass(board, capsys):
    board.office.register.expect("jia-atm-01", "jia", "atm", now_ms())
    assert board.turn() == "waiting"
    words = ["admit", board.told().code, "jia-atm-01", "--state", str(board.office.folder / "office")]
    assert office_main("enrol", words) == 0
    assert board.turn() == "trusted"


def test_file_on_the_card_is_used_up(board):
    file = board.office.file("jia-atm-01").rename(board.card / "jia-atm-01.enrol")
    assert board.turn() == "trusted"
    assert not file.exists()


def test_kind_that_nobody_knows_is_told_and_does_not_end_the_service(board):
    board.office.register.expect("jia-atm-01", "jia", "robot", now_ms())
    assert board.typed(board.office.register.code("jia-atm-01", now_ms())) == "refused"
    assert "allowed are" in board.told().reason
    assert not board.over


def test_file_that_was_refused_is_not_tried_again_and_the_room_stays_open(board):
    path = board.office.file("jia-atm-01").rename(board.card / "jia-atm-01.enrol")
    path.write_bytes(path.read_bytes().replace(b"jia-atm", b"yi-atm"))
    assert board.turn() == "refused"
    assert "was changed" in board.told().reason
    assert board.turn() == "waiting"
    assert path.exists(), "a technician may want to see it"


def test_file_without_a_desk_takes_the_cards(board):
    known = board.office.register.expect("jia-atm-01", "jia", "atm", now_ms())
    batch_enrolment.file(board.office.place, board.office.register, known, board.card, "", 24)
    assert board.turn() == "trusted"


def test_another_offices_card_is_refused(board, tmp_path):
    board.typed(board.code())
    other = Office(tmp_path / "other")
    try:
        board.unit.member.certificate.unlink()  # the certificate is lost, the root is not
        board.introduced(root=other.place.authority.root).start()
        assert board.turn() == "refused"
        assert "another office's root" in board.told().reason
    finally:
        other.close()


def test_wrong_offices_file_costs_a_blank_unit_nothing(board, tmp_path):
    """Nobody answers there; the right office's file is taken afterwards, and then no other's."""
    other = Office(tmp_path / "other")
    try:
        wrong = other.file("yi-atm-09")
        board.unit.member.read_file(wrong, now_ms())  # its desk never answers
        assert board.unit.member.root().strip() == other.place.authority.root.strip()
        assert board.unit.run("file", str(board.office.file("jia-atm-01"))) == 0
        assert board.unit.member.root().strip() == board.office.place.authority.root.strip()
        with pytest.raises(certificates.TrustError):
            board.unit.member.read_file(wrong, now_ms())
        assert board.unit.member.root().strip() == board.office.place.authority.root.strip()
    finally:
        other.close()


def test_card_says_whether_one_may_practise_before(office):
    board = Board(office).introduced(practise=False)
    board.turn()
    assert status_file.bars(board.unit.state)
    office.open_desk()
    assert board.unit.run("file", str(office.file("jia-atm-01"))) == 0
    assert not status_file.bars(board.unit.state), "also where the service has not said so yet"
    out, state = office.folder / "made", str(office.folder / "office")
    words = ["card", "--out", str(out), "--desk", "10.0.0.2:8443", "--no-practice"]
    assert office_main("enrol", [*words, "--state", state]) == 0
    made = msgspec.json.decode((out / CARD).read_bytes(), type=Introduction)
    assert made == Introduction("10.0.0.2:8443", office.place.authority.root, False)


def test_agent_of_a_unit_that_is_nobody_yet_lives_and_waits(board):
    """Its settings name certificates that enrolment will bring; facts wait, the watchdog is fed, nothing falls over."""
    write_whole(board.unit.toml, unit_settings.settings_toml(identity_settings.template("atm")).encode(), 0o644)
    one = Agent(unit_settings.read_settings(board.unit.toml), board.unit.state, unit=board.unit.toml)
    one.turn(0.01)
    assert one.is_alive()
    assert not one.is_outdated
    assert board.typed(board.code()) == "trusted"
    assert one.is_outdated, "a new life, with the papers"
    one.close()


def test_screen_sees_that_its_unit_was_named_meanwhile(board):
    """A unit that is practised on before it is trusted has a name of its own until then."""
    made = identity_settings.template("atm")
    write_whole(board.unit.toml, unit_settings.settings_toml(made).encode(), 0o644)
    renamed = UnitRename(board.unit.toml, made.unit.id)
    write_whole(board.unit.toml, b"[unit", 0o644)
    assert not renamed.seen(), "half a file is none"
    write_whole(board.unit.toml, unit_settings.settings_toml(made).encode(), 0o644)
    assert not renamed.seen()
    assert board.typed(board.code()) == "trusted"
    assert renamed.seen()
    assert renamed.seen(), "until somebody begins anew"


class CutError(Exception):
    """The power."""


def cut(board: Board, cut_at: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """The power goes after the n-th file that a new unit writes; whether it went at all before the unit was trusted."""
    whole, written = durable_files._replaced, [0]

    def replaced(path, mode, write):
        whole(path, mode, write)
        written[0] += 1
        if written[0] == cut_at:
            raise CutError

    with monkeypatch.context() as power:
        power.setattr(durable_files, "_replaced", replaced)
        try:
            while not board.over:
                board.turn()
        except CutError:
            return True
    return False


def test_power_cut_anywhere_leaves_one_key_one_name_and_a_unit_that_gets_there(board, monkeypatch, long):
    """Cut after each file in turn until none is left; then power on again."""
    seen = 0
    for cut_at in range(1, 40, 1 if long else 2):
        name = f"jia-cut-{cut_at:02}"
        one = Board(board.office, name).introduced()
        status_file.ask(one.unit.state, EnrolmentRequest(board.code(name)))
        if not cut(one, cut_at, monkeypatch):
            break
        seen += 1
        key = one.unit.member.fingerprint()
        one.start()
        wait(lambda one=one: one.turn() == "trusted", f"a unit that was cut at file {cut_at}")
        assert one.unit.member.fingerprint() == key
        assert one.unit.member.identity().unit == name
        assert len(board.office.register.standing(name, now_ms())) == 1, "no second identity"
        assert unit_settings.read_settings(one.unit.toml).unit.id == name
    assert seen >= (8 if long else 4)
