"""Evaluate: a model and photos in, figures and a report out."""
