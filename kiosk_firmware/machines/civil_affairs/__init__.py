"""The civil affairs window: help in need, the subsistence allowance, help after release, marriage."""
