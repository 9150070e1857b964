"""Answers requests with libsolv, set up as dnf sets it up.

Reads a JSON object per line: {"available": [TEXT], "installed": TEXT or null, "wants": [NAME], "recommends": BOOL,
"update": BOOL}; TEXTs are those of primary.xml files. Writes one per line: {"ok": BOOL, "new": [NEVRA], "gone": [NEVRA]}.
"""

import json
import sys
import tempfile

import solv


def add(repository, text):
    with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
        file.write(text)
        file.flush()
        repository.add_rpmmd(solv.xfopen(file.name), None)


def pool_of(case):
    pool = solv.Pool()
    pool.setdisttype(solv.Pool.DISTTYPE_RPM)
    pool.setarch("x86_64")
    pool.set_flag(solv.Pool.POOL_FLAG_IMPLICITOBSOLETEUSESCOLORS, 1)
    installed = pool.add_repo("@System")
    if case["installed"]:
        add(installed, case["installed"])
    pool.installed = installed
    for number, text in enumerate(case["available"]):
        add(pool.add_repo("available%d" % number), text)
    pool.addfileprovides()
    pool.createwhatprovides()
    return pool


def obsoletes(solvable, ids):
    """Whether the package can come in place of one of the sources' packages."""
    available = {i for i in ids if solvable.pool.id2solvable(i).repo != solvable.pool.installed}
    relations = solvable.lookup_deparray(solv.SOLVABLE_OBSOLETES)
    return any(
        s.id in available and s.id != solvable.id for r in relations for s in r.Selection_name().solvables()
    )


# What the bindings have no name for: solver.h, SOLVER_FLAG_KEEP_EXPLICIT_OBSOLETES.
KEEP_EXPLICIT_OBSOLETES = 11


def jobs_of(pool, case):
    beside = solv.Job.SOLVER_MULTIVERSION | solv.Job.SOLVER_SOLVABLE_NAME
    jobs = [pool.Job(beside, pool.str2id("kernel"))]
    for want in case["wants"]:
        named = {s.id for s in pool.solvables if s.name == want}
        found = sorted(named | {s.id for s in pool.solvables if obsoletes(s, named)})
        how = solv.Job.SOLVER_INSTALL | solv.Job.SOLVER_SETARCH
        jobs.append(pool.Job(how | solv.Job.SOLVER_SOLVABLE_ONE_OF, pool.towhatprovides(found)))
    if case["update"]:
        jobs.append(pool.Job(solv.Job.SOLVER_UPDATE | solv.Job.SOLVER_SOLVABLE_ALL, 0))
    return jobs


def answer(case):
    pool = pool_of(case)
    solver = pool.Solver()
    for flag in ("ALLOW_VENDORCHANGE", "KEEP_ORPHANS", "BEST_OBEY_POLICY", "YUM_OBSOLETES"):
        solver.set_flag(getattr(solver, "SOLVER_FLAG_" + flag), 1)
    solver.set_flag(KEEP_EXPLICIT_OBSOLETES, 1)
    if not case["recommends"]:
        solver.set_flag(solver.SOLVER_FLAG_IGNORE_RECOMMENDED, 1)
    if solver.solve(jobs_of(pool, case)):
        return {"ok": False, "new": [], "gone": []}
    transaction = solver.transaction()
    kept = {s.id for s in transaction.keptsolvables()}
    return {
        "ok": True,
        "new": sorted(str(s) for s in transaction.newsolvables()),
        "gone": sorted(str(s) for s in pool.installed.solvables if s.id not in kept),
    }


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
