"""Whatever keeps a unit or the office from the other is said in one sentence, in both languages, with what to do.

The words of OpenSSL and the kernel, which is what people were shown, stand in none of them.
"""

from __future__ import annotations

import errno
import re
import socket
import time
from typing import get_args

import pytest

from kiosk_firmware import cli
from kiosk_firmware.office.pki import enrolment_server
from kiosk_firmware.office.pki.main import main as office_main
from kiosk_firmware.office.pki.trust_folder import DESK, TrustFolder, now_ms
from kiosk_firmware.tools.demo import mosquitto
from kiosk_firmware.unit.lobby import texts
from kiosk_firmware.wire import connection_errors, enrolment_client, error_texts
from kiosk_firmware.wire.enrolment_messages import WHY
from tests.pki.rig import HOST, Office

RAW = re.compile(r"CERTIFICATE_VERIFY_FAILED|_ssl\.c|Errno|not yet valid|Traceback|timed out")


def asked(office: Office, desk: str, capsys) -> str:
    """What a technician reads who types a code for that desk."""
    unit = office.unit("board")
    root = str(office.place.folder / "root.pem")
    assert unit.run("code", "0123456789", "--desk", desk, "--root", root) == 1
    return capsys.readouterr().err


def assert_says(said: str, kind: str, where: str) -> None:
    assert said.strip() == error_texts.terminal_sentence(kind, where)
    assert not RAW.search(said)
    assert len(said.strip().splitlines()) == 2


def test_nobody_listens(office, capsys):
    where = f"{HOST}:{mosquitto.free_port()}"
    assert_says(asked(office, where, capsys), "refused", where)


def test_nobody_answers(office, capsys, monkeypatch):
    monkeypatch.setattr(enrolment_client, "TIMEOUT_S", 0.2)
    with socket.create_server((HOST, 0)) as silent:
        where = f"{HOST}:{silent.getsockname()[1]}"
        assert_says(asked(office, where, capsys), "silent", where)


def test_another_office_answers(office, tmp_path, capsys):
    other = Office(tmp_path / "other")
    try:
        other.open_desk()
        assert_says(asked(office, other.address, capsys), "stranger", other.address)
    finally:
        other.close()


@pytest.mark.parametrize(("days", "kind"), [(3, "early"), (-900, "ended")])
def test_clock_stands_outside_the_certificates_days(office, capsys, monkeypatch, days, kind):
    at = now_ms() + days * 24 * 3600 * 1000
    monkeypatch.setattr("kiosk_firmware.office.pki.trust_folder.now_ms", lambda: at)
    TrustFolder(office.folder / "office").certificate(DESK, office.place.folder)
    monkeypatch.undo()
    paths = (office.place.folder / f"{DESK}.pem", office.place.folder / f"{DESK}.key")
    office._server = enrolment_server.server(office.desk, *paths)
    office.open_desk()
    assert_says(asked(office, office.address, capsys), kind, office.address)


@pytest.mark.broker
def test_revoked_board_is_told_at_once(office, capsys):
    office.start_broker()
    office.open_desk()
    unit = office.trusted("jia-atm-01")
    words = ["revoke", "jia-atm-01", "--why", "lost", "--state", str(office.folder / "office")]
    assert office_main("enrol", words) == 0
    capsys.readouterr()
    begun = time.monotonic()
    assert unit.run("check") == 1
    assert time.monotonic() - begun < 10, "it was thirty silent seconds"
    assert error_texts.terminal_sentence("revoked", f"{HOST}:{office.port}") in capsys.readouterr().out


def test_another_offices_file_is_named(office, tmp_path, capsys):
    office.open_desk()
    unit = office.trusted("jia-atm-01")
    other = Office(tmp_path / "other")
    try:
        capsys.readouterr()
        assert unit.run("file", str(other.file("jia-atm-01"))) == 1
    finally:
        other.close()
    said = capsys.readouterr().err
    assert error_texts.refusal("foreign") in said
    assert not re.search(r"knows: *$", said, re.MULTILINE), "nothing stood after the colon"


@pytest.mark.parametrize("command", [["office"], ["relay", "--site", "jia", "--central", "127.0.0.1:8883"]])
@pytest.mark.parametrize("wanting", ["ca", "cert", "key"])
def test_missing_certificate_file_is_a_sentence(tmp_path, capsys, command, wanting):
    words = [*command]
    for name in ("ca", "cert", "key"):
        path = tmp_path / f"{name}.pem"
        words += [f"--{name}", str(path)]
        if name != wanting:
            path.touch()
    assert cli.main(words) == 2
    said = capsys.readouterr().err
    assert error_texts.terminal_sentence("lacking", str(tmp_path / f"{wanting}.pem")) in said
    assert f"--{wanting}" in said


def test_certificate_without_a_root_is_no_plain_connection(tmp_path, capsys):
    (tmp_path / "a.pem").touch()
    assert cli.main(["office", "--cert", str(tmp_path / "a.pem")]) == 2
    assert "--ca" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ECONNREFUSED, "x"), "refused"),
        (OSError(errno.ENETUNREACH, "x"), "unrouted"),
        (OSError(errno.EHOSTUNREACH, "x"), "unrouted"),
        (TimeoutError("timed out"), "silent"),
        (socket.gaierror(-2, "Name or service not known"), "unnamed"),
        (ConnectionResetError(104, "x"), "dropped"),
        (OSError(errno.EIO, "x"), "other"),
    ],
)
def test_errors_of_the_kernel_have_a_kind(error, kind):
    assert connection_errors.kind_of(error) == kind


def test_the_glass_has_every_sentence():
    words = texts.lobby_texts()
    wanted = [f"line.{kind}" for kind in get_args(error_texts.Kind)] + [f"unit.why.{word}" for word in WHY]
    for language in ("zh", "en"):
        assert set(wanted) <= words.keys(language)
