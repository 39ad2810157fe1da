"""The ATM / cash recycler."""
