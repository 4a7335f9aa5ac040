"""Experiments: records of runs, what they say together, and doing them again."""
