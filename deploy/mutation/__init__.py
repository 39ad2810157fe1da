"""Change the source in one place and ask whether a test notices: `kiosk mutate`."""
