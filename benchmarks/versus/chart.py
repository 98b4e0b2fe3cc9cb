"""Draws the chart of results: horizontal bars by client, in SVG written by hand."""

from html import escape

PANELS = [("cpu_64", "CPU per call, 64 in flight (µs)"), ("cpu_512", "CPU per call, 512 in flight (µs)"),
          ("instructions_total", "user-space instructions per call")]
WIDTH, LABELS, VALUES, BAR, GAP, TITLE = 760, 190, 90, 18, 7, 40
OURS, PEER, INK, FAINT = "#1f6f8b", "#b9c4cc", "#1c2429", "#e4e8eb"


def bars_of(rows, name):
    """(client, value), ours first and the others from the least to the most."""
    fitting = [row for row in rows if row["name"] == name and row["peer"] is not None]
    if not fitting:
        return []
    return [("dbxapps", fitting[0]["ours"]),
            *sorted(((row["peer_name"], row["peer"]) for row in fitting), key=lambda bar: bar[1])]


def text(x, y, words, size=13, anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" '
            f'fill="{INK}">{escape(words)}</text>')


def panel(top, title, bars):
    """The elements of one group of bars, and where it ends."""
    room = WIDTH - LABELS - VALUES
    longest = max(value for _, value in bars) or 1
    parts = [text(LABELS, top + 24, title, 15, weight="bold")]
    y = top + TITLE
    for at, (client, value) in enumerate(bars):
        length = max(1.0, room * value / longest)
        middle = y + BAR * 0.74
        shown = f"{value:,.0f}" if value >= 1000 else f"{value:.1f}"
        parts += [text(LABELS - 10, middle, client, anchor="end", weight="normal" if at else "bold"),
                  f'<rect x="{LABELS}" y="{y}" width="{room}" height="{BAR}" fill="{FAINT}" fill-opacity="0.5"/>',
                  f'<rect x="{LABELS}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{PEER if at else OURS}"/>',
                  text(LABELS + length + 6, middle, shown, 12)]
        y += BAR + GAP
    return parts, y + 6


def draw(rows):
    parts, top = [], 8
    for name, title in PANELS:
        bars = bars_of(rows, name)
        if bars:
            more, top = panel(top, title, bars)
            parts += more
    if not parts:
        parts, top = [text(20, 30, "no scenario of this chart was run")], 50
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top + 8}" '
            f'viewBox="0 0 {WIDTH} {top + 8}" font-family="system-ui, sans-serif">')
    return "\n".join([head, f'<rect width="{WIDTH}" height="{top + 8}" fill="#fcfcfb"/>', *parts, "</svg>"]) + "\n"
