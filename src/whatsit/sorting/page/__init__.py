"""The page on which a pile is sorted: its addresses, the thread that all of it is done on, and what is told."""
