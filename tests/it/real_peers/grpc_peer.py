"""gRPC without generated code, by grpcio: `grpc_peer.py serve`, and `grpc_peer.py ask ADDRESS`, which fails where an answer is wrong."""

import queue
import sys
import threading
from concurrent import futures

import grpc

SERVICE = "test.Peer"
MEBIBYTE = 1 << 20


def echo(message, context):
    context.set_trailing_metadata([("x-length", str(len(message)))])
    return message


def fail(message, context):
    context.set_trailing_metadata([("x-why", message.decode())])
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not now: ünder way")


def count(message, context):
    for number in range(int(message)):
        yield str(number).encode()


def total(messages, context):
    return str(sum(len(message) for message in messages)).encode()


def pong(messages, context):
    for message in messages:
        yield b"pong " + message


def hang(message, context):
    """Says when its client has left."""
    left = threading.Event()
    context.add_callback(left.set)
    yield b"begun"
    if left.wait(10):
        print(f"{message.decode()} has left", flush=True)


def serve():
    handlers = {
        "Echo": grpc.unary_unary_rpc_method_handler(echo),
        "Fail": grpc.unary_unary_rpc_method_handler(fail),
        "Count": grpc.unary_stream_rpc_method_handler(count),
        "Total": grpc.stream_unary_rpc_method_handler(total),
        "Pong": grpc.stream_stream_rpc_method_handler(pong),
        "Hang": grpc.unary_stream_rpc_method_handler(hang),
    }
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"on 127.0.0.1:{port}", flush=True)
    server.wait_for_termination()


def ask(address):
    options = [("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(address, options=options) as channel:
        for check in [unary, failing, server_streaming, client_streaming, both_streaming, deadline, cancelled]:
            check(channel)
            print(check.__name__, flush=True)


def unary(channel):
    for message in [b"", b"hello", bytes(range(256)) * (3 * MEBIBYTE // 256)]:
        answer, call = channel.unary_unary(f"/{SERVICE}/Echo").with_call(message, timeout=10)
        assert answer == message, len(answer)
        assert call.code() == grpc.StatusCode.OK
        assert dict(call.trailing_metadata())["x-length"] == str(len(message))


def failing(channel):
    try:
        channel.unary_unary(f"/{SERVICE}/Fail")(b"tired", timeout=10)
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.FAILED_PRECONDITION, error
        assert error.details() == "not now: ünder way", error
        assert dict(error.trailing_metadata())["x-why"] == "tired", error
    else:
        raise AssertionError("it did not fail")


def server_streaming(channel):
    answers = channel.unary_stream(f"/{SERVICE}/Count")(b"1000", timeout=10)
    assert [int(answer) for answer in answers] == list(range(1000))


def client_streaming(channel):
    pieces = (b"x" * 10_000 for _ in range(200))
    assert channel.stream_unary(f"/{SERVICE}/Total")(pieces, timeout=10) == b"2000000"


def both_streaming(channel):
    """Each message is sent when the one before has been answered."""
    pings = queue.SimpleQueue()
    answers = channel.stream_stream(f"/{SERVICE}/Pong")(iter(pings.get, None), timeout=10)
    for number in range(20):
        pings.put(b"%d" % number)
        assert next(answers) == b"pong %d" % number
    pings.put(None)
    assert list(answers) == []


def deadline(channel):
    answers = channel.unary_stream(f"/{SERVICE}/Hang")(b"late", timeout=0.5)
    try:
        list(answers)
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error
    else:
        raise AssertionError("it was not cut off")


def cancelled(channel):
    answers = channel.unary_stream(f"/{SERVICE}/Hang")(b"unwilling", timeout=10)
    assert next(answers) == b"begun"
    answers.cancel()
    assert answers.code() == grpc.StatusCode.CANCELLED


if __name__ == "__main__":
    serve() if sys.argv[1] == "serve" else ask(sys.argv[2])
