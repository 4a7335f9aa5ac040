"""Names of a project's files, and what is meant when no name is said. Starts import it: light."""

FILE = "envmgr.toml"
LOCK = "envmgr.lock"
DEFAULT = "default"
"""The environment, and the feature, that is meant when none is named."""
