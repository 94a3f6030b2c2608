"""Heads: what answers from the features of a frozen network, fitted and chosen."""
