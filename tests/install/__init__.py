"""Tests of envmgr.install."""
