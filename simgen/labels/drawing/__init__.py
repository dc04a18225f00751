"""Pictures of labels for people, `H x W x 3` uint8: arrays as colours, numbers as overlays."""
