"""Datasets as pages that open from a folder: nothing to install, no server needed."""
