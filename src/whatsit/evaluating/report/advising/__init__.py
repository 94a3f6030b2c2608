"""What to do next: rules that read the figures of a run, and the steps they give, also as a file."""
