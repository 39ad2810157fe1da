"""The office process: collector and web pages together, on loopback. `kiosk office`.

The collector has a thread of its own; uvicorn owns the main one. A port that is taken is passed over for the next,
unless the port was asked for by number.
"""

from __future__ import annotations

import argparse
import logging
import signal
import socket
import threading
import uuid
from collections import ChainMap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from fastapi import FastAPI

from kiosk_firmware.office.accounts.service import AccountService
from kiosk_firmware.office.alerts.notifications import Notifier
from kiosk_firmware.office.bounded_http import BoundedHttp
from kiosk_firmware.office.database.connection import DATABASE, Where, wait_for_writer
from kiosk_firmware.office.database.database_check import DatabaseCheck
from kiosk_firmware.office.database.queries import Queries
from kiosk_firmware.office.fleet.display_names import DisplayNames
from kiosk_firmware.office.fleet.roster import Roster
from kiosk_firmware.office.ingest.collector import collect
from kiosk_firmware.office.learning.learner_numbers import LearnerNumbers
from kiosk_firmware.office.lessons.lesson_editor import LessonEditor
from kiosk_firmware.office.liveness import COLLECTOR, LivenessWatchdog, PartActivity
from kiosk_firmware.office.pki.diagnosis_store import DiagnosisStore
from kiosk_firmware.office.pki.renewals import Renewals
from kiosk_firmware.office.pki.trust_folder import TrustFolder
from kiosk_firmware.office.process.periodic_tasks import PeriodicTasks
from kiosk_firmware.office.rollouts.bundle_store import BundleStore
from kiosk_firmware.office.rollouts.rollout_plans import Rollouts
from kiosk_firmware.office.rollouts.rollout_steps import RolloutSteps
from kiosk_firmware.office.settings import SETTINGS, OfficeSettings
from kiosk_firmware.office.settings import read_settings as read_settings
from kiosk_firmware.office.shared_state import FLEET, SharedState
from kiosk_firmware.office.visit_calls.broker_connection import Calls
from kiosk_firmware.office.visit_calls.signalling_hub import LIMIT, CallHub
from kiosk_firmware.office.web import vendored_assets
from kiosk_firmware.office.web.app import build
from kiosk_firmware.office.web.demo_glass import DemoGlass
from kiosk_firmware.office.web.page_context import PageContext
from kiosk_firmware.office.web.render import Renderer
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.wire.broker_settings import BrokerSettings, broker_of, with_certificates

HOST = "127.0.0.1"
FIRST_PORT = 8080
TRIES = 200


def listen(port: int | None) -> socket.socket:
    """Open a listening socket on loopback: on `port`, or on the first free one from 8080 where it is None.

    Raises:
        OSError: the wanted port, or every port tried, is taken.
    """
    wanted = [port] if port is not None else list(range(FIRST_PORT, FIRST_PORT + TRIES))
    for number in wanted:
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((HOST, number))
            made.listen(128)
            return made
        except OSError as error:
            made.close()
            if number == wanted[-1]:
                raise OSError(error.errno, f"port {number} of {HOST}: {error.strerror}") from error
    raise AssertionError("no port was tried")


class Options(msgspec.Struct, frozen=True):
    """The office's options: broker, folder, the pages' port. `ticket`: a file with a demo's ticket; `site_key`: of the
    site whose learners' numbers may be shown; `listening`: a class board beside the office that collects; of `site`.
    """

    broker: BrokerSettings
    state: Path
    port: int | None = None
    ticket: Path | None = None
    site_key: Path | None = None
    listening: bool = False
    settings: Path | None = None
    site: str = "+"
    database: str = ""
    """PostgreSQL's address; empty: a file in `state`."""
    hosts: tuple[str, ...] = ()
    """Names under which a proxy in front is reached, beside loopback's own."""
    demo_glass: tuple[str, Path] | None = None
    """A demo's unit and the socket of its screen's remote control: its page takes presses."""

    @property
    def where(self) -> Where:
        """Return where the office's books are."""
        return self.database or self.state / DATABASE


