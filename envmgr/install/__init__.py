"""Getting what is missing: plans decided purely, then executed into a staged prefix."""
