"""`kiosk office up`: one command makes one site's office of a folder, or says what is missing, and a
unit comes in by it.
"""

from __future__ import annotations

import contextlib
import http.client
import http.server
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

from kiosk_firmware.office.accounts.service import AccountService
from kiosk_firmware.office.pki import batch_enrolment, certificate_authority
from kiosk_firmware.office.pki.trust_folder import TrustFolder, now_ms
from kiosk_firmware.office.pki.unit_register import Register
from kiosk_firmware.system.tcp_port import listens
from kiosk_firmware.tools.demo.mosquitto import free_port
from tests.house.tree import ROOT
from tests.pki.rig import HOST, SECRET, Unit, wait

SYSTEMD = sorted((ROOT / "deploy" / "office" / "systemd").glob("*.service"))
EXPOSURE = 2.0
NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME: the proxy, a Go program, dates its certificate by the kernel's clock, also where
a clock is laid over this process's; by whom it is signed is judged all the same.
"""
PARTS = ("broker", "desk", "updates", "time", "pages")


def command(state: Path, *words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "kiosk_firmware.cli", "office", "up", "--state", str(state), *words]


def founded(folder: Path) -> Path:
    """What only a person can do: the authority, and the first administrator."""
    state = folder / "office"
    certificate_authority.found_authority(state / "trust", folder / "usb", SECRET, now_ms())
    people = AccountService(state)
    people.accounts.make("test", "head", "administrator", (), "Correct-horse-7-battery")
    people.close()
    return state


def test_what_is_missing_is_said_with_what_to_do(tmp_path):
    done = subprocess.run(command(tmp_path / "office"), capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    for wanting in ("kiosk office ca init --state", "kiosk office init --state", "--host"):
        assert wanting in done.stderr
    assert "还没有签发机构" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.broker
def test_one_command_and_a_unit_comes_in_and_hears_the_office(tmp_path):
    state, ports = founded(tmp_path), {part: free_port() for part in PARTS}
    words = [word for part, port in ports.items() for word in (f"--{part}-port", str(port))]
    running = subprocess.Popen(
        command(state, "--host", HOST, "--listen", HOST, *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdout.readline().startswith("中心已经在运行"), running.stderr.read()
        with urllib.request.urlopen(f"http://{HOST}:{ports['pages']}/", timeout=60) as answer:
            assert "password" in answer.read().decode()
        place = TrustFolder(state)
        register = Register(place.folder / "trust.db")
        known = register.expect("jia-atm-01", "jia", "atm", now_ms())
        file = batch_enrolment.file(place, register, known, tmp_path, f"{HOST}:{ports['desk']}", 24, False)
        register.close()
        unit = Unit(tmp_path / "unit")
        assert unit.run("file", str(file)) == 0
        assert unit.run("check") == 0, "the collector's own word, through the broker"
        assert listens(ports["updates"])
        assert listens(ports["time"])
    finally:
        running.send_signal(signal.SIGTERM)
        said, wrong = running.communicate(timeout=60)
    assert running.returncode == 0, wrong
    assert "Everything has ended" in said
    wait(lambda: not any(map(listens, ports.values())), "the end of every part")


@pytest.mark.parametrize("path", SYSTEMD, ids=lambda path: path.name)
def test_service_of_the_office_is_sound_and_locked_down(path):
    analyze = shutil.which("systemd-analyze") or pytest.skip("systemd-analyze is not installed")
    done = subprocess.run([analyze, "security", "--offline=true", "--no-pager", path], capture_output=True, text=True)
    found = re.search(r"Overall exposure level for .*: ([\d.]+)", done.stdout)
    assert found, done.stderr
    assert float(found[1]) <= EXPOSURE
    done = subprocess.run([analyze, "verify", "--man=no", path], capture_output=True, text=True)
    wrong = (line for line in done.stderr.splitlines() if "/opt/kiosk/" not in line and "kiosk-office" in line)
    assert not [line for line in wrong if "not found" not in line]


def test_services_and_the_command_run_the_same_parts(tmp_path):
    """Whatever `up` starts has a service, with the same verbs."""
    said = "\n".join(path.read_text() for path in SYSTEMD)
    for verb in (
        "mosquitto -c",
        "chronyd -U -x -d -u kiosk-office -f /var/lib/kiosk-office/broker/time.conf",
        "office enrol serve",
        "office update serve",
        "office --state",
        "kiosk relay",
        "up --prepare",
    ):
        assert verb in said


class Echo(http.server.BaseHTTPRequestHandler):
    """The pages' place: says which headers came, and takes a WebSocket."""

    def do_GET(self) -> None:
        is_socket = self.headers["Upgrade"] == "websocket"
        self.send_response(101 if is_socket else 200)
        for name in ("Upgrade", "Connection") if is_socket else ():
            self.send_header(name, self.headers[name])
        self.end_headers()
        if not is_socket:
            self.wfile.write(json.dumps(dict(self.headers)).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_proxy_gives_the_pages_tls_and_passes_who_asks_and_websockets(tmp_path):
    caddy = shutil.which("caddy") or pytest.skip("caddy is not installed")
    pages = http.server.ThreadingHTTPServer((HOST, 0), Echo)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    port = free_port()
    env = {"KIOSK_PORT": str(port), "KIOSK_BIND": HOST, "KIOSK_PAGES": str(pages.server_port), "HOME": str(tmp_path)}
    words = ["run", "--adapter", "caddyfile", "--config", ROOT / "deploy" / "office" / "Caddyfile"]
    running = subprocess.Popen([caddy, *words], env={**os.environ, **env}, stderr=subprocess.DEVNULL, cwd=tmp_path)
    try:
        root = tmp_path / ".local" / "share" / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        wait(lambda: root.exists() and listens(port), "the proxy")
        trusting = ssl.create_default_context(cafile=str(root))
        trusting.verify_flags |= NO_CHECK_TIME

        def asked(**headers: str) -> http.client.HTTPResponse:
            line = http.client.HTTPSConnection("localhost", port, context=trusting, timeout=30)
            line.request("GET", "/", headers=headers)
            return line.getresponse()

        def is_ready() -> bool:
            with contextlib.suppress(ssl.SSLError):
                return asked().status == 200
            return False

        wait(is_ready, "its certificate")
        heard = json.loads(asked().read())
        assert heard["Host"] == f"localhost:{port}"
        assert (heard["X-Forwarded-Proto"], heard["X-Forwarded-For"]) == ("https", HOST)
        key = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": "AAAA",
            "Sec-WebSocket-Version": "13",
        }
        assert asked(**key).status == 101
    finally:
        running.terminate()
        running.wait()
        pages.shutdown()
