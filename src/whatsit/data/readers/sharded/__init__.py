"""Tar shards, as WebDataset has them: members, what is said of each photo, and the index of where it begins."""