def serve(options: Options, names: DisplayNames, say: Callable[[str], None] = print) -> int:
    """Run the office until SIGTERM or SIGINT; `say` is given the pages' address. The last that a process does: one
    whose threads do not end within `liveness.GRACE_S` is ended by force.

    Returns:
        The exit code: 0 after an orderly end.

    Raises:
        ValueError: the site's key or the settings cannot be read, or what the pages need in a browser is not here.
    """
    vendored_assets.check()
    numbers = LearnerNumbers.from_file(options.site_key)
    settings = read_settings(options.settings or options.state / SETTINGS)
    made = listen(options.port)
    stop = threading.Event()
    # uvicorn raises the signal again when it has ended; then it must not end us before the collector has left in order.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    books = wait_for_writer(options.where, stop)
    if books is None:
        made.close()
        return 0
    books.close()  # the pages may come before the first message
    services = _Services(options, settings, names)
    collector = _collector(options, settings, services, stop)
    clerk = threading.Thread(target=services.clerk().run, args=(stop,), name="clerk")
    clerk.start()
    services.check.start(stop)
    threading.Thread(target=services.bundles.verify, name="shelf", daemon=True).start()
    app = services.app(numbers, services.calls.started(stop) if services.calls else None)
    server = _server(app)
    watch = LivenessWatchdog(
        services.liveness, (HOST, made.getsockname()[1]), lambda: server.should_exit or stop.is_set()
    )
    say(f"http://{HOST}:{made.getsockname()[1]}/")
    watch.start()
    try:
        server.run(sockets=[made])
    finally:
        stop.set()
        collector.join()
        clerk.join()
        services.close()
        made.close()
    return 0


class _Services:
    """The services that periodic tasks and pages share. A board that only listens has no calls, tells nobody and rolls
    nothing out.
    """

    def __init__(self, options: Options, settings: OfficeSettings, names: DisplayNames) -> None:
        state, ticket = options.state, options.ticket
        self._options, self._settings = options, settings
        self.desk, self._views, self.liveness = SharedState(), Queries(options.where), PartActivity()
        self._people = AccountService(state, ticket.read_text("ascii").strip() if ticket else "")
        self.calls = (
            None
            if options.listening
            else Calls.of(options.broker, state, settings.visits, self._people.note, options.site)
        )
        self._roster = Roster(self._views, settings, state / "trust" / "trust.db", lambda: self.desk.count(FLEET))
        self._authoring = LessonEditor(state / "lessons.d")
        self._renderer = Renderer(_display_names_for(names, settings, self._authoring))
        self.check = DatabaseCheck(options.where)
        self._place, self.bundles = TrustFolder(state), BundleStore(state)

    def clerk(self) -> PeriodicTasks:
        """Return who looks at what is due."""
        people, views, desk = self._people, self._views, self.desk
        if self.calls is None:
            return PeriodicTasks(desk, views, people, self._roster, stalled=self._stalled_services)
        teller = Notifier(people.db, self._settings, self._renderer.incident)
        rollouts = Rollouts(people.db, people.proposals, utc_ms)
        stepper = RolloutSteps(rollouts, views, desk, self.bundles, self._place.seal_update, utc_ms)
        return PeriodicTasks(
            desk,
            views,
            people,
            self._roster,
            teller,
            stepper,
            self.calls.hub.room.calls.overdue,
            self._stalled_services,
        )

    def _stalled_services(self) -> tuple[str, ...]:
        return (*self.liveness.stalled(), *self.check.stalled())

    def app(self, numbers: LearnerNumbers, hub: CallHub | None) -> FastAPI:
        """Build the pages."""
        frame = PageContext(
            self.desk,
            self._views,
            self._renderer,
            self._people,
            numbers,
            authors=True,
            seal=self._place.wanted,
            bundles=None if self._options.listening else self.bundles,
            diagnoses=None if self._options.listening else DiagnosisStore(self._options.state),
        )
        demo = DemoGlass(*self._options.demo_glass) if self._options.demo_glass else None
        return build(frame, self._roster, self._authoring, self._options.hosts, hub, demo)

    def close(self) -> None:
        """Close all, after all threads' `stop`."""
        if self.calls:
            self.calls.close()
        self._people.close()


