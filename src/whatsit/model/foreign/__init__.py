"""The first run of a network that somebody else made: in a process of its own, which may be ended."""
