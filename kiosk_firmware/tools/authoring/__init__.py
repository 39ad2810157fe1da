"""For those who write lessons and dated rules: what is wanting, by file and key, before a unit finds out."""
