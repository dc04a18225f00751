"""BOP: poses of rigid objects, in folders and in tar files. https://bop.felk.cvut.cz"""

WRITERS = {
    "bop": "write:BOP",
    "bop-webdataset": "tars:BOP_WEBDATASET",
}

DETECTED = 90
