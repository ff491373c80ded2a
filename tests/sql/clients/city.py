"""The golden city, served for a test: a nats-server and the built program on free ports, and a folder for both."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

PROJECT = pathlib.Path(__file__).resolve().parents[3]
EVENTS = PROJECT / "tests/sql/golden.ndjson"
DEADLINE_S = 60
STOP_S = 20
POLL_S = 0.02


def eventually(what, ask):
    """Asks until there is an answer."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        found = ask()
        if found is not None:
            return found
        time.sleep(POLL_S)
    raise TimeoutError(f"not within {DEADLINE_S} s: {what}")


def needed(path, what):
    if not path or not os.access(path, os.X_OK):
        raise FileNotFoundError(f"{what} is missing: run `make test`, which sets everything up")
    return str(path)


def program():
    target = PROJECT / os.environ.get("CARGO_TARGET_DIR", "target")
    return needed(target / "release/vonglau", "the built program")


def nats_server():
    fetched = PROJECT / "bin/nats-server"
    found = os.environ.get("NATS_SERVER_BIN") or (fetched if fetched.exists() else shutil.which("nats-server"))
    return needed(found, "nats-server")


def post(url, body, kind="application/json"):
    """Gives status and JSON, also of a refusal."""
    request = urllib.request.Request(url, data=body.encode(), headers={"content-type": kind})
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


class City:
    """Used as a context; leaving it ends both processes, however the test went. `environment` is the service's."""

    def __init__(self, **environment):
        self._environment = environment

    def __enter__(self):
        with contextlib.ExitStack() as left_behind:
            self.folder = pathlib.Path(left_behind.enter_context(tempfile.TemporaryDirectory(prefix="vonglau-clients-")))
            self._left_behind = left_behind
            self._ports = self._start_nats()
            self._start_server()
            self.take(EVENTS.read_text(encoding="utf-8"))
            self._left_behind = left_behind.pop_all()
        return self

    def __exit__(self, *_):
        self._left_behind.close()

    @property
    def data(self):
        return self.folder / "data"

    @property
    def password_file(self):
        return self.data / "postgres.password"

    @property
    def log(self):
        return self.folder / "server.log"

    def _spawn(self, words, log, **options):
        # A session of its own: Ctrl-C reaches the test alone, which then ends what it started.
        child = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **options
        )
        self._left_behind.callback(stop, child)
        return child

    def _start_nats(self):
        ports, config = self.folder / "ports", self.folder / "nats-server.conf"
        ports.mkdir()
        config.write_text(
            f'host: 127.0.0.1\nport: -1\nhttp: "127.0.0.1:-1"\nports_file_dir: "{ports}"\nmax_payload: 2MB\n'
            f'jetstream {{ store_dir: "{self.folder}/nats", max_file_store: 200GB }}\n',
            encoding="utf-8",
        )
        with open(self.folder / "nats-server.log", "wb") as log:
            child = self._spawn([nats_server(), "-c", config], log)

        def told():
            assert child.poll() is None, (self.folder / "nats-server.log").read_text(encoding="utf-8")
            for path in ports.iterdir():
                with contextlib.suppress(ValueError):  # not yet whole
                    return json.loads(path.read_text(encoding="utf-8"))
            return None

        return eventually("nats-server tells its ports", told)

    def restart(self):
        """Ends the service and starts it anew with the same journal and data, at other ports."""
        stop(self._server)
        self._start_server()
        self._reached(self._seq)

    def refused(self, **environment):
        """What a further service says that cannot start in this environment."""
        done = subprocess.run(
            self._words(tempfile.mkdtemp(dir=self.folder)), env={**self._service_environment(), **environment},
            capture_output=True, text=True, timeout=DEADLINE_S,
        )
        assert done.returncode != 0, done.stdout
        return done.stdout + done.stderr

    def _words(self, data):
        return [program(), "serve", "--http", "127.0.0.1:0", "--nats", self._ports["nats"][0], "--data", data]

    def _service_environment(self):
        # A bucket of whoever runs this is none of the test's.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {
            **inherited, "RUST_LOG": "info", "NO_COLOR": "1", "VONGLAU_CITY__CLOCK": "events",
            "VONGLAU_SQL__PG_LISTEN": "127.0.0.1:0", "VONGLAU_SQL__MEMORY_MIB": "256",
            "VONGLAU_NATS__MONITOR": self._ports["monitoring"][0], **self._environment,
        }

    def _start_server(self):
        with open(self.log, "wb") as log:
            child = self._spawn(self._words(self.data), log, env=self._service_environment())
        self._server, self.pid = child, child.pid

        def said(pattern):
            text = re.sub(r"\x1b\[[0-9;]*m", "", self.log.read_text(encoding="utf-8"))
            assert child.poll() is None, text
            found = re.search(pattern, text, flags=re.M)
            return found and found[1]

        self.http = eventually("HTTP listens", lambda: said(r"^listening on (http:\S+)$"))
        address = eventually(
            "PostgreSQL's protocol listens", lambda: said(r"PostgreSQL's protocol is spoken.* address=(\S+)")
        )
        password = self.password_file.read_text(encoding="utf-8").strip()
        self.url = f"postgresql://vonglau:{password}@{address}/vonglau"

    def take(self, events):
        """Sends events, a line each, and waits until they are applied."""
        def taken():
            status, receipt = post(f"{self.http}/v1/events", events, "application/x-ndjson")
            return None if status == 503 else (status, receipt)

        status, receipt = eventually("events are taken", taken)
        assert status == 200, receipt
        self._seq = receipt["stream_seq"]
        self._reached(self._seq)

    def _reached(self, seq):
        def applied():
            with urllib.request.urlopen(f"{self.http}/api/v1/status", timeout=DEADLINE_S) as answer:
                return json.load(answer)["stream_seq"] >= seq or None

        eventually("events are applied", applied)


def stop(child):
    """Cleanly, or by force where it does not listen."""
    child.terminate()
    try:
        child.wait(STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
