"""Define what crosses between processes and computers: facts, commands, topics, signed documents, certificates."""
