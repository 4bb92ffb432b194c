"""Draws the summary as bars in an SVG file, without a library."""

from dataclasses import dataclass
from html import escape

from table import number

NAMESPACE = "http://www.w3.org/2000/svg"
WIDTH = 860
MARGIN = 24
LABEL = 110  # left of the bars
VALUE = 110  # right of the longest bar
BAR, GAP, BETWEEN_ROWS = 13, 3, 12
TITLE, LEGEND = 34, 26
COLOURS = ("#8a8f98", "#4c78a8", "#e4572e", "#54a24b", "#b279a2", "#eeca3b")
STYLE = "text { font: 12px system-ui, sans-serif; fill: #222 } .title { font-weight: 600; font-size: 14px }"


@dataclass(frozen=True)
class Panel:
    """Bars with a common scale: for each row a label, and the length and text of each proxy's bar."""

    title: str
    rows: list
    mark: float | None = None


def svg(summary):
    panels = [panel for panel in (_cost(summary), _latency(summary), _memory(summary)) if panel.rows]
    parts, top = _legend(summary.peers, MARGIN), MARGIN + LEGEND
    for panel in panels:
        drawn, top = _panel(panel, top)
        parts += drawn
    return "\n".join(
        [
            f'<svg xmlns="{NAMESPACE}" width="{WIDTH}" height="{top}" viewBox="0 0 {WIDTH} {top}">',
            f"<style>{STYLE}</style>",
            f'<rect width="{WIDTH}" height="{top}" fill="#fff"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _cost(summary):
    rows = [
        _row(summary, work, "cpu_us", work.name, lambda figure: figure.ratio)
        for work in _with(summary, "cpu_us")
    ]
    return Panel(f"CPU time a request, {summary.base} = 1", rows, mark=1.0)


def _latency(summary):
    rows = [
        _row(summary, work, name, label, lambda figure: figure.median)
        for work in _with(summary, "p50_us")
        for name, label in (("p50_us", "median"), ("p99_us", "99th percentile"))
    ]
    return Panel("Latency at a gentle pace, us", rows)


def _memory(summary):
    rows = [
        _row(summary, work, "kib", work.name, lambda figure: figure.median) for work in _with(summary, "kib")
    ]
    return Panel("Memory a connection that idles, KiB", rows)


def _with(summary, name):
    return [work for work in summary.works if summary.has(work, name)]


def _row(summary, work, name, label, length):
    figures = [summary.figure(work, peer, name) for peer in summary.peers]
    return label, [(length(figure) or 0.0, _text(figure, name)) for figure in figures]


def _text(figure, name):
    unit = "KiB" if name == "kib" else "us"
    ratio = f"{figure.ratio:.2f}, " if name == "cpu_us" and figure.ratio is not None else ""
    return f"{ratio}{number(figure.median)} {unit}"


def _legend(peers, top):
    left, parts = MARGIN, []
    for peer, colour in zip(peers, _colours(peers), strict=True):
        parts.append(_bar(left, top - 11, 12, colour, height=12))
        parts.append(_label(left + 18, top, peer))
        left += 42 + 8 * len(peer)
    return parts


def _panel(panel, top):
    scale = (WIDTH - 2 * MARGIN - LABEL - VALUE) / (
        max(length for _, bars in panel.rows for length, _ in bars) or 1.0
    )
    left = MARGIN + LABEL
    parts = [_label(MARGIN, top + 16, panel.title, "title")]
    top += TITLE
    if panel.mark:
        height = sum(len(bars) * (BAR + GAP) + BETWEEN_ROWS for _, bars in panel.rows)
        parts.append(_line(left + panel.mark * scale, top - 6, top + height - BETWEEN_ROWS + 3))
    for label, bars in panel.rows:
        height = len(bars) * (BAR + GAP)
        parts.append(_label(MARGIN, top + height / 2 + 3, label))
        for (length, text), colour in zip(bars, _colours(bars), strict=True):
            parts.append(_bar(left, top, max(length * scale, 1), colour))
            parts.append(_label(left + length * scale + 6, top + BAR - 2, text))
            top += BAR + GAP
        top += BETWEEN_ROWS
    return parts, top + BETWEEN_ROWS


def _colours(items):
    return [COLOURS[number % len(COLOURS)] for number in range(len(items))]


def _label(x, y, text, kind="label"):
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _bar(x, y, width, colour, height=BAR):
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}" rx="2" fill="{colour}"/>'


def _line(x, top, bottom):
    return f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" stroke="#aaa" stroke-dasharray="3 3"/>'
