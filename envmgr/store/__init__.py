"""Entries and prefixes on disk, safe for parallel writers and for a kill at any moment."""
