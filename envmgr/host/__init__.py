"""The machine: the only place that starts processes and reads the platform and PATH."""
