"""Pages to look at a dataset with, which open from a folder: no installation, no server."""
