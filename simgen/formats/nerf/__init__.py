"""Views for NeRF and Gaussian splatting."""
