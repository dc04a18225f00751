"""A local server with the APIs of Poly Haven and ambientCG, as far as simgen uses them."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import cv2
import numpy as np
import trimesh


def coded(suffix: str, pixels: np.ndarray) -> bytes:
    return cv2.imencode(suffix, pixels)[1].tobytes()


def flat(*color: int) -> np.ndarray:
    return np.full((8, 8, len(color)), color[::-1], np.uint8)


def sky() -> bytes:
    return coded(".hdr", np.full((8, 16, 3), 0.5, np.float32))


def archive(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return made.getvalue()


@dataclass
class Sites:
    """The server. content: body of each path. asked: number of requests for each path. unavailable,
    cut: how often a path still answers 503, or with half of its body."""

    address: str = ""
    content: dict[str, bytes] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    unavailable: Counter[str] = field(default_factory=Counter)
    cut: Counter[str] = field(default_factory=Counter)
    redirects: dict[str, str] = field(default_factory=dict)
    agents: set[str] = field(default_factory=set)
    found: list[dict[str, object]] = field(default_factory=list)

    def put(self, path: str, data: bytes) -> dict[str, object]:
        """Add a file; return its entry in Poly Haven's API."""
        self.content[path] = data
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        return {"url": self.address + path, "size": len(data), "md5": md5}

    def add_polyhaven(self) -> None:
        """A texture, an HDRI and a model."""
        wall = "/ph/brick_wall_001"
        deep = np.tile(np.linspace(0, 65535, 8).astype(np.uint16), (8, 1))
        maps = {
            "Diffuse": ("diff", "jpg", coded(".jpg", flat(180, 90, 60))),
            "nor_gl": ("nor_gl", "jpg", coded(".jpg", flat(128, 128, 255))),
            "nor_dx": ("nor_dx", "jpg", coded(".jpg", flat(128, 128, 255))),
            "Rough": ("rough", "jpg", coded(".jpg", flat(200, 200, 200))),
            "AO": ("ao", "jpg", coded(".jpg", flat(255, 255, 255))),
            "Displacement": ("disp", "png", coded(".png", deep)),
        }
        files: dict[str, object] = {
            key: {"1k": {suffix: self.put(f"{wall}_{end}_1k.{suffix}", data)}}
            for key, (end, suffix, data) in maps.items()
        }
        files |= {"blend": {"1k": {"blend": {"url": "x", "size": 1, "md5": ""}}}}
        self._answer("brick_wall_001", 1, files, dimensions=[2500.0, 2500.0])
        dawn = {"1k": {"hdr": self.put("/ph/dawn_1k.hdr", sky())}}
        self._answer("dawn", 0, {"hdri": dawn, "tonemapped": self.put("/ph/dawn.jpg", b"x")})
        box = trimesh.creation.box(extents=(0.4, 0.9, 0.4)).export(file_type="gltf")
        main = self.put("/ph/Chair_01_1k.gltf", box.pop("model.gltf"))
        main["include"] = {name: self.put(f"/ph/8k/{name}", data) for name, data in box.items()}
        self._answer("Chair_01", 2, {"gltf": {"1k": {"gltf": main}}})

    def _answer(self, name: str, kind: int, files: object, **more: object) -> None:
        info = {"name": name, "type": kind, "authors": {"Ann Artist": "All"}, **more}
        self.content[f"/info/{name}"] = json.dumps(info).encode()
        self.content[f"/files/{name}"] = json.dumps(files).encode()

    def add_ambientcg(self) -> None:
        """A material, whose download is redirected, and an HDRI."""
        name = "Bricks075A_1K-JPG"
        endings = {"Color": (1, 2, 3), "NormalGL": (128, 128, 255), "NormalDX": (128, 128, 255),
                   "Roughness": (9, 9, 9), "Metalness": (0, 0, 0)}  # fmt: skip
        files = {f"{name}_{end}.jpg": coded(".jpg", flat(*c)) for end, c in endings.items()}
        files |= {"Bricks075A.png": coded(".png", flat(0, 0, 0)), f"{name}.usdc": b"x"}
        self.put("/cdn/bricks.zip", archive(files))
        self.redirects[f"/get?file={name}.zip"] = "/cdn/bricks.zip"
        self.put("/cdn/sky.zip", archive({"Sky_1K-HDR.hdr": sky(), "Sky_TONEMAPPED.jpg": b"x"}))
        self.redirects["/get?file=Sky_1K-HDR.zip"] = "/cdn/sky.zip"
        self.found = [
            self._asset("Bricks075A", "Material", name, 180),
            self._asset("Sky", "HDRI", "Sky_1K-HDR", 0),
            self._asset("Sofa", "3DModel", "Sofa_1K-JPG", 0),
        ]

    def _asset(self, name: str, kind: str, file: str, width: int) -> dict[str, object]:
        link = f"{self.address}/get?file={file}.zip"
        attribute = file.removeprefix(f"{name}_")
        download = {"attribute": attribute, "fileName": f"{file}.zip", "downloadLink": link}
        categories = {"zip": {"title": "zip", "downloads": [download]}}
        folders = {"default": {"downloadFiletypeCategories": categories}}
        return {
            "assetId": name, "dataType": kind, "dimensionX": width, "downloadFolders": folders
        }  # fmt: skip

    def body(self, path: str) -> bytes | None:
        address = urlsplit(path)
        if address.path == "/api/v2/full_json":
            wanted = parse_qs(address.query)["id"][0].split(",")
            found = [item for item in self.found if item["assetId"] in wanted]
            return json.dumps({"numberOfResults": len(found), "foundAssets": found}).encode()
        return self.content.get(path)


@contextmanager
def serve() -> Iterator[Sites]:
    sites = Sites()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sites.asked[self.path] += 1
            sites.agents.add(self.headers["User-Agent"])
            body = sites.body(self.path)
            if sites.unavailable[self.path] > 0:
                sites.unavailable[self.path] -= 1
                self.send_error(503)
            elif self.path in sites.redirects:
                self.send_response(302)
                self.send_header("Location", sites.redirects[self.path])
                self.end_headers()
            elif body is None:
                self.send_error(404)
            else:
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                cut = sites.cut[self.path] > 0
                sites.cut[self.path] -= 1
                self.wfile.write(body[: len(body) // 2] if cut else body)

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sites.address = f"http://127.0.0.1:{server.server_port}"
    sites.add_polyhaven()
    sites.add_ambientcg()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield sites
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
