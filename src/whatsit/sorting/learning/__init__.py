"""What is learnt from the answers of a person: groups, a head, what to ask next, and how well it goes by now."""
