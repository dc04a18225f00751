"""The accumulators shared by cards, statistics, the viewer and the summary of a run.

Input: plain JSON of scenes and frames, records, pixels.
Output: counts and histograms as plain data.
Imports only packages that read datasets.
"""
