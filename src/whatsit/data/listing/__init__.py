"""What lies in a folder or stands in a list: every entry a photo, or something else with its reason."""
