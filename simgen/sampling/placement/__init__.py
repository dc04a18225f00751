"""Placement of objects: supports, initial poses, settling."""
