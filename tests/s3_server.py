"""An S3 server on this machine, for tests: moto's, and in front of it what goes wrong on the way.

Started as a script, it prints its address. `PUT /-/faults` with a JSON of shares (see `FAULTS`)
makes that share of all requests fail from then on; `GET /-/counts` says what was asked for so far;
`PUT /-/fill` with bucket and keys makes empty objects, a thousand in the time of a request.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Any

import boto3

FAULTS = (
    *("internal", "unavailable", "slow_down", "drop_request", "drop_response", "refuse"),
    "silent",
)
"""500; 503 without a body; 503 SlowDown; the connection ends within the body of the request, or of
the response; 403; no answer ever."""


@dataclass(frozen=True)
class S3Server:
    """The server's process, as tests see it."""

    address: str

    def client(self) -> Any:
        return boto3.client(
            "s3", endpoint_url=self.address, region_name="us-east-1",
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip

    def content(self, bucket: str, prefix: str) -> dict[str, bytes]:
        """All objects below a prefix, by their names below it."""
        client, found = self.client(), {}
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for item in (item for page in pages for item in page.get("Contents", [])):
            body = client.get_object(Bucket=bucket, Key=item["Key"])["Body"]
            found[item["Key"].removeprefix(prefix)] = body.read()
        return found

    def faults(self, after: int = 0, **shares: float) -> None:
        """Make shares of the requests fail, once so many more have gone well. None: none fails."""
        self._put("faults", {**shares, "after": after})

    def fill(self, bucket: str, keys: Sequence[str]) -> None:
        """Make empty objects."""
        self._put("fill", {"bucket": bucket, "keys": keys})

    def _put(self, what: str, content: object) -> None:
        body = json.dumps(content).encode()
        request = urllib.request.Request(f"{self.address}/-/{what}", body, method="PUT")
        urllib.request.urlopen(request).read()

    def counts(self) -> Counter[str]:
        with urllib.request.urlopen(f"{self.address}/-/counts") as answer:
            return Counter(json.load(answer))

    def environment(self, **changes: str | None) -> dict[str, str]:
        """Of a process that finds the server as it would find AWS. None removes a variable."""
        own = {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": "AKIATESTTESTTESTTEST",
            "AWS_SECRET_ACCESS_KEY": "not-very-secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        merged = {**os.environ, **own, **changes}
        return {key: value for key, value in merged.items() if value is not None}


@contextlib.contextmanager
def s3_server() -> Iterator[S3Server]:
    """The server in a process of its own, with nothing in it."""
    process = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield S3Server(process.stdout.readline().strip())
    finally:
        process.terminate()
        process.wait()


class Faulty:
    """WSGI middleware that fails a share of the requests."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._rng = random.Random(0)
        self._shares: dict[str, float] = {}
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/-/faults":
            self._shares = json.loads(self._body(environ))
            return _answer(start_response, "200 OK", b"{}")
        if path == "/-/fill":
            _fill(**json.loads(self._body(environ)))
            return _answer(start_response, "200 OK", b"{}")
        if path == "/-/counts":
            return _answer(start_response, "200 OK", json.dumps(self._counts).encode())
        with self._lock:
            kind = _kind(environ)
            self._counts[kind] += 1
            fault = self._draw_fault()
            self._counts[f"fault {fault}"] += fault is not None
        return self._fail(fault, environ, start_response)

    def _draw_fault(self) -> str | None:
        number = self._rng.random()
        self._shares["after"] = self._shares.get("after", 0) - 1
        if self._shares["after"] >= 0:
            return None
        for name in FAULTS:
            number -= self._shares.get(name, 0.0)
            if number < 0:
                return name
        return None

    def _fail(self, fault: str | None, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if fault is None:
            return self._app(environ, start)
        if fault == "drop_request":
            with contextlib.suppress(OSError):
                size = int(environ.get("CONTENT_LENGTH") or 0)
                environ["wsgi.input"].read(size // 2)
            _hang_up(environ)
            return []
        if fault == "silent":
            time.sleep(3600)  # this thread ends with its process
        if fault == "drop_response":
            return self._half(environ, start)
        self._body(environ)
        status, code = {
            "internal": ("500 Internal Server Error", "InternalError"),
            "unavailable": ("503 Service Unavailable", ""),
            "slow_down": ("503 Slow Down", "SlowDown"),
            "refuse": ("403 Forbidden", "AccessDenied"),
        }[fault]
        text = f"<Error><Code>{code}</Code><Message>Please try again.</Message></Error>"
        return _answer(start, status, text.encode() if code else b"")

    def _half(self, environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        """What was asked for is done, but only half of the answer comes back."""
        content = b"".join(self._app(environ, start))
        if environ["REQUEST_METHOD"] == "GET":
            yield content[: len(content) // 2]
        _hang_up(environ)

    @staticmethod
    def _body(environ: dict[str, Any]) -> bytes:
        return environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))


def _fill(bucket: str, keys: Sequence[str]) -> None:
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.s3.models import s3_backends

    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    for key in keys:
        backend.put_object(bucket, key, b"{}")


def _kind(environ: dict[str, Any]) -> str:
    method, query = environ["REQUEST_METHOD"], environ["QUERY_STRING"]
    return "LIST" if method == "GET" and "list-type=2" in query else method


def _hang_up(environ: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)


def _answer(start_response: Any, status: str, body: bytes) -> list[bytes]:
    start_response(status, [("Content-Length", str(len(body))), ("Content-Type", "text/xml")])
    return [body]


def main() -> None:
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"  # connections are kept, as S3 does

    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    app = Faulty(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    Thread(target=_end_with_parent, daemon=True).start()
    print(f"http://127.0.0.1:{server.port}", flush=True)
    sys.stdout.close()
    # Of connections that were hung up on.
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    server.serve_forever()


def _end_with_parent() -> None:
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


if __name__ == "__main__":
    main()
