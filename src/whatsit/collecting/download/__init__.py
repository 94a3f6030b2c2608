"""From addresses to photos on disk: fetched, proven to be photos, put in place."""
