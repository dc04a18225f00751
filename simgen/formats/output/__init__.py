"""What formats are written with: files of many images, and labels as pictures, polygons, JSON."""
