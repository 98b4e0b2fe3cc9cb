"""Scenarios about connections: a cold fan-out to many hosts, resumed reconnects, and the memory of idle ones."""

from concurrent.futures import ThreadPoolExecutor
from statistics import median

from rows import paired_row, row, rows_of_rounds
from tools import Trouble


def run(bench, client, mode, patience=90, pinned=True, **options):
    """One run that ends by itself, and the JSON it printed."""
    argv = client.argv(bench.server, mode, **options)
    if pinned:
        argv = bench.cores.on(bench.cores.client, argv)
    status, text = bench.children.run(argv, patience)
    return client.check(text, status)


def fanout_clients(bench):
    """Our program, the bare loop, libcurl, and Beast where it has this mode."""
    clients = {key: bench.clients[key] for key in ("ours", "bare", "curl", "beast")}
    try:
        run(bench, clients["beast"], "fanout", hosts=2, in_flight=2)
    except Trouble as trouble:
        bench.note(f"fan-out without Beast: {trouble}")
        del clients["beast"]
    return clients


def fanout(bench):
    clients = fanout_clients(bench)
    rounds = []
    for _ in range(bench.rounds):
        order = bench.random.sample(list(clients), len(clients))
        each = {key: run(bench, clients[key], "fanout", hosts=32, in_flight=32) for key in order}
        each["anew"] = run(bench, clients["ours"], "fanout", hosts=32, in_flight=32, chains="each")
        rounds.append(each)
    for key, client in clients.items():
        resumed = min(each[key]["second"].get("resumed", -1) for each in rounds)
        told = f"at least {resumed}" if resumed >= 0 else "an untold number"
        bench.note(f"fan-out, second pass: {client.label} resumed {told} of 32 sessions")
    labels = {key: client.label for key, client in clients.items()}
    bench.note("fan-out: all hosts show one certificate; ours verifies its chain once, but in fanout_first_each_verified "
               "for every host, as the others do")
    anew = [{**each, "ours": each["anew"]} for each in rounds]
    return [line for name, which, those in (("first", "first", rounds), ("first_each_verified", "first", anew),
                                            ("second", "second", rounds))
            for line in rows_of_rounds(f"fanout_{name}", those, labels, "ms", lambda m: 1e3 * m[which]["seconds"])]


def reconnect(bench):
    """CPU time of a resumed connection and its call beside a full handshake and its call, each with the closing of the
    connection: of ours, which verifies its certificate chain or remembers it, and of the bare loop."""
    hosts = 200
    clients = {"each": (bench.clients["ours"], {"chains": "each"}),
               "remembered": (bench.clients["ours"], {"chains": "remembered"}), "bare": (bench.clients["bare"], {})}

    def once(client, more):
        said = run(bench, client, "fanout", hosts=hosts, in_flight=1, **more)
        if said["second"].get("resumed", hosts) < hosts:
            raise Trouble(f"only {said['second']['resumed']} of {hosts} connections of {client.label} were resumed")
        return {which: said[which]["cpu_seconds"] / hosts * 1e6 for which in ("first", "second")}

    rounds = [{key: once(*clients[key]) for key in bench.random.sample(list(clients), len(clients))}
              for _ in range(bench.rounds)]
    of_bare = median(each["bare"]["second"] / each["bare"]["first"] for each in rounds)
    bench.note(f"reconnect: a resumed connection of the bare loop takes {of_bare:.3f} of a full one")

    def beside(name, ours, peer, peer_name):
        return paired_row(name, *([each[key][which] for each in rounds] for key, which in (ours, peer)), peer_name,
                          "us/call")

    floor = bench.clients["bare"].label
    return [beside("reconnect_cpu", ("each", "second"), ("each", "first"), "full handshake"),
            beside("reconnect_cpu_remembered", ("remembered", "second"), ("remembered", "first"),
                   "full handshake, chain remembered"),
            beside("reconnect_resumed", ("each", "second"), ("bare", "second"), floor),
            beside("reconnect_full", ("each", "first"), ("bare", "first"), floor)]


def idle(bench, connections):
    """KiB per idle connection; several programs at a time, because memory does not care who else runs."""
    if bench.server.file_limit < connections + 64:
        raise Trouble(f"only {bench.server.file_limit} open files are allowed, {connections} connections need more")
    keys = ["ours", "bare"] if bench.quick and connections > 512 else ["ours", "bare", "beast", "curl"]

    def once(key, trickle="yes"):
        said = run(bench, bench.clients[key], "idle", pinned=False, connections=connections, trickle=trickle)
        return said["kib_per_connection"]

    bench.note("idle: a call every 20 ms lets our pool free the buffers of what lies idle; idle_*_silent is without one")
    with ThreadPoolExecutor(4 if connections <= 512 else 2) as pool:
        runs = [dict(zip(keys, pool.map(once, keys))) for _ in range(bench.memory_runs)]
    silent = row(f"idle_{connections}_silent", once("ours", "no"), None, None, "KiB/connection")
    return [paired_row(f"idle_{connections}", [each["ours"] for each in runs], [each[key] for each in runs],
                       bench.clients[key].label, "KiB/connection") for key in keys if key != "ours"] + [silent]
