"""Evaluation of detectors: matching, average precision, kinds of errors, confidence intervals."""
