"""The terminal: what it shows of work, answers and failures; streams and names as they are found there."""
