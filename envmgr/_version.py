"""The one place that states versions: of envmgr, and of the JSON it writes."""

__version__ = "0.1.0"

SCHEMA = 1
"""The number of the JSON form of entries and listings; it grows when a key changes meaning."""
