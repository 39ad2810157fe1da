"""Makes the metro's network: `kiosk_firmware/kits/metro/network.toml`, the same every time.

The city, its lines and its stations are invented, in the size and shape of a real provincial capital's network: lines
that cross in the middle, a ring, branches to the edge. Pinyin is made here by pypinyin, so that a unit needs no such
library. Distances between neighbours are laid out by rule: shorter in the middle, longer outside.

Run as `python -m deploy.generate_metro_network`; needs `pypinyin`, which is nobody's dependency.
"""

from __future__ import annotations

import sys
from pathlib import Path
from zlib import crc32

import msgspec

FILE = Path(__file__).parent.parent / "kiosk_firmware" / "kits" / "metro" / "network.toml"
CENTRE_M, EDGE_M = 950, 2300


class LineSource(msgspec.Struct, frozen=True):
    """A line: number, colour, the pattern of its band (it must be told without colours), stops in order; `ring`: the
    last is next to the first.
    """

    number: str
    colour: str
    pattern: str
    stops: str
    ring: bool = False


LINES = (
    LineSource(
        "1",
        "#C8102E",
        "solid",
        (
            "北湖公园 天回 大湾 凤鸣 火车北站 升平街 文庙 鼓楼 蓉江广场 锦水桥 华光寺 省体育馆 桐子林 南虹村 火车南站 "
            "创业街 金湖路 会展中心 科学城 云溪 双江口 麓湖 天府码头"
        ),
    ),
    LineSource(
        "2",
        "#E87722",
        "stripes",
        (
            "望丛 百草园 金牛坝 迎宾路 茶店 西门车站 蜀绣馆 白果村 中医学院 通惠街 人民公园 蓉江广场 春江路 东大桥 "
            "牛王庙 沙河堡 东安湖 客运东站 成洛路 龙泉湖 桃花沟 书房坝 驿都"
        ),
    ),
    LineSource(
        "3",
        "#9B2D86",
        "dots",
        (
            "石油大学 钟楼街 马家场 三河 植物园 熊猫大道 动物园 昭觉寺 驷马桥 红星桥 市二医院 春江路 新南门 磨子桥 "
            "省体育馆 衣冠街 高升桥 红牌楼 太平园 武侯大道 双凤桥 航空港 双流西"
        ),
    ),
    LineSource(
        "4",
        "#00843D",
        "dashes",
        (
            "万春 凤溪河 南熏街 光华园 涌泉 非遗公园 文化宫 草堂路 中医学院 宽巷子 鼓楼 太升街 市二医院 玉双路 双桥子 "
            "万年场 槐树店 来龙 十陵 成都学院 西河"
        ),
    ),
    LineSource(
        "5",
        "#5B2C83",
        "double",
        (
            "香城 香水桥 泰兴 大丰 石犀 川陕路 火车北站 西北桥 花牌坊 抚琴 中医学院 青羊宫 高升桥 神仙树 石羊 "
            "交子大道 锦城湖 大源 市民中心 华阳 回龙"
        ),
    ),
    LineSource(
        "6",
        "#A4692F",
        "zigzag",
        (
            "尚锦 郫都 犀池 侯家桥 沙湾 西北桥 人民北路 驷马桥 建设路 玉双路 牛王庙 东光 三官堂 琉璃厂 中和 观东 "
            "新通大道 兰家沟"
        ),
    ),
    LineSource(
        "7",
        "#0085CA",
        "ring",
        (
            "火车北站 驷马桥 八里庄 二仙桥 理工大学 崔家店 槐树店 迎晖路 客运东站 大观 狮子山 师范大学 琉璃厂 三瓦窑 "
            "火车南站 神仙树 太平园 武侯祠西 龙爪堰 东坡路 文化宫 金沙 茶店 花照壁 交通大学 九里堤"
        ),
        ring=True,
    ),
)


def names() -> dict[str, list[str]]:
    """Return every station with the lines that stop there, in the order in which they are met."""
    found: dict[str, list[str]] = {}
    for line in LINES:
        for name in line.stops.split():
            found.setdefault(name, []).append(line.number)
    return found


def metres(line: LineSource, at: int, count: int) -> int:
    """Return the metres from stop `at` to the next one, in steps of ten."""
    outwards = 0.35 if line.ring else abs(2 * at - count + 2) / count
    wobble = crc32(f"{line.number} {at}".encode()) % 300
    return round(CENTRE_M + outwards * (EDGE_M - CENTRE_M) + wobble) // 10 * 10


FIRST_WORD = {"省体育馆": 1, "市二医院": 1, "武侯祠西": 3}
"""How many signs the first of two words has, where it is not two."""


def latin(name: str) -> str:
    """Return a station's pinyin; a name of four signs is two words, which may stand on two lines."""
    from pypinyin import lazy_pinyin

    signs, first = lazy_pinyin(name), FIRST_WORD.get(name, 2)
    return "".join(signs) if len(signs) < 4 else "-".join(("".join(signs[:first]), "".join(signs[first:])))


def network_toml() -> str:
    """Return the file's text."""
    codes = {name: f"s{number:03d}" for number, name in enumerate(names(), 1)}
    about = "A station: code, name, pinyin with a hyphen between its words."
    lines = [f"# Made by deploy/generate_metro_network.py; change that, not this. {about}", "stations = ["]
    lines += [f'  "{code} {name} {latin(name)}",' for name, code in codes.items()]
    lines.append("]")
    for line in LINES:
        stops = line.stops.split()
        count = len(stops) if line.ring else len(stops) - 1
        rows = [f"{codes[name]} {metres(line, at, count) if at < count else 0}" for at, name in enumerate(stops)]
        lines += ["", "[[line]]", f'number = "{line.number}"', f'colour = "{line.colour}"']
        lines += [f'pattern = "{line.pattern}"', f"ring = {str(line.ring).lower()}"]
        lines.append("# A stop, and the metres to the next one.")
        lines.append(f"stops = {rows!r}".replace("'", '"'))
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the file."""
    FILE.write_text(network_toml(), encoding="utf-8")
    print(f"{FILE.name}: {len(LINES)} lines, {len(names())} stations")
    return 0


if __name__ == "__main__":
    sys.exit(main())
