"""Frozen values and pure functions: nothing here touches a disk, a process or the clock."""
