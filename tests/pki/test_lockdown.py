"""The files that lock a unit down, judged by the programs that will read them; skipped by name where one is missing."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess

import pytest

from tests.house.tree import ROOT

UNIT = ROOT / "deploy" / "unit"
SERVICES = sorted(path for path in (UNIT / "systemd").iterdir() if path.suffix != ".py")
EXPOSURE = 1.0
"""Of 10, at most, for what runs all the time."""
HELPERS = 4.0
"""For what is root for a moment; each right that it keeps has its reason in its file."""


def program(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("service", ["kiosk-shell-console", "kiosk-shell-cable"])
def test_a_shell_has_no_right_of_roots_and_sees_no_data(service):
    """Whoever a ticket lets in is nobody in particular, and what was begun ends with the service."""
    text = (UNIT / "systemd" / f"{service}.service").read_text()
    for line in (
        "User=kiosk-technician",
        "CapabilityBoundingSet=",
        "NoNewPrivileges=yes",
        "InaccessiblePaths=-/var/lib/kiosk",
    ):
        assert f"\n{line}\n" in text, line
    assert "BindsTo=kiosk-service-shell.service" in text
    assert "KillMode=control-group" in text
    assert not re.search(r"^(Supplementary)?Groups?=.*\bkiosk\b(?!-)", text, re.MULTILINE)
    assert exposure(service) <= 2.0


@pytest.mark.parametrize("service", ["kiosk-screen", "kiosk-agent", "kiosk-visit", "kiosk-enrol", "kiosk-renew"])
def test_service_is_exposed_as_little_as_promised(service):
    assert exposure(service) <= EXPOSURE


def exposure(service: str) -> float:
    path = UNIT / "systemd" / f"{service}.service"
    done = run(program("systemd-analyze"), "security", "--offline=true", "--no-pager", str(path))
    found = re.search(r"Overall exposure level for .*: ([\d.]+)", done.stdout)
    assert found, done.stderr
    return float(found[1])


@pytest.mark.parametrize(
    "service", ["kiosk-trial", "kiosk-data", "kiosk-wipe", "kiosk-stick@", "kiosk-update", "kiosk-service-shell"]
)
def test_roots_helper_is_exposed_as_little_as_promised(service):
    """Each right of root's that is left stands by name, and has its reason beside it."""
    assert exposure(service) <= HELPERS
    text = (UNIT / "systemd" / f"{service}.service").read_text()
    (kept,) = re.findall(r"^CapabilityBoundingSet=(.+)$", text, re.MULTILINE)
    reasons = " ".join(line for line in text.splitlines() if line.startswith("#"))
    for right in kept.split():
        assert right.removeprefix("CAP_") in reasons, right


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_unit_file_has_no_mistake(path):
    """Neither the kiosk nor an ssh server need be installed where tests run; nothing else may be wrong."""
    done = run(program("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", str(path))
    wrong = [
        line for line in (done.stdout + done.stderr).splitlines() if "/opt/kiosk/" not in line and "/sshd " not in line
    ]
    assert not [line for line in wrong if path.name.replace("@", "") in line.replace("@", "")], wrong


def test_screen_has_no_network_and_the_agent_no_device():
    screen, agent = ((UNIT / "systemd" / f"kiosk-{name}.service").read_text() for name in ("screen", "agent"))
    assert "PrivateNetwork=yes" in screen
    assert "InaccessiblePaths=-/var/lib/kiosk/state/agent/trust/unit.pem " in screen, "nor the unit's key"
    assert "PrivateDevices=yes" in agent
    assert "DeviceAllow" not in agent
    for text in (screen, agent):
        assert "Restart=always" in text
        assert "StartLimitIntervalSec=0" in text
        assert re.search(r"^WatchdogSec=\d+$", text, re.MULTILINE)


@pytest.mark.parametrize("service", ["screen", "agent", "visit", "enrol", "renew"])
def test_no_service_has_its_home_among_the_data(service):
    """Libraries run what a home's settings name; and whoever writes to the state would write them."""
    text = (UNIT / "systemd" / f"kiosk-{service}.service").read_text()
    words = " ".join(re.findall(r"^Environment=(.*)$", text, re.MULTILINE)).split()
    home = dict(word.split("=", 1) for word in words)
    assert home["PYTHONSAFEPATH"] == "1"
    assert home["HOME"] in ("/tmp", "/run/kiosk-screen")
    assert home["HOME"] != "/tmp" or "PrivateTmp=yes" in text
    assert home["HOME"] == "/tmp" or "RuntimeDirectory=kiosk-screen\n" in text


def test_firewall_is_read_and_drops_by_default():
    done = run(program("nft"), "--check", "--file", str(UNIT / "lockdown" / "nftables.conf"))
    assert done.returncode == 0, done.stderr
    text = (UNIT / "lockdown" / "nftables.conf").read_text()
    assert re.findall(r"hook (\w+) priority filter; policy (\w+);", text) == [
        ("input", "drop"),
        ("forward", "drop"),
        ("output", "drop"),
    ]
    assert not re.search(r"dport \{? ?22", text), "ssh is opened for a time, never here"
    opened = [line for line in text.splitlines() if "@opened" in line]
    assert opened
    assert all('iifname "e*" ip' in line and "saddr" in line for line in opened), "on the cable, from private ranges"


def test_device_rules_are_read():
    done = run(program("udevadm"), "verify", str(UNIT / "lockdown" / "90-kiosk.rules"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_usb_rules_are_read_and_let_no_keyboard_in():
    path = UNIT / "lockdown" / "usbguard-rules.conf"
    rules = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    whole = re.compile(r"allow (id \w{4}:\w{4} )?with-interface match-all {")
    assert all(whole.match(line) for line in rules), "all interfaces, or none"
    allowed = {word for line in rules for word in line.partition("{")[2].strip(" }").split()}
    assert not {word for word in allowed if word[:2] in ("01", "0e", "e0", "*")}, "sound, camera, radio"
    assert {word for word in allowed if word.startswith("03")} == {"03:00:00"}, "a keyboard has a boot protocol"
    done = run(program("usbguard-rule-parser"), "-f", str(path))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("script", sorted(UNIT.rglob("*.sh")), ids=lambda path: path.name)
def test_script_is_a_shell_script(script):
    done = run(program("sh"), "-n", str(script))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["logind.conf", "system.conf"])
def test_systems_own_files_are_tables(name):
    parser = configparser.ConfigParser(strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNIT / "lockdown" / name)
    (section,) = parser.sections()
    assert dict(parser[section])


def test_whatever_keeps_something_waits_for_the_encrypted_data():
    """The mount and its opener stand aside where nothing was set up; StateDirectory= makes a service wait for it."""
    systemd = UNIT / "systemd"
    for name in ("kiosk-data.service", "var-lib-kiosk.mount"):
        assert "ConditionPathExists=/etc/kiosk/data.conf\n" in (systemd / name).read_text()
    for name in ("screen", "agent", "enrol", "renew"):
        assert "StateDirectory=kiosk/state/" in (systemd / f"kiosk-{name}.service").read_text()
    installer = (UNIT / "install.sh").read_text()
    assert installer.index('data.conf" ]; then') < installer.index("overlayroot.conf"), "a root in memory keeps nothing"


def test_no_console_and_no_second_way_in():
    masked = set((UNIT / "lockdown" / "masked.txt").read_text().split())
    assert {
        "getty@.service",
        "autovt@.service",
        "serial-getty@.service",
        "debug-shell.service",
        "ctrl-alt-del.target",
        "emergency.service",
        "rescue.service",
        "ssh.service",
        "bluetooth.service",
        "wpa_supplicant.service",
    } <= masked
    assert "kernel.sysrq = 0" in (UNIT / "lockdown" / "kiosk-sysctl.conf").read_text()
    assert "NAutoVTs=0" in (UNIT / "lockdown" / "logind.conf").read_text()
    firmware = (UNIT / "lockdown" / "config.txt").read_text()
    assert "disable-wifi" in firmware
    assert "disable-bt" in firmware
    assert len((UNIT / "lockdown" / "cmdline.txt").read_text().splitlines()) == 1, "the firmware reads one line"


def test_radio_and_camera_drivers_cannot_be_loaded():
    lines = (UNIT / "lockdown" / "kiosk-modules.conf").read_text().splitlines()
    barred = {line.split()[1] for line in lines if line.endswith("/bin/false")}
    assert {"cfg80211", "brcmfmac", "bluetooth", "btusb", "uvcvideo", "snd_usb_audio", "usbkbd"} <= barred
