"""Sorting: a pile of photos without classes, a person who names a few, and a model that learns at each answer."""
