"""Pretrained networks by name: which there are and where they lie. Nothing here knows torch."""
