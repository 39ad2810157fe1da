"""The picture language: what each picture means, where it comes from, and the files that the glass draws from."""
