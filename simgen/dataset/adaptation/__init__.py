"""Adaptation of images to real ones.

`adaptation` has the data learnt from real images, its files, and its application to an image;
`methods` the methods, of which `degrading` matches the statistics of `measured`, and `network`
applies a trained refiner without PyTorch; `sample` a frame that is adapted when it is read.
"""
