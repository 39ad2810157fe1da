"""All machines, one line each, and the places that they make: a line is added here, and nowhere else.

Names, icons, devices; no rules, so that the office and the kiosk's first frame read it for nothing. `catalogue` reads
the machines' folders by it.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.events import Device, Fault


class Entry(msgspec.Struct, frozen=True):
    """One machine of the catalogue: names, an icon, the devices that a unit must have, and those it makes use of."""

    id: str
    name: dict[str, str]
    sub: dict[str, str]
    icon: str
    needs: tuple[Device, ...]
    uses: tuple[Device, ...]
    """`needs` and more, in the order of a hand: what a unit of this kind should have to look like the real one."""
    opens: tuple[str, ...] = ()
    """Parts of its place that it may open for a request (`core.place`)."""
    shares: str = ""
    """The kit whose texts it has, besides its own: a folder of this package with zh.toml and en.toml."""
    faults: tuple[Fault, ...] = ()
    """What can be armed at it besides the faults of its devices: what happens elsewhere in the world."""


MACHINES: tuple[Entry, ...] = (
    Entry(
        "atm",
        {"zh": "取款机", "en": "Cash machine"},
        {"zh": "存、取、转账", "en": "Pay in, take out"},
        "atm",
        ("card_reader", "pin_pad", "cash_dispenser"),
        (
            "card_reader",
            "pin_pad",
            "cash_dispenser",
            "note_acceptor",
            "coin_acceptor",
            "receipt_printer",
            "payment_host",
        ),
    ),
    Entry(
        "rail",
        {"zh": "火车票", "en": "Rail tickets"},
        {"zh": "买、退、改签", "en": "Buy, refund"},
        "train",
        ("id_reader",),
        (
            "id_reader",
            "card_reader",
            "pin_pad",
            "note_acceptor",
            "coin_acceptor",
            "coin_dispenser",
            "cash_dispenser",
            "receipt_printer",
            "payment_host",
            "network_host",
        ),
    ),
    Entry(
        "airport",
        {"zh": "坐飞机", "en": "Flight check-in"},
        {"zh": "登机牌、行李", "en": "Pass, bags, gate"},
        "plane",
        ("id_reader",),
        ("id_reader", "barcode_scanner", "receipt_printer", "network_host"),
        faults=("gate_changed",),
    ),
    Entry(
        "metro-ticket",
        {"zh": "地铁票", "en": "Metro tickets"},
        {"zh": "买票、充值", "en": "Buy, load a card"},
        "metro",
        ("ticket_dispenser",),
        (
            "ticket_dispenser",
            "card_reader",
            "note_acceptor",
            "coin_acceptor",
            "coin_dispenser",
            "cash_dispenser",
            "receipt_printer",
            "payment_host",
        ),
    ),
    Entry(
        "metro-gate",
        {"zh": "地铁闸机", "en": "Metro gate"},
        {"zh": "刷卡进出站", "en": "Tap in, tap out"},
        "gate",
        ("card_reader", "gate"),
        ("card_reader", "gate"),
    ),
    Entry(
        "metro-desk",
        {"zh": "地铁服务台", "en": "Metro service desk"},
        {"zh": "补票、退票", "en": "Extra fares, refunds"},
        "counter",
        ("card_reader", "coin_acceptor", "receipt_printer"),
        (
            "card_reader",
            "note_acceptor",
            "coin_acceptor",
            "coin_dispenser",
            "cash_dispenser",
            "receipt_printer",
        ),
    ),
    Entry(
        "bank-counter",
        {"zh": "银行柜台", "en": "Bank counter"},
        {"zh": "开户、挂失", "en": "Accounts, lost cards"},
        "counter",
        ("receipt_printer",),
        ("receipt_printer", "id_reader", "pin_pad", "network_host"),
        shares="kits/counter",
    ),
    Entry(
        "id-card",
        {"zh": "身份证窗口", "en": "ID cards"},
        {"zh": "补办、换证", "en": "Lost, expired, first"},
        "person",
        ("receipt_printer",),
        ("receipt_printer", "network_host"),
        shares="kits/counter",
    ),
    Entry(
        "social-insurance",
        {"zh": "社保窗口", "en": "Social insurance"},
        {"zh": "养老、社保卡", "en": "Pension, card"},
        "clock",
        ("receipt_printer",),
        ("receipt_printer", "id_reader", "pin_pad", "network_host"),
        shares="kits/counter",
    ),
    Entry(
        "medical-insurance",
        {"zh": "医保窗口", "en": "Health insurance"},
        {"zh": "参保、医保码", "en": "Join, code"},
        "hand",
        ("receipt_printer",),
        ("receipt_printer", "id_reader", "network_host"),
        shares="kits/counter",
    ),
    Entry(
        "civil-affairs",
        {"zh": "民政窗口", "en": "Civil affairs"},
        {"zh": "救助、低保、结婚", "en": "Help, marriage"},
        "home",
        ("receipt_printer",),
        ("receipt_printer", "id_reader", "network_host"),
        shares="kits/counter",
    ),
    Entry(
        "business-counter",
        {"zh": "开店登记", "en": "Start a business"},
        {"zh": "店名、执照、年报", "en": "Name, licence"},
        "receipt",
        ("receipt_printer",),
        ("receipt_printer", "id_reader", "network_host"),
        shares="kits/counter",
    ),
    Entry(
        "legal-desk",
        {"zh": "法律服务", "en": "The legal desk"},
        {"zh": "援助、罚金、权利", "en": "Aid, fines, rights"},
        "help",
        ("receipt_printer",),
        ("receipt_printer", "id_reader", "network_host"),
        shares="kits/counter",
    ),
    Entry(
        "mobile-shop",
        {"zh": "手机号", "en": "A phone number"},
        {"zh": "办卡、补卡", "en": "New, old, mine"},
        "phone",
        (),
        ("network_host",),
        shares="kits/phone",
    ),
    Entry(
        "account",
        {"zh": "找回账号", "en": "An old account"},
        {"zh": "旧号没了", "en": "The number is gone"},
        "lock",
        (),
        ("network_host",),
        shares="kits/phone",
    ),
    Entry(
        "payment",
        {"zh": "手机付钱", "en": "Pay by phone"},
        {"zh": "扫码、转账", "en": "Codes, transfers"},
        "cash",
        (),
        ("tap_reader", "barcode_scanner", "network_host"),
        shares="kits/phone",
    ),
    Entry(
        "shop",
        {"zh": "网上买东西", "en": "The shop"},
        {"zh": "下单、取件、退货", "en": "Order, fetch, return"},
        "bag",
        (),
        ("barcode_scanner", "parcel_locker", "network_host"),
        opens=("payment",),
        shares="kits/phone",
    ),
    Entry(
        "social",
        {"zh": "和朋友聊天", "en": "Friends"},
        {"zh": "消息、红包、防骗", "en": "Chats, packets, traps"},
        "person",
        (),
        ("network_host",),
        opens=("payment",),
        shares="kits/phone",
    ),
    Entry(
        "visit",
        {"zh": "视频会见", "en": "A visit by video"},
        {"zh": "申请、会见", "en": "Ask, prepare, meet"},
        "eye",
        ("id_reader",),
        ("id_reader", "receipt_printer", "network_host"),
        shares="visit/domain",
    ),
)


class Place(msgspec.Struct, frozen=True):
    """Machines that one goes to in one errand, as one tile of the home page: what is in the pocket goes along from one
    to the next. `stops`: instead of parts, (machine, lesson) in the order that life demands, done one by one, today or
    on another day; these lessons carry on, and their own persons are who comes there anew.
    """

    id: str
    name: dict[str, str]
    sub: dict[str, str]
    icon: str
    parts: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """Machines with a tile of their own, to and from which what is in the pocket goes along, too."""
    stops: tuple[tuple[str, str], ...] = ()


PLACES: tuple[Place, ...] = (
    Place(
        "metro",
        {"zh": "坐地铁", "en": "The metro"},
        {"zh": "买票、过闸、问讯", "en": "Ticket, gate, desk"},
        "metro",
        ("metro-ticket", "metro-gate", "metro-desk"),
    ),
    Place(
        "counters",
        {"zh": "办事大厅", "en": "The counters"},
        {"zh": "银行和政务窗口", "en": "Bank and offices"},
        "counter",
        (
            "bank-counter",
            "id-card",
            "social-insurance",
            "medical-insurance",
            "civil-affairs",
            "business-counter",
            "legal-desk",
        ),
        ("atm",),
    ),
    Place(
        "phone",
        {"zh": "用手机", "en": "The phone"},
        {"zh": "号码、付钱、买东西", "en": "Number, money, shop"},
        "phone",
        ("mobile-shop", "account", "payment", "shop", "social"),
    ),
    Place(
        "first-week",
        {"zh": "出来第一周", "en": "The first week out"},
        {"zh": "先办哪样，后办哪样", "en": "What comes first"},
        "person",
        stops=(
            ("legal-desk", "week-report"),
            ("id-card", "week-book"),
            ("id-card", "week-card"),
            ("mobile-shop", "week-number"),
            ("bank-counter", "week-bank"),
            ("atm", "week-try"),
            ("medical-insurance", "week-cover"),
        ),
    ),
)
