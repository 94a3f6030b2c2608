"""How strange a photo is: by what is on it, and by how it looks."""
