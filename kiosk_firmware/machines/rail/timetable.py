"""The railway's timetable: which trains run, what a seat costs, and how many are left on a day.

Made from `stations.toml` and `trains.toml` (see deploy/generate_railway.py), which hold texts in rows because a
thousand tables take long to read. All trains are invented. How many seats are left is invented, too, but fixed: a
checksum over train, day and class, so that a lesson finds tomorrow what its author found.
"""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

import msgspec

from kiosk_firmware.core.hosts.rail import Offer, TrainRow


class StationFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`stations.toml`. `hot`: codes of the places that most people go to; a row: code, name, pinyin."""

    hot: tuple[str, ...]
    rows: tuple[str, ...]

    def place_names(self) -> Iterator[tuple[str, str]]:
        """Yield every station's name, and in Latin letters as it is shown; a speaker who lends a voice says them."""
        return ((name, pinyin.capitalize()) for _, name, pinyin in (row.split() for row in self.rows))


class TrainFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`trains.toml`. A row: number, percent of the usual fare, then each stop as code, arrival/departure, km. `fares`:
    fen for 100 km by kind of train and class; `left`: seats of "G1.second", where they are not to be invented.
    """

    rows: tuple[str, ...]
    fares: dict[str, dict[str, int]]
    left: dict[str, int] = {}


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Both files."""

    stations: StationFile
    trains: TrainFile


class Station(msgspec.Struct, frozen=True):
    """A station: code, name, and the pinyin it is searched by."""

    code: str
    name: str
    pinyin: str


class Call(msgspec.Struct, frozen=True):
    """A train at a station: minutes of arrival and departure, kilometres from its start."""

    arrives: int
    leaves: int
    km: int


class Train(msgspec.Struct, frozen=True):
    """A train: number, percent of the usual fare, calls by station code in order."""

    no: str
    percent: int
    calls: dict[str, Call]


WITH_STANDING = {"second": "standing", "hard": "standing"}
PLENTY = 99


class Timetable:
    """The railway's data about its trains; only read."""

    def __init__(self, data: Data) -> None:
        """Take the rows apart.

        Raises:
            ValueError: a row is wrong; names it.
        """
        self.stations = {code: Station(code, *rest) for code, *rest in (row.split() for row in data.stations.rows)}
        self.fares = data.trains.fares
        self._left = data.trains.left
        self.trains = {train.no: train for train in map(_train, data.trains.rows)}
        self._by_origin: dict[str, list[Train]] = {}
        for train in self.trains.values():
            for code in train.calls:
                self._by_origin.setdefault(code, []).append(train)
        self._known: dict[tuple[str, str, int], tuple[TrainRow, ...]] = {}

    def rows(self, origin: str, target: str, day: int) -> tuple[TrainRow, ...]:
        """Return all trains from `origin` to `target` on `day`, by departure, with what the railway had left in the
        morning.
        """
        asked = (origin, target, day)
        if asked not in self._known:
            trains = [t for t in self._by_origin.get(origin, ()) if _runs(t, origin, target)]
            found = [self._row(train, origin, target, day) for train in trains]
            self._known[asked] = tuple(sorted(found, key=lambda row: (row.leaves, row.no)))
        return self._known[asked]

    def _row(self, train: Train, origin: str, target: str, day: int) -> TrainRow:
        first, last = train.calls[origin], train.calls[target]
        kinds = self.fares[train.no[0]]
        offers = tuple(self._offer(train, origin, target, day, kind) for kind in kinds)
        standing = tuple(
            self._offer(train, origin, target, day, WITH_STANDING[offer.kind])
            for offer in offers
            if offer.kind in WITH_STANDING and not offer.left
        )
        return TrainRow(train.no, first.leaves, last.arrives, offers + standing)

    def _offer(self, train: Train, origin: str, target: str, day: int, kind: str) -> Offer:
        return Offer(kind, self.fare(train.no, origin, target, kind), self._seats(train.no, day, kind))

    def fare(self, no: str, origin: str, target: str, kind: str) -> int:
        """Return the fare in fen: whole yuan on fast trains, half yuan on slow ones; standing costs what its seat
        would.
        """
        train = self.trains[no]
        kinds = self.fares[no[0]]
        rate = kinds.get(kind) or next(kinds[seat] for seat in WITH_STANDING if seat in kinds)
        km = train.calls[target].km - train.calls[origin].km
        step = 50 if no[0] in "KTZ" else 100
        return max(step, (km * rate * train.percent // 10_000 + step // 2) // step * step)

    def _seats(self, no: str, day: int, kind: str) -> int:
        if (name := f"{no}.{kind}") in self._left:
            return self._left[name]
        dice = crc32(f"{no} {day} {kind}".encode()) % 100
        if kind == "standing":
            return 0 if dice < 40 else PLENTY
        return 0 if dice < 12 else dice % 9 + 1 if dice < 28 else PLENTY

    def seat(self, no: str, day: int, kind: str, n: int) -> str:
        """Return the name of the n-th seat that is sold here: carriage and seat."""
        dice = crc32(f"{no} {day} {kind} seat".encode())
        if kind == "standing":
            return f"{dice % 8 + 1:02d}-{n + 1:03d}"
        place = dice // 8 % 60 + n
        letter = "" if no[0] in "KTZ" else "ABCDF"[place % 5]
        return f"{dice % 8 + 1:02d}-{place // 5 + 1 if letter else place + 1:02d}{letter}"


def _runs(train: Train, origin: str, target: str) -> bool:
    return target in train.calls and train.calls[origin].km < train.calls[target].km


def _train(row: str) -> Train:
    no, percent, *stops = row.split()
    if len(stops) % 3 or len(stops) < 6:
        raise ValueError(f"trains.toml: {row!r}: allowed is number, percent, then code, arrival/departure, km a stop")
    calls = {}
    for code, times, km in zip(stops[::3], stops[1::3], stops[2::3], strict=True):
        arrives, _, leaves = times.partition("/")
        calls[code] = Call(int(arrives), int(leaves), int(km))
    return Train(no, int(percent), calls)
