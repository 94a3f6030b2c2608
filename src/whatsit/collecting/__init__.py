"""Words → photos with their origin: sources are asked, files are fetched and proven, every candidate has a row."""
