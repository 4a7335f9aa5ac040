"""Environments rendered for other systems, one file an exporter."""
