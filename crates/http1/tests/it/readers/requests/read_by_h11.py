"""h11 as a reader of requests: a line of hexadecimal bytes in, a line of what it read out."""

import sys

import h11


def read(received):
    connection = h11.Connection(h11.SERVER)
    words, body, request = [], b"", None
    try:
        connection.receive_data(received)
        connection.receive_data(b"")
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                request, body = event, b""
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                words.append(",".join(part.hex() for part in (request.method, request.target, body)))
                connection.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
                connection.send(h11.EndOfMessage())
                if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                    return words + ["."]
                connection.start_next_cycle()
            else:
                return words + ["."]
    except (h11.RemoteProtocolError, h11.LocalProtocolError):
        return words + ["!"]


for line in sys.stdin:
    print(" ".join(read(bytes.fromhex(line))), flush=True)
