"""Recipe `classical`: features computed by rule, and the best of a grid of models on them. Needs no torch."""
