import { hintForName } from '../hidden-hint.ts';
import type { ResolveProblem, Want } from '../resolution.ts';
import { shown, shownList } from './describe.ts';
import type { Ban, Fact } from './fact.ts';
import { namesIn } from './pool.ts';
import { type Relation, relationText } from './relation.ts';
import type { RpmSession } from './session.ts';
import { meetingOne } from './weak.ts';

/** A want that nothing in the sources is meant by. */
export function missingProblem({ pool }: RpmSession, want: Want): ResolveProblem {
  const { name, arch, version } = want;
  const where = arch === undefined ? '' : ` for ${arch}`;
  const offered = pool.named(name).map((id) => shown(pool, id));
  const sentence =
    offered.length === 0
      ? `No source of these devices offers ${name}${where}.`
      : `${name}${where} is asked for${version === undefined ? '' : ` in version ${version}`}; the sources offer ${offered.slice(0, 8).join(', ')}.`;
  return { name, sentences: [sentence], hint: hintFor(pool.view, [name]) };
}

/** Why something was left out, from the facts that exclude it. */
export function problemOf(
  session: RpmSession,
  name: string,
  facts: readonly Fact[],
): ResolveProblem {
  const sentences = [...new Set(facts.map((fact) => sentenceOf(session, fact)))];
  const unserved = facts.flatMap((fact) =>
    fact.kind === 'needs' && isUnserved(session, fact.relation) ? namesIn(fact.relation) : [],
  );
  return {
    name,
    sentences: sentences.length > 0 ? sentences : [`No set of packages with ${name} was found.`],
    hint: hintFor(session.pool.view, unserved),
  };
}

const isUnserved = ({ pool }: RpmSession, relation: Relation): boolean =>
  relation.kind === 'plain' && pool.providers(relation).length === 0;

function sentenceOf(session: RpmSession, fact: Fact): string {
  const { pool } = session;
  const show = (id: number): string => shown(pool, id);
  switch (fact.kind) {
    case 'wanted':
    case 'best':
      return wantSentence(session, fact.job);
    case 'stays':
      return `${show(fact.id)} is installed and must not be removed.`;
    case 'banned':
      return banSentence(session, fact.id, fact.ban);
    case 'needs':
      return needSentence(session, fact.id, fact.relation);
    case 'supplements':
      return `${show(fact.id)} supplements ${relationText(fact.relation)}.`;
    case 'conflicts':
      return conflictSentence(session, fact.id, fact.relation);
    case 'obsoletes':
      return `${show(fact.id)} obsoletes ${show(fact.other)}.`;
    case 'same-name':
      return `${show(fact.id)} and ${show(fact.other)} cannot be there together.`;
    case 'lockstep':
      return `${show(fact.id)} comes only beside the same version for ${pool.view.archs[0] ?? 'the native architecture'}.`;
    case 'split':
      return `${show(fact.id)} replaces ${show(fact.replaced)} together with others.`;
  }
}

function wantSentence({ pool, wantOf }: RpmSession, job: number): string {
  const found = wantOf.get(job);
  if (found === undefined) return 'The request asks for it.';
  const { want, ids } = found;
  return `${want.name} is asked for: ${shownList(pool, ids, 'or')}.`;
}

function banSentence({ pool, request }: RpmSession, id: number, ban: Ban): string {
  const name = pool.name(id);
  switch (ban) {
    case 'arch':
      return `${shown(pool, id)} is for ${pool.arch(id)}, which is no architecture of these devices.`;
    case 'better-arch':
      return `${shown(pool, id)} is not taken, for the sources have ${name} for a better architecture.`;
    case 'erased':
      return `${name} is to be removed by the request.`;
    case 'locked':
      return `${name} must not come.`;
    case 'refused': {
      const version = request.locked.get(`${name}:${pool.arch(id)}`) ?? request.locked.get(name);
      return version === undefined
        ? `${shown(pool, id)} is neither installed nor asked for, and nothing else may come.`
        : `${name} is locked to version ${version}.`;
    }
    case 'priority':
      return `${shown(pool, id)} is not taken, for a source of higher priority has ${name}.`;
    case 'blacklisted':
      return `${shown(pool, id)} comes only if it is asked for itself.`;
    case 'not-target':
    case 'replaced':
      return `${shown(pool, id)} is replaced by what the sources have.`;
  }
}

function needSentence({ pool }: RpmSession, id: number, relation: Relation): string {
  const head = `${shown(pool, id)} needs ${relationText(relation)}`;
  const meeting = relation.kind === 'plain' ? meetingOne(pool, relation) : [];
  if (meeting.length > 0) return `${head}: that is ${shownList(pool, meeting, 'or')}.`;
  if (relation.kind !== 'plain') return `${head}.`;
  const any = { ...relation, comparison: null, evr: null };
  const others = [...new Set([...pool.named(relation.name), ...pool.providers(any)])];
  if (others.length === 0) return `${head}, which no source offers.`;
  return `${head}, of which the sources offer only ${shownList(pool, others, 'and')}.`;
}

function conflictSentence({ pool }: RpmSession, id: number, relation: Relation): string {
  const met = meetingOne(pool, relation).filter((other) => other !== id);
  const what = met.length === 0 ? '' : `: that is ${shownList(pool, met, 'and')}`;
  return `${shown(pool, id)} conflicts with ${relationText(relation)}${what}.`;
}

/** What may help with names that are missing. */
function hintFor(view: RpmSession['pool']['view'], names: readonly string[]): string | null {
  for (const name of names) {
    const hint = hintForName(view, name, unknownHint(name));
    if (hint !== null) return hint;
  }
  return null;
}

function unknownHint(name: string): string {
  return name.startsWith('/')
    ? `No package that the sources list has the file ${name}.`
    : `No source has ${name}: is a source missing?`;
}
