"""Building blocks of writers: targets, archives, rasters, polygons."""
