"""Pages of looking and ordering: what was found with its price, a good's page with what it says of good and seller, and
all of it once more before it is ordered.
"""

from __future__ import annotations

from kiosk_firmware.core.pages import Body, Key, Page, Row, Text, Timer, text
from kiosk_firmware.kits.common_pages import amount_row, key
from kiosk_firmware.kits.phone import shell_pages
from kiosk_firmware.machines.shop import phases as p
from kiosk_firmware.machines.shop.state import Good, State, Terms

WARY = 40
"""Tenths of a star: fewer than this is a warning."""


def timer(terms: Terms) -> Timer:
    """Return how long a page stands."""
    return Timer("page", terms.rules.page_ms)


def tenths(of: int) -> Text:
    """Write stars as a shop writes them: 4.8."""
    return text("stars", x=f"{of // 10}.{of % 10}")


def bought(terms: Terms, state: State, phase: p.Buying) -> Page:
    """Return the page of one of these phases."""
    back, time_out = shell_pages.nav(state.shell), timer(terms)
    match phase:
        case p.Front():
            return _front(terms, state)
        case p.Search(typed=typed, nothing=nothing):
            lines = (text("search.nothing" if nothing else "search.how"),)
            body = Body(lines, field=typed, field_key="search.field", board="pinyin", length=12)
            keys = (key("search.ok", "primary"), *back)
            return Page("Form", "search", text("search.title"), None, body, keys, time_out)
        case p.Results(found=found):
            keys = (*(_found(terms.good(good)) for good in found), *back)
            rows = tuple(_star(terms.good(good)) for good in found)
            body = Body((text("results.how"),), rows)
            return Page("Goods", "results", text("results.title"), None, body, keys, time_out)
        case p.Product(good=good):
            return _product(terms, state, terms.good(good))
        case p.Reviews(product=product):
            told = (text(f"review.{product.good}.1"), text(f"review.{product.good}.2"))
            body = Body(told, _marks(terms.good(product.good)), face="avatar_stranger")
            return Page("Goods", "reviews", text("reviews.title"), None, body, back, time_out)
        case p.Spec(product=product):
            specs = terms.good(product.good).specs
            keys = (*(Key(f"spec.{one}", "choice", text(f"spec.{one}"), one) for one in specs), *back)
            return Page("Menu", "spec", text("spec.title"), None, Body((text("spec.how"),)), keys, time_out)
        case p.Cart():
            return _cart(terms, state)
        case p.Checkout():
            return _checkout(terms, state, phase)


def _front(terms: Terms, state: State) -> Page:
    sub = text("front.in_cart", n=len(state.cart)) if state.cart else None
    keys = (
        Key("menu.search", "choice", text("key.menu.search"), icon="search"),
        Key("menu.orders", "choice", text("key.menu.orders"), icon="orders"),
        Key("menu.cart", "choice", text("key.menu.cart"), sub=sub, icon="cart"),
        *shell_pages.nav(state.shell),
    )
    body = Body((text("front.how"),), icon="store")
    return Page("PhoneHome", "front", text("front.title"), None, body, keys, timer(terms))


def _found(good: Good) -> Key:
    price = text("amount", x_fen=good.fen)
    return Key(f"good.{good.id}", "choice", text(f"good.{good.id}"), good.id, sub=price, icon=f"good_{good.id}")


def _star(good: Good) -> Row:
    """Return the stars on its tile; dear and bait look alike."""
    return Row(text(f"good.{good.id}"), tenths(good.stars), keys=(f"good.{good.id}",))


def _marks(good: Good) -> tuple[Row, ...]:
    return (
        Row(text("row.stars"), tenths(good.stars), "warn" if good.stars < WARY else ""),
        Row(text("row.trust"), tenths(good.trust), "warn" if good.trust < WARY else ""),
    )


def _product(terms: Terms, state: State, good: Good) -> Page:
    """Return the page of price, what people give it, and whether it may go back without a reason."""
    week = Row(text("row.week"), text("week.yes" if good.week else "week.no"), "" if good.week else "warn")
    rows = (amount_row("price", good.fen), _marks(good)[0], week)
    coupon = terms.profile.coupon == "product" and state.coupon == "there"
    keys = (
        *((key("product.buy", "primary"),) if terms.profile.direct else ()),
        key("product.cart", "choice" if terms.profile.direct else "primary"),
        key("product.reviews", "choice"),
        *((key("product.coupon", "choice"),) if coupon else ()),
        *shell_pages.nav(state.shell),
    )
    lines = (text(f"about.{good.id}"),)
    body = Body(lines, rows[1:], amount_fen=good.fen, icon=f"good_{good.id}")
    return Page("Goods", "product", text(f"good.{good.id}"), None, body, keys, timer(terms))


def _cart(terms: Terms, state: State) -> Page:
    keys = tuple(
        Key(f"line.{at}", "choice", text(f"good.{good}"), good, sub=text(f"spec.{spec}"), icon=f"good_{good}")
        for at, (good, spec) in enumerate(state.cart)
    )
    body = Body((text("cart.how"),))
    return Page("Menu", "cart", text("cart.title"), None, body, (*keys, *shell_pages.nav(state.shell)), timer(terms))


def _checkout(terms: Terms, state: State, phase: p.Checkout) -> Page:
    good, line = terms.good(phase.good), (phase.good, phase.spec)
    may = terms.coupon_counts(good.id)
    coupon = phase.coupon or (state.coupon == "held" and may)
    fen = terms.price(good.id, coupon)
    rows: tuple[Row, ...] = (amount_row("price", good.fen),)
    rows += (amount_row("coupon", terms.rules.coupon_fen),) if coupon else ()
    offered = terms.profile.coupon == "checkout" and state.coupon == "there" and may
    keys = (
        key("checkout.yes", "primary", f"{good.id} {phase.spec} {int(coupon)} {fen}"),
        *(
            (Key("checkout.coupon", "choice", text("key.checkout.coupon"), state="on" if coupon else ""),)
            if offered
            else ()
        ),
        *((key("checkout.drop", "choice"),) if line in state.cart else ()),
        *shell_pages.nav(state.shell),
    )
    lines = (text("checkout.chosen", spec_key=f"spec.{phase.spec}"), text("checkout.how"))
    body = Body(lines, rows=(*rows, amount_row("to_pay", fen)), icon=f"good_{good.id}")
    return Page("Goods", "checkout", text(f"good.{good.id}"), None, body, keys, timer(terms))
