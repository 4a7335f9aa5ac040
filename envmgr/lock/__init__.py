"""Locks: their text, whether they fit, what differs between two and what that can change."""
