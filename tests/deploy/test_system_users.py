"""Screen, network and visit as three system users: what each may read and write of a unit's state, and how it comes so.

The shipped state.sh lays a tree out for users who are really others (numbers without a name); what each side keeps is
written by its own classes under that user, and every door is then tried by the other. A power cut is a SIGKILL of the
script at its n-th command; an older system is the same classes on STATE itself, as one user.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from kiosk_firmware.system.state_folders import agent_folder, calls_folder, facts_file, screen_folder, shared_folder
from kiosk_firmware.unit.agent.agent_db import AgentDb
from kiosk_firmware.unit.agent.spool import FactsFile
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.transition_batch import Batch
from kiosk_firmware.visit.wire.messages import ENCODE
from tests.house.tree import ROOT
from tests.visit.wire.test_sealed_recordings import SEAL
from tests.visit.wire.test_visit_messages import invitation

UNIT = ROOT / "deploy" / "unit"
SCRIPT = UNIT / "lockdown" / "state.sh"
GROUP, SCREEN, AGENT, EARLIER, VISIT, STRANGER = 64000, 64001, 64002, 64003, 64004, 64005
USERS = (SCREEN, AGENT)
VISITORS = 64006
GROUPS = {SCREEN: (GROUP, VISITORS), AGENT: (GROUP,), VISIT: (VISITORS,), STRANGER: (STRANGER,)}
"""Of each user, its own first, as the service files name them."""
CUT = ("mv", "ln", "chown", "chmod", "mkdir", "rm", "find")
"""Programs before which the power may go."""
SCREEN_WRITES = """
import os, sys, time
from pathlib import Path
from kiosk_firmware.settings import unit_toml
from kiosk_firmware.system.state_folders import calls_folder, facts_file, screen_folder
from kiosk_firmware.unit.agent import config_rollout, log_lines
from kiosk_firmware.unit.identity import status_file
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.transition_batch import Batch
from kiosk_firmware.unit.shell.learner_registry import LearnerRecord, Learners
from kiosk_firmware.unit.shell.supervisor_lock import SupervisorLock
from kiosk_firmware.unit.shell.visit_client import _write
from kiosk_firmware.visit.wire import paths
os.umask(0o027)
state = Path(sys.argv[1])
settings = unit_toml.check_settings(__import__("tomllib").loads(unit_toml.example("atm")), "unit.toml")
key = unit_toml.site_key(settings, state)
book = Journal(facts_file(state, "screen.db"), "atm-1", agent_db=facts_file(state, "agent.db"))
book.submit(Batch(1000, facts=tuple(RunFact("noise.counted", {"at": str(n)}) for n in range(3))))
book.commit_now()
Learners(state, key, lambda: 1000).keep(LearnerRecord("0123456789abcdef", 1000))
SupervisorLock(state, lambda: 1000).set("code", 1, bytearray(b"204958"))
log_lines.keep(screen_folder(state), "screen")
__import__("logging").getLogger().error("a line")
status_file.ask(state, status_file.EnrolmentRequest(sheet=True))
status_file.want(state, status_file.WIPE)
(screen_folder(state) / "now.json").write_bytes(b"{}")
_write(calls_folder(state) / paths.START, "v-1")
if sys.argv[2] == "close":
    book.close()
print("done", flush=True)
if sys.argv[2] == "kill":
    os.kill(os.getpid(), 9)
if sys.argv[2] == "hold":
    time.sleep(60)
"""
AGENT_WRITES = """
import os, sys
from pathlib import Path
from kiosk_firmware.catalogue import site_content
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.state_folders import READABLE, calls_folder, facts_file, agent_folder, shared_folder
from kiosk_firmware.unit.agent.agent_db import AgentDb
from kiosk_firmware.unit.agent.spool import FactsFile
from kiosk_firmware.unit.identity import status_file
from kiosk_firmware.unit.identity.unit_identity import UnitTrust
from kiosk_firmware.wire import private_keys
os.umask(0o027)
state = Path(sys.argv[1])
member = UnitTrust(state)
with member.alone():
    member.fingerprint()
