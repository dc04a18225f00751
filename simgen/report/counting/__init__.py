"""The accumulators that cards, statistics, the viewer and the summary of a run share.

In: plain JSON of scenes and frames, records, pixels. Out: counts and histograms as plain data.
Imports only what reads datasets (`store`, `record`, `spec`).
"""
