"""The office's pages: rendered on the server, kept fresh by htmx and server-sent events, with nothing from
elsewhere.
"""
