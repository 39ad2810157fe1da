"""`kiosk office metrics`: figures for a Prometheus, on loopback, in its text format.

A series a site and not a unit: a nation has 680 sites and 34,000 units. Each scrape reads the database anew, so the
figures are true also when the collector has died, which then shows as age. What is to be done when one is wrong stands
beside the rules in `deploy/office/prometheus.rules.yml`.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from kiosk_firmware.office.database.connection import Where, reader
from kiosk_firmware.office.database.queries import MISSING, TOLD, health_of
from kiosk_firmware.system.utc_clock import utc_ms

HOST, PORT = "127.0.0.1", 9480
CONTENT = "text/plain; version=0.0.4; charset=utf-8"
HELP = {
    "kiosk_units": "Units by site and whether their last word was that they are there.",
    "kiosk_unit_silent_seconds_max": "Longest silence of a unit that says it is there, by site.",
    "kiosk_facts_told": "Numbers that units have given, each once.",
    "kiosk_facts_lost": "Facts that will never come.",
    "kiosk_facts_missing": "Facts that are under way, or late.",
    "kiosk_facts_missing_oldest_seconds": "For how long the oldest of them has been missing.",
    "kiosk_quarantine": "Messages kept aside because they could not be believed or read.",
    "kiosk_backlog_facts": "Facts that wait on units, by site, as they said last.",
    "kiosk_alerts_open": "Alerts of the books that stand, by kind.",
    "kiosk_last_heard_seconds": "Since anything was heard from any unit.",
}
Sample = tuple[str, dict[str, str], float]


def samples(where: Where, now_ms: int) -> Iterator[Sample]:
    """Yield all figures at this moment."""
    with closing(reader(where)) as db:
        units = db.execute("SELECT site, online, seen_ms, health FROM units").fetchall()
        yield from _units([(row["site"], bool(row["online"]), row["seen_ms"], row["health"]) for row in units], now_ms)
        sums = db.execute(f"SELECT {TOLD} FROM epochs").fetchone()
        named = db.execute("SELECT count(*) AS n FROM aliases").fetchone()["n"]
        holes = db.execute(f"SELECT {MISSING}, coalesce(min(since_ms), 0) AS since FROM holes").fetchone()
        yield "kiosk_facts_told", {}, sums["top"] - named
        yield "kiosk_facts_lost", {}, sums["lost"]
        yield "kiosk_facts_missing", {}, holes["n"]
        yield "kiosk_facts_missing_oldest_seconds", {}, (now_ms - holes["since"]) / 1000 if holes["since"] else 0
        yield "kiosk_quarantine", {}, db.execute("SELECT count(*) AS n FROM quarantine").fetchone()["n"]
        for row in db.execute("SELECT kind, count(*) AS n FROM alerts WHERE closed_ms = 0 GROUP BY kind").fetchall():
            yield "kiosk_alerts_open", {"kind": row["kind"]}, row["n"]


def _units(units: list[tuple[str, bool, int, str]], now_ms: int) -> Iterator[Sample]:
    there: Counter[tuple[str, bool]] = Counter()
    silent: dict[str, float] = {}
    backlog: Counter[str] = Counter()
    for site, online, seen_ms, health in units:
        there[site, online] += 1
        if online:
            silent[site] = max(silent.get(site, 0.0), (now_ms - seen_ms) / 1000)
        told = health_of(health)
        backlog[site] += told.spool_depth if told else 0
    for (site, online), count in sorted(there.items()):
        yield "kiosk_units", {"site": site, "state": "online" if online else "offline"}, count
    for site in sorted(silent):
        yield "kiosk_unit_silent_seconds_max", {"site": site}, silent[site]
    for site in sorted(backlog):
        yield "kiosk_backlog_facts", {"site": site}, backlog[site]
    if units:
        yield "kiosk_last_heard_seconds", {}, (now_ms - max(seen_ms for _, _, seen_ms, _ in units)) / 1000


def text(where: Where, now_ms: int) -> str:
    """Return the page that a Prometheus reads. Values of labels are ids, which need no escaping."""
    by_name: dict[str, list[str]] = {name: [] for name in HELP}
    for name, labels, value in samples(where, now_ms):
        inside = ",".join(f'{key}="{one}"' for key, one in labels.items())
        by_name[name].append(f"{name}{{{inside}}} {value:g}" if inside else f"{name} {value:g}")
    lines = []
    for name, told in by_name.items():
        lines += [f"# HELP {name} {HELP[name]}", f"# TYPE {name} gauge", *told]
    return "\n".join(lines) + "\n"


def server(where: Where, port: int) -> ThreadingHTTPServer:
    """Make a server on loopback that answers `/metrics` alone; the caller runs and closes it."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/metrics":
                self.send_error(404)
                return
            page = text(where, utc_ms()).encode()
            self.send_response(200)
            self.send_header("Content-Type", CONTENT)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Log nothing: a scrape each 15 s is no news."""

    return ThreadingHTTPServer((HOST, port), Answer)


def main(arguments: Sequence[str]) -> int:
    """Answer until interrupted. Returns 0."""
    parser = argparse.ArgumentParser(prog="kiosk office metrics", description=__doc__)
    parser.add_argument("--state", type=Path, default=Path("var/office"), metavar="DIR", help="the office's folder")
    parser.add_argument("--database", metavar="URL", help="postgresql://… (default: office.db in the folder)")
    parser.add_argument("--port", type=int, default=PORT, help=f"default {PORT}")
    chosen = parser.parse_args(arguments)
    with server(chosen.database or chosen.state / "office.db", chosen.port) as made:
        print(f"http://{HOST}:{made.server_address[1]}/metrics", flush=True)
        made.serve_forever()
    return 0
