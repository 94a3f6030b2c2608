"""Photos → findings → decisions: what is wrong with them, which are the same, and what a person made of it."""
