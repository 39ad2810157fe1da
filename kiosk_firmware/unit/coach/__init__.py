"""Coach a learner: search for the next step, say it, record progress and skills."""
