"""Changes to items between a source and a format: selection, mixing, resizing."""
