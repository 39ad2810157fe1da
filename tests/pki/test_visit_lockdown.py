"""What a unit for real visits is let have beyond the others: camera, sound, and a way for media; nothing else."""

from __future__ import annotations

import re
import subprocess

from tests.pki.test_lockdown import UNIT, program, run

LOCKDOWN = UNIT / "lockdown"


def test_the_firewall_with_a_visits_rules_is_read_and_lets_nothing_in(tmp_path):
    included = (LOCKDOWN / "nftables.conf").read_text().replace("/etc/kiosk/", f"{LOCKDOWN}/")
    whole = tmp_path / "whole.conf"
    whole.write_text(included)
    assert "nftables-*.conf" in included
    done = run(program("nft"), "--check", "--file", str(whole))
    assert done.returncode == 0, done.stderr
    added = [line for line in (LOCKDOWN / "nftables-visit.conf").read_text().splitlines() if line[:1] not in ("#", "")]
    assert all(line.startswith("add rule inet kiosk output ip") for line in added), "outwards only"
    assert all(re.search(r"daddr (\{ 10\.|fd00::/8)", line) for line in added), "within the private ranges only"


def test_usb_lets_camera_and_sound_in_and_still_no_keyboard():
    path = LOCKDOWN / "usbguard-visit.conf"
    (rule,) = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    assert rule.startswith("allow with-interface match-all {")
    assert set(rule.partition("{")[2].strip(" }").split()) == {"0e:*:*", "01:*:*", "03:00:00"}
    assert run(program("usbguard-rule-parser"), "-f", str(path)).returncode == 0


def test_the_devices_rules_are_read():
    done = run(program("udevadm"), "verify", str(LOCKDOWN / "91-kiosk-visit.rules"))
    wrong = re.findall(r"\.rules:\d+ .*", done.stdout + done.stderr)
    assert not [line for line in wrong if "Unknown user 'kiosk-visit'" not in line], wrong


def test_only_a_visit_unit_may_load_the_drivers_of_camera_and_sound():
    """The installer's own line, on the shipped list."""
    line = re.search(r"grep -v ([^\"]+) \"\$from/kiosk-modules", (UNIT / "install.sh").read_text())
    assert line
    barred = (LOCKDOWN / "kiosk-modules.conf").read_text()
    left = subprocess.run(["grep", "-v", *line[1].split()], input=barred, capture_output=True, text=True, check=True)
    gone = set(barred.splitlines()) - set(left.stdout.splitlines())
    assert gone == {"install uvcvideo /bin/false", "install snd_usb_audio /bin/false"}


def test_the_visits_service_sees_no_key_and_no_books():
    text = (UNIT / "systemd" / "kiosk-visit.service").read_text()
    hidden = " ".join(re.findall(r"^InaccessiblePaths=(.+)$", text, re.MULTILINE))
    assert {path.rpartition("state/")[2] for path in hidden.split()} == {"screen", "agent", "shared"}
    assert "Restart=no" in text, "nobody is seen again without being there"
    assert "PathExists=/var/lib/kiosk/state/calls/start" in (UNIT / "systemd" / "kiosk-visit.path").read_text()
