"""One way in to the disk: `kiosk_firmware.system.durable_files`. Each other way is found here, and has its reason.

A file that is written any other way may be empty, or not there, after a power cut, though somebody was told that it is.
`tests/storage` makes such cuts of what is promised; this finds what nobody thought of there.
"""

from __future__ import annotations

import ast
import re

from tests.house.tree import name, python_files, tree

HOME = "kiosk_firmware/system/durable_files.py"
METHODS = {"write_text", "write_bytes", "rename", "renames", "copyfile", "copy", "copy2", "copytree", "move", "touch"}
MODULES = {"os", "shutil"}
"""Whose functions count by name; of anything else a `copy` is no file's."""
MODE = re.compile(r"[rwaxbt+]{1,3}")

REASONS = {
    # A database is SQLite's, which syncs by itself; only a damaged one is moved, and found damaged again after a cut.
    "kiosk_firmware/unit/agent/agent_db.py": {"rename"},
    "kiosk_firmware/unit/runtime/screen_db.py": {"rename"},
    # Marks that are overwritten in place: witnesses, no promises; a torn one is as none.
    "kiosk_firmware/storage/high_water_mark.py": {"O_CREAT"},
    # Nothing is in it: it keeps a place on the disk, and is made again whenever there is room.
    "kiosk_firmware/unit/runtime/disk_reserve.py": {"O_CREAT"},
    # In memory, where nothing outlives a cut, and what may be lost there is told (its head says how).
    "kiosk_firmware/unit/runtime/memory_copy.py": {"copyfile"},
    # What stands on the glass now: worth nothing a second later, so a cut may have it.
    "kiosk_firmware/unit/shell/class_board.py": {"write_bytes", "replace"},
    "screens/media/office_screenshots.py": {"write_bytes", "replace"},
    "kiosk_firmware/visit/wire/shared_frames.py": {"open", "replace"},
    # A wish of somebody who stands there and sees whether it is done; a start of a visit must not outlive a cut.
    "kiosk_firmware/unit/identity/status_file.py": {"touch"},
    "kiosk_firmware/unit/shell/visit_client.py": {"open", "replace"},
    # Grows in place and is synced by its writer: a sealed recording, what is fetched (resumed, then held against its
    # hash), a recording's pieces (synced before it is called whole).
    "kiosk_firmware/visit/wire/recording_encryption.py": {"O_CREAT"},
    "kiosk_firmware/unit/agent/file_download.py": {"open"},
    "kiosk_firmware/visit/office/recordings.py": {"open"},
    "kiosk_firmware/office/pki/diagnosis_store.py": {"open"},
    # What is in the file is SQLite's; it is made first, so that it is its owner's alone from the beginning.
    "kiosk_firmware/office/pki/unit_register.py": {"touch"},
    "kiosk_firmware/office/database/connection.py": {"touch"},
    # What is made anew at each start of a demo, or in a workshop's scratch folder.
    "kiosk_firmware/tools/demo/mosquitto.py": {"write_text"},
    "kiosk_firmware/tools/system_image.py": {"open", "replace", "write_text"},
    "kiosk_firmware/tools/offline_bundle.py": {"copy", "copytree", "write_text"},
    # A desk's demo, a twin's port, and what a technician records of a wire while looking at it.
    "kiosk_firmware/tools/demo/demo_folder.py": {"open", "write_text", "replace", "touch"},
    "kiosk_firmware/system/process_supervisor.py": {"open", "replace"},
    "hardware/twins/pseudo_terminal.py": {"replace"},
    "hardware/diagnostics/cli/main.py": {"open"},
}
"""Which other ways each file has, and why."""


def ways(module: ast.Module) -> set[str]:
    """By which names of functions a module changes files by itself."""
    found = {way for node in ast.walk(module) if isinstance(node, ast.Call) and (way := way_of(node))}
    makes = any(isinstance(node, ast.Attribute) and node.attr == "O_CREAT" for node in ast.walk(module))
    return found | ({"O_CREAT"} if makes else set())


def way_of(call: ast.Call) -> str:
    """The name of the function where it changes a file, else ""."""
    function = call.func
    if isinstance(function, ast.Name):
        return "open" if function.id == "open" and writes(call) else ""
    if not isinstance(function, ast.Attribute):
        return ""
    owner = function.value.id if isinstance(function.value, ast.Name) else ""
    called = function.attr
    if called == "open":
        return "open" if writes(call) and owner not in ("wave", "tarfile", "av") else ""
    if called == "replace":  # a text's takes two words, a struct's names
        is_path = len(call.args) == 1 and not call.keywords
        return "replace" if is_path or owner == "os" else ""
    if called in ("copy", "move") and owner not in MODULES:
        return ""
    return called if called in METHODS else ""


def writes(call: ast.Call) -> bool:
    """Whether a call of `open` says that it writes."""
    words = [*call.args, *(one.value for one in call.keywords if one.arg == "mode")]
    modes = [one.value for one in words if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return any(MODE.fullmatch(mode) and set(mode) & set("wax+") for mode in modes)


def test_files_are_written_in_one_way():
    files = [path for path in python_files("kiosk_firmware", "hardware", "screens") if name(path) != HOME]
    found = {name(path): there for path in files if (there := ways(tree(path)))}
    other = {file: sorted(there - REASONS.get(file, set())) for file, there in found.items()}
    assert not {file: there for file, there in other.items() if there}, "kiosk_firmware.system.durable_files is the way"
    assert {file: there & found.get(file, set()) for file, there in REASONS.items()} == REASONS, "a reason without need"


def test_each_way_is_seen():
    """Otherwise the test above proves nothing."""
    for text, way in (
        ("p.write_text('x')", "write_text"),
        ("p.write_bytes(b'')", "write_bytes"),
        ("a.rename(b)", "rename"),
        ("os.replace(a, b)", "replace"),
        ("a.replace(b)", "replace"),
        ("shutil.copyfile(a, b)", "copyfile"),
        ("shutil.copy(a, b)", "copy"),
        ("open(p, 'w')", "open"),
        ("p.open('ab')", "open"),
        ("p.open(mode='r+b')", "open"),
        ("p.touch()", "touch"),
        ("os.open(p, os.O_WRONLY | os.O_CREAT)", "O_CREAT"),
        ("shutil.move(a, b)", "move"),
    ):
        assert ways(ast.parse(text)) == {way}, text
    for text in ("'a'.replace('b', 'c')", "structs.replace(x, y=1)", "open(p)", "p.open('rb')", "{}.copy()"):
        assert not ways(ast.parse(text)), text
