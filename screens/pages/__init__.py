"""One class for each kind of page; `registry.drawing` finds it by the kind's name and imports it when first shown."""
