"""The plain data that flows through simgen.

Comes in: nothing.
Goes out: `SceneSpec` (every decision of a scene), `RawFrame` (the arrays of a render), random
    streams keyed by seed, scene and factor.
May import: nothing of simgen but `errors`.
"""
