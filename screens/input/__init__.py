"""Turn touches into taps, text and gestures."""
