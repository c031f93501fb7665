#!/usr/bin/env python3
"""Measures the exchange beside its peers over one generated database, in one run, and prints a table of ratios.

Needs wrk and pgbench, a running exchange (without rate limits), the running `peers`, and a file of tokens; README.md says how.
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import urllib.request

HERE = pathlib.Path(__file__).parent


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--exchange", default="http://127.0.0.1:8080")
    parser.add_argument("--peers", default="http://127.0.0.1:8090")
    parser.add_argument("--database-url", default=os.environ.get("DATABASE_URL"))
    parser.add_argument("--tokens", required=True, help="a partnership and its token a line")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--cases", default="comparison,framework,page,return")
    return parser.parse_args()


def wrk(asked, address, case, face, mode):
    """Requests a second, median and 99th percentile in milliseconds, bytes an answer."""
    command = ["wrk", "-t2", f"-c{asked.connections}", f"-d{asked.seconds}s", "-s", str(HERE / "requests.lua"), address]
    command += ["--", case, face, mode] + ([asked.tokens] if case == "return" else [])
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "FAILED" in told:
        raise SystemExit(f"{case} {face} {mode}: {told}")
    return [float(figure) for figure in re.search(r"RESULT (.*)", told).group(1).split()]


def static(asked, size):
    command = ["wrk", "-t2", f"-c{asked.connections}", f"-d{asked.seconds}s", f"{asked.peers}/static/{int(size)}"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"Requests/sec:\s*([\d.]+)", told).group(1))


def places(asked):
    """Where the numbers of generated codes begin."""
    sql = """SELECT json_build_object(
        'partnership_from', min(id) FILTER (WHERE family = 'PARTNERSHIP'), 'partnerships', count(*) FILTER (WHERE family = 'PARTNERSHIP'),
        'indicator_from', min(id) FILTER (WHERE family = 'INDICATOR'), 'indicators', count(*) FILTER (WHERE family = 'INDICATOR'),
        'period_from', (SELECT min(id) FROM period), 'quarters', (SELECT count(*) FROM period)) FROM code"""
    told = subprocess.run(["psql", "-At", asked.database_url, "-c", sql], capture_output=True, text=True, check=True)
    return json.loads(told.stdout)


def pgbench(asked, case, variables):
    command = ["pgbench", "-n", "-M", "prepared", f"-c{asked.connections}", "-j2", f"-T{asked.seconds}"]
    command += ["-f", str(HERE / "sql" / f"{case}.sql")] + [f"-D{name}={value}" for name, value in variables.items()]
    told = subprocess.run(command + [asked.database_url], capture_output=True, text=True, check=True).stdout
    return float(re.search(r"tps = ([\d.]+)", told).group(1))


def main():
    asked = options()
    urllib.request.urlopen(f"{asked.exchange}/readyz").read()
    variables = places(asked)
    print(f"{asked.connections} connections, medians of {asked.runs} runs of {asked.seconds} s; requests a second and, in"
          " brackets, the floor's divided by them: below 1 is faster than the floor\n")
    print("| case | floor | sql | static | REST first | REST repeated | GraphQL first | GraphQL repeated | repeated, of static |")
    print("|---|---|---|---|---|---|---|---|---|")
    for case in asked.cases.split(","):
        told = {}
        for _ in range(asked.runs):
            measured = {"floor": wrk(asked, asked.peers, case, "floor", "first"), "sql": [pgbench(asked, case, variables)]}
            for face in ("rest", "graphql"):
                for mode in ("first", "repeated") if case != "return" else ("first",):
                    measured[f"{face} {mode}"] = wrk(asked, asked.exchange, case, face, mode)
            if case != "return":
                measured["static"] = [static(asked, measured["rest repeated"][3])]
                measured["static graphql"] = [static(asked, measured["graphql repeated"][3])]
            for name, figures in measured.items():
                told.setdefault(name, []).append(figures)
        middle = {name: statistics.median(run[0] for run in runs) for name, runs in told.items()}

        def cell(name):
            return f"{middle[name]:,.0f} ({middle['floor'] / middle[name]:.2f})" if name in middle else ""

        of_static = " / ".join(f"{middle[one] / middle[other]:.2f}" for one, other in
                               (("static", "rest repeated"), ("static graphql", "graphql repeated")) if one in middle)
        cells = [cell(name) for name in ("floor", "sql", "static", "rest first", "rest repeated", "graphql first",
                                         "graphql repeated")]
        print(f"| {case} | {' | '.join(cells)} | {of_static} |", flush=True)
        for name, runs in told.items():
            if len(runs[0]) > 1:
                median, slowest, size = (statistics.median(run[at] for run in runs) for at in (1, 2, 3))
                print(f"<!-- {case} {name}: median {median:.1f} ms, 99th percentile {slowest:.1f} ms, {size:,.0f} bytes -->")


if __name__ == "__main__":
    main()
