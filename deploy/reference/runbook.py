"""Make the office's runbook: a section for each rule of alerts.

A section says when the alert stands, what it means, what to do, and with which commands. Rules are those of
`alerts.toml`, words those of the office's own pages; only commands and conditions are put into words here. Its anchor
is the rule's kind, to which the page of alerts links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kiosk_firmware.office.alerts.alert_list import AlertRule, rules
from kiosk_firmware.office.web.render import RULE_PARTS, office_texts

STEPS = RULE_PARTS[2:]
FIGURES = {
    "temp_c": {"zh": "主板温度（℃）", "en": "the board's temperature (°C)"},
    "disk_free": {"zh": "存储余量（MiB）", "en": "free room on the disk (MiB)"},
    "spool_full": {"zh": "记录占去的空间（全部为 1）", "en": "the share of the room for records that is taken"},
    "spool_depth": {"zh": "还没有送到中心的记录（条）", "en": "records that the office does not have yet"},
    "missing": {"zh": "缺的编号（个）", "en": "numbers that are missing"},
    "denied": {"zh": "被消息服务器拒绝的消息（条）", "en": "messages that the broker refused"},
    "timeq": {"zh": "时间的来源", "en": "where its time comes from"},
    "throttled": {"zh": "主板报告的供电状态", "en": "what the board says of its supply"},
}
COMMANDS: dict[str, tuple[str, ...]] = {
    "stalled": ("kiosk office proof",),
    "offline": ("kiosk enrol show", "kiosk enrol check"),
    "disk": ("kiosk carry out", "kiosk office import", "kiosk carry back"),
    "store": ("kiosk carry out", "kiosk office import", "kiosk carry back"),
    "queue": ("kiosk enrol check",),
    "late": ("kiosk office proof", "kiosk carry out"),
    "denied": ("kiosk enrol show", "kiosk enrol check", "kiosk office enrol list"),
    "certificate": ("kiosk enrol show", "kiosk enrol renew"),
    "device": ("kiosk devices list", "kiosk devices probe", "kiosk devices test"),
    "lost": ("kiosk office proof",),
    "salvaged": ("kiosk office proof",),
    "clash": ("kiosk office proof",),
    "site": ("kiosk config check", "kiosk office enrol list", "kiosk office enrol revoke"),
    "source": ("kiosk config check", "kiosk office enrol list", "kiosk office enrol revoke"),
    "barred": ("kiosk office audit",),
    "update": ("kiosk office update list", "kiosk office update stop"),
}
"""What somebody at a terminal uses beside the steps; what each takes stands in the reference."""
SAID = {
    "zh": {
        "title": "告警手册",
        "written": "由 `python -m deploy.generate_reference` 按告警规则生成，请勿手改。",
        "about": "网页“告警”里每一条都连到这里的一节。**马上**：现在就去；**今天**：上班时间处理；"
        "**教室里**：只与在场的人有关。",
        "head": "| 告警 | 轻重 | 先做什么 |\n|---|---|---|",
        "when": "什么时候出现",
        "over": "什么时候消失",
        "todo": "怎么做",
        "commands": "用得着的命令：",
        "book": "机器报告的事实一到就出现",
        "book_over": "机器报告好了就自己消失；不会自己好的，处理完在网页上点“已处理”",
        "self_over": "情况过去以后自己消失，不用人点",
        "away": "{share}以上的练习机（至少 {least} 台）同时离线",
        "deaf": "{share}以上的监所（至少 {least} 个）同时大面积离线",
        "offline": "该开着的时候没有消息；监所的作息以外不算",
        "days": "证书还有不到 {days} 天到期",
        "visits": "会见过了复核期限（`office.toml` 的 `review_days`）还没有人听",
        "office": "中心自己的一部分没有动静",
        "above": "{figure}大于 {value}",
        "below": "{figure}小于 {value}",
        "equal": "{figure}是 `{value}`",
        "bits": "{figure}：现在电压不足",
        "held": "，连续 {span}",
    },
    "en": {
        "title": "Runbook for alerts",
        "written": "Written by `python -m deploy.generate_reference` from the rules of alerts; do not edit.",
        "about": "Each alert on the page *Alerts* links to its section here. **At once**: go now. **Today**: in "
        "working hours. **In the room**: concerns only who is there.",
        "head": "| alert | weight | first |\n|---|---|---|",
        "when": "When it stands",
        "over": "When it goes",
        "todo": "What to do",
        "commands": "Commands that help:",
        "book": "as soon as a unit reports it",
        "book_over": "when the unit reports that it is well again; where it cannot: press *Resolved* on the page",
        "self_over": "by itself, once it has passed",
        "away": "{share} of the units (at least {least}) are offline together",
        "deaf": "{share} of the sites (at least {least}) are mostly offline together",
        "offline": "nothing is heard of a unit that should be awake; never outside its site's hours",
        "days": "its certificate ends in less than {days} days",
        "visits": "nobody has listened to a visit within `review_days` of `office.toml`",
        "office": "a part of the office itself does not move",
        "above": "{figure}: above {value}",
        "below": "{figure}: below {value}",
        "equal": "{figure}: `{value}`",
        "bits": "{figure}: too little voltage now",
        "held": ", for {span} without a break",
    },
}
GENERAL = {
    "stalled": {"zh": "程序", "en": "programs"},
    "device": {"zh": "部件", "en": "A device"},
    "review": {"en": "A visit was"},
}
"""What an alert is about, in general, where its name needs a word there."""
SPANS = {"zh": ("{} 秒", "{} 分钟", "{} 小时"), "en": ("{} s", "{} min", "{} h")}


def lines(language: str) -> Iterator[str]:
    """Yield the page in that language."""
    said = SAID[language]
    yield f"# {said['title']}\n\n<!-- {said['written']} -->\n\n{said['about']}\n\n{said['head']}"
    for rule in rules().values():
        first = _text(f"rule.{rule.kind}.first", language)
        yield f"| [{_title(rule, language)}](#{rule.kind}) | {_text(f'weight.{rule.weight}', language)} | {first} |"
    for rule in rules().values():
        yield from _section(rule, language)


def _section(rule: AlertRule, language: str) -> Iterator[str]:
    said = SAID[language]
    yield f'\n<a id="{rule.kind}"></a>\n\n## {_title(rule, language)}\n'
    yield f"`{rule.kind}` · {_text(f'weight.{rule.weight}', language)}\n"
    for part in ("cause", "effect"):
        yield f"- **{_text(f'alert.{part}', language)}** {_text(f'rule.{rule.kind}.{part}', language)}"
    yield f"- **{said['when']}** {_when(rule, language)}"
    yield f"- **{said['over']}** {said['book_over' if rule.book else 'self_over']}"
    yield f"\n**{said['todo']}**\n"
    yield from (f"{n}. {_text(f'rule.{rule.kind}.{step}', language)}" for n, step in enumerate(STEPS, 1))
    if rule.kind in COMMANDS:
        yield f"\n{said['commands']} " + " · ".join(f"`{command}`" for command in COMMANDS[rule.kind])


def _when(rule: AlertRule, language: str) -> str:
    held = SAID[language]["held"].format(span=_span(rule.for_s, language)) if rule.for_s else ""
    return _condition(rule, SAID[language], language) + held


def _condition(rule: AlertRule, said: dict[str, str], language: str) -> str:
    if rule.units_least:
        share = f"{rule.share_least:.0%}"
        return said["away" if rule.state else "deaf"].format(share=share, least=rule.units_least)
    for name in ("book", "visits", "office"):
        if getattr(rule, name):
            return said[name]
    if rule.state:
        return said[rule.state]
    return said["days"].format(days=rule.days_left) if rule.days_left else _measured(rule, said, language)


def _measured(rule: AlertRule, said: dict[str, str], language: str) -> str:
    limit = rule.above if rule.below is None else rule.below
    if limit is not None:
        shown = limit / 2**20 if rule.figure == "disk_free" else limit
        way = "above" if rule.below is None else "below"
        return said[way].format(figure=FIGURES[rule.figure][language], value=f"{shown:g}")
    return said["equal" if rule.equal else "bits"].format(figure=FIGURES[rule.figure][language], value=rule.equal)


def _span(seconds: int, language: str) -> str:
    size = sum(seconds >= limit and not seconds % limit for limit in (60, 3600))
    return SPANS[language][size].format(seconds // 60**size)


def _title(rule: AlertRule, language: str) -> str:
    """Return the alert's name as the page has it, with a general word for what it is about, or none."""
    word = GENERAL.get(rule.kind, {}).get(language, "")
    name = _text(f"alert.{rule.kind}", language)
    title = name.replace("{about}", word) if word else re.sub(r"\s*[（(:：]?\s*\{about\}[）):]?\s*", "", name)
    return title[0].upper() + title[1:]


def _text(key: str, language: str) -> str:
    return office_texts().entry(key, language).text
