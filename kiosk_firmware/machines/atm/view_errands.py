"""The pages of the errands: withdrawal, deposit, transfer, balance and statement."""

from __future__ import annotations

from typing import assert_never

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.pages import Body, Key, Kind, Page, Row, Text, text
from kiosk_firmware.kits.common_pages import amount_row, key, message, storing_page, unready
from kiosk_firmware.machines.atm import phases as p
from kiosk_firmware.machines.atm.state import State, Terms
from kiosk_firmware.machines.atm.view_parts import menu, timer

Asking = (
    p.OpeningAsking
    | p.WithdrawBooking
    | p.DepositBooking
    | p.Storing
    | p.PayeeAsking
    | p.AccountAsking
    | p.TransferBooking
    | p.PendingAsking
    | p.CancelBooking
    | p.BalanceAsking
    | p.StatementAsking
    | p.StatementPrinting
)
Counted = p.Counting | p.Storing | p.DepositConfirm | p.DepositBooking
Errand = p.Withdraw | Counted | p.Cardless | p.Transfer | p.Account | p.OpeningAsking


def view_errand(terms: Terms, state: State, phase: Errand) -> Page:
    """Return the page of an errand's phase."""
    match phase:
        case p.Amounts() | p.OtherAmount() | p.FeeAsked() | p.ReceiptAsked():
            return _withdraw(terms, state, phase)
        case p.Counting() | p.DepositConfirm():
            return _deposit(terms, state, phase)
        case p.AccountTyped() | p.AccountNamed() | p.PhoneTyped():
            return _cardless(terms, phase)
        case p.TransferKind() | p.OwnAccounts() | p.PayeeForm() | p.FraudWarning():
            return _payee(terms, state, phase)
        case p.TransferAmount() | p.TransferConfirm() | p.PendingList():
            return _transfer(terms, phase)
        case p.BalanceShown() | p.StatementShown():
            return _account(terms, phase)
        case p.PinChoosing() | p.PinRepeating():
            raise ValueError("PIN pages are drawn by view.view")
        case _:
            return _waiting(phase)


def _waiting(phase: Asking) -> Page:
    if isinstance(phase, p.Storing):
        return storing_page()
    if isinstance(phase, p.StatementPrinting):
        return message("waiting", "moving.printing", (text("wait.how"),), (), None, icon="wait_slip")
    return message("waiting", "wait.title", (text("wait.how"),), (), None, icon="wait_bank")


def _fee(terms: Terms, state: State, fen: int, fee_fen: int) -> Page:
    """Return the page of the fee of another bank's card; where it was opened in another city, how the fee
    comes about.
    """
    rules, far = terms.rules, state.number.startswith(terms.profile.far_prefix)
    rows = (amount_row("amount", fen), amount_row("fee", fee_fen))
    keys = (key("fee.ok", "primary"), key("fee.back", "back"))
    share = f"{rules.fee_other_city_bp / 100:g}"
    how = text("fee.far_rule", flat_fen=rules.fee_other_bank_fen, share=share, most_fen=rules.fee_most_fen)
    lines = (how,) if far else ()
    return message("fee", "fee.far" if far else "fee.title", lines, keys, timer(terms, "fee"), rows=rows)


def _withdraw(terms: Terms, state: State, phase: p.Amounts | p.OtherAmount | p.FeeAsked | p.ReceiptAsked) -> Page:
    match phase:
        case p.Amounts():
            presets = tuple(
                Key(f"amount.{fen // 100}", "choice", text("amount", x_fen=fen), str(fen))
                for fen in terms.profile.presets_fen
            )
            keys = (*presets, key("amount.other", "choice"), key("amount.back", "back"))
            return menu(terms, "amounts", keys, "cash")
        case p.OtherAmount(typed=typed, problem=problem):
            line = f"amount.{problem}" if problem else "amount.how"
            lines = (text(line, x_fen=terms.rules.multiple_fen, most_fen=terms.rules.per_time_fen),)
            return _typing(terms, "Amount", "amount", "amount.field", typed, lines, ("amount.ok", "amount.back"))
        case p.FeeAsked(fen=fen, fee_fen=fee_fen):
            return _fee(terms, state, fen, fee_fen)
        case p.ReceiptAsked(fen=fen):
            keys = (key("receipt.yes", "choice"), key("receipt.no", "primary"), key("receipt.back", "back"))
            lines = (text("receipt.before", x_fen=fen),)
            return message("receipt", "receipt.title", lines, keys, timer(terms, "receipt"), icon="receipt")
        case _:
            assert_never(phase)


def _typing(
    terms: Terms, kind: Kind, step: str, field: str, typed: str, lines: tuple[Text, ...], keys: tuple[str, str]
) -> Page:
    body = Body(lines, field=typed, field_key=field)
    pressed = (Key(field, "field", text(f"key.{field}")), key(keys[0], "primary"), key(keys[1], "back"))
    return Page(kind, step, text(f"{step}.title"), None, body, pressed, timer(terms, step))


def _cardless(terms: Terms, phase: p.AccountTyped | p.AccountNamed | p.PhoneTyped) -> Page:
    names = ("cardless.next", "cardless.back")
    match phase:
        case p.AccountTyped(typed=typed, problem=problem, first=first):
            line = f"cardless.{problem}" if problem else "cardless.again_how" if first else "cardless.how"
            step = "cardless_again" if first else "cardless"
            return _typing(terms, "Form", step, "cardless.field", typed, (text(line),), names)
        case p.PhoneTyped(typed=typed, problem=problem):
            lines = (text(f"cardless.{problem or 'phone_how'}"),)
            return _typing(terms, "Form", "cardless_phone", "phone.field", typed, lines, names)
        case p.AccountNamed(account=account, payee=payee, own=own):
            whose = text("row.own") if own else text("row.name", payee=payee)
            rows = (Row(text("row.into"), text("transfer.account", tail=account[-4:])), Row(text("row.payee"), whose))
            keys = (key("cardless.right", "primary"), key("cardless.back", "back"))
            time_out, lines = timer(terms, "cardless"), (text("cardless.name_how"),)
            page = message("cardless-name", "cardless.name", lines, keys, time_out, rows=rows)
            return msgspec.structs.replace(page, body=msgspec.structs.replace(page.body, whom=whose))
        case _:
            assert_never(phase)


