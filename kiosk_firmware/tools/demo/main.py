"""`kiosk demo`: the whole system on this machine, over loopback; Ctrl-C ends everything it started.

Broker, office, agent, twins and screen are processes of their own, as on a site; none waits for another, since each can
begin alone and find the others later. The screen is started first, because its first page is what a person waits for.
With a display there is one window, glass and front panel side by side; without, the same window stands on the office's
page of the unit and takes presses there.
Exit codes: 0 ended as asked, 1 something could not be started, 2 wrong use.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from kiosk_firmware.office.database.queries import Queries
from kiosk_firmware.settings.unit_toml import UnitSettings
from kiosk_firmware.system.mosquitto_program import BrokerError, program
from kiosk_firmware.system.process_supervisor import ChildSpec, ProcessSupervisor, StartError
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.tools.demo import mosquitto
from kiosk_firmware.tools.demo.demo_folder import HOST, DemoFolder, PlaceError, default_folder, office_port
from kiosk_firmware.tools.simulation import history
from kiosk_firmware.unit.shell.practice_cards import PracticeCard
from kiosk_firmware.visit.wire import paths as places

ROOT = Path(__file__).parents[3]
AGAIN = 70
"""The screen's exit code for "start me again at once": an armed power cut, a restart asked by the office."""
LOOK_S = 0.1
SAMPLE = (200, 26, 4_000, "sample")
"""Units, weeks, runs and the sites' names of a demo's past."""
NAMES = {"screen": "屏幕", "twins": "设备", "broker": "消息", "office": "中心", "agent": "联网"}


def main(name: str, arguments: Sequence[str]) -> int:
    """See the file's head."""
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description="The whole system on this machine.")
    parser.add_argument("--for", dest="seconds", type=float, metavar="SECONDS", help="end by itself after so long")
    parser.add_argument("--state", type=Path, default=default_folder(), metavar="DIR", help="default: %(default)s")
    parser.add_argument("--port", type=int, metavar="N", help="of the office's pages (default: first free from 8080)")
    parser.add_argument("--no-window", action="store_true", help="no window even where there is a display")
    parser.add_argument("--sample", action="store_true", help="a new demo's office begins with an invented half year")
    kinds = ("all-in-one", "atm", "visit")
    parser.add_argument("--kind", choices=kinds, default=kinds[0], help="of a new demo's unit")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the glass, 1.0 = 1280x800")
    parser.add_argument("--hand", type=Path, metavar="SOCKET", help="let tests press keys by name")
    chosen = parser.parse_args(arguments)
    stop = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, lambda *_: stop.set()) for number in numbers]
    try:
        return run(chosen, stop)
    except (PlaceError, StartError, BrokerError) as error:
        print(f"kiosk {name}: {error}", file=sys.stderr)
        return 1
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def run(chosen: argparse.Namespace, stop: threading.Event) -> int:
    """Start everything, keep it going until `stop` or the time is over, end everything.

    Raises:
        PlaceError, StartError, BrokerError: what could not be started; nothing is left running.
    """
    place = DemoFolder(chosen.state)
    try:
        settings, port = place.unit_settings(chosen.kind), office_port(chosen.port)
        slips = place.practice_slips()
        window = not chosen.no_window and has_display(os.environ)
        if chosen.sample:
            _sample(place.office)
        keeper = ProcessSupervisor(place.log, environment(), partial(_say_died, place, port))
        try:
            keeper.start(parts(place, settings, port, chosen, window))
            print(greeting_text(place, port, window, slips), flush=True)
            if settings.unit.kind == "visit":
                print(invitation(place, port, settings), flush=True)
            _keep(keeper, stop, chosen.seconds)
        finally:
            keeper.end()
    finally:
        place.close()
    print("都停了。 Everything has ended.", flush=True)
    return 0


def _sample(office: Path) -> None:
    """Invent a past for the office's pages; one that is there already stays.

    Raises:
        PlaceError: the office has a real past.
    """
    where = office / "office.db"
    if where.exists() and Queries(where).sample_until():
        return
    print("正在编造半年的样例记录（约一分钟）。 Inventing half a year of a sample (about a minute).", flush=True)
    try:
        history.write(where, history.HistoryPlan(*SAMPLE, utc_ms()))
    except ValueError as error:
        raise PlaceError(f"{where}: {error}; give --state another folder") from error


def _keep(keeper: ProcessSupervisor, stop: threading.Event, seconds: float | None) -> None:
    until = time.monotonic() + seconds if seconds is not None else float("inf")
    while keeper.look() and time.monotonic() < until:
        if stop.wait(LOOK_S):
            return


