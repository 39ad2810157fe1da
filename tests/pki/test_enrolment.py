"""Who becomes a unit, and who does not: every way in and every way that must stay shut."""

from __future__ import annotations

import random
import re
import stat

import msgspec
import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware import cli
from kiosk_firmware.office.pki import batch_enrolment, certificate_authority
from kiosk_firmware.office.pki.main import main as office_main
from kiosk_firmware.office.pki.trust_folder import now_ms
from kiosk_firmware.office.pki.unit_register import OF_ONE, REFUSALS, WAIT_LIMIT
from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.unit.identity.unit_identity import UnitTrust
from kiosk_firmware.unit.shell.commissioning import apply_office_names, templates
from kiosk_firmware.wire import certificates, error_texts, one_time_codes, private_keys, signed_document
from kiosk_firmware.wire.certificates import TrustError
from kiosk_firmware.wire.enrolment_messages import Apply, Challenge, EnrolmentFile, Grant, Prove, Refused, Waiting
from tests.pki.rig import SECRET, Office

YEAR_MS = 365 * 24 * 3600 * 1000


def granted(office: Office, member: UnitTrust, application: Apply) -> Grant | Refused | Waiting:
    answer = office.desk.answer(application, "10.0.0.1")
    if isinstance(answer, Challenge):
        answer = office.desk.answer(member.prove(answer, bool(application.certificate)), "10.0.0.1")
    return answer


def reason(answer: object) -> str:
    assert isinstance(answer, Refused), answer
    return answer.reason


def test_file_makes_a_blank_unit_trusted(office):
    office.open_desk()
    unit = office.trusted("jia-atm-01")
    who, _ = certificates.verify_chain(unit.member.chain(), office.place.authority.root, now_ms(), office.desk.crl)
    assert (who.name, who.role) == ("jia-atm-01", "unit")
    settings = unit_settings.read_settings(unit.toml)
    assert (settings.unit.id, settings.unit.site, settings.broker.port) == ("jia-atm-01", "jia", office.port)
    assert (unit.state / "commission").exists(), "its parts are still to be found, on the glass"
    blank = templates()["atm"]
    assert (apply_office_names(blank, unit.state).unit, apply_office_names(blank, unit.state).broker) == (
        settings.unit,
        settings.broker,
    )
    assert apply_office_names(blank, office.folder) == blank, "a unit of nobody keeps what it was given"
    assert (unit.state / "site.key").read_text().strip() == office.register.site_key("jia")


def test_key_never_leaves_the_unit(office):
    """Its private number is in one file, which only its owner reads, and in no message."""
    office.open_desk()
    unit = office.trusted("jia-atm-01")
    number = private_keys.load(unit.member.certificate).private_numbers().private_value.to_bytes(32, "big")
    assert stat.S_IMODE(unit.member.certificate.stat().st_mode) == 0o600
    apart = [p for p in office.folder.rglob("*") if p.is_file() and not p.is_relative_to(office.folder / "units")]
    assert apart
    assert not [p for p in apart if number in p.read_bytes() or number.hex().encode() in p.read_bytes()]


def test_code_is_for_one_unit_once(office):
    office.register.expect("jia-atm-01", "jia", "atm", now_ms())
    code = office.register.code("jia-atm-01", now_ms())
    first, second = (UnitTrust(office.folder / name) for name in ("first", "second"))
    assert "not for" in reason(granted(office, first, first.apply("jia-atm-02", code=code)))
    assert isinstance(granted(office, first, first.apply("jia-atm-01", code=code)), Grant)
    assert "used already" in reason(granted(office, second, second.apply("", code=code)))


def test_grant_whose_answer_was_lost_is_given_again(office):
    office.register.expect("jia-atm-01", "jia", "atm", now_ms())
    code = office.register.code("jia-atm-01", now_ms())
    member = UnitTrust(office.folder / "first")
    first, again = (granted(office, member, member.apply("", code=code)) for _ in range(2))
    assert isinstance(first, Grant)
    assert isinstance(again, Grant)
    assert first.certificate == again.certificate


def test_codes_end_and_a_newer_one_makes_the_older_void(office):
    office.register.expect("jia-atm-01", "jia", "atm", now_ms())
    old = office.register.code("jia-atm-01", now_ms())
    new = office.register.code("jia-atm-01", now_ms(), lasts_ms=-1)
    member = UnitTrust(office.folder / "first")
    for code in (old, new):
        assert "has ended" in reason(granted(office, member, member.apply("", code=code)))


def test_guessing_closes_the_door_for_a_while(office):
    member = UnitTrust(office.folder / "first")
    said = [reason(granted(office, member, member.apply("", code=one_time_codes.make_code()))) for _ in range(6)]
    assert all("no such code" in one for one in said[:5])
    assert "wait a minute" in said[5]


