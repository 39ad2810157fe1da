"""Read the machines' folders: entries, places, texts, lessons of sites."""
