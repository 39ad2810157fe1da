"""`kiosk office up`: the whole office of one site, from one folder, in one command.

    FOLDER/trust    authority and register     broker (mosquitto) ◄── collector and pages, on loopback
    FOLDER/broker   the broker's own           enrolment desk, update server ◄── units
    FOLDER/papers   the collector's            authenticated time ─► units      log/ a file for each

What only a person can do is not done here but said: a passphrase for the root's key, the first administrator, the
address at which units find this computer. Everything else that is not there yet is made. `--prepare` ends then: the
services of deploy/office/systemd do the same, each part as one of its own.
"""

from __future__ import annotations

import argparse
import os
import pwd
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from kiosk_firmware.office.accounts.service import AccountService
from kiosk_firmware.office.pki.trust_folder import TrustFolder
from kiosk_firmware.office.web import vendored_assets
from kiosk_firmware.system.mosquitto_program import BrokerError, program
from kiosk_firmware.system.process_supervisor import ChildSpec, ProcessSupervisor, StartError
from kiosk_firmware.system.tcp_port import listens
from kiosk_firmware.wire import time_source

COLLECTOR, BROKER, PAPERS, LOG = "office-collector", "broker", "papers", "log"
KIOSK = (sys.executable, "-P", "-m", "kiosk_firmware.cli", "office")
CHRONYD = ("-U", "-x", "-d")
"""Nobody's root, leaves the clock alone, tells its log."""
LOOK_S = 0.1
START_S = 90.0
NAMES = {"broker": "消息服务", "desk": "入网窗口", "office": "收集和网页", "updates": "更新服务", "time": "时间服务"}


def main(arguments: Sequence[str]) -> int:
    """See the file's head. Returns 0 ended as asked, 1 something is missing or could not be started."""
    chosen = _parser().parse_args(arguments)
    if wanting := list(missing_steps(chosen)):
        print("还缺这些，做好再来： Still missing; do this first:", file=sys.stderr)
        print("\n".join(f"  {line}" for line in wanting), file=sys.stderr)
        return 1
    prepare(chosen)
    if chosen.prepare:
        return 0
    if taken := [port for port in ports(chosen).values() if listens(port)]:
        print(f"端口已被占用 ports are taken: {', '.join(map(str, taken))}", file=sys.stderr)
        return 1
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return _keep_running(chosen, stop)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk office up", description="The whole office of one site.")
    parser.add_argument("--state", type=Path, default=Path("var/office"), metavar="DIR", help="everything lies there")
    parser.add_argument("--host", action="append", default=[], metavar="NAME", help="of this computer, for units")
    parser.add_argument("--listen", default="", metavar="ADDRESS", help="one address only (default: all)")
    parser.add_argument("--proxy", action="append", default=[], metavar="NAME", help="of the proxy before the pages")
    for part, port in (
        ("broker", 8883),
        ("desk", 8443),
        ("updates", 8444),
        ("time", time_source.PORT),
        ("pages", 8080),
    ):
        parser.add_argument(f"--{part}-port", type=int, default=port, metavar="N")
    parser.add_argument("--prepare", action="store_true", help="make what is missing, start nothing")
    return parser


def missing_steps(chosen: argparse.Namespace) -> Iterator[str]:
    """Yield what a person must do first, in both languages, with the command."""
    state, trust = chosen.state, chosen.state / "trust"
    try:
        program()
    except BrokerError:
        yield "消息服务没有安装 Mosquitto is not installed: apt-get install mosquitto"
    try:
        time_source.program()
    except time_source.TimeServerError:
        yield "时间服务没有安装 chrony is not installed: apt-get install chrony"
    try:
        vendored_assets.check()
    except ValueError as error:
        yield f"网页的文件不全 the pages' files are not whole: {error}"
    if not (trust / "issuing.pem").exists():
        yield f"还没有签发机构 no authority: kiosk office ca init --state {state} --root USB"
    if not (trust / "broker.json").exists() and not chosen.host:
        yield "不知道机器用哪个地址找到这台电脑 no address for units: kiosk office up --host NAME"
    if not _has_administrator(state):
        yield f"还没有管理员 no administrator: kiosk office init --state {state} --name NAME"


def _has_administrator(state: Path) -> bool:
    people = AccountService(state)
    try:
        return any(person.role == "administrator" and not off for person, off in people.accounts.all())
    finally:
        people.close()