def _collector(
    options: Options, settings: OfficeSettings, services: _Services, stop: threading.Event
) -> threading.Thread:
    """Start the collector's thread, at work until `stop`."""
    how: dict[str, Any] = {"renew": Renewals(options.state).answer, "raw_days": settings.retention.raw_days}
    if options.listening:
        how = {"listening": True, "client_id": f"board-{uuid.getnode():012x}"}
    how["registered"] = TrustFolder(options.state).site_of
    how |= {"site": options.site, "moved": lambda: services.liveness.moved(COLLECTOR)}
    how["damage"] = lambda: services.check.damage
    made = threading.Thread(
        target=collect, args=(options.broker, options.where, services.desk, stop), kwargs=how, name="collector"
    )
    made.start()
    return made


def _server(app: FastAPI) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=BoundedHttp,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
            lifespan="off",
            ws="wsproto",
            ws_max_size=LIMIT,
        )
    )


def _display_names_for(names: DisplayNames, settings: OfficeSettings, authoring: LessonEditor) -> DisplayNames:
    """Return what the pages call things, with what teachers wrote and how the office calls its sites."""
    sites = {site: told.name for site, told in settings.sites.items() if told.name}
    return msgspec.structs.replace(
        names, lessons=ChainMap(authoring.titles, dict(names.lessons)), sites={**names.sites, **sites}
    )


def main(arguments: Sequence[str], names: DisplayNames | None = None) -> int:
    """Run `kiosk office [--port N] [--broker HOST:PORT] [--state DIR] …` and `kiosk board`; `names` from the catalogue.

    Returns:
        The exit code: 0 done, 1 the port is taken; wrong use exits with 2.

    Raises:
        ValueError: a file that was named cannot be read.
    """
    parser = argparse.ArgumentParser(prog="kiosk office", description="The central office: collector and pages.")
    parser.add_argument("--port", type=int, help=f"of the pages (default: the first free one from {FIRST_PORT})")
    parser.add_argument(
        "--broker", type=broker_of, default=BrokerSettings(), metavar="HOST:PORT", help="default 127.0.0.1:1883"
    )
    parser.add_argument("--state", type=Path, default=Path("var/office"), metavar="DIR", help="where the database lies")
    for paper in ("ca", "cert", "key"):
        parser.add_argument(f"--{paper}", default="", metavar="FILE", help="of a broker with mutual TLS (PEM)")
    parser.add_argument("--ticket", type=Path, metavar="FILE", help="a demo's: whoever knows what it holds comes in")
    parser.add_argument("--site-key", type=Path, metavar="FILE", help="a site's own: learners' numbers are shown")
    parser.add_argument("--listen", action="store_true", help="beside the office that collects: acknowledges nothing")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="sites, hours, mail (default: DIR/office.toml)")
    parser.add_argument("--site", default="+", metavar="ID", help="of this site only (default: all)")
    parser.add_argument("--host", action="append", default=[], metavar="NAME", help="of a proxy in front (repeatable)")
    parser.add_argument("--demo-glass", nargs=2, metavar=("UNIT", "SOCKET"), help="a demo's: its page takes presses")
    parser.add_argument("--database", default="", metavar="URL", help="postgresql://… instead of a file in DIR")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    try:
        broker = with_certificates(options.broker, options.ca, options.cert, options.key)
        how = Options(
            broker,
            options.state,
            options.port,
            options.ticket,
            options.site_key,
            options.listen,
            options.settings,
            options.site,
            options.database,
            tuple(options.host),
            (options.demo_glass[0], Path(options.demo_glass[1])) if options.demo_glass else None,
        )
        return serve(how, names or DisplayNames(), lambda url: print(url, flush=True))
    except OSError as error:
        parser.exit(1, f"kiosk office: {error}\n")
