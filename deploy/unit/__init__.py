"""Hold what a workshop builds a unit from: per kind its unit.toml, and papers drawn from it, so that they never
disagree.
"""
