"""Telemetry: what leaves the unit for the office, and what comes in. `asyncapi.yaml` beside this is the contract."""
