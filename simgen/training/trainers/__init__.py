"""Detectors that train on sets of images and predict boxes in others. One file per trainer."""
