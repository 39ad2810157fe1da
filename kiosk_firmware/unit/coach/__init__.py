"""Coach a learner: search for the next step, prompt, record progress, demonstrate."""
