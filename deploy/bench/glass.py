"""A glass by itself for measuring: the stage with two pages of a cash machine, no engine, no devices.

`python -m deploy.bench.glass` opens the window and goes from the menu to a second page at each tap and back, until it
is ended. Run by `latency`, which looks at it from outside. `--stock` runs Kivy's own loop instead, for comparison.
"""

from __future__ import annotations

import sys

from kiosk_firmware.core.events import AnyEvent, Tapped
from kiosk_firmware.core.pages import Body, Key, Page, text
from kiosk_firmware.core.texts import TextForms, Words
from screens.stage import kivy_boot

TEXTS = {
    "menu": "请选择您需要的服务",
    "balance": "查询余额",
    "deposit": "存款",
    "transfer": "转账",
    "pin": "修改密码",
    "withdraw": "取款",
    "statement": "明细",
    "language": "English",
    "eject": "退卡",
    "now": "当前卡片",
    "tail": "尾号 5528",
    "back": "返回",
    "rows": "账户余额",
    "name": "练习银行",
    "line": "可用余额",
}
CHOICES = ("balance", "deposit", "transfer", "pin", "withdraw", "statement", "language")
MENU = Page(
    "Menu",
    "menu",
    text("menu"),
    body=Body(lines=(text("now"), text("tail")), card="9900 **** 5528"),
    keys=(
        *(Key(n, "choice", text(n)) for n in CHOICES),
        Key("eject", "danger", text("eject")),
    ),
)
NEXT = Page(
    "Message",
    "balance",
    text("rows"),
    body=Body(lines=(text("line"),), amount_fen=123400),
    keys=(Key("back", "back", text("back")),),
)


def look() -> dict[str, object]:
    """Return the lobby's colours in the layout beside the glass, on a shaded ground: what costs most to draw."""
    import msgspec

    from screens.stage.skin import lobby

    table: dict[str, object] = msgspec.to_builtins(lobby())
    return {**table, "layout": "atm-side", "chevrons": "out", "ground": ["#F4F1EA", "#C9C2B0"], "shading": "glow"}


def main(arguments: list[str]) -> int:
    """Open the window and serve until it is closed."""
    kivy_boot.prepare()
    from kivy.base import runTouchApp
    from kivy.core.window import Window

    from screens.display.loop import Loop
    from screens.display.stage import Stage

    words = Words([("zh", {name: TextForms(written) for name, written in TEXTS.items()})])
    colours, visit = look(), 0

    def post(event: AnyEvent) -> None:
        nonlocal visit
        if isinstance(event, Tapped):
            visit += 1
            stage.show(NEXT if event.step == "menu" else MENU, words, "zh", colours, visit)

    stage = Stage(post)
    Window.add_widget(stage)
    stage.show(MENU, words, "zh", colours, visit)
    if "--stock" in arguments:
        from kivy.clock import Clock

        Clock._max_fps = 60  # what Kivy does by itself
        stage.taps.framed(0)
        Window.bind(on_flip=lambda *_: stage.framed())
        runTouchApp()
    else:
        Loop(Window, framed=stage.framed).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
