"""Choose the picture that stands for a lesson: what goes wrong in it, who deceives, or what it is to bring about.

It is found by the lesson's own rows, so that one which a teacher writes has its picture too. A fact that has none
here leaves it to the machine's.
"""

from __future__ import annotations

from kiosk_firmware.core.lessons import Lesson

FAULTS = {
    "host_offline": "lesson_no_line",
    "answer_lost": "lesson_no_line",
    "paper_out": "lesson_no_paper",
    "printer_jam": "lesson_no_paper",
    "card_unreadable": "lesson_card_bad",
    "card_expired": "lesson_card_bad",
    "card_turned": "lesson_card_bad",
    "card_left": "lesson_card_bad",
    "write_torn": "lesson_card_bad",
    "note_rejected": "lesson_note_bad",
    "note_suspect": "lesson_note_bad",
    "notes_left": "lesson_note_bad",
    "notes_gone": "lesson_note_bad",
    "tickets_out": "lesson_no_tickets",
    "gate_changed": "lesson_moved",
    "power_cut": "lesson_power_off",
}
VALUES = {
    ("paid_way", "code"): "pay_code",
    ("paid_way", "tap"): "tap_pay",
    ("bags", 1): "lesson_bag",
    ("pass_shown", True): "lesson_on_phone",
    ("found_by", "reference"): "lesson_letters",
    ("checked_in", 2): "lesson_two_people",
    ("bought", 2): "lesson_two_people",
    ("filed", "open"): "lesson_card_new",
    ("filed", "renew"): "lesson_id",
    ("filed", "first"): "lesson_id",
    ("filed", "lost"): "lesson_id_lost",
    ("filed", "loss"): "lesson_card_bad",
    ("filed", "report"): "lesson_household",
    ("fetched", "restore"): "lesson_household",
    ("fetched", "temp"): "lesson_id",
}
"""Facts of this very value: they say more than the fact does."""
FACTS = {
    "seat": "lesson_seat",
    "filed": "lesson_form",
    "told": "lesson_told",
    "refused": "lesson_refusal",
    "no_funds": "lesson_refusal",
    "over_limit": "lesson_refusal",
    "void": "lesson_refusal",
    "reason": "lesson_refusal",
    "fetched": "lesson_fetch",
    "at_window": "lesson_queue_number",
    "bought": "lesson_ticket",
    "bought_train": "lesson_ticket",
    "bought_to": "lesson_letters",
    "asked_letters": "lesson_letters",
    "regained": "lesson_open_again",
    "checked_in": "lesson_flight",
    "found_by": "lesson_flight",
    "passes": "lesson_flight",
    "seat_tried": "lesson_flight",
    "gate": "lesson_way_sign",
    "counter": "lesson_way_sign",
    "mended": "lesson_mend",
    "let_out": "lesson_mend",
    "over_fen": "lesson_mend",
    "opened": "lesson_sim",
    "replaced": "lesson_sim",
    "listed": "lesson_look_at",
    "plan_seen": "lesson_look_at",
    "looked_up": "lesson_look_at",
    "standing": "lesson_look_at",
    "reviews_read": "lesson_look_at",
    "checked": "lesson_look_at",
    "balance_seen": "lesson_balance",
    "bills_seen": "bills",
    "statement_printed": "bills",
    "ordered": "cart",
    "coupon_used": "cart",
    "withdrawn_fen": "lesson_cash_out",
    "deposited_fen": "lesson_cash_in",
    "loaded_fen": "lesson_top_up",
    "left": "lesson_gate_out",
    "entered": "lesson_gate_in",
    "card_bought": "lesson_card_new",
    "pin_changed": "lesson_password",
    "paid_fen": "lesson_password",
    "paid_to": "pay_code",
    "paid_way": "scan",
    "mini_fen": "minis",
    "transferred_fen": "send_money",
    "sent_hours": "lesson_clock_line",
    "early": "lesson_clock_line",
    "ended": "lesson_clock_line",
    "canceled": "lesson_take_back",
    "transfer_canceled": "lesson_take_back",
    "called_off": "lesson_take_back",
    "dropped": "lesson_take_back",
    "taken_back": "lesson_take_back",
    "refunded_fen": "lesson_refund",
    "returned": "lesson_refund",
    "changed_train": "lesson_moved",
    "said_how": "chats",
    "said_to": "chats",
    "group_did": "friends",
    "shown_to": "moments",
    "liked": "lesson_like",
    "friend_added": "add_friend",
    "sent_kind": "packet_line",
    "sent_to": "packet_line",
    "opened_fen": "packet_line",
    "called": "call",
    "reported": "report",
    "code_sent": "sms",
    "sms_read": "sms",
    "confirmed": "lesson_own_phone",
    "disputed": "lesson_advice",
    "appealed": "lesson_advice",
    "asked": "lesson_appointment",
    "appointment_slip": "lesson_appointment",
    "signed": "lesson_sign_name",
    "joined": "lesson_write",
    "registered": "lesson_write",
    "invoice_printed": "orders",
}


def picture(lesson: Lesson, otherwise: str) -> str:
    """Return its picture by name; `otherwise` where nothing of it has one."""
    setting = lesson.setting
    if setting.scene:
        return "lesson_deceiver"
    if setting.armed in FAULTS:
        return FAULTS[setting.armed]
    exact = (VALUES.get((row.fact, row.equal)) for row in lesson.goal if row.equal is not None)
    known = (FACTS.get(row.fact) for row in lesson.goal)
    return next((name for name in (*exact, *known) if name), otherwise)
