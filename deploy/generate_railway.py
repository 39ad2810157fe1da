"""Makes the railway's data: `stations.toml` and `trains.toml` of the machine `rail`, the same every time.

Stations are real places around Chengdu, with the pinyin that a machine is searched by (made here by pypinyin, so that
a unit needs no such library). Trains are invented: numbers, times and seats are laid out by rule along real lines with
their rough distances, so that lists are as long and fares of the size that people meet.

Run as `python -m deploy.generate_railway`; needs `pypinyin`, which is nobody's dependency.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

HERE = Path(__file__).parent.parent / "kiosk_firmware" / "machines" / "rail"
Stop = tuple[str, int]
"""A station's name, and the kilometres from the line's begin."""


class RailwayLine(msgspec.Struct, frozen=True):
    """A line: its stops, and the services on it as (kind of train, first number, trains each way, km/h, percent of
    the usual fare).
    """

    stops: tuple[Stop, ...]
    services: tuple[tuple[str, int, int, int, int], ...]


LINES: tuple[RailwayLine, ...] = (
    RailwayLine(
        (
            ("成都东", 0),
            ("简阳南", 51),
            ("资阳北", 88),
            ("资中北", 124),
            ("内江北", 151),
            ("隆昌北", 188),
            ("荣昌北", 206),
            ("大足南", 226),
            ("永川东", 248),
            ("璧山", 280),
            ("沙坪坝", 299),
            ("重庆北", 308),
        ),
        (("G", 8601, 22, 210, 100), ("D", 1853, 12, 147, 100), ("C", 6701, 6, 160, 90)),
    ),
    RailwayLine(
        (("成都东", 0), ("遂宁", 146), ("潼南", 179), ("合川", 239), ("重庆西", 318)),
        (("D", 5101, 8, 140, 95),),
    ),
    RailwayLine(
        (
            ("江油", 0),
            ("绵阳", 41),
            ("罗江东", 66),
            ("德阳", 91),
            ("广汉北", 110),
            ("新都东", 135),
            ("成都东", 152),
            ("成都南", 165),
            ("双流机场", 176),
            ("新津", 199),
            ("彭山北", 212),
            ("眉山东", 231),
            ("青神", 256),
            ("乐山", 284),
            ("峨眉山", 314),
        ),
        (("C", 6201, 20, 150, 100), ("D", 1901, 6, 170, 100)),
    ),
    RailwayLine(
        (
            ("成都东", 0),
            ("德阳", 62),
            ("绵阳", 112),
            ("江油", 152),
            ("剑门关", 209),
            ("青川", 243),
            ("广元", 281),
            ("朝天", 308),
            ("宁强南", 343),
            ("汉中", 418),
            ("城固北", 452),
            ("洋县西", 469),
            ("佛坪", 525),
            ("西安北", 658),
        ),
        (("G", 2201, 12, 205, 100), ("D", 1951, 9, 185, 95)),
    ),
    RailwayLine(
        (
            ("成都东", 0),
            ("眉山东", 79),
            ("乐山", 132),
            ("犍为", 192),
            ("屏山", 240),
            ("宜宾西", 264),
            ("长宁", 303),
            ("兴文", 335),
            ("威信", 375),
            ("毕节", 479),
            ("黔西", 530),
            ("贵阳北", 648),
        ),
        (("G", 2881, 9, 190, 100), ("D", 1821, 6, 165, 95)),
    ),
    RailwayLine(
        (("成都西", 0), ("崇州", 30), ("大邑", 50), ("邛崃", 72), ("蒲江", 95), ("名山", 122), ("雅安", 140)),
        (("C", 6501, 10, 120, 100),),
    ),
    RailwayLine(
        (("成都", 0), ("犀浦", 18), ("郫县西", 26), ("都江堰", 57), ("青城山", 65)), (("C", 6101, 14, 110, 100),)
    ),
    RailwayLine(
        (
            ("成都南", 0),
            ("眉山", 63),
            ("峨眉", 138),
            ("金口河", 195),
            ("甘洛", 262),
            ("越西", 306),
            ("喜德西", 362),
            ("冕宁", 391),
            ("西昌西", 435),
            ("德昌西", 486),
            ("米易东", 548),
            ("攀枝花南", 603),
            ("元谋西", 690),
            ("楚雄", 799),
            ("昆明", 942),
        ),
        (("D", 841, 6, 135, 100), ("K", 9481, 4, 72, 100), ("Z", 161, 2, 88, 100)),
    ),
    RailwayLine(
        (
            ("成都东", 0),
            ("什邡西", 53),
            ("绵竹南", 73),
            ("安州", 98),
            ("茂县", 151),
            ("镇江关", 206),
            ("黄龙九寨", 238),
        ),
        (("C", 5801, 7, 140, 100),),
    ),
    RailwayLine(
        (
            ("成都东", 0),
            ("遂宁", 146),
            ("蓬溪", 172),
            ("南充北", 219),
            ("蓬安", 252),
            ("营山", 281),
            ("渠县", 330),
            ("达州", 391),
        ),
        (("D", 5151, 9, 150, 100), ("K", 1257, 3, 76, 100)),
    ),
    RailwayLine(
        (("成都东", 0), ("南充北", 219), ("阆中", 279), ("苍溪", 310), ("巴中", 381)),
        (("D", 5221, 4, 140, 100),),
    ),
    RailwayLine(
        (("成都东", 0), ("资阳西", 76), ("威远", 133), ("自贡", 163), ("宜宾", 226)),
        (("G", 3751, 9, 200, 100), ("C", 6021, 5, 165, 85)),
    ),
    RailwayLine(
        (("成都东", 0), ("内江北", 151), ("自贡", 189), ("富顺", 214), ("泸州", 252)),
        (("C", 6051, 6, 150, 100),),
    ),
    RailwayLine(
        (
            ("成都", 0),
            ("德阳", 61),
            ("绵阳", 115),
            ("江油", 160),
            ("广元", 319),
            ("略阳", 417),
            ("宝鸡", 669),
            ("西安", 842),
        ),
        (("K", 1363, 4, 70, 100), ("T", 7, 2, 82, 100), ("Z", 49, 1, 92, 100)),
    ),
    RailwayLine(
        (("重庆北", 0), ("长寿北", 66), ("涪陵北", 92), ("丰都", 145), ("石柱县", 203), ("恩施", 381), ("宜昌东", 540)),
        (("D", 2271, 4, 150, 100),),
    ),
)
HOT = ("重庆北", "绵阳", "西昌西", "西安北", "宜宾", "乐山")
FARES = {  # fen for 100 km
    "G": {"second": 5000, "first": 7990, "business": 15000},
    "D": {"second": 3150, "first": 3770},
    "C": {"second": 3300, "first": 4100},
    "Z": {"hard": 1380, "hard_sleeper": 2450, "soft_sleeper": 3800},
    "T": {"hard": 1380, "hard_sleeper": 2450, "soft_sleeper": 3800},
    "K": {"hard": 1380, "hard_sleeper": 2450, "soft_sleeper": 3800},
}


def code(pinyin: list[str], taken: dict[str, str]) -> str:
    """Return a station's code: its initials, with a number where another station has the same."""
    initials = "".join(part[0] for part in pinyin)
    found = initials
    for number in range(2, 10):
        if found not in taken.values():
            return found
        found = f"{initials}{number}"
    raise ValueError(f"too many stations with the initials {initials}")