def test_challenge_needs_the_key_of_the_request(office):
    """Whoever copied a request, or a ticket, has nothing."""
    office.register.expect("jia-atm-01", "jia", "atm", now_ms())
    code = office.register.code("jia-atm-01", now_ms())
    member = UnitTrust(office.folder / "first")
    challenge = office.desk.answer(member.apply("", code=code), "10.0.0.1")
    assert isinstance(challenge, Challenge)
    forged = private_keys.sign(private_keys.make_key(), challenge.nonce.encode())
    assert "not signed" in reason(office.desk.answer(Prove(challenge.ticket, forged), "10.0.0.2"))
    assert "apply again" in reason(office.desk.answer(member.prove(challenge), "10.0.0.1")), "a ticket is for one try"


def test_request_that_names_another_key_is_refused(office):
    csr = private_keys.request(private_keys.make_key(), "jia-atm-01")
    middle = len(csr) // 2
    assert isinstance(office.desk.answer(Apply(csr[:middle] + "AAAA" + csr[middle + 4 :]), "10.0.0.1"), Refused)


def test_waiting_room_admits_whom_an_operator_compared(office, capsys):
    office.register.expect("jia-atm-01", "jia", "atm", now_ms(), serial="board-7")
    member = UnitTrust(office.folder / "first")
    application = member.apply("", serial="board-7")
    assert office.desk.answer(application, "10.0.0.1") == Waiting(member.fingerprint())
    assert office_main("enrol", ["waiting", "--state", str(office.folder / "office")]) == 0
    said = capsys.readouterr().out
    assert member.fingerprint() in said
    assert "jia-atm-01" in said, "pre-registered by its board"
    words = ["admit", member.fingerprint(), "jia-atm-01", "--state", str(office.folder / "office")]
    assert office_main("enrol", words) == 0
    assert isinstance(granted(office, member, application), Grant)


def test_nobody_pushes_others_out_of_the_waiting_room_nor_fills_the_log(office):
    """One address that asks without end has a share of both."""
    honest = UnitTrust(office.folder / "first")
    assert office.desk.answer(honest.apply(""), "10.0.0.1") == Waiting(honest.fingerprint())
    for n in range(WAIT_LIMIT + OF_ONE):
        office.register.wait(f"{n:032x}", "", "", "", "10.0.0.66", now_ms() + n)
    waiting = office.register.waiting()
    assert honest.fingerprint() in {row[0] for row in waiting}
    assert sum(row[3] == "10.0.0.66" for row in waiting) == OF_ONE
    for n in range(3 * REFUSALS):
        office.register.refused(now_ms(), "10.0.0.66", f"why {n}")
    office.register.refused(now_ms(), "10.0.0.1", "a wrong code")
    rows = office.register._db.execute("SELECT who FROM log WHERE what = 'refused'").fetchall()
    assert [row[0] for row in rows].count("10.0.0.66") == REFUSALS
    assert ("10.0.0.1",) in [tuple(row) for row in rows], "whoever else is refused is written down as ever"


def test_replaced_unit_keeps_its_name_and_the_old_board_loses_it(office):
    office.open_desk()
    old, new = office.trusted("jia-atm-01"), office.unit("spare")
    office.file("jia-atm-01")  # an ordinary one does not do
    other = office.unit("other")
    assert other.run("file", str(office.file("jia-atm-01"))) == 1
    assert new.run("file", str(office.file("jia-atm-01", replaces=True))) == 0
    assert new.member.identity().unit == "jia-atm-01"
    with pytest.raises(TrustError, match="revoked"):
        certificates.verify_chain(old.member.chain(), office.place.authority.root, now_ms(), office.desk.crl)
    certificates.verify_chain(new.member.chain(), office.place.authority.root, now_ms(), office.desk.crl)


