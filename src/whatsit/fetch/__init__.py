"""The one place where an address becomes bytes: guarded, bounded, polite."""
