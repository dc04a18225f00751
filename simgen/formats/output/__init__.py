"""What formats are written with: targets, archives, rasters, polygons."""