def test_renewal_comes_at_two_thirds_and_needs_both_keys(office):
    office.open_desk()
    unit = office.trusted("jia-atm-01")
    leaf, born = unit.member.leaf(), now_ms()
    assert not certificates.renewal_due(leaf, born + YEAR_MS * 6 // 10)
    assert certificates.renewal_due(leaf, born + YEAR_MS * 7 // 10)
    assert "not due" in reason(granted(office, unit.member, unit.member.apply("jia-atm-01", renew=True)))
    office.desk._now = lambda: born + YEAR_MS * 7 // 10
    application = unit.member.apply("jia-atm-01", renew=True)
    challenge = office.desk.answer(application, "10.0.0.1")
    only_new = msgspec.structs.replace(unit.member.prove(challenge, True), former="00")
    assert "former key" in reason(office.desk.answer(only_new, "10.0.0.1"))
    grant = granted(office, unit.member, application)
    unit.member.accept(grant, office.desk._now())
    assert unit.member.leaf().not_valid_after_utc > leaf.not_valid_after_utc
    assert unit.member.leaf().public_key() != leaf.public_key()


def test_revoked_unit_cannot_renew(office):
    office.open_desk()
    unit = office.trusted("jia-atm-01")
    office.register.revoke("jia-atm-01", now_ms())
    office.desk._now = lambda: now_ms() + YEAR_MS * 7 // 10
    assert "revoked" in reason(granted(office, unit.member, unit.member.apply("jia-atm-01", renew=True)))


def test_stick_carries_a_whole_site(office, tmp_path):
    """No network at all: files out, applications back, answers out."""
    stick = tmp_path / "usb"
    units = {name: office.unit(name) for name in ("jia-atm-01", "jia-rail-02")}
    for name, unit in units.items():
        assert unit.run("file", str(office.file(name)), "--stick", str(stick)) == 0
    assert office_main("enrol", ["sign", str(stick), "--state", str(office.folder / "office")]) == 0
    for name, unit in units.items():
        assert unit.run("take", str(stick)) == 0
        assert unit.member.identity().unit == name


def test_one_key_has_one_name_until_it_is_revoked(office):
    """Also where a board was made to ask twice: the office gives a key no second name while the first stands."""
    member = UnitTrust(office.folder / "first")

    def asked(name: str) -> Grant | Refused | Waiting:
        office.register.expect(name, "jia", "atm", now_ms())
        return granted(office, member, member.apply("", code=office.register.code(name, now_ms())))

    assert isinstance(asked("jia-atm-01"), Grant)
    second = asked("jia-atm-02")
    assert isinstance(second, Refused)
    assert second.word == "named"
    assert "jia-atm-01" in second.reason
    assert not office.register.standing("jia-atm-02", now_ms())
    office.register.revoke("jia-atm-01", now_ms())
    assert isinstance(asked("jia-atm-02"), Grant)


def test_another_offices_unit_and_desk_are_strangers(office, tmp_path, capsys):
    other = Office(tmp_path / "other")
    try:
        office.open_desk()
        other.open_desk()
        unit = office.trusted("jia-atm-01")
        assert unit.run("file", str(other.file("jia-atm-01"))) == 1
        assert "not issued by the office" in capsys.readouterr().err
        application = unit.member.apply("", code=office.register.code("jia-atm-01", now_ms()))
        assert unit.run("code", application.code, "--desk", other.address) == 1
        assert error_texts.terminal_sentence("stranger", other.address) in capsys.readouterr().err
    finally:
        other.close()


def test_changed_file_is_refused(office):
    path = office.file("jia-atm-01")
    file = msgspec.json.decode(path.read_bytes(), type=signed_document.SignedDocument)
    path.write_bytes(msgspec.json.encode(msgspec.structs.replace(file, payload=file.payload.replace("jia", "yi"))))
    with pytest.raises(TrustError, match="was changed"):
        office.unit("one").run("file", str(path))


def test_paper_of_one_role_or_purpose_is_none_of_another(office):
    """A unit cannot sign an enrolment file; an enrolment file is no configuration."""
    office.open_desk()
    unit = office.trusted("jia-atm-01")
    payload = EnrolmentFile("jia-atm-09", "jia", "atm", "x", now_ms() + 1000, "", office.place.authority.root)
    forged = signed_document.seal("enrolment", payload, private_keys.load(unit.member.certificate), unit.member.chain())
    for data, purpose in ((forged, "enrolment"), (office.file("jia-atm-01").read_bytes(), "config")):
        with pytest.raises(TrustError, match="allowed"):
            signed_document.open_document(data, purpose, EnrolmentFile, office.place.authority.root, now_ms(), "signer")


def test_wiped_unit_is_blank(office):
    office.open_desk()
    unit = office.trusted("jia-atm-01")
    with pytest.raises(ValueError, match="--yes"):
        unit.run("wipe")
    assert unit.run("wipe", "--yes") == 0
    assert not unit.toml.exists()
    assert not [path for path in unit.state.rglob("*") if path.is_file()]
    assert unit.toml.with_name("wiped").exists(), "the system's turn: the key slots (deploy/unit/lockdown/data.sh)"


@pytest.mark.parametrize("name", ["office-collector", "broker", "x", "UPPER", "a/b", "a+b", "jia#1"])
def test_no_unit_takes_a_name_of_the_office_or_of_a_topic(office, name):
    with pytest.raises(ValueError, match="allowed are"):
        office.register.expect(name, "jia", "atm", now_ms())


def test_root_stays_on_its_stick(office, tmp_path):
    assert not [p for p in office.place.folder.rglob("*") if p.name == "root.key"]
    with pytest.raises(ValueError, match="no key can be read"):
        private_keys.load(tmp_path / "stick" / "root.key", "wrong words")
    old = office.place.authority.issuing
    certificate_authority.renew_issuing(office.place.folder, tmp_path / "stick", SECRET, now_ms())
    assert office.place.authority.issuing != old
    root = x509.load_pem_x509_certificate(office.place.authority.root.encode())
    x509.load_pem_x509_certificate(office.place.authority.issuing.encode()).verify_directly_issued_by(root)


def test_batch_is_all_or_nothing(office, tmp_path):
    table = tmp_path / "list.csv"
    table.write_text("unit,site,kind\njia-atm-01,jia,atm\nJia,jia,atm\n")
    with pytest.raises(ValueError, match="'Jia'"):
        batch_enrolment.write(office.place, office.register, batch_enrolment.rows(table), tmp_path / "out", "", 24)
    assert not (tmp_path / "out").exists()
    table.write_text("unit,site,kind\njia-atm-01,jia,atm\njia-atm-01,jia,atm\n")
    with pytest.raises(ValueError, match="line 3"):
        batch_enrolment.rows(table)


@given(st.integers(0, 2**32), st.integers(0, 9), st.sampled_from(one_time_codes.SIGNS))
def test_one_wrong_sign_or_a_swap_is_seen(seed, at, sign):
    body = "".join(random.Random(seed).choices(one_time_codes.SIGNS, k=9))
    whole = body + one_time_codes._check(body)
    assert one_time_codes.read_code(whole.lower()[:5] + "-" + whole[5:]) == whole
    swapped = list(whole)
    swapped[at - 1], swapped[at] = swapped[at], swapped[at - 1]
    changed = whole[:at] + sign + whole[at + 1 :]
    for wrong in {changed, "".join(swapped) if at else whole} - {whole}:
        with pytest.raises(ValueError, match="one sign is wrong"):
            one_time_codes.read_code(wrong)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unit;site;kind\njia-atm-01;jia;atm", r"line 1: 'unit;site;kind' has no column unit; allowed are unit, site"),
        ("unit,site,kind\njia-atm-01,jia,amt", r"line 2: kind 'amt': allowed are .*did you mean atm"),
        ("unit,site,kind\njia-atm-01,jia,atm\nJIA-2,jia,atm", r"line 3: unit 'JIA-2': allowed are 3 to 32 of"),
        ("unit,site,kind\nrelay-jia,jia,atm", r"line 2: unit 'relay-jia': that is the office's own"),
        ("unit,site,kind\njia-1,jia,atm\njia-1,jia,atm", r"line 3: unit 'jia-1' stands there twice"),
        ("", r"line 1: '' has no column unit"),
    ],
)
def test_what_is_wrong_in_a_list_of_units_is_named(tmp_path, text, said):
    path = tmp_path / "units.csv"
    path.write_text(text, encoding="utf-8-sig")
    with pytest.raises(ValueError, match=rf"units\.csv, {said}"):
        batch_enrolment.rows(path)
    path.write_text("unit,site,kind\njia-1,甲监,atm", encoding="gbk")
    with pytest.raises(ValueError, match=r"units\.csv: not UTF-8; save it as CSV UTF-8"):
        batch_enrolment.rows(path)


