"""A model and photos of known classes in; predictions, figures, comparisons and a report out."""
