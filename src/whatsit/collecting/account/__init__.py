"""What a collection came to: counts, who made the photos, contact sheets."""