def stations() -> dict[str, tuple[str, str]]:
    """Return every station's code and pinyin, by name, in the lines' order."""
    from pypinyin import lazy_pinyin  # only who makes the data needs it

    codes: dict[str, str] = {}
    found: dict[str, tuple[str, str]] = {}
    for line in LINES:
        for name, _ in line.stops:
            if name not in codes:
                parts = READ.get(name) or lazy_pinyin(name)
                codes[name] = code(parts, codes)
                found[name] = codes[name], "".join(parts)
    return found


READ = {
    "长宁": ["chang", "ning"],
    "略阳": ["lue", "yang"],
    "丰都": ["feng", "du"],
    "朝天": ["chao", "tian"],
    "重庆北": ["chong", "qing", "bei"],
    "重庆西": ["chong", "qing", "xi"],
}
"""Places that a dictionary of single characters may read wrongly."""


def trains(codes: dict[str, tuple[str, str]]) -> list[str]:
    """Return a line of text a train: number, percent of the usual fare, then its stops as code,
    arrival/departure, km.
    """
    return [
        row
        for at, line in enumerate(LINES)
        for which, service in enumerate(line.services)
        for n in range(2 * service[2])
        for row in [_train(line, at * 7 + which * 3, service, n, codes)]
    ]


def _train(
    line: RailwayLine, salt: int, service: tuple[str, int, int, int, int], n: int, codes: dict[str, tuple[str, str]]
) -> str:
    """Return the line of one train. Both ways by turns; departures spread over the day; fast ones leave out stops by a
    fixed pattern.
    """
    kind, first, pairs, speed, percent = service
    back, turn = n % 2, n // 2
    end = line.stops[-1][1]
    stops = [(name, end - km) for name, km in reversed(line.stops)] if back else list(line.stops)
    kept = [stop for i, stop in enumerate(stops) if i in (0, len(stops) - 1) or _calls(kind, turn, i, len(stops))]
    leaves = 362 + salt % 23 + back * 17 + turn * (1350 - 362 - int(end * 60 / speed) % 240) // max(1, pairs)
    if kind in "KTZ":
        leaves = (leaves * 2 + 300) % 1320 + 60
    told, minute = [], leaves
    for i, (name, km) in enumerate(kept):
        if i:
            minute += max(4, round((km - kept[i - 1][1]) * 60 / speed))
        wait = 0 if i in (0, len(kept) - 1) else 2 + (kind in "KTZ") * 4
        told.append(f"{codes[name][0]} {minute}/{minute + wait} {km}")
        minute += wait
    rate = percent if (turn + salt) % 5 else percent - 15
    return f"{kind}{first + n} {rate} " + " ".join(told)


