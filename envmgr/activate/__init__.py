"""Deltas to shell text and to processes that run inside them."""
