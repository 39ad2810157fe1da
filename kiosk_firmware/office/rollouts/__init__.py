"""New systems and new content: the shelf they lie on, the plans by which they go out, and the clerk's steps."""
