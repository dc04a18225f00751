"""Downloads from Poly Haven and ambientCG, which publish CC0 textures, HDRIs and models.

`polyhaven` and `ambientcg` find the files of an item; `download` fetches them, within limits, and
keeps them in a cache; `installing` puts them where runs read them, with their origin and digests.
"""
