"""Where photos may be: what a source is, what it finds, on which terms."""
