"""Labels drawn for people, as `H x W x 3` uint8 images: arrays as colours, numbers as overlays on
the image."""
