"""Makes `screens/input/pinyin.txt`, what the keyboard on the glass offers for letters typed: the same every time.

Characters are those of GB 2312's first level (3,755: what everybody reads), by syllable, the more frequent first; words
are frequent ones of two or three characters, and those of this project's own texts. Readings are pypinyin's, how often
something is written is jieba's dictionary (both MIT), so that a unit needs neither.

Run as `python -m deploy.generate_pinyin`; needs `pypinyin` and `jieba`, which are nobody's dependencies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "screens" / "input" / "pinyin.txt"
OWN = ROOT / "screens" / "text" / "words_zh.txt"
WORDS = 1600
"""Frequent words beside those of our own texts."""
ADDED = (
    "张明 王芳 李伟 李娜 刘洋 陈静 杨帆 周敏 成都 四川 绵阳 德阳 乐山 宜宾 南充 "
    "达州 西昌 康定 马尔康 彭州 蓉江 锦江 武侯 单元"
)
HEAD = "# Made by deploy/generate_pinyin.py. A reading, then what it may mean, the more frequent first."


def common() -> list[str]:
    """Return GB 2312's first level."""
    rows = (bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return [char for code in rows if (char := code.decode("gb2312", "ignore"))]


def often() -> dict[str, int]:
    """Return how often a word or character is written, by jieba."""
    import jieba

    text = (Path(jieba.__file__).parent / "dict.txt").read_text(encoding="utf-8")
    return {line.split(" ")[0]: int(line.split(" ")[1]) for line in text.splitlines()}


def readings(chars: Iterable[str], frequent: dict[str, int]) -> dict[str, list[str]]:
    """Return syllable → characters. A character that is read in several ways stands under each, v for ü."""
    from pypinyin import Style, pinyin

    found: dict[str, list[str]] = defaultdict(list)
    for char in sorted(chars, key=lambda char: -frequent.get(char, 0)):
        for syllable in dict.fromkeys(pinyin(char, style=Style.NORMAL, heteronym=True)[0][:2]):
            found[syllable.replace("ü", "v")].append(char)
    return found


def word_readings(known: set[str], frequent: dict[str, int]) -> dict[str, list[str]]:
    """Return the whole reading of a word → words."""
    from pypinyin import lazy_pinyin

    own = {*OWN.read_text(encoding="utf-8").split(), *ADDED.split()}
    most = sorted(frequent, key=lambda word: -frequent[word])
    chosen = [word for word in most if 2 <= len(word) <= 3 and set(word) <= known][:WORDS]
    wanted = dict.fromkeys([*chosen, *sorted(word for word in own if 2 <= len(word) <= 3 and set(word) <= known)])
    found: dict[str, list[str]] = defaultdict(list)
    for word in wanted:
        found["".join(lazy_pinyin(word)).replace("ü", "v")].append(word)
    return found


def main() -> int:
    """Write the file."""
    frequent = often()
    single = readings(common(), frequent)
    several = word_readings(set(common()), frequent)
    lines = [HEAD, *(f"{key} {''.join(single[key])}" for key in sorted(single)), "--"]
    lines += [f"{key} {' '.join(several[key])}" for key in sorted(several)]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{FILE.name}: {len(single)} syllables, {sum(map(len, several.values()))} words")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