def _calls(kind: str, turn: int, at: int, stops: int) -> bool:
    if kind == "G":
        return turn % 4 != 0 and (at * 3 + turn) % 4 == 0
    return (at + turn) % (3 if stops > 9 else 2) != 0


def main() -> int:
    """Write both files; tells how many there are."""
    codes = stations()
    rows = trains(codes)
    place = [f'  "{code_} {name} {pinyin}",' for name, (code_, pinyin) in codes.items()]
    head = "# Made by deploy/generate_railway.py; change that, not this. "
    hot = ", ".join(f'"{codes[name][0]}"' for name in HOT)
    (HERE / "stations.toml").write_text(
        f"{head}A row: code, name, pinyin.\nhot = [{hot}]\nrows = [\n" + "\n".join(place) + "\n]\n", encoding="utf-8"
    )
    fares = [
        f"{kind} = {{ " + ", ".join(f"{name} = {fen}" for name, fen in classes.items()) + " }"
        for kind, classes in FARES.items()
    ]
    (HERE / "trains.toml").write_text(
        f"{head}All trains are invented.\n# A row: number, percent of the usual fare, then each stop: code, minute of "
        "arrival/departure, km.\nrows = [\n" + "\n".join(f'  "{row}",' for row in rows) + "\n]\n\n"
        "# Fen for 100 km, by kind of train and class.\n[fares]\n" + "\n".join(fares) + "\n",
        encoding="utf-8",
    )
    print(f"{len(codes)} stations, {len(rows)} trains")
    return 0


if __name__ == "__main__":
    sys.exit(main())
