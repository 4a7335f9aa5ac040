"""Where measurements are recorded: beside the store, or where the environment says."""

from __future__ import annotations

import os

from envmgr.api.workspace import Workspace
from envmgr.experiment.records import Records, open_records

VARIABLE = "ENVMGR_EXPERIMENTS"
"""A file, or a `postgresql://` address that a group shares."""


def open_own(workspace: Workspace) -> Records:
    """The records of *workspace*. Raises StoreError when they cannot be opened."""
    own = os.path.join(workspace.layout.root, "experiments.sqlite")
    return open_records(workspace.environ.get(VARIABLE) or own)
