"""Draw a page on the glass: loop, canvas, dirty regions."""
