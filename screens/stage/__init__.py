"""Draw a page: painter, canvas, shapes, skins, dirty regions."""
