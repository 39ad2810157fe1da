"""Decide what touches and keys mean: taps, typed text. Nothing here draws."""
