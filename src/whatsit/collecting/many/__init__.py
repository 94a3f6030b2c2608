"""Collecting by many: one process leads, and others ask the hosts, each for hosts of its own."""
