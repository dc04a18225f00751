"""WebDataset: samples in tar files. https://github.com/webdataset/webdataset"""

WRITERS = {
    "webdataset": "write:WEBDATASET",
    "webdataset-dense": "write:WEBDATASET_DENSE",
}

DETECTED = 120
