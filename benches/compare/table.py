"""The summary as tables in Markdown, which a terminal shows as well."""

QUIET = 0.10


def tables(summary):
    of = [
        ("CPU time a request, us", "cpu_us", _with_ratio),
        ("Requests a second on one processor", "rate", _with_ratio),
        ("Of that processor it used, percent", "busy", _percent),
        ("Latency at a gentle pace, median, us", "p50_us", _with_ratio),
        ("Latency at a gentle pace, 99th percentile, us", "p99_us", _with_ratio),
        ("Memory a connection that idles, KiB", "kib", _with_ratio),
    ]
    parts = [_table(summary, *each) for each in of]
    return "\n\n".join([*filter(None, parts), *_warning(summary)]) + "\n"


def _table(summary, title, name, cell):
    works = [work for work in summary.works if summary.has(work, name)]
    if not works:
        return None
    rows = [[title, *summary.peers, ""]]
    for work in works:
        cells = [cell(summary.figure(work, peer, name)) for peer in summary.peers]
        rows.append([work.name, *cells, work.about])
    return aligned(rows)


def _with_ratio(figure):
    ratio = "" if figure.ratio is None else f" ({figure.ratio:.2f})"
    return f"{number(figure.median)}{ratio}"


def _percent(figure):
    return f"{figure.median * 100:.0f}"


def number(value):
    """The number with one decimal, or from 100 on with none."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"


def aligned(rows):
    """Aligns rows of cells. The first row is the heading."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    last = len(widths) - 1

    def line(cells):
        padded = (
            cell.ljust(width) if column in (0, last) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return f"| {' | '.join(padded)} |"

    rule = [
        "-" * width if column in (0, last) else "-" * (width - 1) + ":" for column, width in enumerate(widths)
    ]
    return "\n".join(map(line, [rows[0], rule, *rows[1:]]))


def _warning(summary):
    widest = summary.widest_spread("cpu_us")
    if widest is None or widest[2].spread <= QUIET:
        return
    work, peer, figure = widest
    yield (
        f"The machine was not quiet: rounds differ by up to {figure.spread * 100:.0f} % from their median "
        f"({peer}, {work}). Measure again before you believe a ratio."
    )
