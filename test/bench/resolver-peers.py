"""Times of apt and libsolv for requests of one name each (standard input), over a flat repository.

Arguments: a directory for apt's root, the directory with the file Packages, the architecture. Prints one JSON object:
versions, and the median time of a request in ms for each, indexes loaded and warm.
"""
import json
import os
import statistics
import subprocess
import sys
import time

import apt_pkg
import solv

root, repository, arch = sys.argv[1:4]
names = sys.stdin.read().split()

for path in ("var/lib/apt/lists/partial", "var/lib/dpkg", "var/cache/apt/archives/partial", "etc/apt"):
    os.makedirs(os.path.join(root, path), exist_ok=True)
open(root + "/var/lib/dpkg/status", "w").close()
with open(root + "/etc/apt/sources.list", "w") as sources:
    sources.write("deb [trusted=yes] file:%s ./\n" % repository)
settings = {
    "Dir": root + "/",
    "Dir::State::status": root + "/var/lib/dpkg/status",
    "Dir::Etc::parts": "none",
    "Dir::Etc::sourceparts": "none",
    "APT::Architecture": arch,
    "APT::Sandbox::User": "root",
    "APT::Install-Recommends": "false",
}
apt_pkg.init_config()
for name, value in settings.items():
    apt_pkg.config.set(name, value)
apt_pkg.init_system()
options = [word for name, value in settings.items() for word in ("-o", "%s=%s" % (name, value))]
subprocess.check_call(["apt-get", *options, "-qq", "update"])
cache = apt_pkg.Cache(None)
depcache = apt_pkg.DepCache(cache)


def apt(name):
    depcache.init()
    depcache.mark_install(cache[name], True, True)


pool = solv.Pool()
pool.setdisttype(solv.Pool.DISTTYPE_DEB)
pool.setarch(arch)
repo = pool.add_repo("main")
with open(repository + "/Packages") as packages:
    repo.add_debpackages(solv.xfopen_fd(None, packages.fileno()), 0)
pool.createwhatprovides()


def libsolv(name):
    selection = pool.select(name, solv.Selection.SELECTION_NAME)
    solver = pool.Solver()
    solver.set_flag(solv.Solver.SOLVER_FLAG_IGNORE_RECOMMENDED, 1)
    solver.solve(selection.jobs(solv.Job.SOLVER_INSTALL))


def median(solve):
    times = []
    for name in [names[0], *names]:
        started = time.perf_counter()
        solve(name)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times[1:])


def installed(package):
    command = ["dpkg-query", "-W", "-f", "${Version}", package]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


print(
    json.dumps(
        {
            "apt": {"version": apt_pkg.VERSION, "ms": median(apt)},
            "libsolv": {"version": installed("python3-solv"), "ms": median(libsolv)},
        }
    )
)
