"""A demo's window on the office's page: there only in a demo, and for nobody but who manages it."""

from __future__ import annotations

import base64
import json
import socket
import threading

import pytest

from kiosk_firmware.office.web.app import build
from kiosk_firmware.office.web.demo_glass import DemoGlass
from tests.office.pages import Office, cheap, office

__all__ = ["cheap", "office"]
PICTURE = b"\xff\xd8 the window"


@pytest.fixture
def hand(tmp_path):
    """The other end of the socket; what it was asked."""
    heard, listener = [], socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "hand.sock"))
    listener.listen()

    def answer():
        for _ in range(20):
            try:
                end, _ = listener.accept()
            except OSError:
                return
            with end, end.makefile("rw") as lines:
                heard.append(json.loads(lines.readline()))
                lines.write(json.dumps({"jpeg": base64.b64encode(PICTURE).decode()}) + "\n")

    threading.Thread(target=answer, daemon=True).start()
    yield heard
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def demo(office: Office, tmp_path) -> Office:
    office.unit("demo-001")
    office.app = build(office.frame, office.roster, demo=DemoGlass("demo-001", tmp_path / "hand.sock"))
    return office


def test_a_press_on_the_page_reaches_the_unit(office, tmp_path, hand):
    boss = demo(office, tmp_path).come("boss", "administrator", ())
    assert 'id="demo-glass"' in boss.get("/units/demo-001").text
    assert boss.get("/demo/window.jpg").content == PICTURE
    assert boss.post("/demo/touch", kind="down", x="0.25", y="1").status_code == 204
    assert hand == [{"picture": ""}, {"touch": "down", "at": [0.25, 1.0]}]


@pytest.mark.parametrize("wrong", [{"kind": "kick"}, {"x": "1.01"}, {"y": "-0.1"}, {"x": "nan"}])
def test_what_is_no_touch_stays_outside(office, tmp_path, hand, wrong):
    boss = demo(office, tmp_path).come("boss", "administrator", ())
    assert boss.post("/demo/touch", **{"kind": "down", "x": "0", "y": "0", **wrong}).status_code == 422
    assert not hand


@pytest.mark.parametrize("role", ["viewer", "teacher", "technician"])  # the others see their own pages only
def test_nobody_else_sees_or_presses(office, tmp_path, hand, role):
    one = demo(office, tmp_path).come("one", role)
    assert one.get("/demo/window.jpg").status_code == 403
    assert one.post("/demo/touch", kind="down", x="0", y="0").status_code == 403
    assert "demo-glass" not in one.get("/units/demo-001").text
    assert not hand


def test_an_office_that_is_no_demo_has_no_such_way(office):
    boss = office.come("boss", "administrator", ())
    office.unit("demo-001")
    assert "demo-glass" not in boss.get("/units/demo-001").text
    assert boss.get("/demo/window.jpg").status_code == 404
    assert boss.post("/demo/touch", kind="down", x="0", y="0").status_code == 404


def test_a_unit_that_starts_is_waited_for(office, tmp_path):
    boss = demo(office, tmp_path).come("boss", "administrator", ())
    assert boss.get("/demo/window.jpg").status_code == 503
