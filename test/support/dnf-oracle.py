"""Answers requests with dnf, into an install root of its own.

Arguments: the directory of the repository, a directory for all that dnf writes. Reads a JSON object per line: {"wants":
[NAME], "recommends": BOOL}. Writes one per line: {"ok": BOOL, "packages": [NEVRA], "problem": TEXT}.
"""

import json
import os
import sys

import dnf
import dnf.exceptions

repository, scratch = sys.argv[1:]


def base_for(case):
    conf = dnf.conf.Conf()
    conf.config_file_path = os.path.join(scratch, "none.conf")
    conf.reposdir = [os.path.join(scratch, "repos")]
    conf.installroot = os.path.join(scratch, "root")
    conf.cachedir = os.path.join(scratch, "cache")
    conf.persistdir = os.path.join(scratch, "persist")
    conf.logdir = os.path.join(scratch, "log")
    conf.pluginpath = []
    conf.substitutions["arch"] = "x86_64"
    conf.substitutions["basearch"] = "x86_64"
    conf.substitutions["releasever"] = "1"
    conf.install_weak_deps = case["recommends"]
    base = dnf.Base(conf)
    base.repos.add_new_repo("test", conf, baseurl=["file://" + repository], gpgcheck=False)
    base.fill_sack(load_system_repo=True)
    return base


def answer(case):
    with base_for(case) as base:
        try:
            if any(name.startswith("@") for name in case["wants"]):
                base.read_comps(arch_filter=True)
            for name in case["wants"]:
                if name.startswith("@"):
                    base.group_install(name[1:], ("mandatory", "default", "conditional"))
                else:
                    base.install(name)
            base.resolve()
        except dnf.exceptions.Error as error:
            return {"ok": False, "packages": [], "problem": str(error)}
        return {"ok": True, "packages": sorted(str(p) for p in base.transaction.install_set), "problem": ""}


for directory in ("root", "repos", "cache", "persist", "log"):
    os.makedirs(os.path.join(scratch, directory), exist_ok=True)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
