"""What is counted of a dataset: the accumulators that cards, statistics and the viewer share."""
