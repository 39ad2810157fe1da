"""Run the office's process: the command line, the server, and what it does by itself."""
