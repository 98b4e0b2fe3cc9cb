"""Writes the results: rows as JSON, a table for people as text and as Markdown, and the part of the README."""

import json
import os

import chart
from targets import judge, verdict
from tools import Trouble

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
TITLES = ["what", "ours", "peer", "unit", "against", "ratio", "lowest to highest", "target"]
READING = "ratio = ours / peer, paired within a round; the median over the rounds, from the lowest to the highest"


def number(value):
    """Three significant digits, and whole numbers in full."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def lines_of(rows):
    judged = judge(rows)
    lines = []
    for row in rows:
        spread = "" if row["min"] is None else f"{number(row['min'])} to {number(row['max'])}"
        lines.append([row["name"], number(row["ours"]), number(row["peer"]), row["unit"], row["peer_name"] or "",
                      number(row["ratio"]), spread, verdict(row, judged)])
    return lines


def text_table(rows, notes):
    lines = [TITLES, *lines_of(rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(TITLES))]
    right = {1, 2, 5}
    out = []
    for line in lines:
        cells = [cell.rjust(w) if at in right else cell.ljust(w) for at, (cell, w) in enumerate(zip(line, widths))]
        out.append("  ".join(cells).rstrip())
    out.insert(1, "-" * max(len(line) for line in out))
    return "\n".join([*out, "", READING, summary(rows), *notes]) + "\n"


def summary(rows):
    judged = judge(rows)
    missed = [f"{row['name']}{' / ' + row['peer_name'] if row['peer_name'] else ''} ({target.text()})"
              for target, row in judged if not target.met(row)]
    met = f"{len(judged) - len(missed)} of {len(judged)} targets met"
    return met + ("; missed: " + ", ".join(missed) if missed else "")


def markdown_table(rows):
    def line(cells):
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    rule = "|" + "|".join("---:" if at in (1, 2, 5) else "---" for at in range(len(TITLES))) + "|"
    return "\n".join([line(TITLES), rule, *(line(cells) for cells in lines_of(rows))]) + "\n"


def write(folder, rows, notes, about):
    """All files of results; gives the text table."""
    text = text_table(rows, [*notes, about])
    files = {"results.json": json.dumps(rows, indent=1, ensure_ascii=False) + "\n", "results.txt": text,
             "results.md": f"{markdown_table(rows)}\n{READING}.\n\n{summary(rows)}.\n\n{about}\n",
             "chart.svg": chart.draw(rows)}
    for name, contents in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.write(contents)
    return text


def update_readme(path, rows, about):
    """Puts the Markdown table between the two marks."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise Trouble(f"{path} lacks the lines {BEGIN} and {END}")
    head, tail = text[:text.index(BEGIN) + len(BEGIN)], text[text.index(END):]
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{head}\n\n{markdown_table(rows)}\n{READING}.\n\n{about}\n{tail}")