db = AgentDb(facts_file(state, "agent.db"), "atm-1")
epoch, facts = FactsFile(facts_file(state, "screen.db")).after(0, 100)
if epoch:
    db.ack(epoch, facts[-1].seq)
status_file.tell(state, status_file.EnrolmentStatus("alone", "b", "k"))
write_whole(shared_folder(state) / "site.key", b"c" * 64, READABLE)
write_whole(calls_folder(state) / "v-1.json", b"{}", READABLE)
print(len(facts), flush=True)
"""
AGENT_HOLDS_A_VISIT = """
import os, sys, time
from functools import partial
from pathlib import Path
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.state_folders import READABLE, calls_folder, shared_folder
from kiosk_firmware.visit.wire.agent_bridge import AgentBridge
os.umask(0o027)
state = Path(sys.argv[1])
write_whole(shared_folder(state) / "unit.toml", sys.argv[2].encode(), READABLE)
post = AgentBridge(calls_folder(state), lambda words: True, partial(write_whole, mode=READABLE), lambda: 1000)
post.heard(sys.argv[3].encode())
post.turn()
print("listens", flush=True)
while True:
    post.turn()
    time.sleep(0.05)
"""
VISIT_TALKS = """
import asyncio, os, sys, time
from pathlib import Path
from kiosk_firmware.settings import unit_toml
from kiosk_firmware.system.state_folders import calls_folder
from kiosk_firmware.visit.unit.sockets import ScreenLine
from kiosk_firmware.visit.wire import paths, recording_upload, talk_time_log
from kiosk_firmware.visit.wire.json_lines_socket import connect
from kiosk_firmware.visit.wire.recording_encryption import Sealer
os.umask(0o027)
folder = calls_folder(Path(sys.argv[1]))
assert unit_toml.read_settings(folder / "unit.toml").unit.kind == "visit"
invited = talk_time_log.read_invitation(folder, talk_time_log.read_start(folder))
assert connect(folder / paths.AGENT) is not None, "the agent is not met"
talk_time_log.keep(folder, invited.visit, talk_time_log.TalkTime(invited.begins_ms, 500, 0))
with Sealer(recording_upload.recording_path(folder, invited.visit), invited.visit, invited.seal) as sealer:
    sealer.write(b"sound and picture")
recording_upload.mark_finished(folder, invited.visit, 1)
async def listens():
    await ScreenLine(folder / paths.SCREEN, lambda said: None).start()
    print("talks", flush=True)
    await asyncio.sleep(60)
asyncio.run(listens())
"""
AGENT_FETCHES = """
import sys
from pathlib import Path
from kiosk_firmware.system.state_folders import calls_folder
from kiosk_firmware.visit.wire import recording_upload, talk_time_log
from kiosk_firmware.visit.wire.messages import Fetch
folder = calls_folder(Path(sys.argv[1]))
(kept,) = recording_upload.list_waiting(folder)
piece = recording_upload.answer_fetch(folder, Fetch(visit=kept.visit, offset=0, length=kept.bytes))
recording_upload.answer_fetch(folder, Fetch(visit=kept.visit, offset=0, length=0, last=True))
left = talk_time_log.read_talk_time(folder, kept.visit)
print(len(piece.data) == kept.bytes, recording_upload.list_waiting(folder), left.left_ms)
"""
SCREEN_HEARS = """
import sys
from pathlib import Path
from kiosk_firmware.system.state_folders import facts_file
from kiosk_firmware.unit.agent.spool import FactsFile
from kiosk_firmware.unit.runtime.retention import acknowledged_number
state = Path(sys.argv[1])
epoch = FactsFile(facts_file(state, "screen.db")).given().epoch
print(acknowledged_number(facts_file(state, "agent.db"), epoch))
"""
TRIES = """
import os, socket, sys
from pathlib import Path
for name in sys.argv[2:]:
    path, can = Path(sys.argv[1]) / name.rstrip("="), ""
    for word, flags in (("r", os.O_RDONLY), ("w", os.O_WRONLY | os.O_APPEND)):
        try:
            if name.endswith("="):
                socket.socket(socket.AF_UNIX).connect(str(path)) if word == "w" else path.stat()
            elif name.endswith("/"):
                os.scandir(path) if word == "r" else (path / ".planted").touch() or (path / ".planted").unlink()
            else:
                os.close(os.open(path, flags))
            can += word
        except OSError:
            pass
    print(can or "-", path.relative_to(sys.argv[1]))