def prepare(chosen: argparse.Namespace) -> None:
    """Make the broker's folder and the collector's certificate, where they are not there or another host is named."""
    place = TrustFolder(chosen.state)
    if chosen.host and not _is_named(place, chosen.host[0], chosen.broker_port):
        place.set_up_broker(chosen.host, chosen.broker_port, chosen.state / BROKER, chosen.listen)
    if not (chosen.state / PAPERS / f"{COLLECTOR}.pem").exists():
        place.certificate(COLLECTOR, chosen.state / PAPERS)
    time_source.write_server(Path(place.site().folder), chosen.time_port, chosen.listen)


def _is_named(place: TrustFolder, host: str, port: int) -> bool:
    if not (place.folder / "broker.json").exists():
        return False
    known = place.site()
    return (known.host, known.port) == (host, port)


def ports(chosen: argparse.Namespace) -> dict[str, int]:
    """Return the port of each part, in the order of starting."""
    broker = TrustFolder(chosen.state).site().port
    return {
        "broker": broker,
        "desk": chosen.desk_port,
        "office": chosen.pages_port,
        "updates": chosen.updates_port,
        "time": chosen.time_port,
    }


def parts(chosen: argparse.Namespace) -> tuple[ChildSpec, ...]:
    """Return what is to run, in the order of starting."""
    state, papers, at = ("--state", str(chosen.state)), chosen.state / PAPERS, ports(chosen)
    listen = ("--listen", chosen.listen) if chosen.listen else ()
    certificates = (
        f"--ca={papers / 'root.pem'}",
        f"--cert={papers / COLLECTOR}.pem",
        f"--key={papers / COLLECTOR}.key",
    )
    pages = ("--broker", f"127.0.0.1:{at['broker']}", "--port", str(at["office"]), *certificates)
    hosts = tuple(word for name in chosen.proxy for word in ("--host", name))
    broker = Path(TrustFolder(chosen.state).site().folder)
    user = pwd.getpwuid(os.geteuid()).pw_name  # chronyd would become another one, who may not read the key
    return (
        ChildSpec("broker", (program(), "-c", str(broker / "mosquitto.conf")), last=True),
        ChildSpec("desk", (*KIOSK, "enrol", "serve", *state, *listen, "--port", str(at["desk"]))),
        ChildSpec("office", (*KIOSK, *state, *pages, *hosts)),
        ChildSpec("updates", (*KIOSK, "update", "serve", *state, *listen, "--port", str(at["updates"]))),
        ChildSpec("time", (time_source.program(), *CHRONYD, "-u", user, "-f", str(broker / time_source.SERVER))),
    )


def _keep_running(chosen: argparse.Namespace, stop: threading.Event) -> int:
    """Start everything, say what is where once all answer, keep it going until `stop`, end everything."""
    keeper = ProcessSupervisor(chosen.state / LOG, {**os.environ, "PYTHONUNBUFFERED": "1"}, _say_died)
    try:
        keeper.start(parts(chosen))
        _keep(keeper, stop, partial(_all_answer, chosen), time.monotonic() + START_S)
        if not stop.is_set():
            print(greeting_text(chosen), flush=True)
        _keep(keeper, stop, stop.is_set)
    except StartError as error:
        print(f"没有启动成功 could not be started: {error}", file=sys.stderr)
        return 1
    finally:
        keeper.end()
    print("都停了。 Everything has ended.", flush=True)
    return 0


def _keep(
    keeper: ProcessSupervisor, stop: threading.Event, is_over: Callable[[], bool], until: float = float("inf")
) -> None:
    while not is_over() and keeper.look() and not stop.wait(LOOK_S):
        if time.monotonic() > until:
            raise StartError(f"not everything answers after {START_S:.0f} s; see the files in {LOG}/")


def _all_answer(chosen: argparse.Namespace) -> bool:
    return all(listens(port, chosen.listen or "127.0.0.1") for port in ports(chosen).values())


def greeting_text(chosen: argparse.Namespace) -> str:
    """Return what is where, and what comes next."""
    host, at = TrustFolder(chosen.state).site().host, ports(chosen)
    return "\n".join(
        (
            "中心已经在运行。 The office runs.",
            f"  网页（只在这台电脑上；别处要经过代理） pages, on this computer: http://127.0.0.1:{at['office']}/",
            f"  机器连接 units come to: {host}:{at['broker']}",
            f"  入网窗口 enrolment desk: {host}:{at['desk']}",
            f"  更新服务 update server: {host}:{at['updates']}",
            f"  时间服务 time server: {host}:{at['time']}",
            f"  记录 logs: {chosen.state / LOG}/",
            "  按 Ctrl-C 结束。 Ctrl-C ends everything.",
        )
    )


def _say_died(name: str, code: int, at_once: bool) -> None:
    print(f"{NAMES[name]}停了，重新启动。 {name} ended ({code}), started again.", file=sys.stderr, flush=True)
