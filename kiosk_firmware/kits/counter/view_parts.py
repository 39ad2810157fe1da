"""Build the parts of a counter's pages, beside the parts that all machines share (`kits.common_pages`)."""

from __future__ import annotations

from kiosk_firmware.core.pages import Body, Key, Page, Row, ServiceWindow, Text, Timer, text
from kiosk_firmware.kits.common_pages import key
from kiosk_firmware.kits.counter.errands import Queue
from kiosk_firmware.kits.counter.state import State, Terms, queue_of

BACK = key("desk.leave", "back")


def timer(terms: Terms, name: str) -> Timer:
    """Return the usual time-out of a page."""
    return Timer(name, terms.rules.page_ms)


def clerk_words(terms: Terms, name: str) -> Text:
    """Return what the clerk says, with every figure of the rules at hand."""
    return text(name, **terms.figures())


def last_sentence(terms: Terms, state: State, word: str) -> tuple[Text, ...]:
    """Return the clerk's last word as a sentence; words with a dot are texts of their own."""
    if not word:
        return ()
    return (clerk_words(terms, word if "." in word else f"clerk.{word}"),)


def windows(terms: Terms, state: State, shown: str, called: bool = False) -> tuple[ServiceWindow, ...]:
    """Return the hall's windows by number: one's own, with the number that its display shows, and those of other
    groups.
    """
    own, number = queue_of(terms, state), terms.profile.window
    others = [queue for queue in terms.errands.queue if queue.id != own.id][:2]
    first = max(1, number - len(others))
    free = (at for at in range(first, first + len(others) + 1) if at != number)
    found = [
        ServiceWindow(at, *_serves(queue, f"{queue.letter}{queue.ahead + 4:03d}"))
        for at, queue in zip(free, others, strict=True)
    ]
    return tuple(
        sorted((*found, ServiceWindow(number, *_serves(own, shown), called)), key=lambda window: window.number)
    )


def _serves(queue: Queue, number: str) -> tuple[Text, Text]:
    return text(f"queue.{queue.id}"), text("hall.please", number=number)


def window(terms: Terms, state: State) -> tuple[ServiceWindow, ...]:
    """Return the window at which one stands."""
    own = text(f"queue.{state.queue}") if state.queue else text("machine.name")
    return (ServiceWindow(terms.profile.window, own),)


def form_heading(state: State) -> Text:
    """Return what stands at the head of the form."""
    return text("form.head", what_key=f"menu.{state.errand}")


def clerk(
    terms: Terms, state: State, step: str, title: Text, lines: tuple[Text, ...], keys: tuple[Key, ...], icon: str = ""
) -> Page:
    """Show somebody at the window who says or asks something."""
    body = Body(lines, icon=icon, windows=window(terms, state))
    return Page("Hall", step, title, None, body, keys, timer(terms, step))


def paper(
    terms: Terms,
    state: State,
    step: str,
    title: Text,
    lines: tuple[Text, ...],
    keys: tuple[Key, ...],
    rows: tuple[Row, ...] = (),
    icon: str = "",
) -> Page:
    """Show a paper on the desk, and who says something about it at the window."""
    body = Body(lines, rows, icon=icon, heading=form_heading(state), windows=window(terms, state))
    return Page("Paper", step, title, None, body, keys, timer(terms, step))
