"""The report of a run: a page with its figures, drawings and photos that needs nothing beside it."""
