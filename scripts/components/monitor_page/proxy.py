"""Proxies between two programs of this machine, which do what networks and services do on bad days."""

import http.server
import threading
import urllib.error
import urllib.request

KEPT = ("authorization", "if-none-match", "accept-encoding")
HOP = ("transfer-encoding", "connection", "content-length")


class Server:
    """Answers HTTP on a port of its own by `handle`, which takes a request and gives status, headers and body, or nothing at all."""

    def __init__(self, handle):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = handle(self.command, self.path, self.headers, body)
                if answer is None:
                    # As if nobody were there.
                    self.close_connection = True
                    return
                try:
                    self.answer(*answer)
                except ConnectionError:
                    # Whoever asked did not wait for it.
                    self.close_connection = True

            def answer(self, status, headers, body):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def forward(url, method, headers, body):
    """What the server at `url` answers."""
    request = urllib.request.Request(url, data=body or None, headers=headers, method=method)
    try:
        answer = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, {name: value for name, value in answer.headers.items() if name.lower() not in HOP}, answer.read()


class Prefix(Server):
    """Shows a monitor below a path, and fails where `failing` is found in a path; `rewrite` may change the JSON that comes by."""

    def __init__(self, upstream, prefix="/", rewrite=None):
        self.failing = None
        upstream = upstream.rstrip("/")

        def handle(method, path, headers, body):
            if not path.startswith(prefix):
                return 404, {}, b"outside of the path"
            if self.failing and self.failing in path:
                return 503, {"Content-Type": "application/json"}, b'{"detail": "the log is being moved"}'
            # What is rewritten must be readable, and as it is now.
            kept = {} if rewrite else {name: value for name, value in headers.items() if name.lower() in KEPT}
            status, headers, body = forward(f"{upstream}/{path[len(prefix):]}", method, kept, body)
            if rewrite and "/api/" in path:
                headers = {"Content-Type": "application/json"}
                body = rewrite(body)
            return status, headers, body

        super().__init__(handle)
        self.url += prefix


class Throttle(Server):
    """DynamoDB on a bad day: `open`, `throttled` or `gone`."""

    REFUSAL = b'{"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException", "message": "The level of configured provisioned throughput for the table was exceeded."}'

    def __init__(self, upstream):
        self.mode = "open"

        def handle(method, path, headers, body):
            if self.mode == "gone":
                return None
            if self.mode == "throttled":
                return 400, {"Content-Type": "application/x-amz-json-1.0"}, self.REFUSAL
            kept = {name: value for name, value in headers.items() if name.lower() not in (*HOP, "host")}
            return forward(upstream + path, method, kept, body)

        super().__init__(handle)
