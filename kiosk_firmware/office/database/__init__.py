"""Hold the office's database: connections, schema, and the queries that pages are made of."""
