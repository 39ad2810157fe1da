"""The training kiosk's firmware: practice machines, session, telemetry and office."""
