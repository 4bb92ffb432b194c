#!/usr/bin/env python3
"""Draws docs/journey.svg: the layers that a request and its answer go through.

    python3 docs/journey.py           writes the picture
    python3 docs/journey.py --check   fails if the committed picture isn't what this makes

Needs nothing but Python's standard library. The numbers are those of docs/architecture.md.
"""

import sys
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

PICTURE = Path(__file__).with_name("journey.svg")


class Layer(NamedTuple):
    """One layer: what it does to a request on its way in, and to the answer on its way out."""

    name: str
    crate: str
    place: str
    request: tuple[str, ...]
    answer: tuple[str, ...]


LAYERS = [
    Layer(
        "listener", "gateway", "gateway: serve/, on http1 and h2",
        ("accepts, tells HTTP/1 from HTTP/2,", "limits time and size of each head"),
        ("sends the answer as it comes,", "closes so that all of it arrives"),
    ),
    Layer(
        "edge", "gateway", "gateway: edge.rs",
        ("gives a request id, refuses what", "two readers could read differently"),
        ("answers panics and timeouts, logs", "one line when the body ends"),
    ),
    Layer(
        "router", "gateway", "gateway: table.rs, axum behind it",
        ("finds the longest prefix", "and takes it off the path"),
        ("no route: 404",),
    ),
    Layer(
        "gate", "admin-auth", "admin-auth",
        ("wants one token, compares it in", "constant time, passes it to nobody"),
        ("refused: 401, 403 or 429, and", "nothing behind the gate is called"),
    ),
    Layer(
        "errors", "proxy-service", "proxy-service: catch_error/",
        ("passes on as it is",),
        ("an error becomes 502, 503 or 504,", "with Proxy-Status"),
    ),
    Layer(
        "balancer", "balance", "balance",
        ("picks an endpoint that is well,", "ready and has room"),
        ("counts the outcome for its health;", "what wasn't sent goes elsewhere"),
    ),
    Layer(
        "proxy", "proxy-service", "proxy-service",
        ("rewrites the URI, strips this hop's", "headers, sets Host, Via, X-Forwarded"),
        ("strips that hop's headers, adds Via,", "passes body, trailers or a tunnel"),
    ),
    Layer(
        "connections", "proxy-service", "proxy-service: client/, on http1 and h2",
        ("takes a connection from the pool,", "or dials: TCP, TLS, Unix socket"),
        ("gives the connection back", "when all has been received"),
    ),
]
# What is written between two layers, by the name of the lower one.
CAPTIONS = {"gate": "behind each route"}

WIDTH = 960
MARGIN = 28
BAR_LEFT, BAR_RIGHT = MARGIN, WIDTH - MARGIN
BAR_HEIGHT = 58
END_HEIGHT = 42
GAP = 27
TEXT_LEFT = BAR_LEFT + 54
CENTRE = WIDTH / 2
ANSWER_LEFT = 636
REQUEST_ARROW, ANSWER_ARROW = 194, 766
LINE = 18

FONT = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
LIGHT = {
    "ground": "#ffffff", "frame": "#d1d9e0", "text": "#1f2328", "muted": "#59636e",
    "gateway": "#59636e", "admin-auth": "#9a6700", "balance": "#1a7f37", "proxy-service": "#0969da",
}
DARK = {
    "ground": "#0d1117", "frame": "#3d444d", "text": "#f0f6fc", "muted": "#9198a1",
    "gateway": "#9198a1", "admin-auth": "#d29922", "balance": "#3fb950", "proxy-service": "#4493f8",
}


def style() -> str:
    """The looks, once for each of the reader's colour schemes."""

    def colours(theme: dict[str, str]) -> str:
        rules = [
            f".ground {{ fill: {theme['ground']}; stroke: {theme['frame']} }}",
            f".end {{ fill: none; stroke: {theme['muted']} }}",
            f".arrow {{ stroke: {theme['muted']} }}",
            f".head {{ fill: {theme['muted']} }}",
            f"text {{ fill: {theme['text']} }}",
            f".muted {{ fill: {theme['muted']} }}",
            f".number {{ fill: {theme['ground']} }}",
        ]
        for crate in ("gateway", "admin-auth", "balance", "proxy-service"):
            rules.append(f".{crate} {{ fill: {theme[crate]}; stroke: {theme[crate]} }}")
        return "\n".join(f"    {rule}" for rule in rules)

    return "\n".join([
        "  <style>",
        f"    text {{ font-family: {FONT}; font-size: 13px }}",
        "    .name { font-size: 16px; font-weight: 600 }",
        "    .small { font-size: 12px }",
        "    .number { font-size: 13px; font-weight: 600 }",
        "    .centred { text-anchor: middle }",
        "    .arrow { stroke-width: 1.5; fill: none }",
        "    .bar { fill-opacity: 0.09; stroke-opacity: 0.45 }",
        "    .badge { stroke: none }",
        colours(LIGHT),
        "    @media (prefers-color-scheme: dark) {",
        colours(DARK),
        "    }",
        "  </style>",
    ])


