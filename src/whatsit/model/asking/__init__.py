"""Asking about many photos: which are meant, what is said of each, and why."""
