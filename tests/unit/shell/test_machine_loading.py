"""However many machines the catalogue has, a unit reads the rules of one only when it is chosen, and of no other.

Looked at in a process of its own, as other tests have loaded all of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from kiosk_firmware.catalogue.machine_list import MACHINES

FOLDERS = [line.id.replace("-", "_") for line in MACHINES]
CODE = """
import json, pathlib, sys
import kiosk_firmware.unit.shell.main
from kiosk_firmware.catalogue import machine_loader as catalogue
from tests.unit.shell.rig import House

def loaded():
    return sorted({name.split(".")[2] for name in sys.modules if name.startswith("kiosk_firmware.machines.")})

seen = {}
house = House(pathlib.Path(sys.argv[1]), machines=())
for key in ("attract.start", "sign.guest", "touch.skip", "tile.counters", "tile.legal-desk", "lessons.free",
            "task.start"):
    seen[house.step] = loaded()
    house.tap(key)
seen["run"] = loaded()
alone = []
for line in catalogue.describe():
    for name in [name for name in sys.modules if name.startswith("kiosk_firmware.machines.")]:
        del sys.modules[name]
    catalogue.load(line.id)
    alone.append(loaded())
print(json.dumps([seen, alone]))
"""


def test_rules_are_loaded_when_their_machine_is_chosen_and_no_others(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, "-c", CODE, str(tmp_path)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    seen, alone = json.loads(run.stdout)
    assert seen.pop("run") == ["legal_desk"]
    assert set(seen) == {"attract", "sign-in", "touch-1", "home", "place", "lessons", "task"}
    assert not any(seen.values()), seen
    assert alone == [[folder] for folder in FOLDERS]
