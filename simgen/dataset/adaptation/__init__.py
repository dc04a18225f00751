"""How images are brought nearer to real ones: what was learnt of these, as plain data, and its use.

`adaptation` is the data, its file, and its application to an image; `methods` the ways to do it, of
which `measured` is matched by `degrading`, and `network` is a refiner without PyTorch; `sample` a
frame that is adapted while it is read.
"""