def text(x: float, y: float, words: str, looks: str = "") -> str:
    looks = f' class="{looks}"' if looks else ""
    return f'  <text x="{x:g}" y="{y:g}"{looks}>{escape(words)}</text>'


def lines(x: float, middle: float, words: tuple[str, ...]) -> list[str]:
    """Lines of text around a middle."""
    first = middle - (len(words) - 1) * LINE / 2 + 4.5
    return [text(x, first + nth * LINE, line) for nth, line in enumerate(words)]


def box(top: float, height: float, looks: str) -> str:
    width = BAR_RIGHT - BAR_LEFT
    return f'  <rect class="{looks}" x="{BAR_LEFT}" y="{top:g}" width="{width}" height="{height}" rx="10"/>'


def arrow(x: float, start: float, end: float) -> list[str]:
    """From start to end, up or down."""
    back = -7 if end > start else 7
    return [
        f'  <path class="arrow" d="M{x} {start:g} V{end + back:g}"/>',
        f'  <path class="head" d="M{x} {end:g} l-5 {back:g} h10 z"/>',
    ]


def gap(top: float) -> list[str]:
    """A request's arrow down and an answer's arrow up, between two boxes."""
    return arrow(REQUEST_ARROW, top + 4, top + GAP - 4) + arrow(ANSWER_ARROW, top + GAP - 4, top + 4)


def bar(nth: int, layer: Layer, top: float) -> list[str]:
    middle = top + BAR_HEIGHT / 2
    badge = BAR_LEFT + 27
    return [
        box(top, BAR_HEIGHT, f"bar {layer.crate}"),
        f'  <circle class="badge {layer.crate}" cx="{badge}" cy="{middle:g}" r="12"/>',
        text(badge, middle + 4.5, str(nth), "number centred"),
        *lines(TEXT_LEFT, middle, layer.request),
        text(CENTRE, middle - 3, layer.name, "name centred"),
        text(CENTRE, middle + 16, layer.place, "small muted centred"),
        *lines(ANSWER_LEFT, middle, layer.answer),
    ]


def end(name: str, request: str, answer: str, top: float) -> list[str]:
    middle = top + END_HEIGHT / 2
    return [
        box(top, END_HEIGHT, "end"),
        text(TEXT_LEFT, middle + 4.5, request, "muted"),
        text(CENTRE, middle + 5.5, name, "name centred"),
        text(ANSWER_LEFT, middle + 4.5, answer, "muted"),
    ]


def picture() -> str:
    drawn = []
    y = MARGIN
    drawn += end("client", "sends a request", "gets the answer", y)
    y += END_HEIGHT
    for nth, layer in enumerate(LAYERS, 1):
        drawn += gap(y)
        if layer.name in CAPTIONS:
            drawn.append(text(CENTRE, y + GAP / 2 + 4.5, CAPTIONS[layer.name], "small muted centred"))
        y += GAP
        drawn += bar(nth, layer, y)
        y += BAR_HEIGHT
    drawn += gap(y)
    y += GAP
    drawn += end("upstream", "HTTP/1.1 or HTTP/2", "answers, streams or switches protocols", y)
    height = y + END_HEIGHT + MARGIN
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title">',
        '  <title id="title">The layers that a request goes down through, and its answer up again</title>',
        style(),
        f'  <rect class="ground" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="14"/>',
        *drawn,
        "</svg>",
    ]) + "\n"


def main() -> int:
    made = picture()
    if sys.argv[1:] == ["--check"]:
        is_same = PICTURE.exists() and PICTURE.read_text(encoding="utf-8") == made
        if not is_same:
            print(f"{PICTURE} is not what {Path(__file__).name} makes: run it again", file=sys.stderr)
        return 0 if is_same else 1
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    PICTURE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
