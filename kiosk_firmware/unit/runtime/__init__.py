"""One run from first page to last: inbox, engine, timers, journal, coach, progress, resume."""
