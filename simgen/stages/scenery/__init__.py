"""Geometry that stages share: solids with their convex pieces, walls, furniture."""