"""


SCREEN_TAKES = """
import sys
from pathlib import Path
from kiosk_firmware.settings import unit_toml
state = Path(sys.argv[1])
settings = unit_toml.check_settings(__import__("tomllib").loads(unit_toml.example("atm")), "unit.toml")
print(unit_toml.site_key(settings, state).decode())
"""


class Unit:
    """A unit's data, laid out by the shipped script."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.state = folder, folder / "data", folder / "data" / "state"
        self.bin = folder / "bin"
        self.bin.mkdir()
        for name in CUT:
            (self.bin / name).write_text(f"""#!/bin/sh
echo >>"{folder}/count"
[ "$(wc -l <"{folder}/count")" != "${{CUT_AT:-0}}" ] || {{ kill -9 "$SCRIPT_PID"; exit 1; }}
exec {shutil.which(name)} "$@"
""")
            (self.bin / name).chmod(0o755)

    def lay(self, cut_at: int = 0) -> int:
        """Run the script; how many commands it ran."""
        (self.folder / "count").write_text("")
        path = f"{self.bin}:{os.environ['PATH']}" if cut_at else os.environ["PATH"]
        users = {"SCREEN": SCREEN, "AGENT": AGENT, "VISIT": VISIT, "GROUP": GROUP, "VISITORS": VISITORS}
        who = {name: str(number) for name, number in users.items()} | {"DATA": str(self.data)}
        done = subprocess.run(
            ["sh", "-c", 'export SCRIPT_PID=$$; exec sh "$0"', str(SCRIPT)],
            env={**os.environ, **who, "PATH": path, "CUT_AT": str(cut_at)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode in ((0, -signal.SIGKILL) if cut_at else (0,)), done.stderr
        return len((self.folder / "count").read_text())

    def as_user(self, user: int, script: str, *words: str) -> subprocess.Popen[str]:
        own, *more = GROUPS[user]
        groups = "--groups=" + ",".join(map(str, more)) if more else "--clear-groups"
        switch = ["setpriv", f"--reuid={user}", f"--regid={own}", groups]
        return subprocess.Popen(
            [*switch, sys.executable, "-c", script, *words],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def said(self, user: int, script: str, *words: str) -> str:
        ended = self.as_user(user, script, *words)
        out, wrong = ended.communicate(timeout=60)
        assert ended.returncode == 0, wrong
        return out.strip()

    def tried(self, user: int) -> dict[str, str]:
        """What a user may do with each file and folder, its name known: "rw", "r", "-"; a socket is seen, spoken to."""
        there = [path for path in sorted(self.state.rglob("*")) if not path.is_symlink()]
        kinds = [(path, "/" * path.is_dir() + "=" * path.is_socket()) for path in there]
        names = [f"{path.relative_to(self.state)}{kind}" for path, kind in kinds]
        lines = self.said(user, TRIES, str(self.state), *names).splitlines()
        return {name: can for can, name in (line.split(" ", 1) for line in lines)}


@pytest.fixture
def unit():
    if os.geteuid() or not shutil.which("setpriv"):
        pytest.skip("two users: this needs root")
    folder = Path(tempfile.mkdtemp(prefix="kiosk-users-"))  # pytest's own folders let no other user through
    folder.chmod(0o711)
    yield Unit(folder)
    shutil.rmtree(folder)


def test_neither_opens_what_is_the_others_own(unit):
    unit.lay()
    assert unit.said(SCREEN, SCREEN_WRITES, str(unit.state), "close") == "done"
    assert unit.said(AGENT, AGENT_WRITES, str(unit.state)) == "3", "facts of the screen that the agent read"
    unit.lay()
    agents, screens = unit.tried(AGENT), unit.tried(SCREEN)
    own = {name for name in agents if name.startswith("screen/")}
    assert {name for name in own if "w" in agents[name]} == set()
    shown = {name for name in own if agents[name] == "r"}
    assert {re.sub("-(wal|shm)$", "", name) for name in shown} == {
        "screen/screen.db",
        "screen/screen.log",
        "screen/now.json",
    }
    assert {"screen/learners.json", "screen/staff.json", "screen/staff.key"} <= own - shown
    own = {name for name in screens if name.startswith("agent/")}
    assert {name for name in own if "w" in screens[name]} == set()
    shown = {name for name in own if screens[name] == "r"}
    assert {re.sub("-(wal|shm)$", "", name) for name in shown} == {"agent/agent.db", "agent/trust"}
    assert "agent/trust/next.key" in own - shown
    assert {agents[name] for name in ("screen", "agent", "shared", "calls")} == {"r", "rw"}
    assert (agents["screen"], agents["agent"]) == ("r", "rw")
    assert (screens["screen"], screens["agent"]) == ("rw", "r")
    assert set(unit.tried(STRANGER).values()) == {"-"}, "nobody else comes in"


def test_the_sites_key_is_read_by_the_screen_alone(unit):
    """Made by the screen itself, brought by enrolment, and after the next start's state.sh."""
    unit.lay()
    own = unit.said(SCREEN, SCREEN_TAKES, str(unit.state))
    unit.said(SCREEN, SCREEN_WRITES, str(unit.state), "close")
    unit.said(AGENT, AGENT_WRITES, str(unit.state))
    unit.lay()
    assert unit.said(SCREEN, SCREEN_TAKES, str(unit.state)) == "c" * 64 != own, "the key that enrolment brought"
    unit.said(AGENT, AGENT_WRITES, str(unit.state))
    assert unit.said(SCREEN, SCREEN_TAKES, str(unit.state)) == "c" * 64, "and the one of a renewal, without a start"
    for _ in range(2):
        may = {user: {name: can for name, can in unit.tried(user).items() if "site.key" in name} for user in USERS}
        assert may == {SCREEN: {"screen/site.key": "rw"}, AGENT: {"screen/site.key": "-"}}
        unit.lay()
    assert (unit.state / "site.key").read_text() == "c" * 64, "where an older system looks for it"


def lay_settings_down(unit: Unit) -> None:
    """What kiosk-visit.service does first, by its own line."""
    (line,) = re.findall(r"^ExecStartPre=\+(.*)$", (UNIT / "systemd" / "kiosk-visit.service").read_text(), re.MULTILINE)
    for name, here in (("kiosk-agent", AGENT), ("=kiosk ", f"={GROUP} "), ("/var/lib/kiosk", unit.data)):
        line = line.replace(name, str(here))
    subprocess.run(shlex.split(line), check=True)


def test_a_visit_sees_its_own_folder_and_nothing_of_screen_and_agent(unit):
    """Three users at one visit, each by its own classes: what each needs it has, and nothing else."""
    unit.lay()
    unit.said(SCREEN, SCREEN_WRITES, str(unit.state), "close")
    unit.said(AGENT, AGENT_WRITES, str(unit.state))
    word, settings = ENCODE(invitation("v-1", seal=SEAL)).decode(), (UNIT / "visit" / "unit.toml").read_text()
    agent = unit.as_user(AGENT, AGENT_HOLDS_A_VISIT, str(unit.state), settings, word)
    assert agent.stdout.readline() == "listens\n", agent.communicate()
    lay_settings_down(unit)
    visit = unit.as_user(VISIT, VISIT_TALKS, str(unit.state))
    try:
        assert visit.stdout.readline() == "talks\n", visit.communicate()
        may = {user: unit.tried(user) for user in (SCREEN, AGENT, VISIT, STRANGER)}
        here = {name: tuple(may[user][name] for user in may) for name in may[VISIT] if name.startswith("calls/")}
        assert here == {
            "calls/agent.sock": ("rw", "rw", "rw", "-"),
            "calls/screen.sock": ("rw", "r", "rw", "-"),
            "calls/unit.toml": ("r", "rw", "r", "-"),
            "calls/v-1.json": ("r", "rw", "r", "-"),
            **dict.fromkeys(("calls/v-1.kept", "calls/v-1.kvs", "calls/v-1.state"), ("-", "r", "rw", "-")),
        }
        assert {can for name, can in may[VISIT].items() if name.partition("/")[0] != "calls"} == {"-"}
        assert set(may[STRANGER].values()) == {"-"}
        assert unit.said(AGENT, AGENT_FETCHES, str(unit.state)) == "True () 500", "and what it has given away is gone"
    finally:
        for one in (agent, visit):
            one.kill()
            one.communicate()


def test_visits_of_an_earlier_release_come_to_their_folder_at_every_cut(unit, long):
    """It keeps them in the folder that screen and agent share, all the agent's; a link stands where they are now."""
    unit.lay()
    calls, earlier_calls = calls_folder(unit.state), shared_folder(unit.state) / "calls"
    calls.rename(earlier_calls)
    calls.symlink_to("shared/calls")
    for name in ("v-1.kvs", "v-1.kept", "v-1.state", "v-1.json", "v-1.told"):
        (earlier_calls / name).write_text(name)
        (earlier_calls / name).chmod(0o600)
    for path in (earlier_calls, *earlier_calls.iterdir()):
        os.chown(path, AGENT, GROUP)
    kept = unit.folder / "kept"
    subprocess.run(["cp", "-a", unit.data, kept], check=True)
    commands = unit.lay(cut_at=10**6)
    for at in range(1, commands + 1, 1 if long else 12):
        shutil.rmtree(unit.data)
        subprocess.run(["cp", "-a", kept, unit.data], check=True)
        unit.lay(cut_at=at)
        unit.lay()
        found = {path.name: (path.read_text(), path.stat().st_uid) for path in calls.iterdir()}
        agents, visits = (
            dict.fromkeys(("v-1.json", "v-1.told"), AGENT),
            dict.fromkeys(("v-1.kvs", "v-1.kept", "v-1.state"), VISIT),
        )
        assert found == {name: (name, user) for name, user in (agents | visits).items()}, f"cut at {at} of {commands}"
        assert not earlier_calls.exists()
    assert {name: can for name, can in unit.tried(SCREEN).items() if ".k" in name} == {
        "calls/v-1.kept": "-",
        "calls/v-1.kvs": "-",
    }


@pytest.mark.parametrize("end", ["hold", "kill", "close"])
def test_facts_are_read_over_the_border_however_the_screen_ended(unit, end):
    unit.lay()
    screen = unit.as_user(SCREEN, SCREEN_WRITES, str(unit.state), end)
    assert screen.stdout.readline() == "done\n", screen.communicate()
    if end != "hold":
        screen.wait(30)
    try:
        heard = unit.said(AGENT, AGENT_WRITES, str(unit.state))
        assert heard == "3"
        assert unit.said(SCREEN, SCREEN_HEARS, str(unit.state)) == "3", "acknowledged, as the screen hears of it"
    finally:
        screen.kill()
        screen.communicate()


# -- a unit of an earlier release


def practise(state: Path, word: str) -> None:
    """What processes of one user keep in one folder."""
    book = Journal(state / "screen.db", "atm-1", agent_db=state / "agent.db", machine="m")
    book.submit(Batch(1000, facts=(RunFact("noise.counted", {"at": word}),)))
    book.commit_now()
    db = AgentDb(state / "agent.db", "atm-1", machine="m")
    db.add("clock.jumped", {"by_ms": 1, "quality": word}, 1000)
    return book, db


def earlier(unit: Unit) -> list[object]:
    """A unit that was never laid out; its processes are killed, so that logs of SQLite lie there."""
    unit.state.mkdir(parents=True)
    alive = practise(unit.state, "one")
    (unit.state / "trust").mkdir()
    (unit.state / "trust" / "unit.pem").write_text("key and chain")
    (unit.state / "trust" / "member.json").write_text("{}")
    (unit.state / "trust" / "unit.pem").chmod(0o600)
    (unit.state / "lessons.d" / "atm").mkdir(parents=True)
    (unit.state / "lessons.d" / "atm" / "own.toml").write_text("a teacher's")
    for name in ("learners.json", "staff.json", "pins.key", "coins.json", "site.key", "carry.ask"):
        (unit.state / name).write_text(name)
    (unit.data / "unit.toml").write_text("[unit]")
    copied = unit.folder / "copy"
    shutil.copytree(unit.data, copied, symlinks=True)
    for one in alive:
        one.close()
    shutil.rmtree(unit.data)
    copied.rename(unit.data)
    assert (unit.state / "screen.db-wal").stat().st_size, "not all is in the file itself"
    return back_to_earlier(unit)


def back_to_earlier(unit: Unit) -> None:
    """The older system's start: systemd gives all of the folder to the service's user."""
    for path in (unit.data, *unit.data.rglob("*")):
        os.chown(path, EARLIER, EARLIER, follow_symlinks=False)


def words(path: Path) -> list[str]:
    with closing(FactsFile(path)) as file:
        return [fact.data.decode() for fact in file.after(0, 1000)[1]]


def seen_by_earlier(unit: Unit) -> dict[str, object]:
    """What an older system finds under the names that it knows."""
    names = ("learners.json", "staff.json", "pins.key", "coins.json", "site.key", "trust/unit.pem")
    more = {name: (unit.state / name).read_text() for name in (*names, "lessons.d/atm/own.toml")}
    facts = {name: words(unit.state / name) for name in ("screen.db", "agent.db")}
    return {**more, **facts, "unit.toml": (unit.data / "unit.toml").read_text()}


def seen_now(unit: Unit) -> dict[str, object]:
    state = unit.state
    own = {name: (screen_folder(state) / name) for name in ("learners.json", "staff.json", "pins.key", "coins.json")}
    paths = {
        **own,
        "site.key": screen_folder(state) / "site.key",
        "trust/unit.pem": agent_folder(state) / "trust/unit.pem",
        "lessons.d/atm/own.toml": screen_folder(state) / "lessons.d/atm/own.toml",
        "unit.toml": shared_folder(state) / "unit.toml",
    }
    facts = {name: words(facts_file(state, name)) for name in ("screen.db", "agent.db")}
    return {**{name: path.read_text() for name, path in paths.items()}, **facts}


def test_an_earlier_unit_comes_to_its_folders_whole_at_every_cut(unit, long):
    """At each command the power goes: an older system finds all it had, the next start everything in its place."""
    earlier(unit)
    kept = unit.folder / "kept"
    shutil.copytree(unit.data, kept, symlinks=True)
    whole = seen_by_earlier(unit)
    commands = unit.lay(cut_at=10**6)
    assert commands > 40
    for at in range(1, commands + 1, 1 if long else 9):
        shutil.rmtree(unit.data)
        shutil.copytree(kept, unit.data, symlinks=True)
        back_to_earlier(unit)
        unit.lay(cut_at=at)
        assert seen_by_earlier(unit) == whole, f"an older system after a cut at {at} of {commands}"
        unit.lay()
        assert seen_now(unit) == whole, f"cut at {at} of {commands}"
        assert (unit.state / "shared" / "carry.ask").exists()
        assert not (unit.state / "carry.ask").exists()
    assert unit.tried(AGENT)["screen/learners.json"] == "-"
    assert unit.tried(SCREEN)["agent/trust/unit.pem"] == "-"


def test_what_an_older_system_writes_after_a_trial_comes_along(unit):
    """The firmware brings the old system back; it goes on with what there is, and the new one goes on from there."""
    earlier(unit)
    unit.lay()
    back_to_earlier(unit)
    for one in practise(unit.state, "two"):
        one.close()
    spare = unit.state / ".learners.json.new"
    spare.write_text("newer")
    spare.replace(unit.state / "learners.json")
    (unit.data / "unit.toml.new").write_text("[unit] newer")
    (unit.data / "unit.toml.new").replace(unit.data / "unit.toml")
    unit.lay()
    found = seen_now(unit)
    assert (found["learners.json"], found["unit.toml"]) == ("newer", "[unit] newer")
    assert [re.findall("one|two", word) for word in found["screen.db"]] == [["one"], ["two"]], "one epoch, one file"
    before = {path: path.lstat().st_ino for path in unit.data.rglob("*")}
    unit.lay()
    assert {path: path.lstat().st_ino for path in unit.data.rglob("*")} == before, "a second time changes nothing"


def test_links_that_a_user_laid_lead_root_nowhere(unit):
    """Each side owns its folder: what root does there at the next start must not reach a file of the system."""
    unit.lay()
    target = unit.folder / "system"
    target.mkdir()
    (target / "shadow").write_text("root's")
    for path in (target, target / "shadow"):
        path.chmod(0o700)
    for name in ("screen/tests", "agent/content.d", "calls/v.kvs", "screen/screen.db", "agent/trust/member.json"):
        path = unit.state / name
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        path.symlink_to(target / "shadow" if "." in path.name and path.suffix != ".d" else target)
        owner = {"screen": SCREEN, "agent": AGENT, "calls": VISIT}[name.partition("/")[0]]
        os.chown(path, owner, GROUPS[owner][0], follow_symlinks=False)
    unit.lay()
    found = [(one.stat().st_uid, stat.S_IMODE(one.stat().st_mode)) for one in (target, target / "shadow")]
    assert found == [(0, 0o700), (0, 0o700)]


def test_each_service_runs_as_the_user_of_its_side():
    """The sandboxes fit: own folder, the shared one, nothing else; and the other's folder is not even named."""
    units = {path.stem: path.read_text() for path in (UNIT / "systemd").glob("kiosk-*.service")}
    user = {name: match[1] for name, text in units.items() if (match := re.search(r"^User=(\S+)", text, re.MULTILINE))}
    assert user == {
        "kiosk-screen": "kiosk-screen",
        **dict.fromkeys(("kiosk-agent", "kiosk-enrol", "kiosk-renew", "kiosk-time"), "kiosk-agent"),
        "kiosk-visit": "kiosk-visit",
        **dict.fromkeys(("kiosk-shell-cable", "kiosk-shell-console"), "kiosk-technician"),
    }
    visit = units["kiosk-visit"]
    assert user.pop("kiosk-visit") == "kiosk-visit"
    assert "Group=kiosk-visit\n" in visit
    assert "SupplementaryGroups" not in visit
    assert re.findall(r"^(?:ReadWritePaths|StateDirectory)=(.*)$", visit, re.MULTILINE) == [
        "/var/lib/kiosk/state/calls"
    ]
    for shell in ("kiosk-shell-cable", "kiosk-shell-console"):
        assert user.pop(shell) == "kiosk-technician"
        assert "kiosk/state" not in units[shell], "a technician's shell has no part in the state"
    assert user.pop("kiosk-time") == "kiosk-agent"
    assert not re.search(r"^(?:ReadWritePaths|StateDirectory)=", units["kiosk-time"], re.MULTILINE), "it only looks"
    for name, who in user.items():
        side = who.partition("-")[2]
        assert f"StateDirectory=kiosk/state/{side}\n" in units[name]
        assert "Group=kiosk\n" in units[name]
        assert "Requires=kiosk-state.service" in units[name]
        assert "UMask=0027" in units[name]
        both = re.search(r"^ReadWritePaths=(.*)$", units[name], re.MULTILINE)[1].split()
        visits = ["/var/lib/kiosk/state/calls"] if name in ("kiosk-screen", "kiosk-agent") else []
        assert both == ["/var/lib/kiosk/state/shared", *visits]
        assert ("kiosk-visit" in units[name]) == (name == "kiosk-screen"), "the screen alone is of the visit's group"
    for script in (UNIT / "lockdown" / "stick.sh", *(UNIT / "update").glob("*.sh")):
        assert not re.search(r"--reuid=(?!kiosk-agent )", script.read_text()), script
