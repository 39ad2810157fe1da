"""Serve a site between its units and the central office: relay, revocation lists."""
