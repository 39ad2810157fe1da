"""A counter: number machine, waiting, window, papers, forms, clerk, acceptance slip, and coming back for the result.

How a counter is made. The kit is the whole machine; a counter is its data:

- `errands.toml` (`errands.py` says what may stand there): the groups of the number machine and the errands, each a list
  of steps `ident`, `paper`, `ask`, `photo`, `tell`, `form`, `sign`, `fee`, `pin`, `refuse`, `judge`, `file`, `home`,
  `later`, `collect`.
- `rulepack.toml`: dated figures in a struct of its own, `class Rules(CounterRules)`; errands name them, and every text
  may use them (`{loss_days}`, `{card_fen}`).
- `build.py`: `SHARED = "counter"`, `PACKS`, `DATA`, `Profile` and `build(rules, profile, data)`, which calls
  `kits.counter.machine.counter(id, …)` with the counter's frauds (`frauds.py`, moments "waiting", "window" and "slip")
  and functions of (rules, state), if it has any: judgements (to the word of a refusal) and workings (to figures that
  the clerk says).
- `zh.toml` and `en.toml`: only its own words. Those of hall, window, forms and leaving are the kit's
  (`kits/counter/zh.toml`), under the same keys, so a counter or a skin may say them its own way. Its `entry.toml` says
  `shares = "kits/counter"`, and the place "counters" (`kiosk_firmware/catalogue/machine_list.py`) has it among its
  parts.
- In a skin's `[look]`, `clerks` names who sits at the windows, by their numbers (`clerk_*` in
  `screens/pictures/pictures.toml`); a paper `id` is drawn as `paper_<id>` of that list.
- skins, lessons, walks, recovery and skills, as every machine; `machines/bank_counter` is the model. Mutants join
  `tests/mutants/counters.COUNTER` with the counter's own; `tests/kits/test_counter.py` holds that all that the data
  name can be said. Papers that the persona "free" carries, and those of several counters, have their names in the
  kit's `[paper]`.

What a person has comes from the persona: `papers` (some with a flaw) and ID card (a `lost` one is known by its number
alone; the paper "id_card", where an office gives it, is the new one); what the office knows of them, and what a clerk
sees ("glasses"), from `records`. Facts are the kit's (`machine.FACTS`), and one `answer_<name>` for each question
of the data.

Papers move by the person's hands alone: a key lays one on the desk, a key takes what lies there back (or the clerk
brings it after them). What the office keeps, it keeps with a slip. A fee leaves the purse when the office has filed the
application, and stands on the slip; a slip that cannot be printed is written by hand.
"""
