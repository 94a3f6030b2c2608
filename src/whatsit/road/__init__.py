"""Verbs composed of what several packages do: one file a composition."""
