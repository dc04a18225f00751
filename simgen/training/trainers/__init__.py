"""Detectors: trained on sets of images, then asked for the boxes of others. One file a trainer."""
