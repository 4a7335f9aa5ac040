"""The project file: where it is, what it says, everything wrong with it, and editing it."""
