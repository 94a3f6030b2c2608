"""The photos of a project: what lies in its folders, how they come in, and what a person does with them."""