def test_a_mistyped_folder_is_no_office_of_its_own(tmp_path):
    """A code from there would be one that no desk takes."""
    with pytest.raises(ValueError, match="no authority; found one"):
        office_main("enrol", ["code", "jia-atm-01", "jia", "--state", str(tmp_path / "ofice")])
    assert not (tmp_path / "ofice").exists()


def test_a_file_of_the_technicians_is_named_with_what_is_wrong(office, tmp_path, capsys):
    (tmp_path / "x.enrol").write_text("unit,site,kind")
    unit = office.unit("one")
    for words, said in (
        (["file", str(tmp_path / "no.enrol")], r"no\.enrol: No such file"),
        (["file", str(tmp_path / "x.enrol")], r"x\.enrol: no enrolment file; allowed is one of"),
        (["code", "AAAABBBBCC", "--desk", "h:1", "--root", str(tmp_path / "x.enrol")], r"--root .*x\.enrol: no cert"),
        (["code", "AAAABBBBCC", "--desk", "h:1", "--root", str(tmp_path / "no.pem")], r"no\.pem: No such file"),
    ):
        assert cli.main(["enrol", *words, "--unit", str(unit.toml), "--state", str(unit.state)]) == 2
        assert re.search(said, error := capsys.readouterr().err), error
        assert "Errno" not in error
        assert "http" not in error
