"""Rows of results and the statistics behind them: ratios are paired within a round, then the median is taken."""

from statistics import median


def row(name, ours, peer, peer_name, unit, ratio=None, low=None, high=None):
    if ratio is None and peer:
        ratio = low = high = ours / peer
    return {"name": name, "ours": tidy(ours), "peer": tidy(peer), "peer_name": peer_name, "ratio": tidy(ratio),
            "unit": unit, "min": tidy(low), "max": tidy(high)}


def tidy(number):
    """Five significant digits are more than any measurement here is worth."""
    return None if number is None else float(f"{number:.5g}")


def paired_row(name, ours, peer, peer_name, unit):
    """One row of two lists that hold a figure per round."""
    ratios = [mine / its for mine, its in zip(ours, peer, strict=True)]
    return row(name, median(ours), median(peer), peer_name, unit, median(ratios), min(ratios), max(ratios))


def rows_of_rounds(name, rounds, labels, unit, figure):
    """Ours against each peer; a round maps the key of a client to its measurement, `figure` takes a number of it."""
    ours = [figure(each["ours"]) for each in rounds]
    return [paired_row(name, ours, [figure(each[key]) for each in rounds], label, unit)
            for key, label in labels.items() if key != "ours"]
