"""Choosing entries for queries: pure functions over values."""
