"""Works the functions with cargo-lambda against the local services, as the README tells a developer to.

Twice: with the processes that `cargo local` runs, and with those of `cargo lambda watch`. Each time the ledger of the
fake Giftishow must show exactly one live coupon and one send for all the invocations, and nothing may be left running.
Expects cargo-lambda in PATH. Everything listens on 127.0.0.1.
"""

import contextlib
import itertools
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

# Not that of whoever works here.
FOLDER = "target/local"
BUILD_LIMIT_S = 600
START_LIMIT_S = 60
ANSWER_LIMIT_S = 60
STOP_LIMIT_S = 20
CALLBACK = "events/callback.json"
SEND = "events/send.json"
SWEEPER = "events/sweeper.json"
CATALOG_SYNC = "events/catalog-sync.json"


def free_ports(count):
    """Ports that nobody has now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def until(what, limit_s, attempt):
    """The first true result of `attempt`."""
    end = time.monotonic() + limit_s
    while not (result := attempt()):
        if time.monotonic() > end:
            raise SystemExit(f"not within {limit_s} s: {what}")
        time.sleep(0.1)
    return result


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def descendants(pid):
    found = []
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError):
            for child in map(int, path.read_text().split()):
                found += [child, *descendants(child)]
    return found


class Service:
    """A command in the background, and its output."""

    def __init__(self, *command):
        self.name = " ".join(itertools.takewhile(lambda word: not word.startswith("-"), command))
        print("$", *command, flush=True)
        self.log = tempfile.NamedTemporaryFile("r", prefix="ci-lambda-", suffix=".log")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.log.fileno(), stderr=subprocess.STDOUT,
            start_new_session=True, env=environment,
        )

    def __enter__(self):
        return self

    def output(self):
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def wait_for(self, pattern, limit_s):
        """What the first group of the pattern matches in the output."""

        def look():
            if self.process.poll() is not None:
                raise SystemExit(f"`{self.name}` ended by itself")
            return re.search(pattern, self.output())

        return until(f"`{self.name}` says {pattern}", limit_s, look).group(1)

    def __exit__(self, failure, *_):
        """Ctrl-C, and then nothing of it may be left."""
        started = [self.process.pid, *descendants(self.process.pid)]
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOP_LIMIT_S)
            left = []
            with contextlib.suppress(SystemExit):
                until("all processes are gone", 5, lambda: not any(map(alive, started)))
            left = [pid for pid in started if alive(pid)]
        except subprocess.TimeoutExpired:
            left = started
        for pid in filter(alive, started):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if failure or left:
            end = self.output().splitlines()[-100:]
            print(f"--- end of the output of `{self.name}`", *end, "---", sep="\n", flush=True)
        if left and not failure:
            raise SystemExit(f"`{self.name}` left {len(left)} processes after Ctrl-C")


def invoke(function, event, port):
    """The function's answer to `cargo lambda invoke`."""
    command = ["cargo", "lambda", "invoke", function, "--data-file", event]
    command += ["--invoke-address", "127.0.0.1", "--invoke-port", str(port), "--output-format", "json"]

    def attempt():
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BUILD_LIMIT_S)
        if done.returncode == 0:
            return done
        # `send` and `sweeper` run one at a time: the stream or the schedule may be using them.
        if "TooManyRequests" in done.stdout + done.stderr:
            return None
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")

    answer = json.loads(until(f"{function} takes an invocation", ANSWER_LIMIT_S, attempt).stdout)
    print(f"{function} < {event} > {json.dumps(answer, ensure_ascii=False)}", flush=True)
    # cargo-lambda calls a failed function a success.
    expect(not (isinstance(answer, dict) and "errorType" in answer), f"{function} does not fail")
    return answer


def expect(condition, what):
    if not condition:
        raise SystemExit(f"expected: {what}")


def ledger(url):
    with urllib.request.urlopen(url, timeout=ANSWER_LIMIT_S) as answer:
        return json.load(answer)


def recorded(answer, how):
    """Whether the callback answered 200 and says of its only entry how it was recorded."""
    entries = json.loads(answer["body"]).get("entries", [])
    return answer["statusCode"] == 200 and [entry["status"] for entry in entries] == [how]


def work(port, ledger_url):
    """One win, told twice and driven by hand as well: one coupon."""
    expect(recorded(invoke("callback", CALLBACK, port), "accepted"), "200, accepted")
    until("one live coupon", ANSWER_LIMIT_S, lambda: ledger(ledger_url)["live"] == 1)
    expect(invoke("send", SEND, port) == {"batchItemFailures": []}, "no failed record")
    invoke("sweeper", SWEEPER, port)
    synced = invoke("catalog-sync", CATALOG_SYNC, port)
    expect(synced["status"] in ("complete", "unfinished"), "the catalogue is read")
    expect(recorded(invoke("callback", CALLBACK, port), "duplicate"), "200, duplicate")
    truth = ledger(ledger_url)
    expect(truth["live"] == 1 and len(truth["entries"]) == 1, f"exactly one coupon in {truth}")
    expect(truth["requests"].get("0204") == 1, f"exactly one send in {truth['requests']}")


def local(*options):
    """`cargo local` on ports of its own."""
    flags = ("--port", "--dynamodb-port", "--secrets-port", "--invoke-port", "--operate-port", "--cloud-port", "--sim-port")
    ports = [str(port) for port in free_ports(len(flags))]
    where = [word for pair in zip(flags, ports) for word in pair]
    return Service("cargo", "local", "--folder", FOLDER, "--fresh", *where, *options), ports[flags.index("--invoke-port")]


def ledger_of(service):
    return service.wait_for(r"ledger\s+(http://\S+)", BUILD_LIMIT_S)


def with_cargo_local():
    """The functions as processes of `cargo local`."""
    service, port = local()
    with service:
        work(port, ledger_of(service))


def with_cargo_lambda_watch():
    """The functions as processes of `cargo lambda watch`, which builds each at its first invocation."""
    [port] = free_ports(1)
    service, _ = local("--no-functions", "--invoke-endpoint", f"http://127.0.0.1:{port}")
    with service:
        url = ledger_of(service)
        watch = ["cargo", "lambda", "watch", "--ignore-changes", "--env-file", f"{FOLDER}/functions.env"]
        watch += ["--invoke-address", "127.0.0.1", "--invoke-port", str(port)]
        with Service(*watch) as emulator:
            emulator.wait_for(r"(starting Runtime server)", START_LIMIT_S)
            work(port, url)


if __name__ == "__main__":
    for check in (with_cargo_local, with_cargo_lambda_watch):
        print(f"-- {check.__doc__}", flush=True)
        check()
    print("cargo lambda invoke: one coupon each time, and nothing left running")
