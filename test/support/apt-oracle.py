"""Asks apt itself: reads requests (a line of names each), prints what apt would install as a JSON line each.

Arguments: an empty directory for apt's root, a directory with a file Packages, the architecture, and "recommends" or
"plain". Nothing is installed; the status of the root is empty.

Making apt's tables takes longer than an answer. They are made once; each request is answered in a fork of them.
"""
import gc
import json
import os
import subprocess
import sys

import apt_pkg

root, repository, arch, mode = sys.argv[1:5]
for path in (
    "etc/apt/apt.conf.d",
    "etc/apt/preferences.d",
    "etc/apt/sources.list.d",
    "var/lib/apt/lists/partial",
    "var/lib/dpkg",
    "var/cache/apt/archives/partial",
    "var/log/apt",
):
    os.makedirs(os.path.join(root, path), exist_ok=True)
open(root + "/var/lib/dpkg/status", "w").close()
open(root + "/empty.conf", "w").close()
with open(root + "/etc/apt/sources.list", "w") as sources:
    sources.write("deb [trusted=yes] file:%s ./\n" % repository)

os.environ["APT_CONFIG"] = root + "/empty.conf"
settings = {
    "Dir": root + "/",
    "Dir::State::status": root + "/var/lib/dpkg/status",
    "Dir::Etc::parts": "none",
    "APT::Architecture": arch,
    "APT::Sandbox::User": "root",
    "APT::Install-Recommends": "true" if mode == "recommends" else "false",
    "APT::Install-Suggests": "false",
}
apt_pkg.init_config()
for name, value in settings.items():
    apt_pkg.config.set(name, value)
apt_pkg.config.clear("APT::Architectures")
apt_pkg.config.set("APT::Architectures::", arch)
apt_pkg.init_system()
options = [word for name, value in settings.items() for word in ("-o", "%s=%s" % (name, value))]
subprocess.check_call(["apt-get", *options, "-qq", "update"])

cache = apt_pkg.Cache(None)
depcache = apt_pkg.DepCache(cache)
known = [package for package in cache.packages if package.has_versions]


def solve(names):
    """As apt-get install does: all are marked, then what they need in the order of the command line, then repaired.

    What came for something that did not stay is garbage; apt-get takes it back before it installs anything.
    """
    packages = []
    for name in names:
        if name not in cache or depcache.get_candidate_ver(cache[name]) is None:
            return None
        packages.append(cache[name])
    resolver = apt_pkg.ProblemResolver(depcache)
    with apt_pkg.ActionGroup(depcache):
        for package in packages:
            resolver.clear(package)
            resolver.protect(package)
            depcache.mark_install(package, False, True)
        for package in packages:
            depcache.mark_install(package, True, True)
        if depcache.broken_count:
            try:
                resolver.resolve(True)
            except (apt_pkg.Error, SystemError):
                return None
    if depcache.broken_count:
        return None
    return sorted(
        "%s=%s" % (package.name, depcache.get_candidate_ver(package).ver_str)
        for package in known
        if depcache.marked_install(package) and not depcache.is_garbage(package)
    )


def answer(line):
    """Prints the answer to a request and ends."""
    with os.fdopen(1, "w") as output:
        print(json.dumps(solve(line.split())), file=output, flush=True)
    os._exit(0)


gc.freeze()
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        answer(line)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit("no answer to %s" % line)
