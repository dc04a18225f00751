"""The canonical form of a dataset on disk or in object storage."""
