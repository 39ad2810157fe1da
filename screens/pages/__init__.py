"""One class for each kind of page; `registry.page_drawing` finds it by the name and imports it when first shown."""
