"""The colours of classes and instances. Made by scripts/make_palette.py."""

from __future__ import annotations

_HEX = """
    eb5a14 a53cff dca0ff aaff96 faf000 c87855 96cda5 0f82af
    facd50 dcb4d7 aa64eb f500b4 beb95a eb056e ff9100 eb1932
    00f0ff 008c3c 23dc32 00ffcd ff82b4 ff19fa 6e7dcd ffd7aa
    a06491 ff7378 00aaa0 00e67d e1f56e ff78e1 c38c32 50825f
    91be00 23c3ff 5acd87 7db4be a5966e 55b941 8ca5d7 b455aa
    8cffe6 c38787 7887ff b4f5fa d241cd 648c32 879100 82eb00
    ffc3be ffb473 96eb55 c3e191 be5a78 3ca5ff f5874b dc5a41
    a0ffbe ffa091 ff55a5 ffaaeb a578c3 e13755 faeb82 238796
    cdaa69 ffaf3c 5fd7f5 f5e64b c85f5f 1e82eb 0faa82 d2d7af
    cd73e1 a0d255 b9a5eb 78ff7d 73b95f 87a05f ffa5b9 73cdc3
    fa0096 cd1edc 6e64eb c8f5d7 e17dc8 378c0f 00f5e1 19e69b
    9687b9 b98ca5 737d55 87783c f5ebaa 69b47d b95f14 0fb4c3
    f5c369 0a876e c8468c ff00d7 ffb90a 82aa91 ff462d ffb996
    5f8ca5 468c4b 55dcb9 c3cd41 e68c2d f073f5 00c350 c8dcff
    f50a00 3ca0dc cd9100 05d7d2 f07891 e650af b9874b a573e1
    cdfa5a 82a5f0 50d273 8ccdff 5aff64 4ba5c8 828728 e65073
    96b42d d782b4 fad7f0 afb982 e6cd82 7d69c8 b9b4dc 96d2eb
    af6469 5fbea0 a5d7cd 4b78b9 ff9b6e af46dc 00c896 fa55ff
    c300ff cd7d96 6e5fff 9b8ceb 73aa32 b4f0be ff7d5f 78ebeb
    73f5a0 e11e9b eb8c91 f0194b e67869 64e146 cddc73 b9a041
    a564be ff7dc8 d7a5aa a0fa46 d2ebb4 cd9b7d 7ddca5 0aaa5a
    ffd200 dc00f5 8c6e87 e63c7d b4eb8c 96e6cd af50c3 5573dc
    aa7382 ffbedc c86496 d755f5 dcaaeb f0a050 82afd2 dc642d
    dc00b9 f0dc5f 00c3af d24b4b aad79b b969a5 dc4b28 b93ceb
    9669ff e1aa37 9b734b 78e15f 00b9e1 007dcd 5aebb4 c3eb73
    50afaf 3c8778 82aa55 e6a09b f0c387 9187cd b987b9 ebf096
    739b73 dc9b6e aff000 1e8c5a 00d246 8cdc73 eb413c 87d282
    a09b46 d746be 3c8728 55a087 dc96b4 dc6ecd 969155 e63269
    ffc8af 5ffaf0 b97d69 e1c3f5 ff0a28 87ebc3 7dc837 8cdce1
    eb7823 beb973 64789b 69c3cd aae141 ffa0cd fa8cf5 c3a0d2
    5591d7 cd4673 826ea5 d7c85a e664a0 d78273 9b8237 d7c896
    00cde6 c850b4 00fa73 00c378 ff96e1 559bff aaafff 5a9ba0
"""

PALETTE: tuple[tuple[int, int, int], ...] = tuple(
    (value >> 16, value >> 8 & 255, value & 255)
    for value in (int(word, 16) for word in _HEX.split())
)
"""Red, green, blue, 0 to 255. The first N are well apart, whatever N is."""
