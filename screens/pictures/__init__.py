"""The picture language: what each picture means, where it comes from, and the sheets that the glass draws from."""
