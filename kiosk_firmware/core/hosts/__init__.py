"""Define what machines ask of hosts (bank, railway, …): one file per host, each a tagged union of asks."""