def _deposit(terms: Terms, state: State, phase: p.Counting | p.DepositConfirm) -> Page:
    tally = state.books.tally
    rows = tuple(amount_row("pieces", fen * count, x_fen=fen, count=count) for fen, count in tally)
    total = money.total(tally)
    if state.account:
        rows = (Row(text("row.into"), text("transfer.account", tail=state.account[-4:])), *rows)
    if isinstance(phase, p.DepositConfirm):
        keys = (key("deposit.ok", "primary"), key("deposit.more", "choice"), key("deposit.cancel", "back"))
        body = Body((), rows, amount_fen=total)
        return Page("Pay", "deposit-confirm", text("deposit.confirm"), None, body, keys, timer(terms, "deposit"))
    line = text(f"deposit.{phase.refused or 'how'}", x_fen=state.deposit_left_fen)
    done = (key if tally else unready)("deposit.done", "primary")
    body = Body((line,), rows, amount_fen=total, icon="note_in")
    pressed, slots = (done, key("deposit.cancel", "back")), ("note_acceptor", "coin_acceptor")
    return Page("Pay", "deposit", text("deposit.title"), None, body, pressed, timer(terms, "deposit"), slots)


def _payee(terms: Terms, state: State, phase: p.TransferKind | p.OwnAccounts | p.PayeeForm | p.FraudWarning) -> Page:
    match phase:
        case p.TransferKind():
            own = (key("transfer.own", "choice"),) if state.own_accounts else ()
            others = (key("transfer.other", "choice"), key("transfer.pending", "choice"))
            return menu(terms, "transfer", (*own, *others, key("transfer.back", "back")), "transfer")
        case p.OwnAccounts():
            accounts = tuple(
                Key(f"account.{n}", "choice", text("transfer.account", tail=account[-4:]), account)
                for n, account in enumerate(state.own_accounts)
            )
            keys = (*accounts, key("transfer.back", "back"))
            return menu(terms, "own", keys, "transfer")
        case p.PayeeForm(typed=typed, problem=problem):
            lines = (text("payee.short" if problem else "payee.how"),)
            return _typing(terms, "Form", "payee", "payee.field", typed, lines, ("transfer.next", "transfer.back"))
        case p.FraudWarning(payee=payee):
            warned = (text("warning.payee", payee=payee), text("warning.police"), text("warning.ask"))
            keys = (key("warning.know", "choice"), key("transfer.back", "primary"))
            return message("warning", "warning.title", warned, keys, timer(terms, "warning"), icon="warn")
        case _:
            assert_never(phase)


def _transfer(terms: Terms, phase: p.TransferAmount | p.TransferConfirm | p.PendingList) -> Page:
    match phase:
        case p.TransferAmount(typed=typed, problem=problem):
            lines = (text(f"transfer_amount.{problem or 'how'}", most_fen=terms.rules.transfer_per_time_fen),)
            names = ("transfer.next", "transfer.back")
            return _typing(terms, "Amount", "transfer_amount", "transfer.field", typed, lines, names)
        case p.TransferConfirm():
            return _confirm(terms, phase)
        case p.PendingList(transfers=transfers):
            keys = tuple(
                Key(f"pending.{t.id}", "choice", text("pending.one", x_fen=t.fen, tail=t.payee[-4:]), str(t.id))
                for t in transfers[:6]
            )
            return menu(terms, "pending", (*keys, key("transfer.back", "back")), "transfer", (text("pending.how"),))
        case _:
            assert_never(phase)


def _confirm(terms: Terms, phase: p.TransferConfirm) -> Page:
    whose = text("row.own") if phase.own else text("row.name", payee=phase.payee)
    when = text("row.now") if phase.own else text("row.later", hours=terms.rules.transfer_delay_hours)
    rows = (
        Row(text("row.to"), text("transfer.account", tail=phase.account[-4:])),
        Row(text("row.payee"), whose),
        amount_row("amount", phase.fen),
        Row(text("row.when"), when),
    )
    keys = (key("transfer.ok", "primary"), key("transfer.back", "back"))
    page = message("transfer-confirm", "transfer.confirm", (), keys, timer(terms, "transfer"), rows=rows)
    return msgspec.structs.replace(page, body=msgspec.structs.replace(page.body, whom=whose))


def _account(terms: Terms, phase: p.BalanceShown | p.StatementShown) -> Page:
    ok = key("shown.ok", "primary")
    if isinstance(phase, p.BalanceShown):
        body = Body(amount_fen=phase.fen, icon="balance")
        time_out = timer(terms, "balance")
        return Page("Message", "balance", text("balance.title"), None, body, (ok,), time_out, private=True)
    rows = tuple(Row(text(f"entry.{entry.kind}"), text("amount", x_fen=entry.fen)) for entry in phase.rows[:5])
    lines = (text("statement.balance", x_fen=phase.fen),) if rows else (text("statement.none"),)
    keys = (ok, key("statement.print", "choice"))
    title, body = text("statement.title"), Body(lines, rows)
    return Page("List", "statement", title, None, body, keys, timer(terms, "statement"), private=True)
