"""Charts: how they are drawn, what the report shows in them, and as files to take along."""
