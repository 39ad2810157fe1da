"""The telephone that machines stand on: its shell, its face check, and what their worlds have in common.

How a machine uses it: it is an `app.App`; its catalogue line says `shares="phone_shell"` (the kit's texts are its
own) and its build says `SHARED = "phone_shell"`; its state keeps a `shell.Shell`; its `update` gives glass acts to
`shell.after_event` first while the shell stands in front (`Shell.front`), its `view` asks `pages.view` likewise. Pages
inside the app end with `pages.nav(...)`. Its skins have a layout `phone-left` or `phone-right`; a field's
`Body.board` chooses the keyboard. Its world is a `world.PhoneWorlds`. To let a sister do something (pay), its
catalogue line names her in `opens` and its rules say `OpenPart("network_host", ref, part, Request(...))` and hear
`Returned`; the sister begins with `Started.request`, gives `Machine.result` when she has closed, and stands on no
lock then (`core.place`). In the machine's own walk the world's acts close what was opened.
"""
