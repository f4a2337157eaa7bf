"""Plays AWS Lambda's Runtime API to a bootstrap: hands it events one after the other, checks its answers, takes the time."""

import argparse
import base64
import json
import os
import queue
import statistics
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

VERSION = "/2018-06-01"
DEADLINE_S = 20


class Server(ThreadingHTTPServer):
    """Says nothing of connections that end with the process at their other side."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


class Runtime:
    """One execution environment: a bootstrap and the API it asks for events."""

    def __init__(self, bootstrap, settings):
        self.events, self.answers, self.asked = queue.Queue(), queue.Queue(), queue.Queue()
        runtime = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                if self.path != f"{VERSION}/runtime/invocation/next":
                    self.reply(404, b"{}", {})
                    return
                runtime.asked.put(time.perf_counter())
                event = runtime.events.get()
                if event is None:
                    self.close_connection = True
                    return
                self.reply(
                    200,
                    json.dumps(event).encode(),
                    {
                        "lambda-runtime-aws-request-id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
                        "lambda-runtime-deadline-ms": str(int(time.time() * 1000) + DEADLINE_S * 1000),
                        "lambda-runtime-invoked-function-arn": "arn:aws:lambda:eu-west-1:000000000000:function:hp",
                        "lambda-runtime-trace-id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
                    },
                )

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                answer = (self.path.rsplit("/", 1)[1], body, time.perf_counter())
                self.reply(202, b"{}", {})
                runtime.answers.put(answer)

            def reply(self, status, body, headers):
                self.send_response(status)
                for name, value in {"content-type": "application/json", "content-length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        environment = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": "hp",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/hp",
            "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
            "AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH": "true",
            "AWS_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "PATH": os.environ["PATH"],
            **settings,
        }
        self.log = tempfile.TemporaryFile()
        self.started = time.perf_counter()
        self.process = subprocess.Popen([bootstrap], env=environment, stdout=self.log, stderr=self.log)

    def ready(self):
        """Milliseconds from the start of the process to its first question for an event."""
        return (self.wait(self.asked) - self.started) * 1000

    def invoke(self, event):
        """`response` or `error`, the decoded answer, and the milliseconds it took."""
        handed_over = time.perf_counter()
        self.events.put(event)
        kind, body, at = self.wait(self.answers)
        return kind, json.loads(body), (at - handed_over) * 1000

    def wait(self, source):
        try:
            return source.get(timeout=DEADLINE_S)
        except queue.Empty:
            raise AssertionError(f"the bootstrap was silent for {DEADLINE_S} s:\n{self.said()}") from None

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.events.put(None)
        self.server.shutdown()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def function_url(method, path, body=None, **headers):
    """An event of a function URL, of version 2.0; the body travels in base64 as URLs send what they hold for binary."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "abc.lambda-url.eu-west-1.on.aws", "content-type": "application/json", **headers},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "abc",
            "domainName": "abc.lambda-url.eu-west-1.on.aws",
            "domainPrefix": "abc",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "curl"},
            "requestId": "e1506fd5-9e7b-434f-bd42-4f8fa224b599",
            "routeKey": "$default",
            "stage": "$default",
            "time": "12/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1583348638390,
        },
        "body": None if body is None else base64.b64encode(body).decode(),
        "isBase64Encoded": body is not None,
    }


def rest_api(method, path, body):
    """An event of a REST API of API Gateway, behind the stage `prod`."""
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": {"Host": "abc.execute-api.eu-west-1.amazonaws.com", "Content-Type": "application/json"},
        "multiValueHeaders": {"Host": ["abc.execute-api.eu-west-1.amazonaws.com"], "Content-Type": ["application/json"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": path.lstrip("/")},
        "stageVariables": None,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "abc",
            "httpMethod": method,
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "curl"},
            "path": f"/prod{path}",
            "protocol": "HTTP/1.1",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "requestTimeEpoch": 1583348638390,
            "resourceId": "123456",
            "resourcePath": "/{proxy+}",
            "stage": "prod",
        },
        "body": body.decode(),
        "isBase64Encoded": False,
    }


SCHEDULED = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.scheduler",
    "time": "2026-01-01T00:00:00Z",
    "detail": {},
}


def check_prediction(kind, answer, row):
    assert kind == "response" and answer["statusCode"] == 200, (kind, answer)
    body = base64.b64decode(answer["body"]) if answer.get("isBase64Encoded") else answer["body"]
    prediction = json.loads(body)
    assert prediction["input_data"] == json.loads(row), prediction
    assert set(prediction["prediction"]) == {"Lower_Interval", "Prediction", "Upper_Interval"}, prediction
    assert prediction["response"] == "Success add data to database!", prediction


def check_events(bootstrap, settings, row):
    with Runtime(bootstrap, settings) as runtime:
        runtime.ready()
        try:
            check_prediction(*runtime.invoke(function_url("POST", "/v1/predict", row))[:2], row)
            check_prediction(*runtime.invoke(rest_api("POST", "/v1/predict", row))[:2], row)
            kind, answer, _ = runtime.invoke(function_url("GET", "/livez"))
            assert (kind, answer["statusCode"]) == ("response", 200), answer
            kind, answer, _ = runtime.invoke(function_url("POST", "/v1/predict", b'{"CRIM": "high"}'))
            assert (kind, answer["statusCode"]) == ("response", 422), answer
            kind, answer, _ = runtime.invoke(SCHEDULED)
            assert kind == "response", answer
            kind, answer, _ = runtime.invoke({"neither": "a request", "nor": "a schedule"})
            assert kind == "error", answer
            # What it cannot read does not end it.
            check_prediction(*runtime.invoke(function_url("POST", "/v1/predict", row))[:2], row)
        except AssertionError:
            print(runtime.said())
            raise


def measure(bootstrap, settings, row, repetitions):
    inits, firsts, nexts = [], [], []
    for _ in range(repetitions):
        with Runtime(bootstrap, settings) as runtime:
            inits.append(runtime.ready())
            firsts.append(runtime.invoke(function_url("POST", "/v1/predict", row))[2])
            nexts.append(runtime.invoke(function_url("POST", "/v1/predict", row))[2])
    for name, times in [("init", inits), ("first answer", firsts), ("next answer", nexts)]:
        print(f"{name:12}  median {statistics.median(times):6.1f} ms   longest {max(times):6.1f} ms   of {repetitions}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bootstrap")
    parser.add_argument("--artifacts", default="artifacts")
    parser.add_argument("--repetitions", type=int, default=20)
    options = parser.parse_args()
    row = Path("input.json").read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "HP_ARTIFACTS": str(Path(options.artifacts).resolve()),
            "HP_STORE": f"sqlite://{folder}/predictions.db",
            "HP_SPOOL": f"{folder}/spool",
        }
        check_events(options.bootstrap, settings, row)
        measure(options.bootstrap, settings, row, options.repetitions)


main()
