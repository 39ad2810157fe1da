"""Run a kiosk unit: the screen process, the agent process, enrolment."""
