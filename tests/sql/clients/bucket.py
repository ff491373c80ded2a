"""A bucket for a test: moto, which answers as S3 does, behind HTTP that keeps its connections as S3 does."""

import contextlib
import http.server
import re
import socket
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client

HOST = "127.0.0.1"
NAME = "vonglau-archive"
KEY = "a-key"
NO_KEY = b"<Error><Code>InvalidAccessKeyId</Code><Message>There is no such key</Message></Error>"
DENIED = b"<Error><Code>AccessDenied</Code><Message>Rows are not for this key</Message></Error>"


class Bucket:
    """Used as a context. It can go and come back, at the same address and with all that it held; while `hides_rows`,
    it says which files it has but not what is in them."""

    def __enter__(self):
        self.written = []
        self.hides_rows = False
        self._s3 = Client(DomainDispatcherApplication(create_backend_app))
        self._port = 0
        self.come()
        assert self.ask("PUT", f"/{NAME}").status_code == 200
        return self

    def __exit__(self, *_):
        self.go()

    @property
    def environment(self):
        """What a service needs to find it."""
        return {
            "AWS_ENDPOINT": f"http://{HOST}:{self._port}", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": "a-secret",
        }

    def names(self, prefix):
        listed = self.ask("GET", f"/{NAME}?list-type=2&prefix={prefix}").text
        return re.findall("<Key>(.*?)</Key>", listed)

    def come(self):
        front = http.server.ThreadingHTTPServer((HOST, self._port), Connection)
        front.bucket, front.open = self, []
        self._front, self._port = front, front.server_address[1]
        threading.Thread(target=front.serve_forever, args=[0.05], daemon=True).start()

    def go(self):
        self._front.shutdown()
        self._front.server_close()
        for connection in self._front.open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def ask(self, method, path, headers=(), body=b""):
        if method in ("PUT", "POST"):
            self.written.append(path)
        return self._s3.open(path, method=method, headers=list(headers), data=body, base_url=f"http://{HOST}")


class Connection(http.server.BaseHTTPRequestHandler):
    """One connection, on which many requests come."""

    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.open.append(self.connection)

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        # moto does not look at it.
        if f"Credential={KEY}/" not in self.headers.get("authorization", ""):
            return self.tell(403, {}, NO_KEY)
        if self.server.bucket.hides_rows and self.command == "GET" and self.path.endswith(".parquet"):
            return self.tell(403, {}, DENIED)
        told = self.server.bucket.ask(self.command, self.path, self.headers.items(), body)
        return self.tell(told.status_code, told.headers, told.data)

    def tell(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("connection", "content-length", "date", "server", "transfer-encoding"):
                self.send_header(name, value)
        # To HEAD, what a body would have.
        self.send_header("content-length", headers.get("content-length") or str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass
