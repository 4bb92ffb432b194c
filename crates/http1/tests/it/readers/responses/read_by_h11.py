"""h11 as a reader of responses: a line of hexadecimal bytes in, a line of what it read out."""

import sys

import h11


def read(received):
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("host", "a")]))
    connection.send(h11.EndOfMessage())
    response, body = None, b""
    try:
        connection.receive_data(received)
        connection.receive_data(b"")
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Response):
                response = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return ",".join([b"GET".hex(), str(response.status_code).encode().hex(), body.hex()]) + " ."
            elif not isinstance(event, h11.InformationalResponse):
                return "!"
    except h11.RemoteProtocolError:
        return "!"


for line in sys.stdin:
    print(read(bytes.fromhex(line)), flush=True)
