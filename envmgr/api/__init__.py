"""The Python face: what the command line can do, a script can do."""