def has_display(env: Mapping[str, str]) -> bool:
    """Return whether a window can be opened."""
    return bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def environment() -> dict[str, str]:
    """Return the children's environment: this source tree, and no waiting for a full line before a log is written."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}


def parts(
    place: DemoFolder, settings: UnitSettings, port: int, chosen: argparse.Namespace, window: bool
) -> tuple[ChildSpec, ...]:
    """Return what is to run, in the order of starting."""
    kiosk = (sys.executable, "-P", "-m", "kiosk_firmware.cli")
    unit = ("--unit", str(place.unit_file), "--state", str(place.unit))
    hand = chosen.hand or (None if window else place.folder / "hand.sock")
    glass = ("--panel", *(() if window else ("--offscreen",)), *(("--hand", str(hand)) if hand else ()))
    config = mosquitto.write_config(place.broker, settings.broker.port)
    where = ("--broker", f"{HOST}:{settings.broker.port}", "--port", str(port), "--state", str(place.office))
    touched = () if window else ("--demo-glass", settings.unit.id, str(hand))
    at = (*where, "--ticket", str(place.ticket_file()), *touched)
    return (
        ChildSpec("screen", (*kiosk, "run", *unit, *glass, "--scale", str(chosen.scale)), (AGAIN,), (0,)),
        ChildSpec("twins", (*kiosk, "emulate", *unit), last=True),
        ChildSpec("broker", (program(), "-c", str(config)), last=True),
        ChildSpec("agent", (*kiosk, "agent", *unit)),
        ChildSpec("visit", (*kiosk, "visit", *unit), when=place.unit / places.FOLDER / places.START),
        ChildSpec("office", (*kiosk, "office", *at)),
    )


def invitation(place: DemoFolder, port: int, settings: UnitSettings) -> str:
    """Return how to have a real visit on a demo's visit unit: whom to ask for, where, and what comes then."""
    pages, learner = f"http://{HOST}:{port}/", place.learner(settings)
    return "\n".join(
        (
            f"  会见：在 {pages}station/ask 为学员 {learner} 申请，",
            f"  在 {pages}visits 批准（今天，下半小时），然后把学员卡放到读卡器，在家属站打开同一个会见。",
            f"  A visit: ask for learner {learner} at {pages}station/ask,",
            f"  approve it at {pages}visits (today, the next half hour), hold the learner's card to the reader,",
            "  and open the same visit as the family's station.",
            "",
        )
    )


def _say_died(place: DemoFolder, port: int, name: str, code: int, at_once: bool) -> None:
    """Say it; a way in was for one life of the office, so its next one has another."""
    say_died(name, code, at_once)
    if name == "office":
        place.ticket_file()
        print(way_in(place, port), flush=True)


def way_in(place: DemoFolder, port: int) -> str:
    """Return the line with the office's address that lets one browser in, once."""
    return f"  管理中心，入口只能用一次 The office, by a way in that is good once: http://{HOST}:{port}/enter/{place.ticket}"


def say_died(name: str, code: int, at_once: bool) -> None:
    """Print one line for a child that is started again."""
    here, why = NAMES[name], f"signal {-code}" if code < 0 else f"code {code}"
    if at_once:
        print(f"{here}按要求重新启动。 {name}: started again, as asked.", flush=True)
    else:
        print(f"{here}停了（{why}），重新启动。 {name}: ended ({why}), started again.", flush=True)


def greeting_text(place: DemoFolder, port: int, window: bool, slips: Sequence[PracticeCard]) -> str:
    """Return what runs where, and how to try it. No PIN stands here: they are on the slips."""
    pages, card = f"http://{HOST}:{port}/", slips[0]
    unit = f"{pages}units/demo-001"
    shown = " ".join(card.number[at : at + 4] for at in range(0, len(card.number), 4))
    if window:
        see = ("窗口左边是练习机，右边是机柜。", "The window: the glass on the left, the cabinet's front on the right.")
        slip = ("密码在右边的密码条上", "its PIN is on the slip beside it")
    else:
        see = (
            f"没有显示器：在网页上用练习机和机柜 {unit}",
            f"No display: use the unit and its cabinet on the page {unit}",
        )
        slip = ("密码在右边的密码条上", "its PIN is on the slip beside it")
    return "\n".join(
        (
            "",
            "练习机在这台电脑上运行，只用本机网络。 The training kiosk runs on this machine, over loopback only.",
            f"  {see[0]}",
            f"  {see[1]}",
            way_in(place, port),
            f"  试一试：插入{card.bank_name['zh']}的卡 {shown}，{slip[0]}。",
            f"  Try it: insert {card.bank_name['en']}'s card {shown}; {slip[1]}.",
            "  值班台：按住画面左上角五秒，再点右上角，再点左上角；密码在 slips.json 最后一张上。",
            "  Supervisor: hold the glass's top left corner for five seconds, touch top right, then top left;",
            f"  the code is on the last slip of {place.unit}/slips.json.",
            f"  画面 Picture: {place.unit}/glass.jpg · 日志 Logs: {place.log}/ · 设置 Settings: {place.unit_file}",
            "  空页太冷清？ ./kiosk demo --sample --state 另一个文件夹：中心先有半年编出来的记录，每页都写明。",
            "  Empty pages? ./kiosk demo --sample --state ANOTHER: the office has an invented half year, and says so.",
            "  按 Ctrl-C 结束。 Ctrl-C ends everything.",
            "",
        )
    )
