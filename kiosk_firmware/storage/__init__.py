"""Keep files durable: SQLite files shared by threads, and the steps by which their schemas grow."""
