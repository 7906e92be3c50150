"""The dialect server by hand: prints where it is and its keys, and serves until it is interrupted."""

from __future__ import annotations

import argparse
import threading

from . import dialect


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.eucalyptus.dialect", description=__doc__)
    parser.add_argument("--release", choices=["4.4", "5.1"], default="5.1")
    parser.add_argument("--mode", choices=["edge", "vpc"], default="vpc")
    parser.add_argument("--instances", type=int, default=0)
    parser.add_argument("--strict", choices=["on", "off"], default="on")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", choices=["", "modern", "rsa-only", "wrong-name"], default="")
    parser.add_argument("--slow", action="store_true", help="states take as long as on real nodes")
    chosen = parser.parse_args()
    delays_s = {"launch": 15, "stop": 10, "terminate": 5, "volume": 3, "snapshot": 20, "image": 120}
    seed = {"release": chosen.release, "mode": chosen.mode, "strict": chosen.strict == "on"}
    seed |= {"instances": chosen.instances, "port": chosen.port, "tls": chosen.tls}
    with dialect(**seed, delays_s=delays_s if chosen.slow else {}) as cloud:
        print(f"endpoint       {cloud.url}")
        print(f"administrator  {cloud.root_key.id} {cloud.root_key.secret}")
        print(f"account lab    {cloud.lab_key.id} {cloud.lab_key.secret}")
        if cloud.certificate:
            print(f"certificate    {cloud.certificate}")
        print("", end="", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print()
