"""The shell's pages, and the phone's own keys on an app's pages.

Texts are the kit's (`zh.toml`, `en.toml` here), but what a message says is its app's: `sms.<kind>` (who and how). At
most three messages stand in the list: a phone of somebody who has just got it is not full.
"""

from __future__ import annotations

from kiosk_firmware.core.pages import Body, Key, Page, Text, Timer, text
from kiosk_firmware.kits.common_pages import key
from kiosk_firmware.kits.phone.shell import OPEN, Shell

LISTED = 3


def nav(shell: Shell | None, messages: bool = False) -> tuple[Key, ...]:
    """Return the phone's keys on an app's page: back, and messages where one is waited for. Without a phone
    only back.
    """
    back = (Key("nav.back", "back", Text("key.nav.back")),)
    if shell is None or not messages:
        return back
    sign = "key.nav.sms_new" if shell.fresh else "key.nav.sms"
    return (*back, Key("nav.sms", "choice", Text(sign)))


def view(shell: Shell, icon: str, ms: int) -> Page:
    """Return the shell's page. `icon`: of the app's tile, whose name is `app.name`; `ms`: how long messages stand."""
    match shell.where:
        case "lock":
            keys = (key("lock.open", "primary"),)
            body = Body((text("lock.how"),), icon="lock")
            return Page("Message", "home", text("lock.title"), text("lock.title"), body, keys)
        case "sms":
            return _list(shell, ms)
        case "message":
            return _message(shell, ms)
        case _:
            return _tiles(shell, icon, ms)


def _tiles(shell: Shell, icon: str, ms: int) -> Page:
    new = text("tiles.new", n=shell.fresh) if shell.fresh else None
    keys = (
        Key(OPEN, "choice", text("app.name"), icon=icon),
        Key("app.sms", "choice", text("key.app.sms"), sub=new, icon="sms"),
        Key("home.language", "choice", text("key.home.language"), icon="tongue"),
        Key("nav.lock", "back", text("key.nav.lock")),
    )
    body, time_out = Body((text("tiles.how"),)), Timer("tiles", ms)
    return Page("PhoneHome", "tiles", text("tiles.title"), text("tiles.title"), body, keys, time_out)


def _list(shell: Shell, ms: int) -> Page:
    found = tuple(
        Key(f"sms.{at}", "choice", text(f"sms.{sms.kind}.who"), str(at), icon="sms")
        for at, sms in enumerate(shell.sms[:LISTED])
    )
    lines = (text("messages.how" if found else "messages.none"),)
    return Page("List", "messages", text("messages.title"), None, Body(lines), (*found, *nav(shell)), Timer("sms", ms))


def _message(shell: Shell, ms: int) -> Page:
    sms = shell.sms[shell.at]
    body = Body((text(f"sms.{sms.kind}.how", code=sms.code),), icon="sms")
    keys = (Key("nav.app", "choice", text(f"key.nav.to_{shell.over}")), *nav(shell))
    return Page("Message", "message", text(f"sms.{sms.kind}.who"), None, body, keys, Timer("sms", ms))
