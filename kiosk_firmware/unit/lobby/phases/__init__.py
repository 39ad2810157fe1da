"""Define the lobby's data: where it stands, what it hears, what it asks for; one file a group of pages."""
